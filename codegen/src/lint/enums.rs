//! Rules about open enums, and about references to their values: the error codes in examples, and the rows of `x-lifecycle`.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase as _;
use serde_json::Value;

use crate::openapi::{
    EVIDENCE, OpenEnum, Pointer, Spec, array, entries, is_identifier, is_true, property, reference_name, text,
};

use super::report::{Report, Schema};

pub(super) fn open_enums(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    let (at, node) = (&schema.at, schema.node);
    let is_open = is_true(node, "x-open-enum");
    if !is_open && node.get("enum").is_some() {
        let help = "add `x-open-enum: true`; a closed enum would fail on the next value that Cashfree adds";
        report.add(at, "this enum is closed", help);
    }
    if is_open || node.get("enum").is_some() {
        let open_enum = OpenEnum { at: at.clone(), schema: schema.name, node };
        values(&open_enum, report);
        descriptions(&open_enum, report);
    }
    for (name, field) in entries(node.get("properties")) {
        let is_open = reference_name(field).is_some_and(|target| spec.open_enum(target).is_some());
        if is_true(field, "x-absent-is-unknown") && !is_open {
            let help = "remove it, or make the property an open enum (`anyOf` with its `$ref`)";
            report.add(at.push("properties").push(name), "`x-absent-is-unknown` is for open enums only", help);
        }
    }
}

/// Every value is a text, occurs once, and has its own Rust name.
fn values(open_enum: &OpenEnum<'_>, report: &mut Report<'_>) {
    let at = open_enum.at.push("enum");
    if array(open_enum.node.get("enum")).next().is_none() {
        let help = "list the known values under `enum:`, or drop the enum and keep `type: string`";
        report.add(&open_enum.at, "the enum has no values", help);
    }
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (n, value) in array(open_enum.node.get("enum")).enumerate() {
        let at = at.push(n);
        let Some(value) = value.as_str().filter(|value| !value.is_empty()) else {
            report.add(&at, "the value is not text", "put it in quotes");
            continue;
        };
        let variant = open_enum.variant(value);
        let help = format!("give `{value}` another name in `x-enum-varnames`, a list with a name for each value");
        if variant == "Unknown" || !is_identifier(&variant) {
            report.add(&at, format!("`{variant}` cannot be the name of a variant"), help);
        } else {
            report.claim(&mut taken, (value, variant), &at, &help);
        }
    }
}

/// Every value has a description, and no description belongs to an unknown value. Names are given to all values or to none.
fn descriptions(open_enum: &OpenEnum<'_>, report: &mut Report<'_>) {
    let values: BTreeSet<&str> = open_enum.values().collect();
    let at = open_enum.at.push("x-enumDescriptions");
    for value in values.iter().filter(|value| open_enum.description(value).is_none()) {
        report.add(&at, format!("`{value}` has no description"), format!("add `{value}: <one sentence>`"));
    }
    for (value, _) in entries(open_enum.node.get("x-enumDescriptions")).filter(|(value, _)| !values.contains(value)) {
        let help = "remove the entry, or add the value to `enum`";
        report.add(at.push(value), format!("`{value}` is not a value of the enum"), help);
    }
    let count = |key| open_enum.node.get(key).map(|list| array(Some(list)).count());
    if count("x-enum-varnames").is_some_and(|names| Some(names) != count("enum")) {
        let help = "write a name for each value of `enum`, in the same order";
        report.add(open_enum.at.push("x-enum-varnames"), "the number of names is not the number of values", help);
    }
    report.require(&open_enum.at, open_enum.node, "description", "one sentence");
}

/// Every example of an error has a summary. The codes in the examples are those of the enum.
pub(super) fn error_examples(spec: &Spec, report: &mut Report<'_>) {
    let error_schema = spec.error_schema().and_then(|name| spec.schema(name));
    let code = error_schema.and_then(|node| reference_name(property(node, "code")?));
    let Some(codes) = code.and_then(|name| spec.open_enum(name)) else { return };
    let known: BTreeSet<&str> = codes.values().collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (at, _, example) in spec.error_examples() {
        report.require(&at, example, "summary", "one sentence");
        let Some(code) = example.pointer("/value/code").and_then(Value::as_str) else { continue };
        used.insert(code);
        if !known.contains(code) {
            let help = format!("add the code to the enum at #{}", codes.at);
            report.add(&at, format!("`{code}` is not a known error code"), help);
        }
    }
    for code in known.difference(&used) {
        let help = "add an example of the error with this code, or remove the code";
        report.add(codes.at.push("enum"), format!("no error example has the code `{code}`"), help);
    }
}

