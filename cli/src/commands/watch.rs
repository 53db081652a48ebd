//! `watch`: each change of one verification as a line, until it is over. In a terminal, a live line shows who acts and since when.
//!
//! ```text
//! stdout   time  STATUS / SUB_STATUS  phase  what to do          a change a line, a log that can be kept
//! stderr   ⠋ queue, agent acts, for 2m
//! ```

use std::time::Duration;

use cashfree_vkyc::{OutcomeRules, Response, VideoKyc};
use futures_util::StreamExt as _;

use crate::args::{Until, Watch};
use crate::failure::{Exit, Failure};
use crate::output::{Output, Paint};
use crate::progress;
use crate::record::Record;
use crate::session::Session;
use crate::view::{exit_of, is_over, state, verification};

/// The interval for a local server, which has no rate limit.
const LOCAL: Duration = Duration::from_secs(1);

pub(crate) async fn run(args: &Watch, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let mut watch = session.client()?.watch(args.which.reference()?).max_wait(args.max_wait);
    if let Some(interval) = args.interval.or(session.is_local().then_some(LOCAL)) {
        watch = watch.interval(interval);
    }
    let (rules, bar) = (args.rules.rules(), progress::waiting());
    bar.set_message("asking");
    output.when_interrupted("nothing is lost: watch it again");
    let (mut changes, mut exit) = (watch.changes(), Exit::Failed);
    while let Some(change) = changes.next().await {
        let vkyc = change.map_err(|error| Failure::watch(&error))?;
        // Hides the live line while the change is printed.
        bar.suspend(|| print(&vkyc, &rules, output))?;
        exit = exit_of(&vkyc, &rules);
        let lifecycle = vkyc.lifecycle();
        if lifecycle.is_final() || (args.until == Until::Closed && is_over(&vkyc)) {
            break;
        }
        bar.set_message(format!("{}, {} acts, for", lifecycle.phase(), lifecycle.actor()));
        bar.reset_elapsed();
    }
    Ok(exit)
}

fn print(vkyc: &Response<VideoKyc>, rules: &OutcomeRules, output: &Output) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    if output.is_json {
        let record = verification(vkyc, rules, vkyc.request_id(), output.shows_sensitive);
        return output.json(&Record::default().with("at", "", now.to_string()).with_all(record));
    }
    let lifecycle = vkyc.lifecycle();
    let paint = if lifecycle.is_final() { Paint::Green } else { Paint::Bold };
    let (state, phase) = (output.paint(paint, &state(vkyc)), lifecycle.phase());
    output.line(&format!("{now:.0}  {state}  {phase}, {} acts: {}", lifecycle.actor(), lifecycle.advice()))
}
