//! The rules for an attribute of a thing that stays: by the kind of thing, of what we send, and of what we get.

use cashfree_vkyc_codegen::openapi::{LIMITS, array, entries};
use serde_json::Value;

use super::super::difference::Difference;
use super::super::keywords::KEYWORD;
use super::super::place::Kind;
use super::super::schema::allows_less;
use super::super::surface::CHOSEN;
use super::{NOT_UNDERSTOOD, Verdict, addition, breaking, compatible, risky, says};

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
        (Kind::Server, _) if name.starts_with("variable ") => risky("server-variable-changed", "see its values"),
        (Kind::Operation | Kind::Callback, "alternatives") => risky("auth-alternatives-changed", "change `security`"),
        (Kind::Operation | Kind::Callback, "method") => breaking("webhook-method-changed", "say so: a route takes one"),
        (Kind::Operation | Kind::Callback, "answered with") => risky("webhook-answer-changed", "see src/webhook"),
        (Kind::Operation | Kind::Callback, "url") => risky("callback-url-changed", "change the callback's URL"),
        (Kind::Server | Kind::Operation | Kind::Callback, _) => NOT_UNDERSTOOD,
        _ if kind.is_request() => of_sent(name, difference),
        _ => of_received(name, kind, difference),
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

const TIGHTENED: Verdict = breaking("request-limit-tightened", "change the limit");
const LOOSENED: Verdict = addition("request-limit-loosened", "change the limit: ours is checked first");

/// The rule for an attribute of what we send.
fn of_sent(name: &str, difference: &Difference) -> Verdict {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let is_now = after.is_some();
    match name {
        "required" if after == Some(&Value::Bool(true)) => breaking("request-became-required", "set `required: true`"),
        "required" => compatible("request-became-optional", "set `required: false`"),
        "type" if is_narrower(after, before) => addition("request-type-widened", "change the type"),
        "type" => breaking("request-type-changed", "change the type"),
        "format" | "contentEncoding" | "contentMediaType" => risky("request-format-changed", "change the format"),
        "nullable" if is_now => compatible("request-became-nullable", "set `nullable: true`"),
        "nullable" => breaking("request-no-longer-nullable", "remove `nullable`"),
        "enum" if is_now => breaking("request-enum-introduced", "name the values in an open enum"),
        "enum" => compatible("request-enum-dropped", "see whether other values are taken now"),
        "default" => risky("request-default-changed", "change the default; of x-api-version, the versions too"),
        "closed" if is_now => risky("request-closed", "send no other fields"),
        "closed" => compatible("request-opened", "take it over, so that the two agree"),
        "anyOf" | "oneOf" | "alternatives" => sent_alternatives(before, after),
        "discriminator" | "mapping" => sent_discriminator(before, after),
        "style" | "explode" | "media" => of_style(name, difference),
        "recursive" => risky("request-detail-changed", "change it"),
        _ if name.starts_with("encoding ") => risky("request-encoding-changed", "change the encoding of the field"),
        "allowEmptyValue" | "allowReserved" if is_now => LOOSENED,
        "allowEmptyValue" | "allowReserved" => TIGHTENED,
        _ => of_limit(name, before, after),
    }
}

/// A keyword that limits what may be sent.
fn of_limit(name: &str, before: Option<&Value>, after: Option<&Value>) -> Verdict {
    match (before, after) {
        _ if !is_limit(name) => NOT_UNDERSTOOD,
        (None, _) => TIGHTENED,
        (_, None) => LOOSENED,
        (Some(_), Some(_)) if name == "pattern" => risky("request-pattern-changed", "change the pattern"),
        (Some(old), Some(new)) if allows_less(name, old, new) => TIGHTENED,
        (Some(old), Some(new)) if allows_less(name, new, old) => LOOSENED,
        _ => risky("request-detail-changed", "change it"),
    }
}

/// What only some alternatives say: one of which must fit.
fn sent_alternatives(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    let asks = array(after).any(|alternative| alternative.get("required").is_some());
    let verdict = match (before, after) {
        (_, None) => compatible,
        (None, _) if asks => breaking,
        _ => risky,
    };
    verdict("request-alternatives-changed", "see which fields must or may be sent together now")
}

