//! What is said of a thing that we get.

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::openapi::{LIMITS, array, entries};
use serde_json::Value;

use super::super::difference::Difference;
use super::super::place::Kind;
use super::{NOT_UNDERSTOOD, Verdict, addition, breaking, compatible, risky, says};

/// What is to be done where nothing has to be done.
const AGREE: &str = "take it over, so that the two agree; the code stays as it is";

/// The rule for an attribute of what we get.
pub(super) fn verdict(name: &str, kind: Kind, difference: &Difference) -> Verdict {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let is_now = after.is_some();
    match name {
        "required" if after == Some(&Value::Bool(true)) => compatible(
            "response-became-required",
            "list it under `required` if Cashfree promises it; else record a deviation",
        ),
        "required" if kind == Kind::ResponseHeader => {
            risky("response-header-became-optional", "see that src/ works without it")
        }
        "required" => breaking("response-became-optional", "take the field off `required`"),
        "type" => of_type(kind, before, after),
        "format" | "contentEncoding" | "contentMediaType" => {
            risky("response-format-changed", "change the format if the wire changed")
        }
        "nullable" if is_now && says(difference, "required") => {
            breaking("response-required-became-nullable", "remove it from `required`")
        }
        "nullable" if is_now => {
            compatible("response-became-nullable", "set `nullable: true`; null is read as absent already")
        }
        "nullable" => compatible("response-no-longer-nullable", AGREE),
        "enum" if is_now => addition("response-enum-introduced", "name the values in an open enum"),
        "enum" => risky("response-enum-dropped", "keep the open enum, and record a deviation"),
        "default" => compatible("response-default-changed", AGREE),
        "style" | "explode" | "media" => risky("response-header-style-changed", "see how src/ reads the header"),
        "anyOf" | "oneOf" | "alternatives" => of_alternatives(before, after),
        "discriminator" | "mapping" => of_discriminator(before, after),
        "recursive" => compatible("response-detail-changed", AGREE),
        _ if LIMITS.contains(&name) || ["uniqueItems", "dependentRequired", "closed"].contains(&name) => {
            compatible("response-limit-changed", AGREE)
        }
        _ => NOT_UNDERSTOOD,
    }
}

fn of_type(kind: Kind, before: Option<&Value>, after: Option<&Value>) -> Verdict {
    match kind {
        _ if is_narrower(before, after) => compatible("response-type-narrowed", "take it over if that helps users"),
        Kind::ResponseHeader => risky("response-header-type-changed", "change the type, and see how src/ reads it"),
        _ => breaking("response-type-changed", "change the type; look at a real answer first, pages are careless"),
    }
}

/// Whether all that the second may be, the first may be as well. What has no type may be anything.
pub(super) fn is_narrower(before: Option<&Value>, after: Option<&Value>) -> bool {
    let types = |value: Option<&Value>| -> Option<BTreeSet<String>> {
        Some(value?.as_str()?.split(" or ").map(str::to_owned).collect())
    };
    match (types(before), types(after)) {
        (None, _) => true,
        (_, None) => false,
        (Some(wide), Some(narrow)) => narrow.iter().all(|kind| {
            // A whole number is a number.
            wide.contains(kind) || (kind == "integer" && wide.contains("number"))
        }),
    }
}

/// What only some alternatives promise.
fn of_alternatives(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    const RULE: &str = "response-alternatives-changed";
    let promises = array(after).all(|alternative| alternative.get("required").is_some());
    match before {
        None if promises => compatible(RULE, AGREE),
        _ => risky(RULE, "see what may come together now, and say so where the fields are described"),
    }
}

fn of_discriminator(before: Option<&Value>, after: Option<&Value>) -> Verdict {
    const RULE: &str = "response-discriminator-changed";
    let keeps = entries(before).all(|(value, target)| after.and_then(|after| after.get(value)) == Some(target));
    match (before, after) {
        (Some(Value::Object(_)), Some(_)) if keeps => addition(RULE, "add what the new value stands for"),
        _ => risky(RULE, "see by which field alternatives are told apart now"),
    }
}
