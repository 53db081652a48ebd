//! What a difference means for users of the crate: a rule, its class, the semver step it asks for, and what to edit.
//!
//! | class | means | step |
//! |---|---|---|
//! | breaking | calls fail, or code no longer compiles, once the change is live or taken over | major |
//! | risky | works on, and something that was relied upon may differ | minor |
//! | compatible | nothing that worked stops working | minor if there is something to add, else patch |
//!
//! Directions matter: what a request must have is a burden, what a response promises is a gift.

use std::fmt;

use cashfree_vkyc_codegen::openapi::LIMITS;
use serde_json::Value;

use super::difference::{Difference, What};
use super::surface::Kind;

/// How bad a difference is for users of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Compatible,
    Risky,
    Breaking,
}

/// The semver step that a change asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Patch,
    Minor,
    Major,
}

/// A difference, judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) difference: Difference,
    pub(crate) rule: &'static str,
    pub(crate) class: Class,
    pub(crate) step: Step,
    /// What to edit, in words.
    pub(crate) edit: &'static str,
}

/// The rule about a field of an answer that is no longer there.
pub(crate) const RESPONSE_FIELD_REMOVED: &str = "response-field-removed";

type Verdict = (&'static str, Class, Step, &'static str);

use Class::{Breaking, Compatible, Risky};
use Step::{Major, Minor, Patch};

/// Judges differences; the worst come first.
pub(crate) fn judge(differences: Vec<Difference>) -> Vec<Change> {
    let mut changes: Vec<Change> = differences.into_iter().map(judge_one).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.class));
    changes
}

fn judge_one(difference: Difference) -> Change {
    let (rule, class, step, edit) = match (&difference.what, Kind::of(&difference.place)) {
        (What::Removed, _) if difference.place == "operation" => {
            ("operation-removed", Breaking, Major, "remove the operation, and its wrapper in src/")
        }
        _ if difference.place == "operation" => ("operation-added", Compatible, Minor, "add the operation"),
        (What::Removed, _) if difference.place == "deprecated" => {
            ("no-longer-deprecated", Compatible, Patch, "take it over, so that the two agree")
        }
        _ if difference.place == "deprecated" => {
            ("deprecated", Risky, Minor, "say so in the operation's description, and plan for its end")
        }
        (What::Attribute(name), kind) => attribute(name, kind, &difference),
        (What::ValueAdded | What::ValueRemoved, kind) => value(&difference.what, kind),
        (what, kind) => presence(what, kind, &difference),
    };
    Change { difference, rule, class, step, edit }
}

