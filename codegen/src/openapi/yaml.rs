//! Reads YAML as a JSON value, with the line and column of every node.
//!
//! Lists and mappings are read by recursion, at most [`MAX_DEPTH`] deep. The size of each node is subtracted from [`MAX_BYTES`] before
//! the node is created. An alias reads the events of its anchor again, and is counted again. So neither nested brackets nor aliases of
//! aliases can exhaust the stack or the memory, and later passes can recurse over the value and name every node by its pointer.
//!
//! Merge keys are expanded. Duplicate keys and more than one document are errors.
//!
//! The parser reports the text of a scalar and whether it is quoted, not its type. The crate that resolves types (saphyr) would
//! add five crates to every build of the library.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde_json::{Number, Value};

use super::finding::{Finding, Pointer};

/// More nested mappings and lists than any OpenAPI file has.
const MAX_DEPTH: usize = 100;

/// The memory that a document may take after its aliases are expanded: texts, pointers, and [`NODE`] for each node.
const MAX_BYTES: usize = 32 << 20;

/// The memory of a node besides its text and its pointer: the event, the value and the entry of its place.
const NODE: usize = 128;

/// The key by which YAML 1.1 includes the entries of another mapping; tools that write OpenAPI still use it.
const MERGE: &str = "<<";

/// Line and column, both from 1.
pub(super) type Place = (usize, usize);

/// The places of nodes by their pointers.
pub(super) type Places = BTreeMap<String, Place>;

/// Reads the value of a text, which is null if the text contains no document. `file` is its name in messages.
pub(super) fn document(file: &str, text: &str) -> Result<(Value, Places), Box<Finding>> {
    let mut reader = Reader {
        file,
        parser: Parser::new_from_str(text),
        events: Vec::new(),
        position: 0,
        anchors: BTreeMap::new(),
        left: MAX_BYTES,
        places: BTreeMap::new(),
    };
    let mut root = None;
    loop {
        let place = reader.place()?;
        match reader.next()? {
            Event::StreamEnd => return Ok((root.unwrap_or_default(), reader.places)),
            Event::DocumentStart(_) if root.is_some() => {
                let help = "write one mapping that starts with `openapi: 3.0.3`";
                let message = "the file contains more than one YAML document";
                return Err(reader.problem(&Pointer::root(), place, message, help));
            }
            Event::DocumentStart(_) => root = Some(reader.node(&Pointer::root(), 0)?),
            _ => {}
        }
    }
}

struct Reader<'a> {
    file: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    /// The events so far, which aliases read again.
    events: Vec<(Event<'a>, Place)>,
    /// The index of the next event.
    position: usize,
    /// The index of the first event of each node that has an anchor and has ended.
    anchors: BTreeMap<usize, usize>,
    /// The rest of [`MAX_BYTES`].
    left: usize,
    places: Places,
}

impl<'a> Reader<'a> {
    /// The place of the next event.
    fn place(&mut self) -> Result<Place, Box<Finding>> {
        if let Some((_, place)) = self.events.get(self.position) {
            return Ok(*place);
        }
        let end = || Ok((Event::StreamEnd, Span::default()));
        let (event, span) = self.parser.next_event().unwrap_or_else(end).map_err(|error| self.invalid(&error))?;
        let place = (span.start.line(), span.start.col() + 1);
        self.events.push((event, place));
        Ok(place)
    }

