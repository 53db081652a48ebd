//! `docs/lifecycle.md`: the states of a verification as a picture and a table, from the spec.
//!
//! ```text
//! x-lifecycle ─▶ phases in a row, each with its statuses (Mermaid) · a table a status
//! ```

use std::fmt::Write as _;

use cashfree_vkyc_codegen::openapi::{Spec, array, is_true, text};
use serde_json::Value;

/// The document.
pub(crate) fn document(spec: &Spec) -> String {
    let lifecycle = spec.at("/x-lifecycle").unwrap_or(&Value::Null);
    let mut out = String::from(
        "# The lifecycle of a verification\n\n\
         Written by `cargo xtask snapshots` from `x-lifecycle` in `spec/vkyc.yaml`; the same rows are `Lifecycle` in Rust, and \
         `cashfree-vkyc explain` on a terminal.\nA state that is not here is never settled and never a pass.\n\n",
    );
    out += &picture(lifecycle);
    out += &tables(lifecycle);
    out
}

/// The phases in their order, and the statuses of each.
fn picture(lifecycle: &Value) -> String {
    let mut out = String::from("```mermaid\nflowchart LR\n");
    let phases: Vec<&str> = array(lifecycle.get("phases")).filter_map(|phase| text(phase, "name")).collect();
    for phase in &phases {
        let _ = writeln!(out, "    subgraph {phase}");
        for status in statuses(lifecycle).filter(|status| phase_of(lifecycle, status) == Some(phase)) {
            let _ = writeln!(out, "        {status}");
        }
        for sub_status in subs_of(lifecycle, phase) {
            let _ = writeln!(out, "        {sub_status}([{sub_status}])");
        }
        out += "    end\n";
    }
    for (from, to) in phases.iter().zip(phases.iter().skip(1)) {
        let _ = writeln!(out, "    {from} --> {to}");
    }
    out + "```\n\n"
}

/// The statuses, in the order of the spec.
fn statuses(lifecycle: &Value) -> impl Iterator<Item = &str> {
    rows(lifecycle).filter(|row| row.get("sub_status").is_none()).filter_map(|row| text(row, "status"))
}

fn rows(lifecycle: &Value) -> impl Iterator<Item = &Value> {
    array(lifecycle.get("rows"))
}

fn phase_of<'a>(lifecycle: &'a Value, status: &str) -> Option<&'a str> {
    let is_it = |row: &&Value| text(row, "status") == Some(status) && row.get("sub_status").is_none();
    rows(lifecycle).find(is_it).and_then(|row| text(row, "phase"))
}

/// The sub-statuses that stand in another phase than their status does alone.
fn subs_of<'a>(lifecycle: &'a Value, phase: &'a str) -> impl Iterator<Item = &'a str> {
    rows(lifecycle)
        .filter(move |row| {
            text(row, "phase") == Some(phase)
                && phase_of(lifecycle, text(row, "status").unwrap_or_default()) != Some(phase)
        })
        .filter_map(|row| text(row, "sub_status"))
}

/// A table a status: what each of its states means.
fn tables(lifecycle: &Value) -> String {
    let mut out = String::new();
    for status in statuses(lifecycle) {
        let _ = write!(
            out,
            "## {status}\n\n| sub-status | phase | who acts | final | what to do | how well known |\n|---|---|---|---|---|---|\n"
        );
        for row in rows(lifecycle).filter(|row| text(row, "status") == Some(status)) {
            let word = |key| text(row, key).unwrap_or_default();
            let sub_status = text(row, "sub_status").map_or("*none*".to_owned(), |name| format!("`{name}`"));
            let end = match (is_true(row, "settled"), text(row, "outcome")) {
                (true, Some(outcome)) => format!("yes: {outcome}"),
                (true, None) => "yes".into(),
                (false, _) => "no".into(),
            };
            let (phase, actor, advice, evidence) = (word("phase"), word("actor"), word("advice"), word("evidence"));
            let _ = writeln!(out, "| {sub_status} | {phase} | {actor} | {end} | {advice} | {evidence} |");
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_told_and_every_status_drawn() {
        let text = "x-lifecycle:\n  phases: [{ name: early }, { name: late }]\n  rows:\n    - { status: ON, phase: early, actor: you, settled: false, advice: Wait., evidence: sample }\n    - { status: ON, sub_status: DUSK, phase: late, actor: you, settled: false, advice: Go., evidence: sample }\n    - { status: OFF, phase: late, actor: you, settled: true, outcome: abandoned, advice: Go., evidence: sample }\n";
        let written = document(&Spec::parse("s.yaml", text).unwrap());
        for expected in [
            "    subgraph early\n        ON\n    end\n    subgraph late\n        OFF\n        DUSK([DUSK])\n    end\n    early --> late\n",
            "## ON\n",
            "| `DUSK` | late | you | no | Go. | sample |\n",
            "| *none* | late | you | yes: abandoned | Go. | sample |\n",
        ] {
            assert!(written.contains(expected), "{expected} in {written}");
        }
    }
}
