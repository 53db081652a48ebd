//! Checks a request against the limits of the spec.
//!
//! ```text
//! spec ─ build.rs ─▶ Rule ◀─ check ─ the JSON of a request ─▶ Problems: all at once, field and rule, never a value
//! ```
//!
//! The client checks what it sends and the sandbox checks what it receives, by the same rules.

use std::fmt;

use serde_json::{Map, Value};

use super::printed::{Characters, Name};
use super::problem::{Problem, ProblemKind};

/// The allowed values of a place.
#[derive(Debug)]
#[allow(dead_code, reason = "a spec need not have every kind of value")]
pub(crate) enum Rule {
    /// A text. It is never empty, because empty means "absent".
    Text(TextRule),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number within these bounds.
    Integer {
        min: i64,
        max: i64,
    },
    Number,
    Boolean,
    /// A whole number, or a text.
    NumberOrText,
    List(ListRule),
    Object(ObjectRule),
    /// A mapping with arbitrary names.
    Map(&'static Rule),
    /// The same as another rule.
    Named(&'static Rule),
    Any,
}

/// The limits of a text: length in characters, allowed characters and format.
#[derive(Debug)]
pub(crate) struct TextRule {
    pub(crate) min: usize,
    pub(crate) max: usize,
    /// First and last character of each allowed range; empty if all characters are allowed.
    pub(crate) characters: &'static [(char, char)],
    pub(crate) form: TextForm,
}

/// The format of a text.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "a spec need not have every kind of text")]
pub(crate) enum TextForm {
    Any,
    /// `DD-MM-YYYY`.
    DayMonthYear,
    /// A text that `Timestamp` can read.
    Timestamp,
    /// An absolute URL.
    Url,
}

#[derive(Debug)]
pub(crate) struct ListRule {
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) items: &'static Rule,
    /// The field that numbers the items, from 1 and without gaps.
    pub(crate) numbered_by: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) struct ObjectRule {
    pub(crate) fields: &'static [Field],
    /// Groups of fields of which exactly one must be present.
    pub(crate) exactly_one_of: &'static [&'static [&'static str]],
}

/// One field of an object, or one argument of an operation.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) rule: &'static Rule,
}

impl Rule {
    /// Returns all problems of a value.
    pub(crate) fn check(&self, value: &Value) -> Vec<Problem> {
        let mut problems = Problems::default();
        problems.check(self, value, "");
        problems.0
    }
}

/// The problems found so far.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, at: &str, kind: ProblemKind, rule: impl Into<String>) {
        let field = if at.is_empty() { "the body" } else { at };
        self.0.push(Problem::new(field, kind, rule));
    }

    fn check(&mut self, rule: &Rule, value: &Value, at: &str) {
        match (rule, value) {
            (Rule::Named(rule), value) => self.check(rule, value, at),
            (Rule::Any, _) | (Rule::Boolean, Value::Bool(_)) | (Rule::Number, Value::Number(_)) => {}
            (Rule::NumberOrText, Value::Number(number)) if number.is_i64() => {}
            (Rule::Text(_) | Rule::OneOf(_) | Rule::NumberOrText, Value::String(text)) if text.is_empty() => {
                self.add(at, ProblemKind::Empty, "is empty");
            }
            (Rule::NumberOrText, Value::String(_)) => {}
            (Rule::Text(rule), Value::String(text)) => self.text(rule, text, at),
            (Rule::OneOf(known), Value::String(text)) if known.contains(&text.as_str()) => {}
            (Rule::OneOf(known), Value::String(_)) => {
                self.add(at, ProblemKind::NotAllowed, format!("must be one of {}", known.join(", ")))
            }
            (Rule::Integer { min, max }, Value::Number(number)) if number.is_i64() || number.is_u64() => {
                if !number.as_i64().is_some_and(|number| (*min..=*max).contains(&number)) {
                    self.add(at, ProblemKind::OutOfRange, format!("must be between {min} and {max}"));
                }
            }
            (Rule::List(rule), Value::Array(items)) => self.list(rule, items, at),
            (Rule::Object(rule), Value::Object(fields)) => self.object(rule, fields, at),
            (Rule::Map(rule), Value::Object(fields)) => {
                fields.iter().for_each(|(name, value)| self.check(rule, value, &below(at, &Name(name))));
            }
            (rule, _) => self.add(at, ProblemKind::WrongType, format!("must be {}", rule.kind())),
        }
    }

    fn text(&mut self, rule: &TextRule, text: &str, at: &str) {
        let length = text.chars().count();
        if length < rule.min {
            self.add(at, ProblemKind::TooShort, format!("must have at least {} characters", rule.min));
        }
        if length > rule.max {
            self.add(at, ProblemKind::TooLong, format!("must have at most {} characters", rule.max));
        }
        let allowed = |character| rule.characters.iter().any(|(first, last)| (*first..=*last).contains(&character));
        if !rule.characters.is_empty() && !text.chars().all(allowed) {
            self.add(
                at,
                ProblemKind::Characters,
                format!("may only have the characters {}", Characters(rule.characters)),
            );
        }
        if let Some(form) = rule.form.broken_by(text) {
            self.add(at, ProblemKind::Format, format!("must be {form}"));
        }
    }

    fn list(&mut self, rule: &ListRule, items: &[Value], at: &str) {
        match items.len() {
            0 if rule.min > 0 => self.add(at, ProblemKind::Empty, "is empty"),
            length if length < rule.min => {
                self.add(at, ProblemKind::TooFew, format!("must have at least {} items", rule.min))
            }
            _ => {}
        }
        if items.len() > rule.max {
            self.add(at, ProblemKind::TooMany, format!("must have at most {} items", rule.max));
        }
        for (n, item) in items.iter().enumerate() {
            self.check(rule.items, item, &format!("{at}[{n}]"));
        }
        let Some(field) = rule.numbered_by else { return };
        let mut numbers: Vec<_> = items.iter().filter_map(|item| item.get(field)?.as_u64()).collect();
        numbers.sort_unstable();
        // A missing number is reported on its own.
        let complete = numbers.len() == items.len();
        if complete && !numbers.iter().zip(1_u64..).all(|(number, due)| *number == due) {
            self.add(at, ProblemKind::Numbering, format!("must be numbered by `{field}`: 1, 2, 3 and so on"));
        }
    }

    fn object(&mut self, rule: &ObjectRule, fields: &Map<String, Value>, at: &str) {
        for field in rule.fields {
            let at = below(at, &field.name);
            match fields.get(field.name) {
                Some(value) => self.check(field.rule, value, &at),
                None if field.required => self.add(&at, ProblemKind::Missing, "is missing"),
                None => {}
            }
        }
        for name in fields.keys().filter(|name| !rule.fields.iter().any(|field| field.name == **name)) {
            self.add(&below(at, &Name(name)), ProblemKind::Unexpected, "is not a field of this request");
        }
        for group in rule.exactly_one_of {
            if group.iter().filter(|name| fields.contains_key(**name)).count() != 1 {
                self.add(at, ProblemKind::NotExactlyOne, format!("must name exactly one of {}", group.join(", ")));
            }
        }
    }
}

