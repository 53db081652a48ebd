//! `spec states PAGE`: compares Cashfree's published tables of statuses and sub-statuses with the lifecycle in our spec.
//!
//! A table is recognised by a column "Sub-status" (or "Status code"). Its status is in another column, or in the title of the
//! accordion or the heading above. Advice is compared by its hash on record, because our sentences are our own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Pointer, Spec};
use serde_json::json;

use crate::compare::{Difference, Item, Items, LIFECYCLE, Surface, What, compare, judge, lifecycle};
use crate::fetch;
use crate::project::{DEVIATIONS, Failure, PUBLISHED, Result, SPEC, entries_of, file, sha256, spec};
use crate::published::Published;
use crate::report::{Form, Report, verdict};
use crate::reviewed::Reviewed;

/// State ("STATUS / SUB_STATUS", or the status alone) → the hash of the page's advice.
type States = BTreeMap<String, String>;

/// Compares the tables of a page with the lifecycle; with `update`, writes the states to the record.
///
/// # Errors
/// With exit code 1 if something differs, and 2 if the page has no such table.
pub(crate) fn states(root: &Path, page: &str, form: Form, update: bool) -> Result {
    let record = file(root, PUBLISHED);
    let mut published = Published::read(&record).map_err(Failure::not_compared)?;
    let reviewed: Vec<Reviewed> = entries_of(&file(root, DEVIATIONS), "reviewed").map_err(Failure::not_compared)?;
    let spec = spec(root).map_err(Failure::not_compared)?;
    let theirs = fetch::read(page, fetch::TIMEOUT).and_then(|text| tables(&text));
    let mut report = report(page, &spec, &published, &theirs);
    report.set_aside(&reviewed, |operation| operation == LIFECYCLE && theirs.is_ok());
    report.print(form, 1);
    match theirs {
        Ok(theirs) if update => {
            published.states = theirs;
            published.write(&record, form)
        }
        _ => verdict(&[report], "edit x-lifecycle in spec/vkyc.yaml (docs/updating.md)"),
    }
}

/// Compares our lifecycle with the text of a page.
pub(crate) fn against_page(spec: &Spec, published: &Published, name: &str, text: &str) -> Report {
    report(name, spec, published, &tables(text))
}

fn report(page: &str, spec: &Spec, published: &Published, theirs: &std::result::Result<States, String>) -> Report {
    let count = theirs.as_ref().map_or_else(|_| String::new(), |theirs| format!(" ({} states)", theirs.len()));
    let changes = theirs.as_ref().map(|theirs| judge(differences(spec, published, theirs))).map_err(Clone::clone);
    let mut report = Report::new(format!("x-lifecycle in {SPEC} against {page}{count}"), changes);
    report.ask_for_edits(spec);
    report.hints = theirs.as_ref().map(|theirs| hints(spec, theirs)).unwrap_or_default();
    report
}

/// The evidence of states that Cashfree documents on a page of Video KYC. States of another product's page are `inferred`.
const DOCUMENTED: &str = "documented";

/// Whether our row implies that a page must have the state. Such tables have no rows for a status alone.
fn has_sub_status(place: &str) -> bool {
    place.contains(" / ")
}

/// The states that a page documents and our spec knows from another source.
fn hints(spec: &Spec, theirs: &States) -> Vec<String> {
    let on_page = |place: &str| has_sub_status(place) && theirs.contains_key(place.trim_start_matches(STATE));
    let known = lifecycle(spec).into_iter().filter(|(place, _)| on_page(place));
    let hint = |(place, row): (String, Item)| {
        let evidence = row.evidence().filter(|evidence| *evidence != DOCUMENTED)?;
        Some(format!("{place}: our row says `{evidence}`; the page has it, so write `evidence: {DOCUMENTED}`"))
    };
    known.filter_map(hint).collect()
}

/// The prefix of a state's place.
const STATE: &str = "state ";

/// Each state that was added, removed or moved, or whose advice changed since the last record.
fn differences(spec: &Spec, published: &Published, theirs: &States) -> Vec<Difference> {
    let item = |advice: Option<&String>, pointer| {
        let attributes = advice.map(|advice| ("advice".to_owned(), advice.as_str().into())).into_iter().collect();
        Item { attributes, pointer, ..Item::default() }
    };
    let mut ours = Items::new();
    for (place, row) in lifecycle(spec) {
        let recorded = published.states.get(place.trim_start_matches(STATE));
        let is_due = recorded.is_some() || has_sub_status(&place) && row.evidence() == Some(DOCUMENTED);
        if is_due || theirs.contains_key(place.trim_start_matches(STATE)) {
            ours.insert(place, item(recorded, row.pointer));
        }
    }
    let theirs = theirs.iter().map(|(name, advice)| (format!("{STATE}{name}"), item(Some(advice), Pointer::default())));
    let [ours, theirs] = [ours, theirs.collect()].map(|items| Surface::from([(LIFECYCLE.to_owned(), items)]));
    let mut found = compare(&ours, &theirs);
    // Advice without a record may be unchanged.
    found.retain(|difference| !matches!(difference.what, What::Attribute(_)) || difference.before.is_some());
    // The hash of an advice means nothing to people.
    let sides = found.iter_mut().flat_map(|difference| [&mut difference.before, &mut difference.after]);
    sides.filter_map(Option::as_mut).filter(|side| side.is_object()).for_each(|side| *side = json!({}));
    found
}

