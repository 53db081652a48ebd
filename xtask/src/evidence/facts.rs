//! Compares observed responses with the surface of the spec: confirmed marks and contradictions. Reads no files.

/// The format of a report, as the command line writes it.
#[path = "../../../cli/src/report.rs"]
pub(super) mod observed;

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::openapi::{Operation, Pointer, Spec, entries, text};
use serde_json::{Value, json};

use crate::compare::{Item, Items, Surface, lifecycle, operation_name, surface};
use observed::{Case, Observation};

/// The conclusions from observations about the spec.
pub(super) struct Facts<'a> {
    spec: &'a Spec,
    surface: Surface,
    lifecycle: Items,
    /// The pointers of marks: confirmed ones, and contradicted ones.
    confirmed: BTreeSet<Pointer>,
    refuted: BTreeSet<Pointer>,
    /// Each with the pointer of its node.
    pub(super) contradictions: Vec<(Pointer, String)>,
}

impl<'a> Facts<'a> {
    /// # Errors
    /// If the spec has no surface.
    pub(super) fn new(spec: &'a Spec, observations: &[Observation]) -> Result<Self, String> {
        let (surface, lifecycle) = (surface(spec, |_| true)?, lifecycle(spec));
        let (confirmed, refuted, contradictions) = Default::default();
        let mut facts = Self { spec, surface, lifecycle, confirmed, refuted, contradictions };
        observations.iter().for_each(|seen| facts.add(seen));
        Ok(facts)
    }

    /// The marks that were confirmed and never contradicted.
    pub(super) fn confirmed(&self) -> impl Iterator<Item = &Pointer> {
        self.confirmed.difference(&self.refuted)
    }

    fn confirm(&mut self, at: &Pointer) {
        self.confirmed.insert(at.push("x-evidence"));
    }

    fn contradict(&mut self, at: &Pointer, message: String) {
        self.refuted.insert(at.push("x-evidence"));
        if !self.contradictions.iter().any(|(_, other)| *other == message) {
            self.contradictions.push((at.clone(), message));
        }
    }

    fn add(&mut self, seen: &Observation) {
        let is_it = |operation: &Operation<'_>| text(operation.node, "operationId") == Some(&seen.operation);
        let Some(operation) = self.spec.operations().into_iter().find(is_it) else {
            return self.contradict(&Pointer::root(), format!("the spec has no operation {}", seen.operation));
        };
        let (name, status) = (operation_name(operation.method, operation.path), seen.http_status);
        let place = format!("{name} {status}");
        let items = self.surface.get(&name).cloned().unwrap_or_default();
        let Some(json) = items.get(&format!("{status} application/json")) else {
            return self.contradict(&operation.at, format!("{place}: no such JSON response is described"));
        };
        self.headers(&items, seen, &place);
        self.fields(&items, seen, &place);
        let limit = operation.node.get("x-requests-per-minute").and_then(Value::as_u64);
        if let (Some(ours), Some(theirs)) = (limit, seen.limit.filter(|theirs| Some(*theirs) != limit)) {
            self.contradict(
                &operation.at,
                format!("{place}: the limit is {theirs} a minute, and the spec says {ours}"),
            );
        }
        let examples = json.pointer.push("examples");
        match (&seen.error, &seen.state) {
            (Some(error), _) => self.error(&examples, error, seen.case, &place),
            (None, state) => {
                if let (case, Some(due)) = (json!(seen.case), meaning(seen.case)) {
                    self.contradict(&operation.at, format!("{place}: {case} is accepted, and the spec says {due}"));
                }
                let sent = ["requestBody", "content", "application/json", "examples"];
                let sent = sent.iter().fold(operation.at, |at, step| at.push(step));
                self.examples(&sent, |example| entries(Some(example)).map(|(name, _)| name).eq(&seen.sent));
                state.iter().for_each(|state| self.state(&examples, state, &place));
            }
        }
    }