fn presence(what: &What, kind: Kind, difference: &Difference) -> Verdict {
    let required = difference.attributes.get("required") == Some(&Value::Bool(true));
    match (kind, what) {
        (Kind::Server, What::Added) => {
            ("server-added", Compatible, Patch, "add it under `servers` if users may choose it")
        }
        (Kind::Server, What::Renamed) => ("server-changed", Breaking, Major, "change the URL under `servers`"),
        (Kind::Server, _) => {
            ("server-removed", Breaking, Major, "remove the URL under `servers`, or write the one that took its place")
        }
        (Kind::Auth, What::Added) if difference.attributes.get("optional") == Some(&Value::Bool(true)) => {
            ("auth-added-optional", Compatible, Patch, "nothing, unless users should be able to prove themselves so")
        }
        (Kind::Auth, What::Added) => {
            ("auth-added", Breaking, Major, "add the scheme under `securitySchemes`, and send it in src/transport")
        }
        (Kind::Auth, What::Removed) => ("auth-removed", Risky, Minor, "ask Cashfree before you stop sending it"),
        (Kind::Auth, _) => ("auth-renamed", Breaking, Major, "rename the scheme's header under `securitySchemes`"),
        (Kind::Parameter, What::Added) if required => {
            ("parameter-added-required", Breaking, Major, "add the parameter; a header is sent by src/transport")
        }
        (Kind::Parameter, What::Added) => ("parameter-added-optional", Compatible, Minor, "add the parameter"),
        (Kind::Parameter, What::Removed) => {
            ("parameter-removed", Breaking, Major, "remove the parameter, and its use in src/")
        }
        (Kind::Parameter, What::Moved) => ("parameter-moved", Breaking, Major, "change the parameter's `in`"),
        (Kind::Parameter, _) => ("parameter-renamed", Breaking, Major, "rename the parameter, and its use in src/"),
        (Kind::RequestBody, What::Added) if required => {
            ("request-body-added-required", Breaking, Major, "add the request body")
        }
        (Kind::RequestBody, What::Added) => ("request-body-added-optional", Compatible, Minor, "add the request body"),
        (Kind::RequestBody, _) => {
            ("request-body-removed", Breaking, Major, "remove the request body or its media type")
        }
        (Kind::RequestField, What::Added) if required => {
            ("request-field-added-required", Breaking, Major, "add the field, required")
        }
        (Kind::RequestField, What::Added) => ("request-field-added-optional", Compatible, Minor, "add the field"),
        (Kind::RequestField, What::Removed) => ("request-field-removed", Breaking, Major, "remove the field"),
        (Kind::RequestField, _) => ("request-field-renamed", Breaking, Major, "rename the field"),
        (Kind::Response { success: true }, What::Added) => {
            ("success-added", Risky, Minor, "see whether it has a body of its own; the client takes one success")
        }
        (Kind::Response { success: true }, _) => {
            ("success-removed", Breaking, Major, "change the status of the success")
        }
        (Kind::Response { .. }, What::Added) => {
            ("error-added", Compatible, Minor, "add the response, with its documented errors as examples")
        }
        (Kind::Response { .. }, _) => {
            ("error-removed", Compatible, Patch, "remove the response if nobody sees it any more")
        }
        (Kind::ResponseBody { .. }, What::Added) => {
            ("response-media-added", Compatible, Patch, "describe it, or say in deviations.yaml that JSON is enough")
        }
        (Kind::ResponseBody { success: false }, _) => {
            ("error-media-removed", Risky, Minor, "see what errors look like now; what is not JSON has no `Error::api`")
        }
        (Kind::ResponseBody { .. }, _) => {
            ("response-media-removed", Breaking, Major, "change the media type of the response")
        }
        (Kind::ResponseField, What::Added) => {
            ("response-field-added", Compatible, Minor, "add the property; until then it is kept in `extra`")
        }
        (Kind::ResponseField, What::Removed) => {
            (RESPONSE_FIELD_REMOVED, Breaking, Major, "keep the field until the next major version, then remove it")
        }
        (Kind::ResponseField, _) => ("response-field-renamed", Breaking, Major, "rename the property"),
        (Kind::ResponseHeader, What::Added) => {
            ("response-header-added", Compatible, Minor, "add the header if the wrapper should read it")
        }
        (Kind::Call, _) => ("call-behaviour-changed", Risky, Minor, "say it in the changelog"),
        (Kind::KnownError, What::Added) => ("known-error-added", Compatible, Patch, "nothing"),
        (Kind::KnownError, _) => ("known-error-removed", Compatible, Patch, "see that its advice is not missed"),
        (Kind::State, What::Added) => ("state-added", Compatible, Minor, "add the value to its enum, and a row"),
        (Kind::State, What::Moved) => ("state-moved", Risky, Minor, "change the row's status"),
        (Kind::State, _) => ("state-removed", Risky, Minor, "it may still come; mark the row's evidence `reported`"),
        (Kind::ResponseHeader, _) => {
            ("response-header-removed", Risky, Minor, "remove the header, and its use in src/")
        }
    }
}

fn value(what: &What, kind: Kind) -> Verdict {
    match (is_request(kind), what) {
        (true, What::ValueAdded) => {
            ("request-value-added", Compatible, Minor, "add the value to the enum, with a sentence")
        }
        (true, _) => ("request-value-removed", Breaking, Major, "remove the value from the enum"),
        (false, What::ValueAdded) => (
            "response-value-added",
            Compatible,
            Minor,
            "add the value to the enum with a sentence, and a row to x-lifecycle if it is a status",
        ),
        (false, _) => (
            "response-value-removed",
            Risky,
            Minor,
            "keep the value until the next major version; matches on it stay dead meanwhile",
        ),
    }
}

