//! The value of a plain YAML scalar by the core schema of YAML 1.2 (10.3.2), as JSON.
//!
//! The parser reports the text of a scalar and whether it is quoted, not its type. The crate that resolves types (saphyr) would
//! add five crates to every build of the library.

use serde_json::{Number, Value};

const TAG: &str = "this value does not fit its YAML tag";
const NUMBER: &str = "JSON has no such number";

/// A plain scalar; `tag` is its tag of the core schema, such as `int` for `!!int`.
///
/// # Errors
/// If the value does not fit its tag, or is not a finite number.
pub(super) fn plain(text: &str, tag: Option<&str>) -> Result<Value, &'static str> {
    let value = if tag == Some("str") { Value::from(text) } else { untagged(text)? };
    let fits = match tag {
        None | Some("str") => true,
        Some("null") => value.is_null(),
        Some("bool") => value.is_boolean(),
        Some("int") => value.is_i64(),
        Some("float") => value.is_number(),
        Some(_) => false,
    };
    if fits { Ok(value) } else { Err(TAG) }
}

fn untagged(text: &str) -> Result<Value, &'static str> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Ok(Value::Null),
        "true" | "True" | "TRUE" => Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => Ok(Value::Bool(false)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Err(NUMBER),
        "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN" | ".NAN" => Err(NUMBER),
        _ => match (integer(text), text.parse()) {
            (Some(integer), _) => Ok(Value::from(integer)),
            // Rust also reads `inf` and `nan` as numbers.
            (None, Ok(float)) if text.contains(|c: char| c.is_ascii_digit()) => {
                Number::from_f64(float).map(Value::Number).ok_or(NUMBER)
            }
            _ => Ok(Value::from(text)),
        },
    }
}

fn integer(text: &str) -> Option<i64> {
    match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => i64::from_str_radix(digits, 16).ok(),
        (_, Some(digits)) => i64::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plain_scalar_has_the_value_of_the_core_schema() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("Null", json!(null)),
            ("nULL", json!("nULL")),
            ("TRUE", json!(true)),
            ("False", json!(false)),
            ("no", json!("no")),
            ("12", json!(12)),
            ("-12", json!(-12)),
            ("+12", json!(12)),
            ("012", json!(12)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0xG", json!("0xG")),
            ("1.5e3", json!(1500.0)),
            (".5", json!(0.5)),
            ("9223372036854775808", json!(9_223_372_036_854_775_808.0)),
            ("2024-12-01", json!("2024-12-01")),
            ("1_000", json!("1_000")),
            ("inf", json!("inf")),
            ("+", json!("+")),
        ] {
            assert_eq!(plain(text, None), Ok(value), "{text}");
        }
        for text in [".inf", "-.INF", ".NaN", "1e999"] {
            assert_eq!(plain(text, None), Err(NUMBER), "{text}");
        }
    }

    #[test]
    fn a_tag_decides_and_a_value_that_does_not_fit_it_is_refused() {
        for (text, tag, value) in [
            ("12", "str", json!("12")),
            ("", "str", json!("")),
            ("12", "float", json!(12)),
            ("12", "int", json!(12)),
            ("true", "bool", json!(true)),
            ("~", "null", json!(null)),
        ] {
            assert_eq!(plain(text, Some(tag)), Ok(value), "{text} {tag}");
        }
        for (text, tag) in [("a", "int"), ("1", "bool"), ("a", "null"), ("a", "float"), ("a", "binary"), ("", "int")] {
            assert_eq!(plain(text, Some(tag)), Err(TAG), "{text} {tag}");
        }
        assert_eq!(plain(".inf", Some("float")), Err(NUMBER));
    }
}