/// By which field, and by which of its values, the other side knows what it gets.
fn sent_discriminator(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    let verdict = match (before, after) {
        (_, None) => compatible,
        (None, _) => risky,
        (Some(Value::Object(_)), _) if keeps(before, after) => addition,
        _ => breaking,
    };
    verdict("request-discriminator-changed", "change the discriminator: by it the other side knows what it gets")
}

/// How a parameter is written.
fn of_style(name: &str, difference: &Difference) -> Verdict {
    let kinds = difference.attributes.get("type").and_then(Value::as_str).unwrap_or("anything");
    let is_one_value = kinds.split(" or ").all(|kind| ["string", "integer", "number", "boolean"].contains(&kind));
    // A single value is written the same.
    let verdict = if name == "explode" && is_one_value { compatible } else { breaking };
    verdict("parameter-style-changed", "write the parameter so: `style`, `explode` or the media type of its content")
}

fn is_limit(name: &str) -> bool {
    LIMITS.contains(&name) || ["uniqueItems", "dependentRequired"].contains(&name)
}

const OPTIONAL: &str = "take the field off `required`";

/// What is to be done where nothing has to be done.
const AGREE: &str = "take it over, so that the two agree; the code stays as it is";

/// The rule for an attribute of what we get.
fn of_received(name: &str, kind: Kind, difference: &Difference) -> Verdict {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let (is_now, is_true) = (after.is_some(), after == Some(&Value::Bool(true)));
    let is_header = kind == Kind::ResponseHeader;
    match name {
        "required" if is_true => compatible("response-became-required", "require it if Cashfree promises it"),
        "required" if is_header => risky("response-header-became-optional", "see that src/ works without it"),
        "required" => breaking("response-became-optional", OPTIONAL),
        "type" if is_narrower(before, after) => compatible("response-type-narrowed", "take it over if it helps users"),
        "type" if is_header => risky("response-header-type-changed", "change the type, and see how src/ reads it"),
        "type" => breaking("response-type-changed", "change the type; look at a real answer first, pages are careless"),
        "format" | "contentEncoding" | "contentMediaType" => risky("response-format-changed", "change the format"),
        "nullable" if is_now && says(difference, "required") => breaking("response-required-became-nullable", OPTIONAL),
        "nullable" if is_now => compatible("response-became-nullable", "set `nullable: true`: null is read as absent"),
        "nullable" => compatible("response-no-longer-nullable", AGREE),
        "enum" if is_now => addition("response-enum-introduced", "name the values in an open enum"),
        "enum" => risky("response-enum-dropped", "keep the open enum, and record a deviation"),
        "default" => compatible("response-default-changed", AGREE),
        "style" | "explode" | "media" => risky("response-header-style-changed", "see how src/ reads the header"),
        "anyOf" | "oneOf" | "alternatives" => received_alternatives(before, after),
        "discriminator" | "mapping" => received_discriminator(before, after),
        "recursive" => compatible("response-detail-changed", AGREE),
        _ if is_limit(name) || name == "closed" => compatible("response-limit-changed", AGREE),
        _ => NOT_UNDERSTOOD,
    }
}

/// Whether all that the second may be, the first may be as well. What has no type may be anything.
fn is_narrower(before: Option<&Value>, after: Option<&Value>) -> bool {
    let types = |value: Option<&'_ Value>| Some(value?.as_str()?.split(" or ").map(str::to_owned).collect::<Vec<_>>());
    let Some(wide) = types(before) else { return true };
    // A whole number is a number.
    let may_be = |kind: &String| wide.contains(kind) || (kind == "integer" && wide.iter().any(|kind| kind == "number"));
    types(after).is_some_and(|narrow| narrow.iter().all(may_be))
}

/// What only some alternatives promise.
fn received_alternatives(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    let promises = array(after).all(|alternative| alternative.get("required").is_some());
    let verdict = if before.is_none() && promises { compatible } else { risky };
    verdict("response-alternatives-changed", "see what may come together now")
}

fn received_discriminator(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    let grows = before.is_some_and(Value::is_object) && after.is_some() && keeps(before, after);
    let verdict = if grows { addition } else { risky };
    verdict("response-discriminator-changed", "see by which field alternatives are told apart now")
}

/// Whether every value of a discriminator still means the same.
fn keeps(before: Option<&Value>, after: Option<&Value>) -> bool {
    entries(before).all(|(value, target)| after.and_then(|after| after.get(value)) == Some(target))
}
