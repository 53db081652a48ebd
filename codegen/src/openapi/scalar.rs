//! The value of a plain YAML scalar by the core schema of YAML 1.2 (10.3.2), as JSON.
//!
//! The parser reports the text of a scalar and whether it is quoted, not its type. The crate that resolves types (saphyr) would
//! add five crates to every build of the library.

use serde_json::{Number, Value};

/// The value of a plain scalar; `None` if it is a number that JSON does not have.
pub(super) fn plain(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => None,
        "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN" | ".NAN" => None,
        _ => match (integer(text), text.parse()) {
            (Some(integer), _) => Some(Value::from(integer)),
            // Rust also reads `inf` and `nan` as numbers.
            (None, Ok(float)) if text.contains(|c: char| c.is_ascii_digit()) => {
                Number::from_f64(float).map(Value::Number)
            }
            _ => Some(Value::from(text)),
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
            assert_eq!(plain(text), Some(value), "{text}");
        }
        for text in [".inf", "-.INF", ".NaN", "1e999"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }
}
