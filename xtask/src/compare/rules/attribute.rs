//! What is said of a thing that stays: which rules, by the kind of thing; and those of access and of the wrapper.

use serde_json::Value;

use super::super::difference::Difference;
use super::super::keywords::KEYWORD;
use super::super::place::Kind;
use super::super::surface::CHOSEN;
use super::{NOT_UNDERSTOOD, Verdict, addition, breaking, compatible, risky, value};

/// The rule for an attribute.
pub(super) fn verdict(name: &str, kind: Kind, difference: &Difference) -> Verdict {
    let is_now = difference.after.is_some();
    match (kind, name) {
        (Kind::NotUnderstood, _) => NOT_UNDERSTOOD,
        _ if name.starts_with(KEYWORD) => NOT_UNDERSTOOD,
        (_, "deprecated") if is_now => risky("deprecated", "say so in the description, and plan for its end"),
        (_, "deprecated") => compatible("no-longer-deprecated", "take it over, so that the two agree"),
        (Kind::Call, _) => risky("call-behaviour-changed", "say it in the changelog: it changes retries or pace"),
        (Kind::KnownError, _) => compatible("known-error-changed", "nothing; the sentence is for people"),
        (Kind::State, "advice") => compatible("state-advice-changed", "read what the page says now, and see our row"),
        (Kind::State, "evidence") => compatible("state-evidence-changed", "say it in the changelog"),
        (Kind::State, _) => risky("state-meaning-changed", "say it in the changelog: decisions may depend on it"),
        (Kind::Auth, _) => of_auth(name, difference),
        (Kind::Server, CHOSEN) => risky("server-default-changed", "see where a user ends up who chooses nothing"),
        (Kind::Server, _) if name.starts_with("variable ") => {
            risky("server-variable-changed", "see which values it has")
        }
        (Kind::Operation | Kind::Callback, "alternatives") => risky("auth-alternatives-changed", "change `security`"),
        (Kind::Operation | Kind::Callback, "method") => breaking("webhook-method-changed", "say so: a route takes one"),
        (Kind::Operation | Kind::Callback, "answered with") => risky("webhook-answer-changed", "see src/webhook"),
        (Kind::Operation | Kind::Callback, "url") => risky("callback-url-changed", "change the callback's URL"),
        (Kind::Server | Kind::Operation | Kind::Callback, _) => NOT_UNDERSTOOD,
        _ if kind.is_request() => value::of_sent(name, difference),
        _ => value::of_received(name, kind, difference),
    }
}

fn of_auth(name: &str, difference: &Difference) -> Verdict {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let is_more = is_new_to(before, after);
    match name {
        "type" => breaking("auth-type-changed", "change the scheme, and how src/transport sends it"),
        "optional" if after.is_some() => risky("auth-became-optional", "ask Cashfree before you stop sending it"),
        "optional" => breaking("auth-became-required", "require it under `security`, and send it in src/transport"),
        "scopes" if is_more => breaking("auth-scope-required", "ask for a token with that scope"),
        "scopes" => compatible("auth-scope-dropped", "ask for no more than is needed"),
        "openIdConnectUrl" => breaking("auth-url-changed", "change the URL in the scheme"),
        flow if flow.starts_with("flow ") && flow.ends_with(" scopes") => match (before, after) {
            (None, _) => addition("auth-flow-added", "add the flow if users should be able to take it"),
            (_, None) => breaking("auth-flow-removed", "remove the flow, and what src/ makes of it"),
            _ if is_new_to(after, before) => risky("auth-scope-removed", "see that nobody asks for it"),
            _ => compatible("auth-scope-added", "nothing, unless an operation asks for it"),
        },
        flow if flow.starts_with("flow ") => breaking("auth-url-changed", "change the URL of the flow"),
        _ => NOT_UNDERSTOOD,
    }
}

/// Whether a list has something that another does not have.
fn is_new_to(before: Option<&Value>, after: Option<&Value>) -> bool {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let before = list(before);
    list(after).iter().any(|value| !before.contains(value))
}
