//! `spec states PAGE`: the tables of statuses and sub-statuses that Cashfree publishes, against the lifecycle in our spec.
//!
//! A table is told by a column "Sub-status" (or "Status code"); its status is in a column of its own, or in the title of the
//! accordion or the heading above it. Advice is compared by its hash on record: our sentences are our own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cashfree_vkyc_codegen::Spec;

use crate::drift::published::Published;
use crate::drift::schema::{list, text};
use crate::drift::{fetch, sha256};
use crate::{Failure, Result};

/// (status, sub-status) → what the page says of it.
type States = BTreeMap<(String, String), String>;

/// Compares the tables of a page with the lifecycle; with `update`, records what the page says.
///
/// # Errors
/// With exit code 1 when something differs, and 2 when the page holds no such table.
pub(crate) fn states(root: &Path, page: &str, update: bool) -> Result {
    let file = root.join("spec/published.yaml");
    let mut published = Published::read(&file).map_err(Failure::not_compared)?;
    let spec = Spec::read(&root.join("spec/vkyc.yaml")).map_err(|error| Failure::not_compared(error.to_string()))?;
    let text = fetch::read(page, fetch::TIMEOUT).map_err(Failure::not_compared)?;
    let theirs = tables(&text).map_err(Failure::not_compared)?;
    let differences = compare(&spec, &published, &theirs);
    println!("{page}: {} states", theirs.len());
    differences.iter().for_each(|difference| println!("  {difference}"));
    if update {
        published.states = theirs.iter().map(|(state, advice)| (name(state), sha256(advice))).collect();
        published.write(&file)?;
        println!("spec/published.yaml is up to date");
        return Ok(());
    }
    match differences.len() {
        0 => {
            println!("  the same as x-lifecycle in spec/vkyc.yaml");
            Ok(())
        }
        n => Err(Failure::found(format!("{n} to look at; edit x-lifecycle in spec/vkyc.yaml (docs/updating.md)"))),
    }
}

fn name((status, sub_status): &(String, String)) -> String {
    format!("{status} / {sub_status}")
}

/// One line for each state that was added, removed or moved, or whose advice changed.
fn compare(spec: &Spec, published: &Published, theirs: &States) -> Vec<String> {
    let rows = || list(spec.at("/x-lifecycle/rows"));
    let state = |row| (text(row, "status").to_owned(), text(row, "sub_status").to_owned());
    let all: BTreeSet<_> = rows().map(state).collect();
    let documented: BTreeSet<_> = rows()
        .filter(|row| text(row, "evidence") == "documented" && !text(row, "sub_status").is_empty())
        .map(state)
        .collect();
    let mut found = Vec::new();
    let mut moved = BTreeSet::new();
    for state in theirs.keys().filter(|state| !all.contains(*state)) {
        let old = documented.iter().find(|old| old.1 == state.1 && !theirs.contains_key(*old));
        match old {
            Some(old) => {
                moved.insert(old.clone());
                found.push(format!("moved    {} (was {}): change the row's status", name(state), name(old)));
            }
            None => found.push(format!("added    {}: add the value to its enum, and a row", name(state))),
        }
    }
    for state in documented.iter().filter(|state| !theirs.contains_key(*state) && !moved.contains(*state)) {
        found.push(format!("removed  {}: it may still come; mark the row's evidence `reported`", name(state)));
    }
    for (state, advice) in theirs.iter().filter(|(state, _)| all.contains(*state)) {
        if published.states.get(&name(state)).is_some_and(|hash| *hash != sha256(advice)) {
            found.push(format!("advice   {}: the page says otherwise now; read it, and see our row", name(state)));
        }
    }
    found
}

/// The states in the tables of a page. An error when there is none.
fn tables(page: &str) -> std::result::Result<States, String> {
    let mut found = States::new();
    let mut above = String::new();
    let mut columns: Option<Columns> = None;
    for line in page.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if let Some(title) = title(line) {
            (above, columns) = (title, None);
        } else if !line.starts_with('|') {
            columns = None;
        } else if let Some(columns) = &columns {
            if let Some((state, advice)) = columns.row(&cells(line), &above) {
                found.insert(state, advice);
            }
        } else {
            columns = Columns::read(&cells(line));
        }
    }
    if found.is_empty() {
        return Err(
            "the page has no table of sub-statuses; is it an HTML page (add `.md`), or has the table changed its form?"
                .into(),
        );
    }
    Ok(found)
}

/// Which column holds what.
struct Columns {
    status: Option<usize>,
    sub_status: usize,
    advice: Option<usize>,
}

