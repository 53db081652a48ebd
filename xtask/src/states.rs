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
    report
}

fn name((status, sub_status): &State) -> String {
    if sub_status.is_empty() { status.clone() } else { format!("{status} / {sub_status}") }
}

/// Where the lifecycle is.
const ROWS: [&str; 2] = ["x-lifecycle", "rows"];

/// The states of the lifecycle: where each stands, and whether a page should have it.
fn rows(spec: &Spec) -> BTreeMap<State, (Pointer, bool)> {
    let at = Pointer::of(ROWS);
    let said = |row, key| text(row, key).unwrap_or_default().to_owned();
    let rows = array(spec.at(at.as_ref())).enumerate().map(|(n, row)| {
        let state = (said(row, "status"), said(row, "sub_status"));
        let is_on_the_page = said(row, "evidence") == "documented" && !state.1.is_empty();
        (state, (at.push(n), is_on_the_page))
    });
    rows.collect()
}

/// Each state that was added, removed or moved, or whose advice changed.
fn compare(spec: &Spec, published: &Published, theirs: &States) -> Vec<Difference> {
    let rows = rows(spec);
    let documented = rows.iter().filter(|(_, (_, is_on_the_page))| *is_on_the_page).map(|(state, _)| state);
    let gone: Vec<&State> = documented.filter(|state| !theirs.contains_key(*state)).collect();
    let difference = |state: &State, what, before: Option<String>, after: Option<String>| Difference {
        operation: "x-lifecycle".into(),
        place: format!("state {}", name(state)),
        what,
        before: before.map(Value::from),
        after: after.map(Value::from),
        attributes: Map::new(),
        pointer: rows.get(state).map_or_else(|| Pointer::of(ROWS), |(at, _)| at.clone()),
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
mod tests {
    use super::*;
    use crate::compare::Change;

    const ACCORDIONS: &str = "\
# Codes

| Name | Sub-status means |
|---|---|
| `ALERT_ONE` | something else |

<Accordion title=\"REJECTED - Refused\">
  | Sub-status             | Description | Recommended action |
  | ---------------------- | ----------- | ------------------ |
  | `INSUFFICIENT_BALANCE` | No money.   | Add some.          |
</Accordion>

<Accordion title=\"`RECEIVED` – Taken\">
  | Status code | Description | Recommended action |
  |---|---|---|
  | LINK_GENERATED | A link. | Share it. |
</Accordion>
";

    fn spec(rows: &str) -> Spec {
        Spec::parse("s.yaml", &format!("x-lifecycle:\n  rows:\n{rows}")).unwrap()
    }

    const LIFECYCLE: &str = "    - {status: REJECTED, evidence: inferred}
    - {status: REJECTED, sub_status: INSUFFICIENT_BALANCE, evidence: documented}
    - {status: RECEIVED, sub_status: LINK_GENERATED, evidence: documented}
    - {status: INITIATED, sub_status: LINK_GENERATED, evidence: sample}
";

    #[test]
    fn tables_in_accordions_and_flat_ones_are_read() {
        let states = tables(ACCORDIONS).unwrap();
        let names: Vec<_> = states.keys().map(name).collect();
        assert_eq!(names, ["RECEIVED / LINK_GENERATED", "REJECTED / INSUFFICIENT_BALANCE"]);
        assert_eq!(states[&("RECEIVED".into(), "LINK_GENERATED".into())], sha256("Share it."));
        let flat = "| Status | Sub Status | Description |\r\n|---|---|---|\r\n| **RECEIVED** | `LINK_GENERATED` | A link. |\r\n";
        assert_eq!(tables(flat).unwrap().keys().map(name).collect::<Vec<_>>(), ["RECEIVED / LINK_GENERATED"]);
        for page in [
            "### PRE_VIDEO_CALL\n| Sub-status |\n|---|\n| USER_QUEUED |\n",
            "### Before the call (PRE_VIDEO_CALL)\n| Sub-status code |\n|---|\n| `USER_QUEUED` |\n",
            "<Accordion\n  title=\"PRE_VIDEO_CALL\"\n>\n| Sub_Status |\n|:--|\n| USER\\_QUEUED |\n",
            "<Tab title='PRE_VIDEO_CALL'>\n| sub status |\n|---|\n| [USER_QUEUED](#queue) |\n",
        ] {
            let names: Vec<_> = tables(page).unwrap().keys().map(name).collect();
            assert_eq!(names, ["PRE_VIDEO_CALL / USER_QUEUED"], "{page}");
        }
        let repeated = "| Status | Sub-status |\n|---|---|\n| A_A | ONE |\n| | TWO / THREE |\n| B_B | ONE |\n";
        let names: Vec<_> = tables(repeated).unwrap().keys().map(name).collect();
        assert_eq!(names, ["A_A / ONE", "A_A / THREE", "A_A / TWO", "B_B / ONE"]);
        let alone = format!("{repeated}\n| Status | Meaning |\n|---|---|\n| `ON_HOLD` | x |\n| Open | y |\n");
        assert!(tables(&alone).unwrap().contains_key(&("ON_HOLD".into(), String::new())));
    }

    #[test]
    fn a_page_without_such_a_table_is_not_taken_for_an_empty_one() {
        for page in ["", "<html></html>", "| Status | Meaning |\n|---|---|\n| A_STATE | x |\n"] {
            assert!(tables(page).unwrap_err().contains("no table of sub-statuses"));
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_not_passed_over() {
        for (page, says) in [
            ("### PRE_VIDEO_CALL\n| Sub-status |\n|---|\n| call_started |\n", "line 4: the sub-status of this row"),
            ("### In the call\n| Sub-status |\n|---|\n| X_Y |\n", "line 4: the status of this row"),
        ] {
            assert!(tables(page).unwrap_err().contains(says), "{:?}", tables(page));
        }
    }

    /// Rule, state, and where it went.
    fn lines(published: &Published, theirs: &States) -> Vec<String> {
        let line = |change: &Change| {
            let Difference { place, what, after, .. } = &change.difference;
            let to = after.as_ref().filter(|_| *what == What::Moved).map_or_else(String::new, |to| format!(" {to}"));
            format!("{} {}{to}", change.rule, place.trim_start_matches("state "))
        };
        judge(compare(&spec(LIFECYCLE), published, theirs)).iter().map(line).collect()
    }

    #[test]
    fn each_kind_of_difference_is_named_and_nothing_else() {
        let with = |old: &str, new: &str| {
            let changed = ACCORDIONS.replace(old, new);
            assert!(old.is_empty() || changed != ACCORDIONS);
            let theirs = tables(&changed).unwrap();
            let states =
                tables(ACCORDIONS).unwrap().into_iter().map(|(state, advice)| (name(&state), advice)).collect();
            lines(&Published { states, ..Published::default() }, &theirs)
        };
        let row = "  | LINK_GENERATED | A link. | Share it. |\n";
        let new = format!("{row}  | BRAND_NEW | x | y |\n");
        for (old, new, expected) in [
            ("No money.", "Broke.", &[][..]),
            (row, new.as_str(), &["state-added RECEIVED / BRAND_NEW"]),
            (row, "", &["state-removed RECEIVED / LINK_GENERATED"]),
            ("</Accordion>\n\n", "</Accordion>\n\n| Status |\n|---|\n| ON_HOLD |\n\n", &["state-added ON_HOLD"]),
            (
                "`RECEIVED`",
                "`PRE_VIDEO_CALL`",
                &["state-moved RECEIVED / LINK_GENERATED \"PRE_VIDEO_CALL / LINK_GENERATED\""],
            ),
            ("Add some.", "Add more.", &["state-advice-changed REJECTED / INSUFFICIENT_BALANCE"]),
        ] {
            assert_eq!(with(old, new), expected, "{new}");
        }
        // One row cannot have moved to two places.
        let twice = ACCORDIONS.replace("`RECEIVED`", "`PRE_VIDEO_CALL`")
            + "### VIDEO_CALL\n| Sub-status |\n|---|\n| LINK_GENERATED |\n";
        assert_eq!(
            lines(&Published::default(), &tables(&twice).unwrap()),
            [
                "state-moved RECEIVED / LINK_GENERATED \"PRE_VIDEO_CALL / LINK_GENERATED\"",
                "state-added VIDEO_CALL / LINK_GENERATED"
            ]
        );
    }

    #[test]
    fn each_form_says_the_same_and_where_to_edit() {
        let states = || tables(&ACCORDIONS.replace("`RECEIVED`", "`PRE_VIDEO_CALL`"));
        let (none, same) = (Published::default(), tables(ACCORDIONS));
        let differs = report("page.md", &spec(LIFECYCLE), &none, &states());
        for text in [differs.text(false), differs.markdown(), differs.json().to_string()] {
            let words =
                ["page.md (2 states)", "state-moved", "PRE_VIDEO_CALL / LINK_GENERATED", "RECEIVED / LINK_GENERATED"];
            assert!(words.iter().all(|word| text.contains(word)) && text.contains("change the row's status"), "{text}");
        }
        assert!(differs.text(false).contains("spec/vkyc.yaml:5 #/x-lifecycle/rows/2"), "{}", differs.text(false));
        assert_eq!((differs.exit_code(), differs.json()["outcome"].as_str()), (1, Some("differs")));
        let same = report("page.md", &spec(LIFECYCLE), &none, &same);
        assert!(same.exit_code() == 0 && same.markdown().contains("The same."));
        let failed = report("page.md", &spec(LIFECYCLE), &none, &Err("no table".into()));
        assert!(failed.exit_code() == 2 && failed.markdown().contains("Not compared: `no table`"));
    }
    /// The largest page there may be, of whatever costs most. Were any of this quadratic, it would take hours, or all memory.
    #[test]
    fn no_page_takes_longer_than_its_length() {
        let fill =
            |start: &str, item: &str| start.to_owned() + &item.repeat((fetch::MAX_BYTES - start.len()) / item.len());
        let half = |item: &str| item.repeat(fetch::MAX_BYTES / 2 / item.len());
        let table = "| Status | Sub-status | Action |\n|---|---|---|\n";
        let none = "no table of sub-statuses";
        for (page, says) in [
            (fill("", "|"), none),
            (fill("", "| Sub-status "), none),
            (fill("", "| Sub-status |\n\n"), none),
            (fill("", "# a\n"), none),
            (fill("", "#"), none),
            (fill("", "<Tab title=\"A_B\">\n"), none),
            (fill("", "title="), none),
            (fill("<Tab title=", "\""), none),
            (fill("", "\\"), none),
            (fill("", "```\n"), none),
            (fill(table, "|"), none),
            (fill(table, "| A_B | C_D | x |\n"), ""),
            (format!("{table}| A_B | {} | {} |\n", half("C_D "), half("x ")), ""),
            (format!("{table}| {} | {} | |\n", half("A"), half("C_D ")), "cannot be read"),
            (format!("# A_B\n| Sub-status | Action |\n|-|-|\n| {} | {} |\n", half("C_D E_F "), half("x")), ""),
        ] {
            let start: String = page.chars().take(40).collect();
            let error = tables(&page).err().unwrap_or_default();
            assert!(error.contains(says), "{start:?}: {error}");
        }
        let many: String = (0..300_000).map(|n| format!("C_{n} ")).collect();
        let page = format!("{table}| A_B | {many} | {} |\n", half("x"));
        assert_eq!(tables(&page).unwrap().len(), 300_000);
    }
}
