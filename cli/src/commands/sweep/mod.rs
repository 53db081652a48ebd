//! `sweep`: the states of many verifications, under the rate limit, into a file whose name shows whether it is complete.
//!
//! ```text
//! rows ─▶ those not in OUT.part ─▶ Client::statuses ─▶ store ─▶ OUT.part ─▶ OUT, once all are there
//!   └ rubbish: its line on stderr        └ failed: in the summary, repeated by the next run
//! ```

mod lines;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use cashfree_vkyc::{Error, OutcomeRules, RateLimit, Response, VerificationRef, VideoKyc};
use futures_util::{Stream, StreamExt as _};
use serde_json::{Value, json};

use crate::args::Sweep;
use crate::failure::{Exit, Failure};
use crate::output::{Output, counting_bar};
use crate::record::{Record, state};
use crate::session::Session;
use lines::{Row, Store};

/// After this many consecutive failures, the rest would fail too.
const MOST_IN_A_ROW: u32 = 20;

impl From<Row> for VerificationRef {
    fn from(row: Row) -> Self {
        row.id.into()
    }
}

pub(crate) async fn run(args: &Sweep, session: &Session, output: &Output) -> Result<Exit, Failure> {
    // A server on this machine needs no limit.
    let limit = args.per_minute.or_else(|| (!session.is_local()).then_some(RateLimit::STANDARD_PER_MINUTE));
    let client = session.limited_client(limit)?;
    if args.file == Path::new("-") && io::stdin().is_terminal() {
        output.note("reading ids from the terminal, one per line, until Ctrl-D");
    }
    let mut input = lines::read(&args.file, args.column.as_deref()).await?;
    for (line, problem) in &input.rubbish {
        output.note(&format!("line {line}: {problem}"));
    }
    let Some(first) = input.rows.first() else {
        return Err(
            Failure::usage("there is no id in the input").next("pass one verification id per line, or --column")
        );
    };
    let rules = args.rules.rules();
    let head =
        (!is_json(args, output)).then(|| line(first, None, &rules, None, None).names().collect::<Vec<_>>().join(","));
    let (mut store, done) =
        Store::open(&client.account(), args.output.as_deref(), head.as_deref(), &rules, args.force)?;
    let all = input.rows.len() as u64;
    input.rows.retain(|row| !done.contains(&row.id));
    let mut summary = Summary {
        earlier: all - input.rows.len() as u64,
        rubbish: input.rubbish.len() as u64,
        repeated: input.repeated,
        ..Summary::default()
    };
    if let Some(part) = store.part() {
        output.when_interrupted(format!("run the same command again: it resumes {}", part.display()));
        if summary.earlier > 0 {
            output.note(&format!("resuming {}: {} of {all} are done", part.display(), summary.earlier));
        }
    }
    let bar = counting_bar(all, summary.earlier);
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
                let is_refused = error.is_authentication();
                let what = if is_refused { "the account is refused" } else { "too many calls in a row failed" };
                let failure = Failure::call(what, &error);
                if is_refused || in_a_row >= MOST_IN_A_ROW {
                    return Err(failure);
                }
                summary.fail(row.line, failure.code(), failure.reason(shows_sensitive));
                continue;
            }
        }
        in_a_row = 0;
    }
    Ok(())
}

/// A line of the result, with the fields of the spec that are not personal data.
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
        return Err(Failure::new(Exit::Failed, format!("{failed} calls failed")).next(match store.part() {
            Some(_) => "run the same command again: it repeats only the failed calls",
            None => "run it again; with -o, the next run repeats only the failed calls",
        }));
    }
    if rubbish > 0 {
        let lines = if rubbish == 1 { "line has" } else { "lines have" };
        return Err(Failure::new(Exit::Failed, format!("{rubbish} {lines} no valid id; all others are done"))
            .with_code("rubbish_lines")
            .next("correct the lines that are listed above"));
    }
    Ok(Exit::Done)
}

/// Whether the output is JSON: by the file name, else by `--json`.
fn is_json(args: &Sweep, output: &Output) -> bool {
    match args.output.as_deref().and_then(|out| out.extension()?.to_str()) {
        Some("csv") => false,
        Some("jsonl" | "ndjson" | "json") => true,
        _ => output.is_json,
    }
}

/// The result of a sweep in numbers.
#[derive(Default)]
struct Summary {
    states: BTreeMap<String, u64>,
    /// Failures by code: the reason of the first failure, and the lines of all.
    failures: BTreeMap<String, (String, Vec<u64>)>,
    missing: u64,
    earlier: u64,
    rubbish: u64,
    repeated: u64,
}

impl Summary {
    fn count(&mut self, vkyc: &VideoKyc) {
        *self.states.entry(state(vkyc)).or_default() += 1;
    }

    fn fail(&mut self, line: u64, code: &str, reason: String) {
        self.failures.entry(code.to_owned()).or_insert((reason, Vec::new())).1.push(line);
    }

    fn failed(&self) -> u64 {
        self.failures.values().map(|(_, lines)| lines.len() as u64).sum()
    }

    /// Prints the summary: on the standard output, unless the results are there.
    fn print(&self, is_stdout_free: bool, output: &Output) -> Result<(), Failure> {
        for (code, (reason, lines)) in &self.failures {
            let few: Vec<_> = lines.iter().take(8).map(u64::to_string).collect();
            let more = if lines.len() > few.len() { ", …" } else { "" };
            output.note(&format!("{code}: lines {}{more}", few.join(", ")));
            output.note(&format!("  {reason}"));
        }
        let counts = [
            ("not found", self.missing),
            ("failed", self.failed()),
            ("rubbish lines", self.rubbish),
            ("repeated", self.repeated),
            ("from an earlier run", self.earlier),
        ];
        if output.is_json {
            let counts = counts.map(|(name, count)| (name.replace(' ', "_"), count.into()));
            let mut summary = serde_json::Map::from_iter(counts);
            summary.insert("states".to_owned(), json!(self.states));
            let line: Value = json!({ "summary": summary });
            if is_stdout_free {
                return output.json(&line);
            }
            output.json_note(&line);
            return Ok(());
        }
        let states = self.states.iter().map(|(state, count)| (state.as_str(), *count));
        let rows = states.chain(counts).filter(|(_, count)| *count > 0);
        if is_stdout_free {
            let rows: Vec<_> = rows.map(|(name, count)| (name, count.to_string())).collect();
            return output.pairs("Sweep", &rows);
        }
        rows.for_each(|(name, count)| output.note(&format!("{count:>8}  {name}")));
        Ok(())
    }
}
