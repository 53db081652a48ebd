//! The table: a page that differs from the spec in one way, and the expected change.
//!
//! | file | edit |
//! |---|---|
//! | `answers.rs`, `requests.rs`, `access.rs`, `received.rs`, `combined.rs` | one item of that kind |
//! | `keywords.rs`, `encodings.rs` | a keyword of a schema, or the encoding of a value |
//! | `classes.rs` | a change that once had the wrong class |
//! | `same.rs` | no change in meaning |

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

/// The edits of the page, and the expected "rule class step place"; several are separated by a bar.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str);

/// Compares the page of one operation with the fixture. (A schema that two operations share would report each change twice.)
fn check(operation: &str, cases: &[Case<'_>]) {
    check_on(&[], operation, cases);
}

/// The same after a common edit of both sides.
fn check_on(base: &[(&str, &str)], operation: &str, cases: &[Case<'_>]) {
    let base = edited(base);
    let known = Known::only(&Spec::parse("base.yaml", &base).unwrap());
    let mut wrong = String::new();
    for (edits, expected) in cases {
        let text = page(&edited_from(&base, edits)).replace("````yaml", &format!("````yaml {operation}"));
        let report = against_page(&known, "page.md", &text);
        let line = |c: &Change| format!("{} {} {} {}", c.rule.name, c.rule.class, c.rule.bump, c.difference.place);
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
                !change.rule.edit.is_empty() && report.lines.as_ref().unwrap().contains_key(&change.difference.pointer),
                "{change:?}"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Edits without a change in meaning, for one operation and for all.
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
