//! The form of a rule: its name, its class, the semver step, and what to edit. The rules: for what came, went, moved or was renamed; for the values of an enum; and for an attribute of a thing that stays, by the
//! kind of thing, of what we send, and of what we get.

use std::fmt;

use cashfree_vkyc_codegen::openapi::{LIMITS, array, entries};
use serde_json::Value;

use super::super::difference::{BESIDE, Difference, What};
use super::super::keywords::KEYWORD;
use super::super::place::{Kind, OPERATION};
use super::super::schema::allows_less;
use super::super::surface::CHOSEN;

/// How bad a difference is for users of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Compatible,
    Risky,
    Breaking,
}

/// The semver step that a change asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bump {
    Patch,
    Minor,
    Major,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

type Verdict = (&'static str, Class, Bump, &'static str);

/// Calls fail, or code no longer compiles.
const fn breaking(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Breaking, Bump::Major, edit)
}

/// Something that was relied upon may differ.
const fn risky(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Risky, Bump::Minor, edit)
}

/// There is something to add, and nothing that worked stops working.
const fn addition(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Compatible, Bump::Minor, edit)
}

const fn compatible(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Compatible, Bump::Patch, edit)
}

/// What nobody has a rule for.
const NOT_UNDERSTOOD: Verdict = risky("not-understood", "read the page, then change the spec or record a deviation");

/// The rule for a difference.
pub(super) fn verdict(difference: &Difference) -> Verdict {
    let kind = Kind::of(&difference.place);
    match (&difference.what, difference.place.as_str()) {
        (What::Attribute(name), _) => of_attribute(name, kind, difference),
        (What::Removed, OPERATION) => breaking("operation-removed", "remove the operation, and its wrapper in src/"),
        (_, OPERATION) => addition("operation-added", "add the operation"),
        (What::ValueAdded | What::ValueRemoved, _) => of_value(&difference.what, kind),
        (what, _) => of_presence(what, kind, difference),
    }
}

const NOTHING: &str = "nothing, unless users need it";

/// The rule for what came, went, moved or was renamed.
fn of_presence(what: &What, kind: Kind, difference: &Difference) -> Verdict {
    let required = difference.says("required");
    match (kind, what) {
        (Kind::NotUnderstood | Kind::Operation, _) => NOT_UNDERSTOOD,
        (Kind::Server, What::Added) => compatible("server-added", "add it under `servers` if users may choose it"),
        (Kind::Server, What::Renamed) => breaking("server-changed", "change the URL under `servers`"),
        (Kind::Server, _) => breaking("server-removed", "remove the URL under `servers`, or replace it"),
        (Kind::Auth, What::Added) if difference.says("optional") => compatible("auth-added-optional", NOTHING),
        (Kind::Auth, What::Added) => breaking("auth-added", "add the scheme, and send it in src/transport"),
        (Kind::Auth, What::Removed) => risky("auth-removed", "ask Cashfree before you stop sending it"),
        (Kind::Auth, _) => breaking("auth-renamed", "rename the scheme's header under `securitySchemes`"),
        (Kind::Parameter, What::Added) if required => breaking("parameter-added-required", "add the parameter"),
        (Kind::Parameter, What::Added) => addition("parameter-added-optional", "add the parameter"),
        (Kind::Parameter, What::Removed) => breaking("parameter-removed", "remove the parameter, and its use in src/"),
        (Kind::Parameter, What::Moved) => breaking("parameter-moved", "change the parameter's `in`"),
        (Kind::Parameter, _) => breaking("parameter-renamed", "rename the parameter, and its use in src/"),
        (Kind::RequestBody, What::Added) if difference.says(BESIDE) => compatible("request-media-added", NOTHING),
        (Kind::RequestBody, What::Added) if required => breaking("request-body-added-required", "add the request body"),
        (Kind::RequestBody, What::Added) => addition("request-body-added-optional", "add the request body"),
        (Kind::RequestBody, _) => breaking("request-body-removed", "remove the request body or its media type"),
        (Kind::RequestField, What::Added) if required => breaking("request-field-added-required", "add it, required"),
        (Kind::RequestField, What::Added) => addition("request-field-added-optional", "add the field"),
        (Kind::RequestField, What::Removed) => breaking("request-field-removed", "remove the field"),
        (Kind::RequestField, _) => breaking("request-field-renamed", "rename the field"),
        (Kind::Response { success: true }, What::Added) => risky("success-added", "see what it holds"),
        (Kind::Response { success: true }, _) => breaking("success-removed", "change the status of the success"),
        (Kind::Response { .. }, What::Added) => addition("error-added", "add it, with its errors as examples"),
        (Kind::Response { .. }, _) => compatible("error-removed", "remove the response if nobody sees it any more"),
        (Kind::ResponseBody { .. }, What::Added) => compatible("response-media-added", "describe it, if it is of use"),
        (Kind::ResponseBody { success: false }, _) => risky("error-media-removed", "see what errors look like now"),
        (Kind::ResponseBody { .. }, _) => breaking("response-media-removed", "change the media type of the response"),
        (Kind::ResponseField, What::Added) => {
            addition("response-field-added", "add the property; until then it is kept in `extra`")
        }
        (Kind::ResponseField, What::Removed) => breaking("response-field-removed", "keep it until the next major"),
        (Kind::ResponseField, _) => breaking("response-field-renamed", "rename the property"),
        (Kind::ResponseHeader, What::Added) => addition("response-header-added", "add the header if src/ reads it"),
        (Kind::Callback, What::Added) => addition("callback-added", "describe it, if users are to receive it"),
        (Kind::Callback, _) => breaking("callback-removed", "remove what is described of it"),
        (Kind::Call, What::Added) => compatible("call-behaviour-added", "nothing"),
        (Kind::Call, _) => risky("call-behaviour-changed", "say it in the changelog"),
        (Kind::KnownError, What::Added) => compatible("known-error-added", "nothing"),
        (Kind::KnownError, _) => compatible("known-error-removed", "see that its advice is not missed"),
        (Kind::State, What::Added) => addition("state-added", "add the value to its enum, and a row"),
        (Kind::State, What::Moved) => risky("state-moved", "change the row's status"),
        (Kind::State, _) => risky("state-removed", "it may still come; mark the row's evidence `reported`"),
        (Kind::ResponseHeader, _) => risky("response-header-removed", "remove the header, and its use in src/"),
    }
}

