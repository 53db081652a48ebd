//! Pages with tables of statuses, and the states read from them.

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

const ROWS: &str = "    - {status: REJECTED, evidence: inferred}
    - {status: REJECTED, sub_status: INSUFFICIENT_BALANCE, evidence: documented}
    - {status: RECEIVED, sub_status: LINK_GENERATED, evidence: documented}
    - {status: INITIATED, sub_status: LINK_GENERATED, evidence: sample}
";

#[test]
fn tables_in_accordions_and_flat_ones_are_read() {
    let states = tables(ACCORDIONS).unwrap();
    let names: Vec<_> = states.keys().cloned().collect();
    assert_eq!(names, ["RECEIVED / LINK_GENERATED", "REJECTED / INSUFFICIENT_BALANCE"]);
    assert_eq!(states["RECEIVED / LINK_GENERATED"], sha256("Share it."));
    let flat =
        "| Status | Sub Status | Description |\r\n|---|---|---|\r\n| **RECEIVED** | `LINK_GENERATED` | A link. |\r\n";
    assert_eq!(tables(flat).unwrap().keys().cloned().collect::<Vec<_>>(), ["RECEIVED / LINK_GENERATED"]);
    for page in [
        "### PRE_VIDEO_CALL\n| Sub-status |\n|---|\n| USER_QUEUED |\n",
        "### PRE_VIDEO_CALL\r| Sub-status |\r|---|\r| USER_QUEUED |\r",
        "### Before the call (PRE_VIDEO_CALL)\n| Sub-status code |\n|---|\n| `USER_QUEUED` |\n",
        "<Accordion\n  title=\"PRE_VIDEO_CALL\"\n>\n| Sub_Status |\n|:--|\n| USER\\_QUEUED |\n",
        "<Tab title='PRE_VIDEO_CALL'>\n| sub status |\n|---|\n| [USER_QUEUED](#queue) |\n",
    ] {
        let names: Vec<_> = tables(page).unwrap().keys().cloned().collect();
        assert_eq!(names, ["PRE_VIDEO_CALL / USER_QUEUED"], "{page}");
    }
    let repeated = "| Status | Sub-status |\n|---|---|\n| A_A | ONE |\n| | TWO / THREE |\n| B_B | ONE |\n";
    let names: Vec<_> = tables(repeated).unwrap().keys().cloned().collect();
    assert_eq!(names, ["A_A / ONE", "A_A / THREE", "A_A / TWO", "B_B / ONE"]);
    let alone = format!("{repeated}\n| Status | Meaning |\n|---|---|\n| `ON_HOLD` | x |\n| Open | y |\n");
    assert!(tables(&alone).unwrap().contains_key("ON_HOLD"));
}

/// A status without sub-statuses has an accordion with prose, or an empty one, in place of a table.
#[test]
fn a_status_with_a_title_and_no_table_is_a_state() {
    for (title, status) in [
        ("<Accordion title=\"ON_HOLD - On hold\">The request is on hold.</Accordion>", Some("ON_HOLD")),
        ("<Accordion title=\"ON_HOLD - On hold\">\n</Accordion>", Some("ON_HOLD")),
        ("<Accordion icon=\"x\" title='`ON\\_HOLD`: On hold'></Accordion>", Some("ON_HOLD")),
        ("<Accordion title=\"VIDEO_CALL\">x</Accordion>", Some("VIDEO_CALL")),
        ("<Accordion title=\"What is ON_HOLD?\">x</Accordion>", None),
        ("<Accordion title=\"KYC statuses\">x</Accordion>", None),
        ("## ON_HOLD", None),
        ("<Tab title=\"ON_HOLD\">x</Tab>", None),
    ] {
        for page in [format!("{ACCORDIONS}\n{title}\n"), format!("{title}\n\n{ACCORDIONS}")] {
            let states = tables(&page).unwrap();
            let alone: Vec<_> = states.keys().filter(|name| !has_sub_status(name)).map(String::as_str).collect();
            assert_eq!(alone, Vec::from_iter(status), "{title}");
        }
    }
    let headings =
        "### PRE_VIDEO_CALL\n| Sub-status |\n|---|\n| USER_QUEUED |\n\n### ON_HOLD (rare)\n\nWords.\n\n## FAQ\n";
    assert_eq!(tables(headings).unwrap().keys().collect::<Vec<_>>(), ["ON_HOLD", "PRE_VIDEO_CALL / USER_QUEUED"]);
    let on_hold = format!("{ACCORDIONS}\n<Accordion title=\"ON_HOLD - On hold\">Words.</Accordion>\n");
    assert_eq!(lines(&Published::default(), &tables(&on_hold).unwrap()), ["state-added ON_HOLD"]);
    // Once a page had the state, its removal is news like that of any other state.
    let states = tables(&on_hold.replace("ON_HOLD", "REJECTED")).unwrap();
    let published = Published { states, ..Published::default() };
    assert_eq!(lines(&published, &tables(ACCORDIONS).unwrap()), ["state-removed REJECTED"]);
}