fn attribute(name: &str, kind: Kind, difference: &Difference) -> Verdict {
    let request = is_request(kind);
    let now = difference.after.as_ref();
    let was_required = difference.attributes.get("required") == Some(&Value::Bool(true));
    match (name, request) {
        (_, _) if kind == Kind::Call => (
            "call-behaviour-changed",
            Risky,
            Minor,
            "say it in the changelog: it decides what is retried, and how fast one may call",
        ),
        (_, _) if kind == Kind::KnownError => {
            ("known-error-changed", Compatible, Patch, "nothing; the sentence is for people")
        }
        ("advice", _) if kind == Kind::State => {
            ("state-advice-changed", Compatible, Patch, "read what the page says now, and see our row")
        }
        (_, _) if kind == Kind::State => (
            "state-meaning-changed",
            Risky,
            Minor,
            "say it in the changelog: who waits, or decides by phase, actor or settled, will see it",
        ),
        ("required", true) if now == Some(&Value::Bool(true)) => {
            ("request-became-required", Breaking, Major, "set `required: true`")
        }
        ("required", true) => ("request-became-optional", Compatible, Patch, "set `required: false`"),
        ("required", false) if now == Some(&Value::Bool(true)) => (
            "response-became-required",
            Compatible,
            Patch,
            "list it under `required` only if Cashfree promises it; else say so in deviations.yaml",
        ),
        ("required", false) => ("response-became-optional", Breaking, Major, "take the field off `required`"),
        ("type", true) => ("request-type-changed", Breaking, Major, "change the type"),
        ("type", false) if kind == Kind::ResponseHeader => {
            ("response-header-type-changed", Risky, Minor, "change the type, and see how src/ reads it")
        }
        ("type", false) if kind == Kind::Auth => {
            ("auth-type-changed", Breaking, Major, "change the scheme, and how src/transport sends it")
        }
        ("optional", _) if kind == Kind::Auth && now.is_some() => {
            ("auth-became-optional", Risky, Minor, "ask Cashfree what takes its place before you stop sending it")
        }
        ("optional", _) if kind == Kind::Auth => {
            ("auth-became-required", Breaking, Major, "require it under `security`, and send it in src/transport")
        }
        ("type", false) => (
            "response-type-changed",
            Breaking,
            Major,
            "change the type; look at a real answer first, pages are careless",
        ),
        ("format", true) => ("request-format-changed", Risky, Minor, "change the format if the wire changed"),
        ("format", false) => ("response-format-changed", Risky, Minor, "change the format if the wire changed"),
        ("nullable", true) if now.is_some() => ("request-became-nullable", Compatible, Patch, "set `nullable: true`"),
        ("nullable", true) => ("request-no-longer-nullable", Breaking, Major, "remove `nullable`"),
        ("nullable", false) if now.is_some() && was_required => {
            ("response-required-became-nullable", Breaking, Major, "take the field off `required`")
        }
        ("nullable", false) if now.is_some() => (
            "response-became-nullable",
            Compatible,
            Patch,
            "set `nullable: true`, so that the two agree; null is read as absent already",
        ),
        ("nullable", false) => (
            "response-no-longer-nullable",
            Compatible,
            Patch,
            "take it over, so that the two agree; the code stays as it is",
        ),
        ("enum", true) if now.is_some() => {
            ("request-enum-introduced", Breaking, Major, "name the values in an open enum")
        }
        ("enum", true) => ("request-enum-dropped", Compatible, Patch, "see whether other values are taken now"),
        ("enum", false) if now.is_some() => {
            ("response-enum-introduced", Compatible, Minor, "name the values in an open enum")
        }
        ("enum", false) => (
            "response-enum-dropped",
            Risky,
            Minor,
            "keep the open enum, and say so in deviations.yaml; see which values may come now",
        ),
        ("default", true) => (
            "request-default-changed",
            Risky,
            Minor,
            "change the default; for x-api-version, `info.version` and the crate's version too",
        ),
        ("default", false) => (
            "response-default-changed",
            Compatible,
            Patch,
            "take it over, so that the two agree; the code stays as it is",
        ),
        ("deprecated", _) if now.is_none() => {
            ("no-longer-deprecated", Compatible, Patch, "take it over, so that the two agree")
        }
        ("deprecated", _) => ("deprecated", Risky, Minor, "say so in the description, and plan for its end"),
        ("pattern", true) if difference.before.is_some() && now.is_some() => {
            ("request-pattern-changed", Risky, Minor, "change the pattern")
        }
        (limit, true) if LIMITS.contains(&limit) => {
            if is_tighter(limit, difference.before.as_ref(), now) {
                ("request-limit-tightened", Breaking, Major, "change the limit")
            } else {
                ("request-limit-loosened", Compatible, Patch, "change the limit")
            }
        }
        ("closed", true) if now.is_some() => ("request-closed", Risky, Minor, "send no other fields"),
        (_, true) => ("request-detail-changed", Risky, Minor, "change it"),
        (limit, false) if LIMITS.contains(&limit) => (
            "response-limit-changed",
            Compatible,
            Patch,
            "take it over, so that the two agree; the code stays as it is",
        ),
        (_, false) => (
            "response-detail-changed",
            Compatible,
            Patch,
            "take it over, so that the two agree; the code stays as it is",
        ),
    }
}

const fn is_request(kind: Kind) -> bool {
    matches!(kind, Kind::Parameter | Kind::RequestBody | Kind::RequestField)
}

/// Whether less is allowed now.
fn is_tighter(limit: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    match (number(before), number(after)) {
        (_, None) => after.is_some_and(|value| value != &Value::Bool(false)),
        (None, Some(_)) => true,
        (Some(old), Some(new)) if limit.to_lowercase().contains("max") => new < old,
        (Some(old), Some(new)) if limit.to_lowercase().contains("min") => new > old,
        (Some(old), Some(new)) => (old / new).fract() != 0.0 || new > old,
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Compatible => "compatible",
            Risky => "risky",
            Breaking => "breaking",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Patch => "patch",
            Minor => "minor",
            Major => "major",
        })
    }
}
