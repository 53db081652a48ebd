//! The table, the record, and the detection of worse figures. Nothing is measured here.

use super::*;

fn row(what: &str, unit: Unit, ours: u64, bare: u64) -> Row {
    Row { what: what.to_owned(), unit, ours, bare, aim: None }
}

fn table(rows: &[Row]) -> Table {
    let valgrind = Some("valgrind-3.19.0".to_owned());
    Table { date: "2026-11-25".into(), rustc: "rustc 1.95.0".into(), valgrind, rows: rows.to_vec() }
}

fn read_text(text: &str) -> std::result::Result<Table, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn beside(now: &[Row], record: &[Row]) -> Comparison {
    table(now).beside(&table(record))
}

#[test]
fn the_table_says_what_an_aim_is_and_whether_it_is_missed() {
    let aiming = |aim, row| Row { aim: Some(aim), ..row };
    let mut table = table(&[
        aiming(Aim::Ratio(1.0), row("call", Unit::Instructions, 78_927, 82_271)),
        aiming(Aim::Ours(66), row("call", Unit::Allocations, 67, 77)),
        row("types alone", Unit::Crates, 67, 25),
    ]);
    let lines = [
        "                                                  ours        bare   ratio   aim",
        "call, instructions                              78,927      82,271    0.96   ratio ≤ 1.00",
        "call, allocations                                   67          77    0.87   ours ≤ 66, missed",
        "types alone, crates                                 67          25    2.68",
        "rustc 1.95.0, valgrind-3.19.0\n",
    ];
    assert_eq!(table.text(), lines.join("\n"));

    table.valgrind = None;
    assert!(table.text().ends_with("rustc 1.95.0, no valgrind, so no instructions\n"));
}

#[test]
fn the_record_holds_a_count_a_line_and_is_read_as_it_was_written() {
    let table = table(&[row("call", Unit::Instructions, 2, 1), row("call", Unit::Allocations, 3, 4)]);
    let text = table.record();
    assert!(text.contains("\n{\"bare\":4,\"ours\":3,\"unit\":\"allocations\",\"what\":\"call\"}"), "{text}");
    assert_eq!(read_text(&text), Ok(table));
    for (broken, why) in [
        ("", "EOF"),
        ("{}", "missing field"),
        (r#"{"rows":[{"what":"call","unit":"seconds","ours":1,"bare":1}]}"#, "unknown variant"),
        (r#"{"rows":[{"what":"call","unit":"crates","ours":1}]}"#, "missing field"),
    ] {
        assert!(read_text(broken).unwrap_err().contains(why), "{broken}");
    }
}

#[test]
fn the_projects_own_record_is_about_what_is_measured() {
    let record = super::read(&crate::root().join(RECORD)).unwrap();
    for (what, ..) in CASES {
        for unit in [Unit::Instructions, Unit::Allocations] {
            assert!(record.rows.iter().any(|row| row.is_about(&self::row(what, unit, 0, 0))), "{}", what);
        }
    }
    assert_eq!(record.rows.len(), CASES.len() * 2 + HELD.len() + BUILDS.len());
}

#[test]
fn three_percent_either_way_are_the_same() {
    let record = [row("call", Unit::Allocations, 100, 100)];
    let of = |ours| beside(&[row("call", Unit::Allocations, ours, 100)], &record);
    for same in [97, 100, 103] {
        assert_eq!(of(same), Comparison::default(), "{same}");
    }
    let worse = of(104);
    assert_eq!(worse.worse, ["worse: call, allocations: 104 (+4.0 %), on record 100"]);
    assert_eq!(verdict(&worse).unwrap_err().code, 1);
    let better = of(96);
    assert_eq!(better.better, ["better: call, allocations: 96 (-4.0 %), on record 100"]);
    assert_eq!(verdict(&better), Ok(()));
}

#[test]
fn instructions_are_compared_as_ratios_and_other_counts_as_they_are() {
    let record = [row("call", Unit::Instructions, 100_000, 100_000), row("all", Unit::Crates, 100, 100)];
    let another_compiler = [row("call", Unit::Instructions, 150_000, 150_000), row("all", Unit::Crates, 100, 90)];
    assert_eq!(beside(&another_compiler, &record), Comparison::default());
    let worse = [row("call", Unit::Instructions, 100_000, 90_000), row("all", Unit::Crates, 110, 120)];
    let expected = [
        "worse: call, instructions: ratio 1.111 (+11.1 %), on record ratio 1.000",
        "worse: all, crates: 110 (+10.0 %), on record 100",
    ];
    assert_eq!(beside(&worse, &record).worse, expected);
    let message = verdict(&beside(&worse, &record)).unwrap_err().message;
    assert_eq!(message, "worse than on record: 2 figures; if this is intended: cargo xtask measure --record");
}

#[test]
fn a_figure_that_only_one_of_the_two_has_is_something_to_do() {
    let (call, event) = (row("call", Unit::Allocations, 1, 1), row("event", Unit::Allocations, 1, 1));
    let added = beside(&[call.clone(), event.clone()], std::slice::from_ref(&call));
    assert_eq!(added.unmatched, ["not on record: event, allocations"]);
    let gone = beside(std::slice::from_ref(&call), &[call.clone(), event]);
    assert_eq!(gone.unmatched, ["on record, but no longer measured: event, allocations"]);
    assert_eq!(verdict(&gone).unwrap_err().code, 1);
    let another_unit = beside(&[row("call", Unit::Crates, 1, 1)], &[call]);
    assert_eq!(another_unit.unmatched.len(), 2);
}

#[test]
fn instructions_are_not_required_without_valgrind() {
    let (instructions, allocations) = (row("call", Unit::Instructions, 1, 1), row("call", Unit::Allocations, 1, 1));
    let record = table(&[instructions, allocations.clone()]);
    let now = Table { valgrind: None, ..table(&[allocations]) };
    assert_eq!(now.beside(&record), Comparison::default());
    assert_eq!(Table { valgrind: None, ..table(&[]) }.beside(&record).unmatched.len(), 1);
}

#[test]
fn an_unreadable_record_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = measure(folder.path(), &Purpose { check: true, ..Purpose::default() }).unwrap_err();
    assert_eq!((error.code, error.message.contains("benches/measured.json")), (2, true), "{error:?}");
}
