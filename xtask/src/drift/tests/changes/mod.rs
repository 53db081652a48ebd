//! The table: a page that differs from the spec in one way, and the one change that it must give.
//!
//! | file | what is edited |
//! |---|---|
//! | `answers.rs`, `requests.rs`, `access.rs`, `received.rs`, `combined.rs` | one thing of that kind |
//! | `keywords.rs`, `encodings.rs` | keywords of schemas, and of how a value is written |
//! | `classes.rs` | what was judged too harshly, or too mildly, once |
//! | `same.rs` | nothing that anybody would notice |

mod access;
mod answers;
mod classes;
mod combined;
mod encodings;
mod keywords;
mod received;
mod requests;
mod same;

use super::*;

/// What is edited on the page, and what it must give: "rule class step place", several with a bar between.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str);

/// Compares the page of one operation with the fixture. (A schema that two share would have each change told twice.)
fn check(operation: &str, cases: &[Case<'_>]) {
    check_on(&[], operation, cases);
}

/// The same, where both differ from the fixture in the same way to begin with.
fn check_on(base: &[(&str, &str)], operation: &str, cases: &[Case<'_>]) {
    let base = edited(base);
    let known = Known::only(&Spec::parse("base.yaml", &base).unwrap());
    let mut wrong = String::new();
    for (edits, expected) in cases {
        let text = page(&edited_from(&base, edits)).replace("````yaml", &format!("````yaml {operation}"));
        let report = against_page(&known, "page.md", &text);
        let line = |c: &Change| format!("{} {} {} {}", c.rule, c.class, c.bump, c.difference.place);
        let mut found: Vec<_> = report.changes.iter().map(line).collect();
        let mut expected: Vec<_> = expected.split('|').collect();
        found.sort_unstable();
        expected.sort_unstable();
        if (report.exit_code(), &found) != (1, &expected.iter().map(ToString::to_string).collect()) {
            let why = report.failure.clone().unwrap_or_default();
            wrong += &format!("{edits:?}\n  expected {expected:?}\n  found    {found:?} {why}\n");
        }
        for change in &report.changes {
            assert!(
                !change.edit.is_empty() && report.lines.as_ref().unwrap().contains_key(&change.difference.pointer),
                "{change:?}"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Edits that nobody would notice, for one operation and for all.
fn check_same(base: &[(&str, &str)], same: &[&[(&str, &str)]]) {
    let base = edited(base);
    let known = Known::only(&Spec::parse("base.yaml", &base).unwrap());
    let mut wrong = String::new();
    for edits in same {
        let document = edited_from(&base, edits);
        for text in
            [page(&document), document.clone(), page(&document).replace('\n', "\r\n"), format!("\u{feff}{document}")]
        {
            let report = against_page(&known, "page.md", &text);
            if report.exit_code() != 0 {
                wrong += &format!("{edits:?}: {}\n", report.text());
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

pub(super) const FIELD: &str = "        link: { type: string, description: Its link. }\n";
const SIGNATURE: &str =
    "        - { name: x-signature, in: header, description: A proof., schema: { type: string } }\n";
const KIND: &str = "        - { name: kind, in: query,";
pub(super) const NAME: &str = "                name: { type: string, maxLength: 20, description: A name. }\n";