/// The states in the tables of a page. An error if there is no table or a row cannot be read: skipping it would look like "no
/// change".
fn tables(page: &str) -> std::result::Result<States, String> {
    let mut found = States::new();
    let mut above = Title::default();
    let mut titles = Vec::new();
    let mut table: Option<Table> = None;
    let page = page.replace("\r\n", "\n").replace('\r', "\n");
    for (n, line) in page.trim_start_matches('\u{feff}').lines().map(str::trim).enumerate() {
        if let Some(title) = Title::read(line) {
            titles.push(std::mem::replace(&mut above, title));
            table = None;
        } else if !line.starts_with('|') {
            table = None;
        } else if let Some(table) = &mut table {
            let rows = table.row(&cells(line), &above.text).map_err(|problem| format!("line {}: {problem}", n + 1))?;
            above.names_a_status |= table.status.is_none() && !rows.is_empty();
            found.extend(rows);
        } else {
            table = Table::read(&cells(line));
        }
    }
    titles.push(above);
    found.extend(without_table(&titles).map(|status| (status, sha256(""))));
    match found.keys().any(|name| has_sub_status(name)) {
        true => Ok(found),
        false => Err("the page has no table of sub-statuses; is it HTML (add `.md`), or has the table changed?".into()),
    }
}

/// The statuses with a title but without a table. Their titles have the form of the titles above tables, and begin with a code.
fn without_table(titles: &[Title]) -> impl Iterator<Item = String> {
    let forms: BTreeSet<_> = titles.iter().filter(|title| title.names_a_status).map(|title| &title.form).collect();
    let status = |title: &Title| {
        let text = title.text.replace(['\\', '`', '*'], "");
        let (code, words) = text.split_at(text.find(|c| !is_of_code(c)).unwrap_or(text.len()));
        let is_alone = words.is_empty() || words.trim_start().starts_with(['-', '–', '—', ':', '(', '|']);
        codes(code).into_iter().next().filter(|_| is_alone)
    };
    titles
        .iter()
        .filter(|title| !title.names_a_status)
        .filter(move |title| forms.contains(&title.form))
        .filter_map(status)
}

/// The columns, and the status of the previous row, which an empty cell repeats.
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
    fn row(&mut self, cells: &[String], above: &str) -> std::result::Result<States, String> {
        let is_line = cells.iter().all(|cell| cell.trim_matches(['-', ':', ' ']).is_empty());
        if is_line {
            return Ok(States::new());
        }
        let at = |column: Option<usize>| column.and_then(|column| cells.get(column)).map_or("", String::as_str);
        let statuses = codes(at(self.status));
        match statuses.first() {
            Some(status) => self.last.clone_from(status),
            None if self.status.is_none() => self.last = codes(above).into_iter().next().unwrap_or_default(),
            None => {}
        }
        // Once for each row: many states may share a long advice.
        let advice = sha256(at(self.advice));
        let Some(column) = self.sub_status else {
            // Any table may have a column "Status"; a value that is no code is unrelated.
            return Ok(statuses.into_iter().map(|status| (status, advice.clone())).collect());
        };
        let sub_statuses = codes(at(Some(column)));
        if sub_statuses.is_empty() || self.last.is_empty() {
            let what = if sub_statuses.is_empty() { "sub-status" } else { "status" };
            let row = cells.join(" | ");
            return Err(format!("the {what} of this row of a table of sub-statuses cannot be read: {row}"));
        }
        let state = |sub_status: String| (format!("{} / {sub_status}", self.last), advice.clone());
        Ok(sub_statuses.into_iter().map(state).collect())
    }
}

/// A heading, or the title of an accordion or tab, which may be on a separate line.
#[derive(Debug, Default)]
struct Title {
    /// The markup of a heading, or the name of an element.
    form: String,
    text: String,
    /// Whether a table took its status from it.
    names_a_status: bool,
}

impl Title {
    fn read(line: &str) -> Option<Self> {
        let is_tag = line.starts_with('<') || line.starts_with("title=");
        let (form, text) = match line.split_once("title=").filter(|_| is_tag) {
            Some((tag, rest)) => {
                let rest = rest.trim_start_matches('{');
                (
                    tag.split_whitespace().next().unwrap_or_default(),
                    rest.chars().skip(1).take_while(|c| !rest.starts_with(*c)).collect(),
                )
            }
            None if line.starts_with('#') => {
                let text = line.trim_start_matches('#');
                (line.strip_suffix(text).unwrap_or_default(), text.trim().to_owned())
            }
            None => return None,
        };
        Some(Self { form: form.to_owned(), text, names_a_status: false })
    }
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.strip_prefix('|').unwrap_or(line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Longer than any state.
const MAX_CODE: usize = 64;

/// The words in the form of a state: `PRE_VIDEO_CALL`, perhaps with markup or a link.
fn codes(text: &str) -> Vec<String> {
    let text = text.replace('\\', "");
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| (3..=MAX_CODE).contains(&word.len()) && word.chars().all(is_of_code))
        .map(str::to_owned)
        .collect()
}

fn is_of_code(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

#[cfg(test)]
mod tests;