/// Only a sister product's page has `EXPIRED / VKYC_EXPIRED`: its absence on our page is no news, its presence is.
#[test]
fn a_state_of_a_sister_product_may_be_missing() {
    let spec = Spec::read(&crate::project::root().join(SPEC)).unwrap();
    let page = |evidence: &[&str]| {
        let rows = lifecycle(&spec).into_iter().filter(|(_, row)| evidence.contains(&row.evidence().unwrap()));
        let states = rows.filter_map(|(place, _)| {
            place[STATE.len()..].split_once(" / ").map(|(status, sub)| format!("| {status} | {sub} |\n"))
        });
        let rows: String = states.collect();
        format!("| Status | Sub-status |\n|---|---|\n{rows}")
    };
    let of = |published: &Published, page: &str| report("page.md", &spec, published, &tables(page));
    let ours = of(&Published::default(), &page(&[DOCUMENTED]));
    assert!(!page(&[DOCUMENTED]).contains("VKYC_EXPIRED"));
    assert_eq!((ours.exit_code(), ours.hints.len()), (0, 0), "{}", ours.text());
    let with = of(&Published::default(), &page(&[DOCUMENTED, "inferred"]));
    assert_eq!(with.exit_code(), 0);
    assert_eq!(
        with.hints,
        ["state EXPIRED / VKYC_EXPIRED: our row says `inferred`; the page has it, so write `evidence: documented`"]
    );
    // Once the page had it, its removal is news.
    let states = [("EXPIRED / VKYC_EXPIRED".to_owned(), String::new())].into();
    let gone = of(&Published { states, ..Published::default() }, &page(&[DOCUMENTED]));
    assert_eq!(gone.changes.iter().map(|change| change.rule.name).collect::<Vec<_>>(), ["state-removed"]);
}

#[test]
fn a_page_without_a_table_is_an_error() {
    for page in ["", "<html></html>", "| Status | Meaning |\n|---|---|\n| A_STATE | x |\n"] {
        assert!(tables(page).unwrap_err().contains("no table of sub-statuses"));
    }
}

#[test]
fn an_unreadable_row_is_an_error() {
    for (page, says) in [
        ("### PRE_VIDEO_CALL\n| Sub-status |\n|---|\n| call_started |\n", "line 4: the sub-status of this row"),
        ("### In the call\n| Sub-status |\n|---|\n| X_Y |\n", "line 4: the status of this row"),
    ] {
        assert!(tables(page).unwrap_err().contains(says), "{:?}", tables(page));
    }
}

/// The rule, the state, and its new place.
fn lines(published: &Published, theirs: &States) -> Vec<String> {
    let line = |change: &Change| {
        let Difference { place, what, after, .. } = &change.difference;
        let to = after.as_ref().filter(|_| *what == What::Moved).map_or_else(String::new, |to| format!(" {to}"));
        let to = to.replace("state ", "");
        format!("{} {}{to}", change.rule.name, place.trim_start_matches("state "))
    };
    judge(differences(&spec(ROWS), published, theirs)).iter().map(line).collect()
}

#[test]
fn each_kind_of_difference_is_named_and_nothing_else() {
    let with = |old: &str, new: &str| {
        let changed = ACCORDIONS.replace(old, new);
        assert!(old.is_empty() || changed != ACCORDIONS);
        let theirs = tables(&changed).unwrap();
        let states = tables(ACCORDIONS).unwrap();
        lines(&Published { states, ..Published::default() }, &theirs)
    };
    let row = "  | LINK_GENERATED | A link. | Share it. |\n";
    let new = format!("{row}  | BRAND_NEW | x | y |\n");
    for (old, new, expected) in [
        ("No money.", "Broke.", &[][..]),
        (row, new.as_str(), &["state-added RECEIVED / BRAND_NEW"]),
        (row, "", &["state-removed RECEIVED / LINK_GENERATED", "state-added RECEIVED"]),
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
    let differs = report("page.md", &spec(ROWS), &none, &states());
    for text in [differs.text(), differs.markdown_of(1), differs.json().to_string()] {
        let words =
            ["page.md (2 states)", "state-moved", "PRE_VIDEO_CALL / LINK_GENERATED", "RECEIVED / LINK_GENERATED"];
        assert!(words.iter().all(|word| text.contains(word)) && text.contains("change the row's status"), "{text}");
    }
    assert!(differs.text().contains("spec/vkyc.yaml:5 #/x-lifecycle/rows/2"), "{}", differs.text());
    assert_eq!((differs.exit_code(), differs.json()["outcome"].as_str()), (1, Some("differs")));
    let same = report("page.md", &spec(ROWS), &none, &same);
    assert!(same.exit_code() == 0 && same.markdown_of(1).contains("The same."));
    let failed = report("page.md", &spec(ROWS), &none, &Err("no table".into()));
    assert!(failed.exit_code() == 2 && failed.markdown_of(1).contains("Not compared: `no table`"));
}

/// Pages of the maximum size with the most expensive contents. With quadratic time or memory, this test would not end.
#[test]
fn reading_time_is_linear_in_the_length_of_a_page() {
    // Long enough to never end with a time that grows faster than the length.
    let long = 1 << 20;
    let fill = |start: &str, item: &str| start.to_owned() + &item.repeat((long - start.len()) / item.len());
    let half = |item: &str| item.repeat(long / 2 / item.len());
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
    let many: String = (0..60_000).map(|n| format!("C_{n} ")).collect();
    let page = format!("{table}| A_B | {many} | {} |\n", half("x"));
    assert_eq!(tables(&page).unwrap().len(), 60_000);
}
