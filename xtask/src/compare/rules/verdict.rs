//! Names the rule for a difference: an item that was added, removed, moved or renamed; a value of an enum; or an attribute of an
//! unchanged item, by its kind and direction.

use cashfree_vkyc_codegen::openapi::{LIMITS, array};
use serde_json::Value;

use super::super::difference::{BESIDE, Difference, What};
use super::super::keywords::KEYWORD;
use super::super::place::Kind;
use super::super::schema::{allows_less, keeps_targets};
use super::super::surface::CHOSEN;

/// The name of a rule: its subject, with the hyphen, and the change.
pub(super) type Name = [&'static str; 2];

/// The name of the rule for a difference; `None` for one that is not understood.
pub(super) fn name(difference: &Difference) -> Option<Name> {
    let kind = Kind::of(&difference.place);
    match &difference.what {
        _ if kind == Kind::NotUnderstood => None,
        What::ValueAdded => Some([side(kind), "value-added"]),
        What::ValueRemoved => Some([side(kind), "value-removed"]),
        What::Attribute(name) => of_attribute(name, kind, difference),
        what => Some(of_presence(what, kind, difference)),
    }
}

/// The subject of a rule about the contents of a request or a response.
fn side(kind: Kind) -> &'static str {
    if kind.is_request() { "request-" } else { "response-" }
}

/// The rule for an item that was added, removed, moved or renamed.
fn of_presence(what: &What, kind: Kind, difference: &Difference) -> Name {
    let is_beside = kind == Kind::RequestBody && difference.says(BESIDE);
    let is_due = match kind {
        Kind::Auth => Some(!difference.says("optional")),
        _ => (kind.is_request() && !is_beside).then(|| difference.says("required")),
    };
    let change = match (what, is_due) {
        (What::Moved, _) => "moved",
        (What::Renamed, _) if kind == Kind::Server => "changed",
        (What::Renamed, _) => "renamed",
        (What::Added, Some(true)) => "added-required",
        (What::Added, Some(false)) => "added-optional",
        (What::Added, None) => "added",
        _ => "removed",
    };
    [if is_beside { "request-media-" } else { subject(kind) }, change]
}

/// The subject of a rule about the presence of an item.
fn subject(kind: Kind) -> &'static str {
    match kind {
        Kind::Operation => "operation-",
        Kind::Server => "server-",
        Kind::Auth => "auth-",
        Kind::Parameter => "parameter-",
        Kind::RequestBody => "request-body-",
        Kind::RequestField => "request-field-",
        Kind::Response { success: true } => "success-",
        Kind::Response { success: false } => "error-",
        Kind::ResponseBody { success: true } => "response-media-",
        Kind::ResponseBody { success: false } => "error-media-",
        Kind::ResponseField | Kind::NotUnderstood => "response-field-",
        Kind::ResponseHeader => "response-header-",
        Kind::Callback => "callback-",
        Kind::Call => "call-behaviour-",
        Kind::KnownError => "known-error-",
        Kind::State => "state-",
    }
}

/// The rule for an attribute.
fn of_attribute(name: &str, kind: Kind, difference: &Difference) -> Option<Name> {
    Some(match (kind, name) {
        _ if name.starts_with(KEYWORD) => return None,
        (_, "deprecated") => [if difference.after.is_some() { "" } else { "no-longer-" }, "deprecated"],
        (Kind::Call | Kind::KnownError, _) => [subject(kind), "changed"],
        (Kind::State, "advice") => ["state-", "advice-changed"],
        (Kind::State, "evidence") => ["state-", "evidence-changed"],
        (Kind::State, _) => ["state-", "meaning-changed"],
        (Kind::Auth, _) => ["auth-", of_auth(name, difference)?],
        (Kind::Server, CHOSEN) => ["server-", "default-changed"],
        (Kind::Server, _) if name.starts_with("variable ") => ["server-", "variable-changed"],
        (Kind::Operation | Kind::Callback, "alternatives") => ["auth-", "alternatives-changed"],
        (Kind::Operation | Kind::Callback, "method") => ["webhook-", "method-changed"],
        (Kind::Operation | Kind::Callback, "answered with") => ["webhook-", "answer-changed"],
        (Kind::Operation | Kind::Callback, "url") => ["callback-", "url-changed"],
        (Kind::Server | Kind::Operation | Kind::Callback, _) => return None,
        (Kind::ResponseHeader, "required" | "type") => ["response-header-", of_content(name, kind, difference)?],
        (_, "style" | "explode" | "media") if kind.is_request() => ["parameter-", "style-changed"],
        (_, "style" | "explode" | "media") => ["response-header-", "style-changed"],
        _ => [side(kind), of_content(name, kind, difference)?],
    })
}

