//! `watch`: each change of one verification as a line, until it is over. In a terminal, a live line says who acts and since when.
//!
//! ```text
//! stdout   time  STATUS / SUB_STATUS  phase  what to do          a change a line, a log that can be kept
//! stderr   ⠋ queue, agent acts, for 2m10s
//! ```

use std::time::{Duration, Instant};

use cashfree_vkyc::{OutcomeRules, Phase, Response, VideoKyc};
use futures_util::StreamExt as _;
use indicatif::ProgressBar;
use serde::Serialize;

use crate::args::{Until, Watch};
use crate::duration::ago;
use crate::failure::{Exit, Failure};
use crate::output::{Output, Paint};
use crate::progress;
use crate::session::Session;
use crate::view::{Account, exit_of, state};

/// How often to look where nobody has to be spared.
const HERE: Duration = Duration::from_secs(1);

/// A line of the log.
#[derive(Serialize)]
struct Change<'a> {
    at: String,
    #[serde(flatten)]
    account: Account<'a>,
}

pub(crate) async fn run(args: &Watch, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.client()?;
    let reference = args.which.reference().ok_or_else(|| Failure::usage("name a verification"))?;
    let mut watch = client.watch(reference).max_wait(args.max_wait);
    if let Some(interval) = args.interval.or(session.is_here().then_some(HERE)) {
        watch = watch.interval(interval);
    }
    let (rules, bar) = (args.rules.rules(), progress::waiting());
    bar.set_message("asking");
    output.when_interrupted("nothing is lost: watch it again");
    let mut changes = watch.changes();
    let mut last = None;
    while let Some(change) = next(&mut changes, last.as_ref(), &bar).await {
        let vkyc = change.map_err(|error| Failure::watch(&error))?;
        // Written without the live line, which comes back below it.
        bar.suspend(|| tell(&vkyc, &rules, output))?;
        let is_over =
            vkyc.lifecycle().is_final() || (args.until == Until::Closed && vkyc.lifecycle().phase() == Phase::Closed);
        let exit = exit_of(&vkyc, &rules);
        last = Some((vkyc, Instant::now()));
        if is_over {
            return Ok(exit);
        }
    }
    Ok(last.map_or(Exit::Failed, |(vkyc, _)| exit_of(&vkyc, &rules)))
}

/// The next change; meanwhile the live line counts.
async fn next<S: futures_util::Stream + Unpin>(
    changes: &mut S,
    last: Option<&(Response<VideoKyc>, Instant)>,
    bar: &ProgressBar,
) -> Option<S::Item> {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            biased;
            change = changes.next() => return change,
            _ = second.tick(), if !bar.is_hidden() => {
                if let Some((vkyc, since)) = last {
                    let lifecycle = vkyc.lifecycle();
                    bar.set_message(format!("{}, {} acts, for {}", lifecycle.phase(), lifecycle.actor(), ago(since.elapsed())));
                }
            }
        }
    }
}

fn tell(vkyc: &Response<VideoKyc>, rules: &OutcomeRules, output: &Output) -> Result<(), Failure> {
    let now = jiff::Timestamp::now();
    let account = Account::new(vkyc, rules, vkyc.request_id(), output.shows_sensitive());
    if output.is_json() {
        return output.json(&Change { at: now.to_string(), account });
    }
    let paint = if account.is_final { Paint::Green } else { Paint::Bold };
    let Account { phase, actor, advice, .. } = account;
    let state = output.paint(paint, &state(vkyc));
    output.line(&format!("{now:.0}  {state}  {phase}, {actor} acts: {advice}"))
}