/// The rows of the lifecycle have known values, each state has at most one row, and each status has one.
pub(super) fn lifecycle(spec: &Spec, report: &mut Report<'_>) {
    let Some(lifecycle) = spec.root().get("x-lifecycle") else { return };
    let at = Pointer::of(["x-lifecycle"]);
    let enums = ["status", "sub_status"].map(|key| text(lifecycle, key).and_then(|name| spec.open_enum(name)));
    let [Some(statuses), Some(sub_statuses)] = enums else {
        let help = "write `status:` and `sub_status:` with the names of two open enums";
        return report.add(&at, "the lifecycle does not name its two enums", help);
    };
    let event_enum = text(lifecycle, "event").and_then(|name| spec.open_enum(name));
    let events: Vec<_> = event_enum.iter().flat_map(OpenEnum::values).collect();
    let has_event = |node: &Value| node.get("event").is_some();
    if event_enum.is_none() && (has_event(lifecycle) || array(lifecycle.get("rows")).any(has_event)) {
        let help = "write `event:` with the name of an open enum";
        report.add(&at, "the lifecycle does not name the enum of its events", help);
    }
    report.require(&at, lifecycle, "unknown_advice", "advice for a state without a row");
    let [phases, actors] = ["phases", "actors"].map(|list| names(lifecycle, &at.push(list), list, report));
    let evidence = EVIDENCE.map(|(name, _)| name);
    let mut seen = BTreeSet::new();
    for (n, row) in array(lifecycle.get("rows")).enumerate() {
        let at = at.push("rows").push(n);
        let mut one_of = |key: &str, allowed: &[&str]| {
            if !text(row, key).is_some_and(|value| allowed.contains(&value)) {
                let help = format!("write one of {}", allowed.join(", "));
                report.add(&at, format!("`{key}` of this row is missing or not known"), help);
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
            report.add(&at, "the row lacks `final` or `advice`", help);
        }
        outcome(row, &at, report);
        if !seen.insert((text(row, "status"), text(row, "sub_status"))) {
            report.add(&at, "this is a second row for the same state", "keep one of the two");
        }
    }
    for status in statuses.values().filter(|status| !seen.contains(&(Some(*status), None))) {
        let help = format!("add a row `status: {status}` without `sub_status`; it applies to new sub-statuses");
        report.add(at.push("rows"), format!("no row for `{status}` alone"), help);
    }
}

/// The names in a list of `{name, description}`. Each is the name of a variant.
fn names<'a>(lifecycle: &'a Value, at: &Pointer, list: &str, report: &mut Report<'_>) -> Vec<&'a str> {
    let names: Vec<_> = array(lifecycle.get(list)).filter_map(|entry| text(entry, "name")).collect();
    let mut taken = BTreeSet::new();
    for (n, name) in names.iter().enumerate() {
        let variant = name.to_upper_camel_case();
        let is_name = is_identifier(&variant) && variant != "Unknown" && name.is_ascii();
        if !is_name || !taken.insert(variant) {
            let help = "use a unique word of ASCII letters, except `unknown`";
            report.add(at.push(n), format!("`{name}` cannot be the name of a variant"), help);
        }
    }
    names
}

/// The outcome of a row is the result for the customer. Only a final row has one, and only a documented row can be a pass.
fn outcome(row: &Value, at: &Pointer, report: &mut Report<'_>) {
    let is_final = row.get("final").and_then(Value::as_bool) == Some(true);
    let is_sure = text(row, "evidence") == Some(EVIDENCE[0].0) && row.get("sub_status").is_some();
    let (message, help) = match row.get("outcome").map(|_| text(row, "outcome")) {
        Some(Some("passed" | "rejected" | "abandoned")) if !is_final => {
            ("the row has an `outcome` and is not final", "remove `outcome`")
        }
        Some(Some("passed")) if !is_sure => {
            let help = "remove `outcome`; each account declares its own passes";
            ("this row passes without being documented", help)
        }
        None | Some(Some("passed" | "rejected" | "abandoned")) => return,
        Some(_) => {
            let help = "write one of passed, rejected, abandoned, or remove it";
            ("`outcome` of this row is not known", help)
        }
    };
    report.add(at, message, help);
}
