//! `spec states PAGE`: the tables of statuses and sub-statuses that Cashfree publishes, against the lifecycle in our spec.
//!
//! A table is told by a column "Sub-status" (or "Status code"); its status is in a column of its own, or in the title of the
//! accordion or the heading above it. Advice is compared by its hash on record: our sentences are our own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Pointer, Spec, array, text};
use serde_json::{Map, Value};

use crate::compare::{Difference, What, judge};
use crate::digest::sha256;
use crate::failure::{Failure, Result};
use crate::fetch;
use crate::project::{PUBLISHED, SPEC, file};
use crate::published::Published;
use crate::report::{Form, Report, verdict};

/// (status, sub-status) → the hash of the advice that the page gives.
type States = BTreeMap<State, String>;

/// Status and sub-status; the latter is empty for the status alone.
type State = (String, String);

/// Compares the tables of a page with the lifecycle; with `update`, records what the page says.
///
/// # Errors
/// With exit code 1 when something differs, and 2 when the page holds no such table.
pub(crate) fn states(root: &Path, page: &str, form: Form, update: bool) -> Result {
    let record = file(root, PUBLISHED);
    let mut published = Published::read(&record).map_err(Failure::not_compared)?;
    let spec = Spec::read(&file(root, SPEC)).map_err(|error| Failure::not_compared(error.to_string()))?;
    let theirs = fetch::read(page, fetch::TIMEOUT).and_then(|text| tables(&text));
    let report = report(page, &spec, &published, &theirs);
    report.print(form);
    match theirs {
        Ok(theirs) if update => {
            published.states = theirs.iter().map(|(state, advice)| (name(state), advice.clone())).collect();
            published.write(&record)?;
            if form == Form::Text {
                println!("{PUBLISHED} is up to date; see: git diff {PUBLISHED}");
            }
            Ok(())
        }
        _ => verdict(&[report], "edit x-lifecycle in spec/vkyc.yaml (docs/updating.md)"),
    }
}

/// What is said of a page's text.
pub(crate) fn against_page(spec: &Spec, published: &Published, name: &str, text: &str) -> Report {
    report(name, spec, published, &tables(text))
}

fn report(page: &str, spec: &Spec, published: &Published, theirs: &std::result::Result<States, String>) -> Report {
    let count = theirs.as_ref().map_or_else(|_| String::new(), |theirs| format!(" ({} states)", theirs.len()));
    let changes = theirs.as_ref().map(|theirs| judge(compare(spec, published, theirs))).map_err(Clone::clone);
    let mut report = Report::new(format!("x-lifecycle in {SPEC} against {page}{count}"), changes);
    report.ask_for_edits(SPEC, spec);
    report.hints = theirs.as_ref().map(|theirs| hints(spec, theirs)).unwrap_or_default();
    report
}

fn name((status, sub_status): &State) -> String {
    if sub_status.is_empty() { status.clone() } else { format!("{status} / {sub_status}") }
}

/// Where the lifecycle is.
const ROWS: [&str; 2] = ["x-lifecycle", "rows"];

/// A row of the lifecycle: where it stands, and how well it is known.
struct Row {
    at: Pointer,
    evidence: String,
}

/// The mark of what Cashfree documents, on a page of Video KYC: what only a page of another product has is `inferred`.
const DOCUMENTED: &str = "documented";

/// The states of the lifecycle.
fn rows(spec: &Spec) -> BTreeMap<State, Row> {
    let at = Pointer::of(ROWS);
    let said = |row, key| text(row, key).unwrap_or_default().to_owned();
    let rows = array(spec.at(at.as_ref())).enumerate().map(|(n, row)| {
        let state = (said(row, "status"), said(row, "sub_status"));
        (state, Row { at: at.push(n), evidence: said(row, "evidence") })
    });
    rows.collect()
}

/// What a page shows that our spec knows from elsewhere: it is documented now.
fn hints(spec: &Spec, theirs: &States) -> Vec<String> {
    let rows = rows(spec);
    let known = theirs.keys().filter_map(|state| Some((state, rows.get(state)?)));
    let from_elsewhere = known.filter(|((_, sub_status), row)| row.evidence != DOCUMENTED && !sub_status.is_empty());
    let hint = |(state, row): (&State, &Row)| {
        format!(
            "state {}: our row says `{}`; the page has it, so write `evidence: {DOCUMENTED}`",
            name(state),
            row.evidence
        )
    };
    from_elsewhere.map(hint).collect()
}

