//! Text from a page has no effect on the readers of a report: terminals, issues, programs.

use cashfree_vkyc_codegen::Spec;
use serde_json::Map;

use super::*;
use crate::compare::{Difference, What, between, judge};
use crate::tests::harmless;
use crate::tests::{HOSTILE, spans};

/// A report with hostile text in every field.
fn hostile() -> Report {
    let difference = |what: What| Difference {
        operation: HOSTILE.into(),
        place: HOSTILE.into(),
        what,
        before: Some(HOSTILE.into()),
        after: Some(serde_json::json!({ HOSTILE: [HOSTILE] })),
        attributes: Map::new(),
        pointer: Pointer::of(["paths", HOSTILE]),
    };
    let whats = [What::Added, What::Removed, What::Moved, What::Renamed, What::ValueAdded, What::ValueRemoved];
    let whats = whats.into_iter().chain([What::Attribute(HOSTILE.into())]);
    let mut report = Report::new(HOSTILE.into(), Ok(judge(whats.map(difference).collect())));
    for change in &mut report.changes {
        let place = |operation: &str| Difference { operation: operation.into(), ..change.difference.clone() };
        change.also = vec![place(HOSTILE), place("GET /a")];
    }
    report.lines = Some(BTreeMap::from([(Pointer::of(["paths", HOSTILE]), 7)]));
    report.hints = vec![HOSTILE.into(), HOSTILE.into()];
    report.ahead = vec![HOSTILE.into()];
    report.stale = vec![HOSTILE.into()];
    report.known = 2;
    report
}

fn assert_harmless(report: &Report) {
    harmless::for_issues(&report.markdown_of(1));
    harmless::for_terminals(&report.text());
    harmless::for_terminals(&crate::printed::json(&report.json()));
}

#[test]
fn third_party_text_is_harmless_in_every_form_of_a_report() {
    let report = hostile();
    assert_eq!(report.changes.len(), 7);
    assert_harmless(&report);
    // One line each for title and summary, one for a stale deviation, two hints, one place that is ahead, and five for
    // each of seven changes.
    assert_eq!(report.text().lines().count(), 2 + 1 + 2 + 1 + 5 * 7);
    let entries = changelog(&report.changes);
    harmless::for_issues(&entries);
    assert_eq!(entries.lines().filter(|line| line.starts_with("- ")).count(), 7, "{entries}");
    for failure in [HOSTILE.to_owned(), format!("two\n    lines: {HOSTILE}"), "x".repeat(100_000)] {
        let report = Report::new(HOSTILE.into(), Err(failure));
        assert_harmless(&report);
        assert!(report.text().lines().count() == 2 && report.markdown_of(1).len() < 3000);
    }
}

#[test]
fn a_diff_of_two_hostile_specs_is_harmless() {
    let key = Value::from(HOSTILE).to_string();
    let text = |value: &str| {
        let field = format!("{{ type: string, pattern: {key}, enum: [{key}, {value}], default: {key} }}");
        let schema = format!("{{ schema: {{ type: object, properties: {{ {key}: {field} }} }} }}");
        format!("{{ paths: {{ {key}: {{ get: {{ responses: {{ '200': {{ content: {{ a/b: {schema} }} }} }} }} }} }} }}")
    };
    let [old, new] = ["a", &key].map(|value| Spec::parse("s.yaml", &text(value)).unwrap());
    let report = Report::new("t".into(), between(&old, &new));
    assert!(!report.changes.is_empty() && report.failure.is_none());
    assert_harmless(&report);
    harmless::for_issues(&changelog(&report.changes));
}

/// An issue on GitHub may have 65 536 characters and holds two reports.
#[test]
fn a_report_fits_into_an_issue_and_counts_what_it_omits() {
    let mut report = hostile();
    let (changes, hint) = (report.changes.clone(), report.hints[0].clone());
    report.changes = changes.into_iter().cycle().take(700).collect();
    report.hints = vec![hint; 900];
    let markdown = report.markdown_of(1);
    harmless::for_issues(&markdown);
    assert!(markdown.chars().count() < 30_000, "{}", markdown.chars().count());
    // The reports of a run with many pages fit too.
    let one_of_ten = report.markdown_of(10);
    harmless::for_issues(&one_of_ten);
    assert!(one_of_ten.len() < 3_500 && one_of_ten.contains(" more changes; "), "{}", one_of_ten.len());
    let shown = spans(&markdown);
    assert!(shown.iter().any(|span| span == "--json") && markdown.contains(" more changes; "), "{markdown}");
    assert_eq!(report.text().lines().count(), 2 + 1 + 900 + 1 + 5 * 700, "a terminal gets it all");
}