    fn next(&mut self) -> Result<Event<'a>, Box<Finding>> {
        self.place()?;
        let event = self.events.get(self.position).map_or(Event::StreamEnd, |(event, _)| event.clone());
        self.position += 1;
        Ok(event)
    }

    /// Whether the list or mapping ends here. If so, its end is consumed.
    fn ends(&mut self) -> Result<bool, Box<Finding>> {
        self.place()?;
        let event = self.events.get(self.position);
        let ends = matches!(event, Some((Event::SequenceEnd | Event::MappingEnd | Event::StreamEnd, _)));
        self.position += usize::from(ends);
        Ok(ends)
    }

    /// Reads a node and records its place. `depth` is the number of lists and mappings around it.
    fn node(&mut self, at: &Pointer, depth: usize) -> Result<Value, Box<Finding>> {
        let place = self.place()?;
        self.spend(at.as_ref().len(), at, place)?;
        self.places.insert(at.to_string(), place);
        self.value(at, depth)
    }

    fn value(&mut self, at: &Pointer, depth: usize) -> Result<Value, Box<Finding>> {
        let after_alias = self.enter_alias(at)?;
        let (start, place) = (self.position, self.place()?);
        self.spend(NODE, at, place)?;
        let (anchor, value) = match self.next()? {
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(text.len(), at, place)?;
                let value = match (style, tag) {
                    (ScalarStyle::Plain, Some(_)) => Err("a plain value with a YAML tag is not supported"),
                    (ScalarStyle::Plain, None) => plain(&text).ok_or("JSON has no such number"),
                    _ => Ok(Value::from(text)),
                };
                let help = "remove the tag or quote the value";
                (anchor, value.map_err(|message| self.problem(at, place, message, help))?)
            }
            _ if depth == MAX_DEPTH => {
                return Err(self.problem(at, place, "the nesting is too deep", "split the schema with `$ref`"));
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(at, depth + 1)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(at, depth + 1)?),
            _ => (0, Value::Null),
        };
        // The parser counts anchors from one.
        if anchor > 0 {
            self.anchors.insert(anchor, start);
        }
        self.position = after_alias.unwrap_or(self.position);
        Ok(value)
    }

    /// If the next event is an alias, moves to its node, and returns the position after the alias.
    fn enter_alias(&mut self, at: &Pointer) -> Result<Option<usize>, Box<Finding>> {
        let place = self.place()?;
        let Some((Event::Alias(anchor), _)) = self.events.get(self.position) else { return Ok(None) };
        let Some(start) = self.anchors.get(anchor) else {
            let help = "place the alias after the end of the node that it names";
            return Err(self.problem(at, place, "the alias is inside the node that it names", help));
        };
        let after = self.position + 1;
        self.position = *start;
        Ok(Some(after))
    }

    fn list(&mut self, at: &Pointer, depth: usize) -> Result<Value, Box<Finding>> {
        let mut items = Vec::new();
        while !self.ends()? {
            items.push(self.node(&at.push(items.len()), depth)?);
        }
        Ok(Value::Array(items))
    }

    /// The entries are sorted, so that the output does not depend on `preserve_order` of serde_json.
    fn mapping(&mut self, at: &Pointer, depth: usize) -> Result<Value, Box<Finding>> {
        let (mut entries, mut merged) = (BTreeMap::new(), BTreeMap::new());
        while !self.ends()? {
            let place = self.place()?;
            let key = self.key(at, depth, place)?;
            let at = at.push(&key);
            if self.places.contains_key(at.as_ref()) {
                return Err(self.problem(&at, place, "this key occurs twice", "keep one of the two"));
            }
            let value = self.node(&at, depth)?;
            if key != MERGE {
                entries.insert(key, value);
            } else if let Some(included) = included(value) {
                merged = included;
            } else {
                let help = "use it with mappings, as in `<<: *base`, or write the entries out";
                return Err(self.problem(&at, place, "a merge key has a value that is not a mapping", help));
            }
        }
        // The mapping's own entries override merged ones.
        merged.extend(entries);
        Ok(Value::Object(merged.into_iter().collect()))
    }

    /// A mapping's key. Unquoted response codes (`200:`) are integers in YAML and names in OpenAPI.
    fn key(&mut self, at: &Pointer, depth: usize, place: Place) -> Result<String, Box<Finding>> {
        match self.value(at, depth)? {
            Value::String(name) => Ok(name),
            Value::Number(number) if number.is_i64() => Ok(number.to_string()),
            _ => Err(self.problem(at, place, "a key here is not text", "quote the key")),
        }
    }

    fn spend(&mut self, bytes: usize, at: &Pointer, place: Place) -> Result<(), Box<Finding>> {
        let Some(left) = self.left.checked_sub(bytes) else {
            let message = "the document is too large once its aliases and pointers are written out";
            let help = "shorten it; describe a repeated part once, and refer to it with `$ref`";
            return Err(self.problem(at, place, message, help));
        };
        self.left = left;
        Ok(())
    }

    fn invalid(&self, error: &ScanError) -> Box<Finding> {
        let place = (error.marker().line(), error.marker().col() + 1);
        let message = format!("this is not valid YAML: {}", error.info());
        self.problem(&Pointer::root(), place, &message, "correct the YAML at this line")
    }

    fn problem(&self, at: &Pointer, place: Place, message: &str, help: &str) -> Box<Finding> {
        Box::new(Finding {
            file: self.file.to_owned(),
            place: Some(place),
            pointer: at.to_string(),
            message: message.to_owned(),
            help: help.to_owned(),
        })
    }
}

/// The entries that a merge key includes: those of one mapping, or of a list of mappings, the first of which takes precedence.
fn included(value: Value) -> Option<BTreeMap<String, Value>> {
    let sources = if let Value::Array(several) = value { several } else { vec![value] };
    let mut merged = BTreeMap::new();
    for source in sources.into_iter().rev() {
        let Value::Object(entries) = source else { return None };
        merged.extend(entries);
    }
    Some(merged)
}

/// The value of a plain scalar by the core schema of YAML 1.2 (10.3.2); `None` if it is a number that JSON does not have.
fn plain(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => None,
        "-.inf" | "-.Inf" | "-.INF" | ".nan" | ".NaN" | ".NAN" => None,
        _ => match (integer(text), text.parse()) {
            (Some(integer), _) => Some(Value::Number(integer)),
            // Rust also reads `inf` and `nan` as numbers.
            (None, Ok(float)) if text.contains(|c: char| c.is_ascii_digit()) => {
                Number::from_f64(float).map(Value::Number)
            }
            _ => Some(Value::from(text)),
        },
    }
}

/// A whole number as far as JSON keeps it exactly: to 2^64.
fn integer(text: &str) -> Option<Number> {
    let number = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => i128::from_str_radix(digits, 16).ok(),
        (_, Some(digits)) => i128::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    };
    Number::from_i128(number?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            ("9223372036854775808", json!(9_223_372_036_854_775_808_u64)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
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
