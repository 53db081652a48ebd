//! What is said of a thing that we send.

use cashfree_vkyc_codegen::openapi::{LIMITS, array, entries};
use serde_json::Value;

use super::super::difference::Difference;
use super::super::schema::allows_less;
use super::{NOT_UNDERSTOOD, Verdict, addition, breaking, compatible, risky};

const TIGHTENED: Verdict = breaking("request-limit-tightened", "change the limit");
const LOOSENED: Verdict =
    addition("request-limit-loosened", "change the limit: ours is checked before anything is sent");

/// The rule for an attribute of what we send.
pub(super) fn verdict(name: &str, difference: &Difference) -> Verdict {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let is_now = after.is_some();
    match name {
        "required" if after == Some(&Value::Bool(true)) => breaking("request-became-required", "set `required: true`"),
        "required" => compatible("request-became-optional", "set `required: false`"),
        "type" if super::answer::is_narrower(after, before) => addition("request-type-widened", "change the type"),
        "type" => breaking("request-type-changed", "change the type"),
        "format" | "contentEncoding" | "contentMediaType" => risky("request-format-changed", "change the format"),
        "nullable" if is_now => compatible("request-became-nullable", "set `nullable: true`"),
        "nullable" => breaking("request-no-longer-nullable", "remove `nullable`"),
        "enum" if is_now => breaking("request-enum-introduced", "name the values in an open enum"),
        "enum" => compatible("request-enum-dropped", "see whether other values are taken now"),
        "default" => risky("request-default-changed", "change the default; of x-api-version, the versions too"),
        "closed" if is_now => risky("request-closed", "send no other fields"),
        "closed" => compatible("request-opened", "take it over, so that the two agree"),
        "anyOf" | "oneOf" | "alternatives" => of_alternatives(before, after),
        "discriminator" | "mapping" => of_discriminator(before, after),
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
    let is_limit = LIMITS.contains(&name) || ["uniqueItems", "dependentRequired"].contains(&name);
    match (before, after) {
        _ if !is_limit => NOT_UNDERSTOOD,
        (None, _) => TIGHTENED,
        (_, None) => LOOSENED,
        (Some(_), Some(_)) if name == "pattern" => risky("request-pattern-changed", "change the pattern"),
        (Some(old), Some(new)) if allows_less(name, old, new) => TIGHTENED,
        (Some(old), Some(new)) if allows_less(name, new, old) => LOOSENED,
        _ => risky("request-detail-changed", "change it"),
    }
}

/// What only some alternatives say: one of which must fit.
fn of_alternatives(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    const RULE: &str = "request-alternatives-changed";
    const EDIT: &str = "see which fields must or may be sent together now, and say so where they are described";
    let asks = array(after).any(|alternative| alternative.get("required").is_some());
    match (before, after) {
        (_, None) => compatible(RULE, EDIT),
        (None, _) if asks => breaking(RULE, EDIT),
        _ => risky(RULE, EDIT),
    }
}

/// By which field, and by which of its values, the other side knows what it gets.
fn of_discriminator(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    const RULE: &str = "request-discriminator-changed";
    const EDIT: &str = "change the discriminator: by it the other side knows what it gets";
    let keeps = entries(before).all(|(value, target)| after.and_then(|after| after.get(value)) == Some(target));
    match (before, after) {
        (_, None) => compatible(RULE, EDIT),
        (None, _) => risky(RULE, EDIT),
        (Some(Value::Object(_)), _) if keeps => addition(RULE, EDIT),
        _ => breaking(RULE, EDIT),
    }
}

/// How a parameter is written.
fn of_style(name: &str, difference: &Difference) -> Verdict {
    const RULE: &str = "parameter-style-changed";
    let kinds = difference.attributes.get("type").and_then(Value::as_str).unwrap_or("anything");
    let is_one_value = kinds.split(" or ").all(|kind| ["string", "integer", "number", "boolean"].contains(&kind));
    match name {
        "explode" if is_one_value => compatible(RULE, "take it over; a single value is written the same"),
        _ => breaking(RULE, "write the parameter so: `style`, `explode` or the media type of its content"),
    }
}
