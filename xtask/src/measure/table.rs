//! All figures of one run: as a table for people, as JSON for programs and for the record, and beside the record.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::row::{Row, Unit};

/// What was measured, when, and with what.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) date: String,
    pub(super) rustc: String,
    /// The version; without valgrind, instructions are not counted.
    pub(super) valgrind: Option<String>,
    pub(super) rows: Vec<Row>,
}

/// What a table says beside the record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Comparison {
    pub(super) worse: Vec<String>,
    pub(super) better: Vec<String>,
    /// Figures that only one of the two has.
    pub(super) unmatched: Vec<String>,
}

impl Table {
    pub(super) fn text(&self) -> String {
        let mut out = format!("{:<42}{:>12}{:>12}{:>8}   aim\n", "", "ours", "bare", "ratio");
        for row in &self.rows {
            let aim = row.aim.map(|aim| aim.to_string()).unwrap_or_default();
            let missed = if row.meets_aim() == Some(false) { ", missed" } else { "" };
            let (name, ours, bare) = (row.to_string(), grouped(row.ours), grouped(row.bare));
            let line = format!("{name:<42}{ours:>12}{bare:>12}{:>8.2}   {aim}{missed}", row.ratio());
            let _ = writeln!(out, "{}", line.trim_end());
        }
        let valgrind = self.valgrind.as_deref().unwrap_or("without valgrind, and so without instructions");
        let _ = writeln!(out, "{}, {valgrind}", self.rustc);
        out
    }

    /// With ratios and aims, and what a comparison found, for programs.
    pub(super) fn json(&self, comparison: &Comparison, exit_code: u8) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "what": row.what,
                "unit": row.unit.word(),
                "ours": row.ours,
                "bare": row.bare,
                "ratio": row.ratio(),
                "aim": row.aim.map(|aim| aim.to_string()),
                "meets_aim": row.meets_aim(),
            })
        });
        json!({
            "date": self.date,
            "rustc": self.rustc,
            "valgrind": self.valgrind,
            "rows": rows.collect::<Vec<_>>(),
            "worse": comparison.worse,
            "better": comparison.better,
            "unmatched": comparison.unmatched,
            "exit_code": exit_code,
        })
    }

    /// For the record: the counts, one a line.
    pub(super) fn record(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|row| format!("    {}", recorded(row))).collect();
        let [date, rustc, valgrind] = [json!(self.date), json!(self.rustc), json!(self.valgrind)];
        format!(
            "{{\n  \"date\": {date},\n  \"rustc\": {rustc},\n  \"valgrind\": {valgrind},\n  \"rows\": [\n{}\n  ]\n}}\n",
            rows.join(",\n")
        )
    }

    /// Reads the record, or says what of it cannot be read.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let word = |name| value.get(name)?.as_str().map(str::to_owned);
        let rows = value.get("rows").and_then(Value::as_array).ok_or("it has no rows")?;
        Ok(Self {
            date: word("date").unwrap_or_default(),
            rustc: word("rustc").unwrap_or_default(),
            valgrind: word("valgrind"),
            rows: rows.iter().map(|row| read(row).ok_or(format!("{row} is no row"))).collect::<Result<_, _>>()?,
        })
    }

    /// Compares with the record.
    pub(super) fn beside(&self, record: &Self) -> Comparison {
        let mut comparison = Comparison::default();
        for row in &self.rows {
            match record.rows.iter().find(|before| row.is_about(before)).map(|before| row.beside(before)) {
                Some(Some((true, text))) => comparison.worse.push(text),
                Some(Some((false, text))) => comparison.better.push(text),
                Some(None) => {}
                None => comparison.unmatched.push(format!("not on record: {row}")),
            }
        }
        for before in &record.rows {
            let counted = before.unit != Unit::Instructions || self.valgrind.is_some();
            if counted && !self.rows.iter().any(|row| row.is_about(before)) {
                comparison.unmatched.push(format!("on record, and not measured any more: {before}"));
            }
        }
        comparison
    }
}

fn recorded(row: &Row) -> Value {
    json!({ "what": row.what, "unit": row.unit.word(), "ours": row.ours, "bare": row.bare })
}

fn read(row: &Value) -> Option<Row> {
    let count = |name| row.get(name)?.as_u64();
    let unit = row.get("unit")?.as_str()?;
    Some(Row {
        what: row.get("what")?.as_str()?.to_owned(),
        unit: Unit::ALL.into_iter().find(|candidate| candidate.word() == unit)?,
        ours: count("ours")?,
        bare: count("bare")?,
        aim: None,
    })
}

/// A number in groups of three digits.
fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}
