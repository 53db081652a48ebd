//! `docs/lifecycle.md`: the states of a verification as a picture and a table, from the spec.
//!
//! ```text
//! x-lifecycle ─▶ phases in a row, each with its statuses (Mermaid) · a table a status
//! ```

use cashfree_vkyc_codegen::openapi::{Spec, array, is_true, text};
use serde_json::Value;

/// The document.
pub(crate) fn document(spec: &Spec) -> String {
    let lifecycle = spec.at("/x-lifecycle").unwrap_or(&Value::Null);
    let rows: Vec<&Value> = array(lifecycle.get("rows")).collect();
    let phases: Vec<&str> = array(lifecycle.get("phases")).filter_map(|phase| text(phase, "name")).collect();
    let mut out = String::from(
        "# The lifecycle of a verification\n\n\
         Written by `cargo xtask snapshots` from `x-lifecycle` in `spec/vkyc.yaml`; the same rows are `Lifecycle` in Rust, and \
         `cashfree-vkyc explain` on a terminal.\nA state that is not here is never final and never a pass.\n\n",
    );
    out += &picture(&phases, &rows);
    for row in rows.iter().filter(|row| row.get("sub_status").is_none()) {
        out += &table(text(row, "status").unwrap_or_default(), &rows);
    }
    out.trim_end().to_owned() + "\n"
}

/// The phases in their order, with the statuses of each, and the sub-statuses whose phase is not that of their status.
fn picture(phases: &[&str], rows: &[&Value]) -> String {
    let alone = |status| rows.iter().find(|row| text(row, "status") == status && row.get("sub_status").is_none());
    let mut out = String::from("```mermaid\nflowchart LR\n");
    for phase in phases {
        out += &format!("    subgraph {phase}\n");
        let of_phase = || rows.iter().filter(|row| text(row, "phase") == Some(phase));
        for status in of_phase().filter(|row| row.get("sub_status").is_none()).filter_map(|row| text(row, "status")) {
            out += &format!("        {status}\n");
        }
        let moved =
            of_phase().filter(|row| alone(text(row, "status")).and_then(|status| text(status, "phase")) != Some(phase));
        for sub_status in moved.filter_map(|row| text(row, "sub_status")) {
            out += &format!("        {sub_status}([{sub_status}])\n");
        }
        out += "    end\n";
    }
    let arrows = phases.iter().zip(phases.iter().skip(1));
    out.extend(arrows.map(|(from, to)| format!("    {from} --> {to}\n")));
    out + "```\n\n"
}

/// What each state of a status means.
fn table(status: &str, rows: &[&Value]) -> String {
    let mut out = format!(
        "## {status}\n\n| sub-status | phase | who acts | final | what to do | how well known |\n|---|---|---|---|---|---|\n"
    );
    for row in rows.iter().filter(|row| text(row, "status") == Some(status)) {
        let word = |key| text(row, key).unwrap_or_default();
        let sub_status = text(row, "sub_status").map_or("*none*".to_owned(), |name| format!("`{name}`"));
        let end = match (is_true(row, "final"), text(row, "outcome")) {
            (true, Some(outcome)) => format!("yes: {outcome}"),
            (true, None) => "yes".into(),
            (false, _) => "no".into(),
        };
        let (phase, actor, advice, evidence) = (word("phase"), word("actor"), word("advice"), word("evidence"));
        out += &format!("| {sub_status} | {phase} | {actor} | {end} | {advice} | {evidence} |\n");
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_told_and_every_status_drawn() {
        let text = "x-lifecycle:\n  phases: [{ name: early }, { name: late }]\n  rows:\n    - { status: ON, phase: early, actor: you, final: false, advice: Wait., evidence: sample }\n    - { status: ON, sub_status: DUSK, phase: late, actor: you, final: false, advice: Go., evidence: sample }\n    - { status: OFF, phase: late, actor: you, final: true, outcome: abandoned, advice: Go., evidence: sample }\n";
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
