//! Finds the rule for a difference: an item that was added, removed, moved or renamed; a value of an enum; or an attribute of an
//! unchanged item, by its kind and direction.

use cashfree_vkyc_codegen::openapi::{LIMITS, array};
use serde_json::Value;

use super::super::difference::{BESIDE, Difference, What};
use super::super::keywords::KEYWORD;
use super::super::place::{Kind, OPERATION};
use super::super::schema::{allows_less, keeps_targets};
use super::super::surface::CHOSEN;
use super::table::*;

/// The rule for a difference.
pub(super) fn verdict(difference: &Difference) -> Rule {
    let kind = Kind::of(&difference.place);
    match (&difference.what, difference.place.as_str()) {
        (What::Attribute(name), _) => of_attribute(name, kind, difference),
        (What::Removed, OPERATION) => OPERATION_REMOVED,
        (_, OPERATION) => OPERATION_ADDED,
        (What::ValueAdded | What::ValueRemoved, _) => of_value(&difference.what, kind),
        (what, _) => of_presence(what, kind, difference),
    }
}

/// The rule for an item that was added, removed, moved or renamed.
fn of_presence(what: &What, kind: Kind, difference: &Difference) -> Rule {
    let required = difference.says("required");
    match (kind, what) {
        (Kind::NotUnderstood | Kind::Operation, _) => NOT_UNDERSTOOD,
        (Kind::Server, What::Added) => SERVER_ADDED,
        (Kind::Server, What::Renamed) => SERVER_CHANGED,
        (Kind::Server, _) => SERVER_REMOVED,
        (Kind::Auth, What::Added) if difference.says("optional") => AUTH_ADDED_OPTIONAL,
        (Kind::Auth, What::Added) => AUTH_ADDED_REQUIRED,
        (Kind::Auth, What::Removed) => AUTH_REMOVED,
        (Kind::Auth, _) => AUTH_RENAMED,
        (Kind::Parameter, What::Added) if required => PARAMETER_ADDED_REQUIRED,
        (Kind::Parameter, What::Added) => PARAMETER_ADDED_OPTIONAL,
        (Kind::Parameter, What::Removed) => PARAMETER_REMOVED,
        (Kind::Parameter, What::Moved) => PARAMETER_MOVED,
        (Kind::Parameter, _) => PARAMETER_RENAMED,
        (Kind::RequestBody, What::Added) if difference.says(BESIDE) => REQUEST_MEDIA_ADDED,
        (Kind::RequestBody, What::Added) if required => REQUEST_BODY_ADDED_REQUIRED,
        (Kind::RequestBody, What::Added) => REQUEST_BODY_ADDED_OPTIONAL,
        (Kind::RequestBody, _) if difference.says(BESIDE) => REQUEST_MEDIA_REMOVED,
        (Kind::RequestBody, _) => REQUEST_BODY_REMOVED,
        (Kind::RequestField, What::Added) if required => REQUEST_FIELD_ADDED_REQUIRED,
        (Kind::RequestField, What::Added) => REQUEST_FIELD_ADDED_OPTIONAL,
        (Kind::RequestField, What::Removed) => REQUEST_FIELD_REMOVED,
        (Kind::RequestField, _) => REQUEST_FIELD_RENAMED,
        (Kind::Response { success: true }, What::Added) => SUCCESS_ADDED,
        (Kind::Response { success: true }, _) => SUCCESS_REMOVED,
        (Kind::Response { .. }, What::Added) => ERROR_ADDED,
        (Kind::Response { .. }, _) => ERROR_REMOVED,
        (Kind::ResponseBody { success: true }, What::Added) => RESPONSE_MEDIA_ADDED,
        (Kind::ResponseBody { success: true }, _) => RESPONSE_MEDIA_REMOVED,
        (Kind::ResponseBody { .. }, What::Added) => ERROR_MEDIA_ADDED,
        (Kind::ResponseBody { .. }, _) => ERROR_MEDIA_REMOVED,
        (Kind::ResponseField, What::Added) => RESPONSE_FIELD_ADDED,
        (Kind::ResponseField, What::Removed) => RESPONSE_FIELD_REMOVED,
        (Kind::ResponseField, _) => RESPONSE_FIELD_RENAMED,
        (Kind::ResponseHeader, What::Added) => RESPONSE_HEADER_ADDED,
        (Kind::ResponseHeader, What::Renamed) => RESPONSE_HEADER_RENAMED,
        (Kind::ResponseHeader, _) => RESPONSE_HEADER_REMOVED,
        (Kind::Callback, What::Added) => CALLBACK_ADDED,
        (Kind::Callback, _) => CALLBACK_REMOVED,
        (Kind::Call, What::Added) => CALL_BEHAVIOUR_ADDED,
        (Kind::Call, _) => CALL_BEHAVIOUR_REMOVED,
        (Kind::KnownError, What::Added) => KNOWN_ERROR_ADDED,
        (Kind::KnownError, _) => KNOWN_ERROR_REMOVED,
        (Kind::State, What::Added) => STATE_ADDED,
        (Kind::State, What::Moved) => STATE_MOVED,
        (Kind::State, _) => STATE_REMOVED,
    }
}