/// Each state that was added, removed or moved, or whose advice changed.
fn compare(spec: &Spec, published: &Published, theirs: &States) -> Vec<Difference> {
    let rows = rows(spec);
    let is_due = |(state, row): &(&State, &Row)| {
        let was_there = || published.states.contains_key(&name(state));
        !state.1.is_empty() && (row.evidence == DOCUMENTED || was_there())
    };
    let documented = rows.iter().filter(is_due).map(|(state, _)| state);
    let gone: Vec<&State> = documented.filter(|state| !theirs.contains_key(*state)).collect();
    let difference = |state: &State, what, before: Option<String>, after: Option<String>| Difference {
        operation: "x-lifecycle".into(),
        place: format!("state {}", name(state)),
        what,
        before: before.map(Value::from),
        after: after.map(Value::from),
        attributes: Map::new(),
        pointer: rows.get(state).map_or_else(|| Pointer::of(ROWS), |row| row.at.clone()),
    };
    let mut found = Vec::new();
    let mut moved = BTreeSet::new();
    for (state, advice) in theirs {
        let recorded = published.states.get(&name(state)).filter(|hash| *hash != advice);
        let taken_over = |old: &&&State| old.1 == state.1 && !moved.contains(**old);
        match (rows.contains_key(state), recorded, gone.iter().find(taken_over)) {
            (true, Some(hash), _) => {
                let what = What::Attribute("advice".into());
                found.push(difference(state, what, Some(hash.clone()), Some(advice.clone())));
            }
            (true, None, _) => {}
            (false, _, Some(old)) => {
                found.push(difference(old, What::Moved, Some(name(old)), Some(name(state))));
                moved.insert(*old);
            }
            (false, _, None) => found.push(difference(state, What::Added, None, Some(name(state)))),
        }
    }
    let removed = gone.iter().filter(|state| !moved.contains(**state));
    found.extend(removed.map(|state| difference(state, What::Removed, Some(name(state)), None)));
    found
}

/// The states in the tables of a page. An error when there is none, or one that cannot be read: what is passed over would
/// pass for "no change".
fn tables(page: &str) -> std::result::Result<States, String> {
    let mut found = States::new();
    let mut above = String::new();
    let mut table: Option<Table> = None;
    let page = page.replace("\r\n", "\n").replace('\r', "\n");
    for (n, line) in page.trim_start_matches('\u{feff}').lines().map(str::trim).enumerate() {
        if let Some(title) = title(line) {
            (above, table) = (title, None);
        } else if !line.starts_with('|') {
            table = None;
        } else if let Some(table) = &mut table {
            let rows = table.row(&cells(line), &above).map_err(|problem| format!("line {}: {problem}", n + 1))?;
            found.extend(rows);
        } else {
            table = Table::read(&cells(line));
        }
    }
    if found.keys().all(|(_, sub_status)| sub_status.is_empty()) {
        return Err(
            "the page has no table of sub-statuses; is it an HTML page (add `.md`), or has the table changed its form?"
                .into(),
        );
    }
    Ok(found)
}

/// Which column holds what, and the status of the row before, which an empty cell repeats.
struct Table {
    status: Option<usize>,
    /// `None` in a table of statuses alone.
    sub_status: Option<usize>,
    advice: Option<usize>,
    last: String,
}

impl Table {
    fn read(cells: &[String]) -> Option<Self> {
        let plain = |cell: &String| cell.to_lowercase().replace(['-', '_', ' '], "");
        let find = |is: &dyn Fn(&str) -> bool| cells.iter().position(|cell| is(&plain(cell)));
        let sub_status = find(&|name| ["substatus", "substatuscode", "statuscode"].contains(&name));
        let status = find(&|name| name == "status");
        let advice = find(&|name| ["recommendedaction", "action", "nextstep", "nextsteps"].contains(&name));
        (sub_status.is_some() || status.is_some()).then(|| Self { status, sub_status, advice, last: String::new() })
    }

    /// The states of a row: a cell may name several.
    fn row(&mut self, cells: &[String], above: &str) -> std::result::Result<Vec<(State, String)>, String> {
        let is_line = cells.iter().all(|cell| cell.trim_matches(['-', ':', ' ']).is_empty());
        if is_line {
            return Ok(Vec::new());
        }
        let at = |column: Option<usize>| column.and_then(|column| cells.get(column)).map_or("", String::as_str);
        let statuses = codes(at(self.status));
        match statuses.first() {
            Some(status) => self.last.clone_from(status),
            None if self.status.is_none() => self.last = codes(above).into_iter().next().unwrap_or_default(),
            None => {}
        }
        // Once a row: many states may share a long advice.
        let advice = sha256(at(self.advice));
        let Some(column) = self.sub_status else {
            // Any table may have a column "Status"; what is no code there is none of ours.
            return Ok(statuses.into_iter().map(|status| ((status, String::new()), advice.clone())).collect());
        };
        let sub_statuses = codes(at(Some(column)));
        if sub_statuses.is_empty() || self.last.is_empty() {
            let what = if sub_statuses.is_empty() { "sub-status" } else { "status" };
            return Err(format!(
                "the {what} of this row of a table of sub-statuses cannot be read: {}",
                cells.join(" | ")
            ));
        }
        let state = |sub_status: String| ((self.last.clone(), sub_status), advice.clone());
        Ok(sub_statuses.into_iter().map(state).collect())
    }
}

/// The text of a heading, or the title of an accordion or tab, which may stand on a line of its own.
fn title(line: &str) -> Option<String> {
    let is_tag = line.starts_with('<') || line.starts_with("title=");
    let quoted = line.split_once("title=").filter(|_| is_tag).map(|(_, rest)| {
        let rest = rest.trim_start_matches('{');
        rest.chars().skip(1).take_while(|c| !rest.starts_with(*c)).collect()
    });
    quoted.or_else(|| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_owned()))
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.strip_prefix('|').unwrap_or(line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Longer than any state.
const MAX_CODE: usize = 64;

/// The words that are written as states are: `PRE_VIDEO_CALL`, perhaps marked or linked.
fn codes(text: &str) -> Vec<String> {
    let text = text.replace('\\', "");
    let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| (3..=MAX_CODE).contains(&word.len()) && word.chars().all(is_code)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