fn below(at: &str, name: &dyn fmt::Display) -> String {
    if at.is_empty() { name.to_string() } else { format!("{at}.{name}") }
}

impl Rule {
    /// The expected kind of value, for messages.
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::OneOf(_) => "a text",
            Self::Integer { .. } => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::NumberOrText => "a whole number or a text",
            Self::List(_) => "a list",
            Self::Object(_) | Self::Map(_) => "an object",
            Self::Named(rule) => rule.kind(),
            Self::Any => "there",
        }
    }
}

impl TextForm {
    /// Returns the expected format if the text does not have it.
    fn broken_by(self, text: &str) -> Option<&'static str> {
        let (words, fits) = match self {
            Self::Any => return None,
            Self::DayMonthYear => {
                let is_date = text.len() == 10 && jiff::civil::Date::strptime("%d-%m-%Y", text).is_ok();
                ("a date as DD-MM-YYYY", is_date)
            }
            // Every text that `Timestamp` reads is accepted; the message names the documented form.
            Self::Timestamp => ("a time, as 2025-05-07T15:04:05Z", super::Timestamp::from(text).timestamp().is_some()),
            Self::Url => ("an http or https URL", is_url(text)),
        };
        (!fits).then_some(words)
    }
}

/// Whether a text is an http or https URL as written. A URL parser would also repair it: it trims, and accepts `https:a`.
fn is_url(text: &str) -> bool {
    let has_scheme = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    has_scheme && !text.contains(|c: char| c.is_whitespace() || c.is_control()) && url::Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: Rule =
        Rule::Text(TextRule { min: 2, max: 4, characters: &[('a', 'z'), ('-', '-')], form: TextForm::Any });
    const QUESTION: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field { name: "order", required: true, rule: &Rule::Integer { min: 1, max: i64::MAX } },
            Field { name: "answer", required: true, rule: &ID },
        ],
        exactly_one_of: &[],
    });
    const BODY: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field { name: "id", required: true, rule: &ID },
            Field { name: "kind", required: false, rule: &Rule::OneOf(&["A", "B"]) },
            Field { name: "born", required: false, rule: &text(TextForm::DayMonthYear) },
            Field { name: "at", required: false, rule: &text(TextForm::Timestamp) },
            Field { name: "photo", required: false, rule: &text(TextForm::Url) },
            Field { name: "pin", required: false, rule: &Rule::NumberOrText },
            Field { name: "x", required: false, rule: &Rule::Any },
            Field { name: "y", required: false, rule: &Rule::Boolean },
            Field { name: "z", required: false, rule: &Rule::Map(&Rule::Number) },
            Field {
                name: "questions",
                required: false,
                rule: &Rule::List(ListRule { min: 1, max: 3, items: &QUESTION, numbered_by: Some("order") }),
            },
        ],
        exactly_one_of: &[&["x", "y"]],
    });

    const fn text(form: TextForm) -> Rule {
        Rule::Text(TextRule { min: 1, max: usize::MAX, characters: &[], form })
    }

    fn found(value: Value) -> Vec<String> {
        BODY.check(&value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_rule_has_its_own_kind() {
        use ProblemKind::*;
        let question = |order: i64| json!({"order": order, "answer": "ab"});
        for (value, kinds) in [
            (json!({"x": 1}), vec![Missing]),
            (json!({"id": "", "x": 1}), vec![Empty]),
            (json!({"id": 7, "x": 1}), vec![WrongType]),
            (json!({"id": "a", "x": 1}), vec![TooShort]),
            (json!({"id": "abcde", "x": 1}), vec![TooLong]),
            (json!({"id": "A1", "x": 1}), vec![Characters]),
            (json!({"id": "ab", "x": 1, "born": "1996-02-29"}), vec![Format]),
            (json!({"id": "ab", "x": 1, "kind": "C"}), vec![NotAllowed]),
            (json!({"id": "ab", "x": 1, "questions": []}), vec![Empty]),
            (json!({"id": "ab", "x": 1, "questions": [question(0)]}), vec![OutOfRange, Numbering]),
            (json!({"id": "ab", "x": 1, "questions": ([1, 2, 3, 4].map(question))}), vec![TooMany]),
            (json!({"id": "ab"}), vec![NotExactlyOne]),
            (json!({"id": "ab", "x": 1, "new": 1}), vec![Unexpected]),
        ] {
            let found: Vec<_> = BODY.check(&value).iter().map(Problem::kind).collect();
            assert_eq!(found, kinds, "{value}");
        }
        let pair = Rule::List(ListRule { min: 2, max: 2, items: &Rule::Number, numbered_by: None });
        for (items, kind) in [(json!([]), Some(Empty)), (json!([1]), Some(TooFew)), (json!([1, 2]), None)] {
            assert_eq!(pair.check(&items).first().map(Problem::kind), kind, "{items}");
        }
        let any_number = Rule::List(ListRule { min: 0, max: 2, items: &Rule::Number, numbered_by: None });
        assert_eq!(any_number.check(&json!([])), []);
        let temperature = Rule::Integer { min: -9, max: 9 };
        for (number, kind) in [(json!(-9), None), (json!(-10), Some(OutOfRange)), (json!(1.5), Some(WrongType))] {
            assert_eq!(temperature.check(&number).first().map(Problem::kind), kind, "{number}");
        }
    }

    #[test]
    fn a_valid_request_has_no_problems() {
        assert!(found(json!({"id": "ab", "x": null})).is_empty());
        let full = json!({
            "id": "a-cd", "kind": "B", "born": "29-02-1996", "at": "2025-05-07T15:04:05Z", "photo": "https://a/b",
            "pin": 581115, "y": true, "z": {"q": 1.5},
            "questions": [{"order": 2, "answer": "ab"}, {"order": 1, "answer": "cd"}],
        });
        assert!(found(full).is_empty());
    }

    #[test]
    fn all_problems_are_reported_at_once_with_field_and_rule() {
        let value = json!({
            "id": "CANARY", "kind": "CANARY", "born": "1996-02-29", "at": "CANARY", "photo": "file:///CANARY",
            "pin": 9_223_372_036_854_775_808_u64, "x": 1, "y": "CANARY", "z": {"q": "CANARY"}, "new": "CANARY", "ca nary": 1,
            "questions": [{"order": 2, "answer": ""}, {"order": 2}],
        });
        let problems = found(value);
        assert_eq!(
            problems,
            [
                "id must have at most 4 characters",
                "id may only have the characters a-z -",
                "kind must be one of A, B",
                "born must be a date as DD-MM-YYYY",
                "at must be a time, as 2025-05-07T15:04:05Z",
                "photo must be an http or https URL",
                "pin must be a whole number or a text",
                "y must be true or false",
                "z.q must be a number",
                "questions[0].answer is empty",
                "questions[1].answer is missing",
                "questions must be numbered by `order`: 1, 2, 3 and so on",
                "[7 characters] is not a field of this request",
                "new is not a field of this request",
                "the body must name exactly one of x, y",
            ]
        );
        assert!(!problems.concat().contains("CANARY"));
    }

    #[test]
    fn an_incomplete_or_invalid_url_is_a_problem() {
        let problems = |photo: &str| found(json!({"id": "ab", "x": 1, "photo": photo}));
        for fine in ["https://a", "http://a.example/b?c=d#e", "https://[::1]:80/"] {
            assert!(problems(fine).is_empty(), "{fine}");
        }
        for broken in [
            "https://",
            "http://?a",
            "https:a",
            " https://a",
            "https://a b",
            "https://a\n",
            "https://a:x",
            "ftp://a",
            "https://a/b c",
            "https://a/\u{7f}",
        ] {
            assert_eq!(problems(broken), ["photo must be an http or https URL"], "{broken:?}");
        }
    }

    #[test]
    fn a_missing_field_or_a_wrong_type_is_reported() {
        let problems = ["the body must be an object"];
        assert_eq!(found(json!([])), problems);
        assert_eq!(found(json!({})), ["id is missing", "the body must name exactly one of x, y"]);
        let value = json!({"id": 7, "x": 1, "questions": [], "kind": "", "born": "31-02-2000"});
        assert_eq!(
            found(value),
            ["id must be a text", "kind is empty", "born must be a date as DD-MM-YYYY", "questions is empty",]
        );
        let many: Vec<_> = (0..4).map(|n| json!({"order": n, "answer": "ab"})).collect();
        let problems = found(json!({"id": "ab", "x": 1, "questions": many}));
        assert_eq!(
            problems,
            [
                "questions must have at most 3 items",
                "questions[0].order must be between 1 and 9223372036854775807",
                "questions must be numbered by `order`: 1, 2, 3 and so on",
            ]
        );
    }
}
