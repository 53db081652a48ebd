//! `sweep`: the states of many verifications, under the rate limit, into a file that is whole or says that it is not.
//!
//! ```text
//! rows ─▶ those that are not in OUT.part ─▶ Client::statuses ─▶ store ─▶ OUT.part ─▶ OUT, once all are there
//!   └ rubbish: its line on stderr                └ failed: summary, asked again by the next run
//! ```

mod rows;
mod store;
mod summary;

use std::io::{self, IsTerminal as _};
use std::path::Path;

use cashfree_vkyc::{ErrorKind, OutcomeRules, VerificationRef};
use futures_util::StreamExt as _;

use crate::args::{Format, Sweep};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::progress;
use crate::session::Session;
use rows::Row;
use store::{Line, Store};
use summary::Summary;

/// So many failures in a row are no accident: the rest would fail too.
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
    let format = format(args, output);
    let input = rows::read(&args.file, args.column.as_deref()).await?;
    for (line, problem) in &input.rubbish {
        output.note(&format!("line {line}: {problem}"));
    }
    if input.rows.is_empty() {
        return Err(Failure::usage("there is no id in the input").next("pass one verification id a line, or --column"));
    }
    let mut store = Store::open(args.output.as_deref(), format, args.force)?;
    let all = input.rows.len() as u64;
    let done = store.take_done();
    let rows: Vec<Row> = input.rows.into_iter().filter(|row| !done.contains(row.id.as_str())).collect();
    let before = all - rows.len() as u64;
    drop(done);
    if let Some(part) = store.part() {
        output.when_interrupted(format!("run the same command again: it goes on with {}", part.display()));
        if before > 0 {
            output.note(&format!("going on with {}: {before} of {all} are there", part.display()));
        }
    }
    let rules = args.rules.rules();
    let mut summary = Summary::new(before, input.rubbish.len(), input.repeated, output.shows_sensitive());
    ask(&client, rows, all, &rules, &mut store, &mut summary).await?;
    if summary.failed() == 0 {
        store.finish()?;
    }
    summary.tell(args.output.is_some(), output)?;
    end(&summary, &store)
}

/// Asks for all of them, and writes each as it is answered.
async fn ask(
    client: &cashfree_vkyc::Client,
    rows: Vec<Row>,
    all: u64,
    rules: &OutcomeRules,
    store: &mut Store,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let bar = progress::counting(all, all - rows.len() as u64);
    let mut statuses = client.statuses(rows);
    let mut in_a_row = 0;
    while let Some((row, answer)) = statuses.next().await {
        match answer {
            Ok(vkyc) => {
                store.write(&Line::of(&row, &vkyc, rules, vkyc.request_id()))?;
                summary.count(&vkyc);
                in_a_row = 0;
            }
            Err(error) if error.is_not_found() => {
                store.write(&Line::missing(&row, &error))?;
                summary.missing();
                in_a_row = 0;
            }
            Err(error) => {
                in_a_row += 1;
                let failure = Failure::call(format!("line {}: its status could not be had", row.line), &error);
                if failure.exit() == Exit::Authentication || in_a_row >= MOST_IN_A_ROW {
                    let exit = failure.exit();
                    let what =
                        if exit == Exit::Authentication { "the account is refused" } else { "nothing is to be had" };
                    let failure = Failure::call(what, &error);
                    return Err(match (store.part(), exit) {
                        (Some(_), Exit::Authentication) | (None, _) => failure,
                        _ => failure.next("run the same command again later: what is written is not asked for again"),
                    });
                }
                summary.fail(row.line, kind_words(error.kind()), failure);
            }
        }
        bar.inc(1);
    }
    Ok(())
}

const fn kind_words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::RateLimited => "rate limited",
        ErrorKind::Timeout => "timed out",
        ErrorKind::Connect | ErrorKind::Io | ErrorKind::Tls => "no connection",
        ErrorKind::Mismatch => "the response was about something else",
        _ => "failed",
    }
}

fn end(summary: &Summary, store: &Store) -> Result<Exit, Failure> {
    let (failed, rubbish) = (summary.failed(), summary.rubbish());
    if failed > 0 {
        let failure = Failure::new(Exit::Failed, format!("{failed} could not be asked for"));
        return Err(match store.part() {
            Some(_) => failure.next("run the same command again: it asks for these alone"),
            None => failure.next("run it again; with -o, what is written is not asked for again"),
        });
    }
    if rubbish > 0 {
        let what =
            format!("{rubbish} {} no id, and all others are done", if rubbish == 1 { "line is" } else { "lines are" });
        return Err(Failure::new(Exit::Failed, what).code("rubbish_lines").next("see the numbers of the lines above"));
    }
    Ok(Exit::Done)
}

fn format(args: &Sweep, output: &Output) -> Format {
    let by_name = || {
        let extension = args.output.as_deref()?.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    };
    let by_option = if output.is_json() { Format::Jsonl } else { Format::Csv };
    args.format.or_else(by_name).unwrap_or(by_option)
}