/// The rule for a value of an enum that came or went.
fn of_value(what: &What, kind: Kind) -> Verdict {
    match (kind.is_request(), what) {
        _ if kind == Kind::NotUnderstood => NOT_UNDERSTOOD,
        (true, What::ValueAdded) => addition("request-value-added", "add the value to the enum, with a sentence"),
        (true, _) => breaking("request-value-removed", "remove the value from the enum"),
        (false, What::ValueAdded) => addition("response-value-added", "add it to the enum; a status needs a row"),
        (false, _) => risky("response-value-removed", "keep the value until the next major version"),
    }
}

/// The rule for an attribute.
fn of_attribute(name: &str, kind: Kind, difference: &Difference) -> Verdict {
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
        flow if flow.starts_with("flow ") && flow.ends_with(" scopes") => match (before, after) {
            (None, _) => addition("auth-flow-added", "add the flow if users should be able to take it"),
            (_, None) => breaking("auth-flow-removed", "remove the flow, and what src/ makes of it"),
            _ if is_new_to(after, before) => risky("auth-scope-removed", "see that nobody asks for it"),
            _ => compatible("auth-scope-added", "nothing, unless an operation asks for it"),
        },
        "openIdConnectUrl" => breaking("auth-url-changed", "change the URL in the scheme"),
        flow if flow.starts_with("flow ") => breaking("auth-url-changed", "change the URL of the flow"),
        _ => NOT_UNDERSTOOD,
    }
}

/// Whether a list has something that another does not have.
fn is_new_to(before: Option<&Value>, after: Option<&Value>) -> bool {
    array(after).any(|value| !array(before).any(|other| other == value))
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
        "nullable" if is_now && difference.says("required") => breaking("response-required-became-nullable", OPTIONAL),
        "nullable" if is_now => compatible("response-became-nullable", "set `nullable: true`: null is read as absent"),
        "nullable" => compatible("response-no-longer-nullable", AGREE),
        "enum" if is_now => addition("response-enum-introduced", "name the values in an open enum"),
        "enum" => risky("response-enum-dropped", "keep the open enum, and record a deviation"),
        "default" => compatible("response-default-changed", AGREE),
        "style" | "explode" | "media" => risky("response-header-style-changed", "see how src/ reads the header"),
        "anyOf" | "oneOf" | "alternatives" => {
            let all_promise = before.is_none() && array(after).all(|one| one.get("required").is_some());
            let verdict = if all_promise { compatible } else { risky };
            verdict("response-alternatives-changed", "see what may come together now")
        }
        "discriminator" | "mapping" => {
            let grows = before.is_some_and(Value::is_object) && after.is_some() && keeps(before, after);
            let verdict = if grows { addition } else { risky };
            verdict("response-discriminator-changed", "see by which field alternatives are told apart now")
        }
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

/// Whether every value of a discriminator still means the same.
fn keeps(before: Option<&Value>, after: Option<&Value>) -> bool {
    entries(before).all(|(value, target)| after.and_then(|after| after.get(value)) == Some(target))
}
