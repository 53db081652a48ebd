//! Rules about `x-lifecycle`: its rows name known values, once each, and no status is left out.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use crate::openapi::{EVIDENCE, Finding, Pointer, Spec, array, text};

pub(super) fn rows(spec: &Spec) -> Vec<Finding> {
    let Some(lifecycle) = spec.root().get("x-lifecycle") else { return Vec::new() };
    let at = Pointer::of(["x-lifecycle"]);
    let mut found = Vec::new();
    let enums = ["status", "sub_status"].map(|key| text(lifecycle, key).and_then(|name| spec.open_enum(name)));
    let [Some(statuses), Some(sub_statuses)] = enums else {
        let help = "write `status:` and `sub_status:` with the names of two open enums";
        return vec![spec.finding(&at, "the lifecycle does not say which enums it is about", help)];
    };
    let event_enum = text(lifecycle, "event").and_then(|name| spec.open_enum(name));
    let events: Vec<_> = event_enum.iter().flat_map(|event_enum| event_enum.values()).collect();
    let has_event = |node: &Value| node.get("event").is_some();
    if event_enum.is_none() && (has_event(lifecycle) || array(lifecycle.get("rows")).any(has_event)) {
        let help = "write `event:` with the name of an open enum";
        found.push(spec.finding(&at, "the lifecycle does not say of which enum its events are", help));
    }
    if text(lifecycle, "unknown_advice").is_none() {
        found.push(spec.finding(&at, "`unknown_advice` is missing", "say what to do about a state without a row"));
    }
    for list in ["phases", "actors"] {
        let mut taken = BTreeSet::new();
        for (n, name) in names(lifecycle, list).enumerate() {
            let variant = name.to_upper_camel_case();
            let is_name = syn::parse_str::<syn::Ident>(&variant).is_ok() && variant != "Unknown" && name.is_ascii();
            if !is_name || !taken.insert(variant) {
                let at = at.push(list).push(n);
                let help = "use a word of its own, of ASCII letters, and not `unknown`";
                found.push(spec.finding(&at, format!("`{name}` cannot be the name of a variant"), help));
            }
        }
    }
    let phases: Vec<_> = names(lifecycle, "phases").collect();
    let actors: Vec<_> = names(lifecycle, "actors").collect();
    let evidence = EVIDENCE.map(|(name, _)| name);
    let mut seen = BTreeSet::new();
    for (n, row) in array(lifecycle.get("rows")).enumerate() {
        let at = at.push("rows").push(n);
        let mut one_of = |key: &str, allowed: &[&str]| {
            if !text(row, key).is_some_and(|value| allowed.contains(&value)) {
                let help = format!("write one of {}", allowed.join(", "));
                found.push(spec.finding(&at, format!("`{key}` of this row is missing or not known"), help));
            }
        };
        one_of("status", &statuses.values().collect::<Vec<_>>());
        if row.get("sub_status").is_some() {
            one_of("sub_status", &sub_statuses.values().collect::<Vec<_>>());
        }
        if event_enum.is_some() && has_event(row) {
            one_of("event", &events);
        }
        one_of("phase", &phases);
        one_of("actor", &actors);
        one_of("evidence", &evidence);
        if row.get("final").and_then(Value::as_bool).is_none() || text(row, "advice").is_none() {
            let help = "write `final: true` or `false`, and `advice:` with one sentence";
            found.push(spec.finding(&at, "the row lacks `final` or `advice`", help));
        }
        found.extend(outcome(row).map(|(what, help)| spec.finding(&at, what, help)));
        if !seen.insert((text(row, "status"), text(row, "sub_status"))) {
            found.push(spec.finding(&at, "a second row for the same state", "keep one of the two"));
        }
    }
    for status in statuses.values().filter(|status| !seen.contains(&(Some(*status), None))) {
        let help =
            format!("add a row `status: {status}` without `sub_status`; it is what new sub-statuses fall back to");
        found.push(spec.finding(at.push("rows"), format!("no row for `{status}` alone"), help));
    }
    found
}

/// The outcomes that a row may have.
const OUTCOMES: [&str; 3] = ["passed", "rejected", "abandoned"];

/// What is wrong with the outcome of a row, and the help. It says how a verification ended for the customer, so it is for what is
/// final; and nobody passes on a guess.
fn outcome(row: &Value) -> Option<(&'static str, &'static str)> {
    row.get("outcome")?;
    let outcome = text(row, "outcome").filter(|outcome| OUTCOMES.contains(outcome));
    let is_final = row.get("final").and_then(Value::as_bool) == Some(true);
    let is_sure = text(row, "evidence") == Some(EVIDENCE[0].0) && row.get("sub_status").is_some();
    match outcome {
        None => {
            Some(("`outcome` of this row is not known", "write one of passed, rejected, abandoned, or leave it out"))
        }
        Some(_) if !is_final => Some(("the row has an `outcome` and is not final", "leave `outcome` out")),
        Some("passed") if !is_sure => Some((
            "this row passes without being documented",
            "leave `outcome` out; an account says itself what it knows",
        )),
        Some(_) => None,
    }
}

/// The names in a list of `{name, description}`.
fn names<'a>(lifecycle: &'a Value, list: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    array(lifecycle.get(list)).filter_map(|entry| text(entry, "name"))
}