/// The rule for a value of an enum that was added or removed.
fn of_value(what: &What, kind: Kind) -> Rule {
    match (kind.is_request(), what) {
        _ if kind == Kind::NotUnderstood => NOT_UNDERSTOOD,
        (true, What::ValueAdded) => REQUEST_VALUE_ADDED,
        (true, _) => REQUEST_VALUE_REMOVED,
        (false, What::ValueAdded) => RESPONSE_VALUE_ADDED,
        (false, _) => RESPONSE_VALUE_REMOVED,
    }
}

/// The rule for an attribute.
fn of_attribute(name: &str, kind: Kind, difference: &Difference) -> Rule {
    let is_now = difference.after.is_some();
    match (kind, name) {
        (Kind::NotUnderstood, _) => NOT_UNDERSTOOD,
        _ if name.starts_with(KEYWORD) => NOT_UNDERSTOOD,
        (_, "deprecated") if is_now => DEPRECATED,
        (_, "deprecated") => NO_LONGER_DEPRECATED,
        (Kind::Call, _) => CALL_BEHAVIOUR_CHANGED,
        (Kind::KnownError, _) => KNOWN_ERROR_CHANGED,
        (Kind::State, "advice") => STATE_ADVICE_CHANGED,
        (Kind::State, "evidence") => STATE_EVIDENCE_CHANGED,
        (Kind::State, _) => STATE_MEANING_CHANGED,
        (Kind::Auth, _) => of_auth(name, difference),
        (Kind::Server, CHOSEN) => SERVER_DEFAULT_CHANGED,
        (Kind::Server, _) if name.starts_with("variable ") => SERVER_VARIABLE_CHANGED,
        (Kind::Operation | Kind::Callback, "alternatives") => AUTH_ALTERNATIVES_CHANGED,
        (Kind::Operation | Kind::Callback, "method") => WEBHOOK_METHOD_CHANGED,
        (Kind::Operation | Kind::Callback, "answered with") => WEBHOOK_ANSWER_CHANGED,
        (Kind::Operation | Kind::Callback, "url") => CALLBACK_URL_CHANGED,
        (Kind::Server | Kind::Operation | Kind::Callback, _) => NOT_UNDERSTOOD,
        _ if kind.is_request() => of_sent(name, difference),
        _ => of_received(name, kind, difference),
    }
}

fn of_auth(name: &str, difference: &Difference) -> Rule {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    match name {
        "type" => AUTH_TYPE_CHANGED,
        "optional" if after.is_some() => AUTH_BECAME_OPTIONAL,
        "optional" => AUTH_BECAME_REQUIRED,
        "scopes" => match (is_new_to(before, after), is_new_to(after, before)) {
            (true, true) => AUTH_SCOPE_CHANGED,
            (true, _) => AUTH_SCOPE_DEMANDED,
            _ => AUTH_SCOPE_WAIVED,
        },
        flow if flow.starts_with("flow ") && flow.ends_with(" scopes") => match (before, after) {
            (None, _) => AUTH_FLOW_ADDED,
            (_, None) => AUTH_FLOW_REMOVED,
            _ if !is_new_to(after, before) => AUTH_SCOPE_ADDED,
            _ if !is_new_to(before, after) => AUTH_SCOPE_REMOVED,
            _ => AUTH_FLOW_SCOPES_CHANGED,
        },
        "openIdConnectUrl" => AUTH_URL_CHANGED,
        flow if flow.starts_with("flow ") => AUTH_URL_CHANGED,
        _ => NOT_UNDERSTOOD,
    }
}