impl Columns {
    fn read(cells: &[String]) -> Option<Self> {
        let plain = |cell: &String| cell.to_lowercase().replace(['-', '_', ' '], "");
        let find = |names: &[&str]| cells.iter().position(|cell| names.contains(&plain(cell).as_str()));
        let sub_status = find(&["substatus", "statuscode"])?;
        let advice = find(&["recommendedaction", "action", "nextstep", "nextsteps"]);
        Some(Self { status: find(&["status"]), sub_status, advice })
    }

    fn row(&self, cells: &[String], above: &str) -> Option<((String, String), String)> {
        let word = |cell: Option<&String>| cell.and_then(|cell| code(cell));
        let sub_status = word(cells.get(self.sub_status))?;
        let status = self.status.map_or_else(|| code(above), |at| word(cells.get(at)))?;
        let advice = self.advice.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        Some(((status, sub_status), advice))
    }
}

/// The text of a heading, or of an accordion's title.
fn title(line: &str) -> Option<String> {
    let accordion = line.strip_prefix("<Accordion").and_then(|rest| rest.split_once("title="));
    let quoted = accordion.map(|(_, rest)| {
        let rest = rest.trim_start_matches('{');
        rest.chars().skip(1).take_while(|c| !rest.starts_with(*c)).collect()
    });
    quoted.or_else(|| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_owned()))
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| cell.trim().trim_matches(['`', '*']).to_owned()).collect()
}

/// The first word, if it is written as states are: `PRE_VIDEO_CALL`.
fn code(text: &str) -> Option<String> {
    let word: String = text
        .trim_matches(['`', '*', ' '])
        .chars()
        .take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_')
        .collect();
    (word.len() > 2).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    const ROWS: &str = "    - {status: REJECTED, evidence: inferred}
    - {status: REJECTED, sub_status: INSUFFICIENT_BALANCE, evidence: documented}
    - {status: RECEIVED, sub_status: LINK_GENERATED, evidence: documented}
    - {status: INITIATED, sub_status: LINK_GENERATED, evidence: sample}
";

    #[test]
    fn tables_in_accordions_and_flat_ones_are_read() {
        let states = tables(ACCORDIONS).unwrap();
        let names: Vec<_> = states.keys().map(name).collect();
        assert_eq!(names, ["RECEIVED / LINK_GENERATED", "REJECTED / INSUFFICIENT_BALANCE"]);
        assert_eq!(states[&("RECEIVED".into(), "LINK_GENERATED".into())], "Share it.");
        let flat = "| Status | Sub Status | Description |\r\n|---|---|---|\r\n| **RECEIVED** | `LINK_GENERATED` | A link. |\r\n";
        assert_eq!(tables(flat).unwrap().keys().map(name).collect::<Vec<_>>(), ["RECEIVED / LINK_GENERATED"]);
        let heading = "### PRE_VIDEO_CALL\n| Sub-status |\n|---|\n| USER_QUEUED |\n";
        assert_eq!(tables(heading).unwrap().keys().map(name).collect::<Vec<_>>(), ["PRE_VIDEO_CALL / USER_QUEUED"]);
    }

    #[test]
    fn a_page_without_such_a_table_is_not_taken_for_an_empty_one() {
        for page in ["", "<html></html>", "| Status | Meaning |\n|---|---|\n| A_STATE | x |\n"] {
            assert!(tables(page).unwrap_err().contains("no table of sub-statuses"));
        }
    }

    #[test]
    fn each_kind_of_difference_is_named_and_nothing_else() {
        let with = |old: &str, new: &str| {
            let changed = ACCORDIONS.replace(old, new);
            assert!(old.is_empty() || changed != ACCORDIONS);
            let theirs = tables(&changed).unwrap();
            let states =
                tables(ACCORDIONS).unwrap().iter().map(|(state, advice)| (name(state), sha256(advice))).collect();
            compare(&spec(ROWS), &Published { states, ..Published::default() }, &theirs)
        };
        assert_eq!(with("No money.", "Broke."), [""; 0]);
        let row = "  | LINK_GENERATED | A link. | Share it. |\n";
        let added = with(row, &format!("{row}  | BRAND_NEW | x | y |\n"));
        assert!(added.len() == 1 && added[0].starts_with("added    RECEIVED / BRAND_NEW"), "{added:?}");
        let removed = with(row, "  | | | |\n");
        assert!(removed.len() == 1 && removed[0].starts_with("removed  RECEIVED / LINK_GENERATED"), "{removed:?}");
        let moved = with("`RECEIVED`", "`PRE_VIDEO_CALL`");
        assert!(
            moved.len() == 1 && moved[0].starts_with("moved    PRE_VIDEO_CALL / LINK_GENERATED (was RECEIVED"),
            "{moved:?}"
        );
        let advice = with("Add some.", "Add more.");
        assert!(advice.len() == 1 && advice[0].starts_with("advice   REJECTED / INSUFFICIENT_BALANCE"), "{advice:?}");
    }
}
