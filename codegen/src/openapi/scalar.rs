//! What a plain scalar of YAML is: the core schema of YAML 1.2 (10.3.2), as JSON.
//!
//! The parser tells where a scalar is and whether it is quoted. What `12` or `~` means is this little; the crate that also
//! knows it (saphyr) brings five more crates to every build of the library.

use serde_json::{Number, Value};

/// Why a scalar is no JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// It does not fit its tag.
    Tag,
    /// `.inf` and `.nan`, or a number beyond those that JSON has.
    Number,
}

/// A plain scalar, by its tag if it has one of the core schema (`int` of `!!int`), else by how it looks.
pub(super) fn plain(text: &str, tag: Option<&str>) -> Result<Value, NoValue> {
    let fitting = |value: Option<Value>| value.ok_or(NoValue::Tag);
    match tag {
        Some("str") => Ok(Value::from(text)),
        Some("null") => fitting(is_null(text).then_some(Value::Null)),
        Some("bool") => fitting(boolean(text)),
        Some("int") => fitting(integer(text).map(Value::from)),
        Some("float") => float(text).ok_or(NoValue::Tag).and_then(number),
        Some(_) => Err(NoValue::Tag),
        None if is_null(text) => Ok(Value::Null),
        None => match (boolean(text), integer(text), float(text)) {
            (Some(boolean), ..) => Ok(boolean),
            (_, Some(integer), _) => Ok(Value::from(integer)),
            (.., Some(float)) => number(float),
            _ => Ok(Value::from(text)),
        },
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> Option<Value> {
    match text {
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn integer(text: &str) -> Option<i64> {
    let with_radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok();
    let hexadecimal = text.strip_prefix("0x").and_then(|digits| with_radix(digits, 16));
    let octal = || text.strip_prefix("0o").and_then(|digits| with_radix(digits, 8));
    hexadecimal.or_else(octal).or_else(|| text.parse().ok())
}

fn float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        // Rust would also take `inf` and `nan` for numbers.
        _ => text.bytes().any(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten(),
    }
}

fn number(float: f64) -> Result<Value, NoValue> {
    Number::from_f64(float).map(Value::Number).ok_or(NoValue::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plain_scalar_is_what_the_core_schema_says() {
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
            assert_eq!(plain(text, None), Err(NoValue::Number), "{text}");
        }
    }

    #[test]
    fn a_tag_decides_and_what_does_not_fit_it_is_no_value() {
        for (text, tag, value) in [
            ("12", "str", json!("12")),
            ("", "str", json!("")),
            ("12", "float", json!(12.0)),
            ("12", "int", json!(12)),
            ("true", "bool", json!(true)),
            ("~", "null", json!(null)),
        ] {
            assert_eq!(plain(text, Some(tag)), Ok(value), "{text} {tag}");
        }
        for (text, tag) in [("a", "int"), ("1", "bool"), ("a", "null"), ("a", "float"), ("a", "binary"), ("", "int")] {
            assert_eq!(plain(text, Some(tag)), Err(NoValue::Tag), "{text} {tag}");
        }
        assert_eq!(plain(".inf", Some("float")), Err(NoValue::Number));
    }
}