/// Whether the new list has an entry that the old one lacks.
fn is_new_to(before: Option<&Value>, after: Option<&Value>) -> bool {
    array(after).any(|value| !array(before).any(|other| other == value))
}

/// The rule for an attribute of a request.
fn of_sent(name: &str, difference: &Difference) -> Rule {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let is_now = after.is_some();
    match name {
        "required" if after == Some(&Value::Bool(true)) => REQUEST_BECAME_REQUIRED,
        "required" => REQUEST_BECAME_OPTIONAL,
        "type" if is_narrower(after, before) => REQUEST_TYPE_WIDENED,
        "type" if is_narrower(before, after) => REQUEST_TYPE_NARROWED,
        "type" => REQUEST_TYPE_CHANGED,
        "format" | "contentEncoding" | "contentMediaType" => REQUEST_FORMAT_CHANGED,
        "nullable" if is_now => REQUEST_BECAME_NULLABLE,
        "nullable" => REQUEST_NO_LONGER_NULLABLE,
        "enum" if is_now => REQUEST_ENUM_INTRODUCED,
        "enum" => REQUEST_ENUM_DROPPED,
        "default" => REQUEST_DEFAULT_CHANGED,
        "closed" if is_now => REQUEST_CLOSED,
        "closed" => REQUEST_OPENED,
        "alternatives" => match (before, after) {
            (_, None) => REQUEST_ALTERNATIVES_DROPPED,
            // A request must fit one of the alternatives, and each of them requires fields.
            (None, _) if array(after).any(asks) => REQUEST_ALTERNATIVES_INTRODUCED_REQUIRED,
            (None, _) => REQUEST_ALTERNATIVES_INTRODUCED,
            _ => REQUEST_ALTERNATIVES_CHANGED,
        },
        "discriminator" | "mapping" => match (before, after) {
            (_, None) => REQUEST_DISCRIMINATOR_DROPPED,
            (None, _) => REQUEST_DISCRIMINATOR_INTRODUCED,
            (Some(old), Some(new)) if keeps_targets(old, new) => REQUEST_DISCRIMINATOR_GREW,
            (Some(old), Some(new)) if keeps_targets(new, old) => REQUEST_DISCRIMINATOR_SHRANK,
            _ => REQUEST_DISCRIMINATOR_CHANGED,
        },
        "style" | "explode" | "media" => PARAMETER_STYLE_CHANGED,
        "recursive" => REQUEST_DETAIL_CHANGED,
        _ if name.starts_with("encoding ") => REQUEST_ENCODING_CHANGED,
        "allowEmptyValue" | "allowReserved" if is_now => REQUEST_LIMIT_LOOSENED,
        "allowEmptyValue" | "allowReserved" => REQUEST_LIMIT_TIGHTENED,
        _ => of_limit(name, before, after),
    }
}

/// The rule for a keyword that limits a request.
fn of_limit(name: &str, before: Option<&Value>, after: Option<&Value>) -> Rule {
    match (before, after) {
        _ if !is_limit(name) => NOT_UNDERSTOOD,
        (None, _) => REQUEST_LIMIT_TIGHTENED,
        (_, None) => REQUEST_LIMIT_LOOSENED,
        (Some(_), Some(_)) if name == "pattern" => REQUEST_PATTERN_CHANGED,
        (Some(old), Some(new)) if allows_less(name, old, new) => REQUEST_LIMIT_TIGHTENED,
        (Some(old), Some(new)) if allows_less(name, new, old) => REQUEST_LIMIT_LOOSENED,
        _ => REQUEST_DETAIL_CHANGED,
    }
}