fn of_auth(name: &str, difference: &Difference) -> Option<&'static str> {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    Some(match name {
        "type" => "type-changed",
        "optional" if after.is_some() => "became-optional",
        "optional" => "became-required",
        "scopes" => match (is_new_to(before, after), is_new_to(after, before)) {
            (true, true) => "scope-changed",
            (true, _) => "scope-demanded",
            _ => "scope-waived",
        },
        flow if flow.starts_with("flow ") && flow.ends_with(" scopes") => match (before, after) {
            (None, _) => "flow-added",
            (_, None) => "flow-removed",
            _ if !is_new_to(after, before) => "scope-added",
            _ if !is_new_to(before, after) => "scope-removed",
            _ => "flow-scopes-changed",
        },
        url if url == "openIdConnectUrl" || url.starts_with("flow ") => "url-changed",
        _ => return None,
    })
}

/// Whether the new list has an entry that the old one lacks.
fn is_new_to(before: Option<&Value>, after: Option<&Value>) -> bool {
    array(after).any(|value| !array(before).any(|other| other == value))
}

/// The change of an attribute of a request or a response.
fn of_content(name: &str, kind: Kind, difference: &Difference) -> Option<&'static str> {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let (is_sent, is_now) = (kind.is_request(), after.is_some());
    Some(match name {
        "required" if after == Some(&Value::Bool(true)) => "became-required",
        "required" => "became-optional",
        "type" => match (is_narrower(before, after), is_narrower(after, before)) {
            // Of two types that include each other, the change without harm in this direction.
            (_, true) if is_sent => "type-widened",
            (true, _) => "type-narrowed",
            (_, true) => "type-widened",
            _ => "type-changed",
        },
        "format" | "contentEncoding" | "contentMediaType" => "format-changed",
        "nullable" if is_now && !is_sent && difference.says("required") => "required-became-nullable",
        "nullable" if is_now => "became-nullable",
        "nullable" => "no-longer-nullable",
        "enum" if is_now => "enum-introduced",
        "enum" => "enum-dropped",
        "default" => "default-changed",
        "alternatives" => match (before, after) {
            (_, None) => "alternatives-dropped",
            (None, _) if asks(is_sent, after) => "alternatives-introduced-required",
            (None, _) => "alternatives-introduced",
            _ => "alternatives-changed",
        },
        "discriminator" | "mapping" => match (before, after) {
            (_, None) => "discriminator-dropped",
            (None, _) => "discriminator-introduced",
            (Some(old), Some(new)) if keeps_targets(old, new) => "discriminator-grew",
            (Some(old), Some(new)) if keeps_targets(new, old) => "discriminator-shrank",
            _ => "discriminator-changed",
        },
        "recursive" => "detail-changed",
        _ if is_sent => return of_sent(name, before, after),
        // Nobody checks a limit of what is received.
        _ if is_limit(name) || name == "closed" => "limit-changed",
        _ => return None,
    })
}

/// The change of a keyword that limits or encodes a request.
fn of_sent(name: &str, before: Option<&Value>, after: Option<&Value>) -> Option<&'static str> {
    Some(match (before, after) {
        (_, Some(_)) if name == "closed" => "closed",
        _ if name == "closed" => "opened",
        _ if name.starts_with("encoding ") => "encoding-changed",
        (_, Some(_)) if ["allowEmptyValue", "allowReserved"].contains(&name) => "limit-loosened",
        _ if ["allowEmptyValue", "allowReserved"].contains(&name) => "limit-tightened",
        _ if !is_limit(name) => return None,
        (None, _) => "limit-tightened",
        (_, None) => "limit-loosened",
        (Some(_), Some(_)) if name == "pattern" => "pattern-changed",
        (Some(old), Some(new)) if allows_less(name, old, new) => "limit-tightened",
        (Some(old), Some(new)) if allows_less(name, new, old) => "limit-loosened",
        _ => "detail-changed",
    })
}

fn is_limit(name: &str) -> bool {
    LIMITS.contains(&name) || ["uniqueItems", "dependentRequired"].contains(&name)
}

/// Whether new alternatives require fields. A request may need any of them; a response is sure to have required fields only if
/// each of them has.
fn asks(is_sent: bool, alternatives: Option<&Value>) -> bool {
    let asks = |alternative: &Value| alternative.get("required").is_some();
    if is_sent { array(alternatives).any(asks) } else { array(alternatives).all(asks) }
}

/// Whether the first schema allows everything that the second allows. A schema without a type allows anything.
fn is_narrower(before: Option<&Value>, after: Option<&Value>) -> bool {
    let types = |value: Option<&'_ Value>| Some(value?.as_str()?.split(" or ").map(str::to_owned).collect::<Vec<_>>());
    let Some(wide) = types(before) else { return true };
    // An integer is a number.
    let may_be = |kind: &String| wide.contains(kind) || (kind == "integer" && wide.iter().any(|kind| kind == "number"));
    types(after).is_some_and(|narrow| narrow.iter().all(may_be))
}
