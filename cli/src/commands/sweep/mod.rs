//! `sweep`: the states of many verifications, under the rate limit, into a file whose name shows whether it is complete.
//!
//! ```text
//! rows ─▶ those not in OUT.part ─▶ Client::statuses ─▶ store ─▶ OUT.part ─▶ OUT, once all are there
//!   └ rubbish: its line on stderr        └ failed: summary, asked for again by the next run
//! ```

mod rows;
mod store;
mod summary;

use std::io::{self, IsTerminal as _};
use std::path::Path;

use cashfree_vkyc::{Error, OutcomeRules, Response, VerificationRef, VideoKyc};
use clap::ValueEnum as _;
use futures_util::{Stream, StreamExt as _};

use crate::args::{Format, Sweep};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::progress;
use crate::record::Record;
use crate::session::Session;
use rows::Row;
use store::Store;
use summary::Summary;

/// After this many failures in a row, the rest would fail too.
const MOST_IN_A_ROW: u32 = 20;

impl From<Row> for VerificationRef {
    fn from(row: Row) -> Self {
        row.id.into()
    }
}

pub(crate) async fn run(args: &Sweep, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let client = session.bulk_client(args.per_minute)?;
    if args.file == Path::new("-") && io::stdin().is_terminal() {
        output.note("reading ids from the terminal, one a line, up to Ctrl-D");
    }
    let mut input = rows::read(&args.file, args.column.as_deref()).await?;
    for (line, problem) in &input.rubbish {
        output.note(&format!("line {line}: {problem}"));
    }
    let Some(first) = input.rows.first() else {
        return Err(Failure::usage("there is no id in the input").next("pass one verification id a line, or --column"));
    };
    let rules = args.rules.rules();
    let head: Vec<_> = line(first, None, &rules, None, None).names().collect();
    let (mut store, done) = Store::open(args.output.as_deref(), format(args, output), &head.join(","), args.force)?;
    let all = input.rows.len() as u64;
    input.rows.retain(|row| !done.contains(&row.id));
    let mut summary = Summary {
        earlier: all - input.rows.len() as u64,
        rubbish: input.rubbish.len() as u64,
        repeated: input.repeated as u64,
        ..Summary::default()
    };
    if let Some(part) = store.part() {
        output.when_interrupted(format!("run the same command again: it goes on with {}", part.display()));
        if summary.earlier > 0 {
            output.note(&format!("going on with {}: {} of {all} are there", part.display(), summary.earlier));
        }
    }
    let bar = progress::counting(all, summary.earlier);
    let statuses = client.statuses(input.rows).inspect(|_| bar.inc(1));
    ask(statuses, &rules, &mut store, &mut summary, output.shows_sensitive).await?;
    drop(bar);
    if summary.failed() == 0 {
        store.finish()?;
    }
    summary.print(args.output.is_some(), output)?;
    end(&summary, &store)
}

/// Writes each response when it arrives.
async fn ask(
    mut statuses: impl Stream<Item = (Row, Result<Response<VideoKyc>, Error>)> + Unpin,
    rules: &OutcomeRules,
    store: &mut Store,
    summary: &mut Summary,
    shows_sensitive: bool,
) -> Result<(), Failure> {
    let mut in_a_row = 0;
    while let Some((row, response)) = statuses.next().await {
        match response {
            Ok(vkyc) => {
                store.write(&line(&row, Some(&vkyc), rules, None, vkyc.request_id()))?;
                summary.count(&vkyc);
            }
            Err(error) if error.is_not_found() => {
                let code = error.code().map_or_else(|| "not_found".to_owned(), ToString::to_string);
                store.write(&line(&row, None, rules, Some(code), error.request_id()))?;
                summary.missing += 1;
            }
            Err(error) => {
                in_a_row += 1;
                let failure = Failure::call("the account is refused", &error);
                if failure.exit() == Exit::Authentication {
                    return Err(failure);
                }
                if in_a_row >= MOST_IN_A_ROW {
                    let failure = Failure::call("nothing is to be had", &error);
                    return Err(match store.part() {
                        Some(_) => {
                            failure.next("run the same command again later: what is written is not asked for again")
                        }
                        None => failure,
                    });
                }
                summary.fail(row.line, &failure.reveal(shows_sensitive));
                continue;
            }
        }
        in_a_row = 0;
    }
    Ok(())
}

/// A line of the result, with the fields of the spec that are no personal data.
fn line(
    row: &Row,
    vkyc: Option<&VideoKyc>,
    rules: &OutcomeRules,
    error: Option<String>,
    request_id: Option<&str>,
) -> Record {
    let record = Record::default().with("verification_id", "", row.id.as_str()).with("line", "", row.line);
    let fields = VideoKyc::FIELDS.iter().filter(|field| !field.is_sensitive && field.name != "verification_id");
    record
        .with_fields(fields, &vkyc, false)
        .with_meaning(vkyc.map(VideoKyc::lifecycle), vkyc.map(|vkyc| rules.outcome(vkyc)))
        .with("error", "", error)
        .with("asked_at", "", jiff::Timestamp::now().to_string())
        .with("request_id", "", request_id)
}

fn end(summary: &Summary, store: &Store) -> Result<Exit, Failure> {
    let (failed, rubbish) = (summary.failed(), summary.rubbish);
    if failed > 0 {
        return Err(Failure::new(Exit::Failed, format!("{failed} could not be asked for")).next(match store.part() {
            Some(_) => "run the same command again: it asks for these alone",
            None => "run it again; with -o, what is written is not asked for again",
        }));
    }
    if rubbish > 0 {
        let lines = if rubbish == 1 { "line is" } else { "lines are" };
        return Err(Failure::new(Exit::Failed, format!("{rubbish} {lines} no id, and all others are done"))
            .with_code("rubbish_lines")
            .next("see the numbers of the lines above"));
    }
    Ok(Exit::Done)
}

fn format(args: &Sweep, output: &Output) -> Format {
    let by_name = || Format::from_str(args.output.as_deref()?.extension()?.to_str()?, true).ok();
    let by_option = if output.is_json { Format::Jsonl } else { Format::Csv };
    args.format.or_else(by_name).unwrap_or(by_option)
}