fn is_limit(name: &str) -> bool {
    LIMITS.contains(&name) || ["uniqueItems", "dependentRequired"].contains(&name)
}

/// Whether an alternative requires fields.
fn asks(alternative: &Value) -> bool {
    alternative.get("required").is_some()
}

/// The rule for an attribute of a response.
fn of_received(name: &str, kind: Kind, difference: &Difference) -> Rule {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let (is_now, is_true) = (after.is_some(), after == Some(&Value::Bool(true)));
    let is_header = kind == Kind::ResponseHeader;
    match name {
        "required" if is_header => {
            if is_true {
                RESPONSE_HEADER_BECAME_REQUIRED
            } else {
                RESPONSE_HEADER_BECAME_OPTIONAL
            }
        }
        "required" => {
            if is_true {
                RESPONSE_BECAME_REQUIRED
            } else {
                RESPONSE_BECAME_OPTIONAL
            }
        }
        "type" if is_header => match (is_narrower(before, after), is_narrower(after, before)) {
            (true, _) => RESPONSE_HEADER_TYPE_NARROWED,
            (_, true) => RESPONSE_HEADER_TYPE_WIDENED,
            _ => RESPONSE_HEADER_TYPE_CHANGED,
        },
        "type" if is_narrower(before, after) => RESPONSE_TYPE_NARROWED,
        "type" if is_narrower(after, before) => RESPONSE_TYPE_WIDENED,
        "type" => RESPONSE_TYPE_CHANGED,
        "format" | "contentEncoding" | "contentMediaType" => RESPONSE_FORMAT_CHANGED,
        "nullable" if is_now && difference.says("required") => RESPONSE_REQUIRED_BECAME_NULLABLE,
        "nullable" if is_now => RESPONSE_BECAME_NULLABLE,
        "nullable" => RESPONSE_NO_LONGER_NULLABLE,
        "enum" if is_now => RESPONSE_ENUM_INTRODUCED,
        "enum" => RESPONSE_ENUM_DROPPED,
        "default" => RESPONSE_DEFAULT_CHANGED,
        "style" | "explode" | "media" => RESPONSE_HEADER_STYLE_CHANGED,
        "alternatives" => match (before, after) {
            (_, None) => RESPONSE_ALTERNATIVES_DROPPED,
            (None, _) if array(after).all(asks) => RESPONSE_ALTERNATIVES_INTRODUCED_REQUIRED,
            (None, _) => RESPONSE_ALTERNATIVES_INTRODUCED,
            _ => RESPONSE_ALTERNATIVES_CHANGED,
        },
        "discriminator" | "mapping" => match (before, after) {
            (_, None) => RESPONSE_DISCRIMINATOR_DROPPED,
            (None, _) => RESPONSE_DISCRIMINATOR_INTRODUCED,
            (Some(old), Some(new)) if keeps_targets(old, new) => RESPONSE_DISCRIMINATOR_GREW,
            (Some(old), Some(new)) if keeps_targets(new, old) => RESPONSE_DISCRIMINATOR_SHRANK,
            _ => RESPONSE_DISCRIMINATOR_CHANGED,
        },
        "recursive" => RESPONSE_DETAIL_CHANGED,
        _ if is_limit(name) || name == "closed" => RESPONSE_LIMIT_CHANGED,
        _ => NOT_UNDERSTOOD,
    }
}

/// Whether the first schema allows everything that the second allows. A schema without a type allows anything.
fn is_narrower(before: Option<&Value>, after: Option<&Value>) -> bool {
    let types = |value: Option<&'_ Value>| Some(value?.as_str()?.split(" or ").map(str::to_owned).collect::<Vec<_>>());
    let Some(wide) = types(before) else { return true };
    // An integer is a number.
    let may_be = |kind: &String| wide.contains(kind) || (kind == "integer" && wide.iter().any(|kind| kind == "number"));
    types(after).is_some_and(|narrow| narrow.iter().all(may_be))
}