    /// Confirms the examples with a matching value; returns their meanings.
    fn examples(&mut self, at: &Pointer, fits: impl Fn(&Value) -> bool) -> Vec<Option<&'a str>> {
        let examples = entries(self.spec.at(at.as_ref()));
        let fitting: Vec<_> = examples.filter(|(_, example)| example.get("value").is_some_and(&fits)).collect();
        fitting.iter().for_each(|(name, _)| self.confirm(&at.push(name)));
        fitting.iter().map(|(_, example)| text(example, "x-means")).collect()
    }

    fn headers(&mut self, items: &Items, seen: &Observation, place: &str) {
        let start = format!("{} header ", seen.http_status);
        for (name, item) in items.iter().filter_map(|(place, item)| Some((place.strip_prefix(&start)?, item))) {
            match seen.headers.contains(name) {
                true => self.confirm(&item.pointer),
                false => self.contradict(&item.pointer, format!("{place}: the header {name} was not sent")),
            }
        }
    }

    fn fields(&mut self, items: &Items, seen: &Observation, place: &str) {
        let start = format!("{} application/json: ", seen.http_status);
        let mut wrong: Vec<&str> = Vec::new();
        for (path, types) in &seen.fields {
            // The contents of a wrong field are not judged separately.
            if wrong.iter().any(|wrong| path.strip_prefix(wrong).is_some_and(|rest| rest.starts_with(['.', '[']))) {
                continue;
            }
            let Some(item) = items.get(&format!("{start}{path}")) else {
                wrong.push(path);
                let at = items.get(&format!("{start}.")).map(|body| body.pointer.clone()).unwrap_or_default();
                self.contradict(&at, format!("{place}: the field {path} is not in the spec"));
                continue;
            };
            let allowed = item.attributes.get("type").and_then(Value::as_str);
            let is_null = item.attributes.get("nullable").is_some();
            let is_allowed = |seen: &str| {
                let mut names = allowed.into_iter().flat_map(|types| types.split(" or "));
                (seen == "null" && is_null) || names.any(|name| name == seen || (name == "number" && seen == "integer"))
            };
            let others: Vec<_> = types.iter().map(String::as_str).filter(|seen| !is_allowed(seen)).collect();
            match allowed.filter(|_| !others.is_empty()) {
                None => self.confirm(&item.pointer),
                Some(allowed) => {
                    wrong.push(path);
                    let others = others.join(" or ");
                    self.contradict(&item.pointer, format!("{place}: {path} is {others}, and the spec says {allowed}"));
                }
            }
        }
    }

    fn error(&mut self, examples: &Pointer, error: &[Option<String>; 2], case: Case, place: &str) {
        let words = |example: &Value| ["type", "code"].map(|key| text(example, key).map(str::to_owned));
        let meanings = self.examples(examples, |example| words(example) == *error);
        let [type_, code] = error.each_ref().map(|word| word.as_deref().unwrap_or("none"));
        let (case, due) = (json!(case), meaning(case));
        if meanings.is_empty() {
            self.contradict(examples, format!("{place}: the error {type_} / {code} is not documented"));
        } else if let Some(due) = due.filter(|due| !meanings.contains(&Some(due))) {
            self.contradict(examples, format!("{place}: {case} gives {type_} / {code}, which does not mean {due}"));
        }
    }

    /// A state confirms its row and the examples that have it. Without a row of its sub-status, it confirms the row of its
    /// status.
    fn state(&mut self, examples: &Pointer, [status, sub_status]: &[String; 2], place: &str) {
        let alone = format!("state {status}");
        let name = if sub_status.is_empty() { alone.clone() } else { format!("{alone} / {sub_status}") };
        let row = |name| self.lifecycle.get(name).map(|row: &Item| row.pointer.push("evidence"));
        let (exact, fallback) = (row(&name), row(&alone));
        if exact.is_none() {
            self.contradict(&Pointer::of(["x-lifecycle", "rows"]), format!("{place}: the {name} has no row"));
        }
        self.confirmed.extend(exact.or(fallback));
        let holds =
            |example: &Value, word: &str| word.is_empty() || entries(Some(example)).any(|(_, value)| value == word);
        self.examples(examples, |example| holds(example, status) && holds(example, sub_status));
    }
}

/// The meaning (`x-means`) of the error that a case must produce.
fn meaning(case: Case) -> Option<&'static str> {
    match case {
        Case::UnknownId => Some("not_found"),
        Case::UsedId => Some("conflict"),
        Case::OtherKeys | Case::NoKeys | Case::OtherSignature => Some("authentication"),
        Case::Known | Case::New | Case::OtherVersion | Case::OtherPath => None,
    }
}
