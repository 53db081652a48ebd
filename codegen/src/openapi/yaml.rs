//! YAML text to a JSON value, event by event, with the line and column of every node.
//!
//! Nothing recurses here, and no node is made before it is known to fit: who nests brackets, or lets a few aliases stand for
//! each other, gets an error and not an overflow of the stack. Whoever walks the value later may recurse, since the value is
//! no deeper than [`MAX_DEPTH`], and may name every node by its pointer, since that takes no more than [`MAX_BYTES`].
//!
//! Anchors and merge keys are what they stand for. Duplicate keys and more than one document are refused.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::Value;

use super::scalar::{self, NoValue};
use super::{Finding, Pointer};

/// More mappings and lists in each other than any OpenAPI file has.
const MAX_DEPTH: usize = 100;

/// Longer than any name, in bytes: a node is named by all the keys above it.
const MAX_KEY: usize = 512;

/// What a document may take once it is written out: its texts, the pointers of its nodes, and [`NODE`] for each.
const MAX_BYTES: usize = 128 << 20;

/// What a node takes besides its text and its pointer.
const NODE: usize = 64;

/// The key by which YAML 1.1 takes the entries of another mapping over; tools that write OpenAPI still use it.
const MERGE: &str = "<<";

/// Line and column, both from 1.
pub(super) type Place = (usize, usize);

/// What stands in a text: the value, and where each node of it stood, by its pointer.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Nothing where the text holds no document.
    pub(super) root: Option<Value>,
    pub(super) places: BTreeMap<String, Place>,
}

/// Reads a text; `file` is what messages call it.
pub(super) fn document(file: &str, text: &str) -> Result<Document, Finding> {
    let mut builder =
        Builder { file, open: Vec::new(), anchors: BTreeMap::new(), left: MAX_BYTES, document: Document::default() };
    for event in Parser::new_from_iter(text.chars()) {
        let (event, span) = event.map_err(|error| Finding {
            file: file.to_owned(),
            place: Some(place(*error.marker())),
            pointer: String::new(),
            message: format!("this is not valid YAML: {}", error.info()),
            help: "mend the YAML at this line".into(),
        })?;
        builder.event(event, place(span.start))?;
    }
    Ok(builder.document)
}

fn place(marker: Marker) -> Place {
    (marker.line(), marker.col() + 1)
}

/// A value, and what one more of it would take.
#[derive(Clone)]
struct Node {
    value: Value,
    size: Size,
}

#[derive(Clone, Copy)]
struct Size {
    /// Mappings and lists in each other.
    depth: usize,
    nodes: usize,
    /// With the names of all that is within, as seen from here.
    bytes: usize,
}

/// A mapping or list that has not ended yet.
struct Open {
    at: Pointer,
    anchor: usize,
    size: Size,
    holds: Holds,
}

enum Holds {
    List(Vec<Value>),
    Mapping {
        /// The key whose value comes next.
        key: Option<String>,
        /// Sorted, so that the output is the same whether or not somebody turned on serde_json's `preserve_order`.
        entries: BTreeMap<String, Value>,
        /// What a merge key brings.
        merged: Option<BTreeMap<String, Value>>,
    },
}

struct Builder<'a> {
    file: &'a str,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    /// What may still be taken.
    left: usize,
    document: Document,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), Finding> {
        match event {
            Event::DocumentStart(_) if self.document.root.is_some() => {
                let help = "write one mapping that starts with `openapi: 3.0.3`";
                Err(self.problem(Pointer::root(), place, "the file holds more than one YAML document", help))
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(text, style, tag.as_ref(), place)?;
                self.leaf(value, anchor, place)
            }
            Event::Alias(anchor) => self.alias(anchor, place),
            Event::SequenceStart(anchor, _) => self.begin(Holds::List(Vec::new()), anchor, place),
            Event::MappingStart(anchor, _) => {
                let holds = Holds::Mapping { key: None, entries: BTreeMap::new(), merged: None };
                self.begin(holds, anchor, place)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, holds: Holds, anchor: usize, place: Place) -> Result<(), Finding> {
        if self.is_at_key() {
            return Err(self.no_key(place));
        }
        let size = Size { depth: 1, nodes: 1, bytes: NODE };
        let at = self.take(size, place)?;
        self.open.push(Open { at, anchor, size, holds });
        Ok(())
    }

    fn end(&mut self, place: Place) -> Result<(), Finding> {
        let Some(Open { at, anchor, size, holds }) = self.open.pop() else { return Ok(()) };
        let value = match holds {
            Holds::List(items) => Value::Array(items),
            Holds::Mapping { entries, merged, .. } => {
                // What stands in the mapping itself goes before what is merged into it.
                let mut all = merged.unwrap_or_default();
                all.extend(entries);
                Value::Object(all.into_iter().collect())
            }
        };
        let node = Node { value, size };
        self.keep(&node, anchor, place)?;
        self.insert(node, &at, place)
    }

    fn leaf(&mut self, value: Value, anchor: usize, place: Place) -> Result<(), Finding> {
        let bytes = NODE + value.as_str().map_or(0, str::len);
        let node = Node { value, size: Size { depth: 0, nodes: 1, bytes } };
        self.keep(&node, anchor, place)?;
        if self.is_at_key() {
            return self.key(&node.value, place);
        }
        let at = self.take(node.size, place)?;
        self.insert(node, &at, place)
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Finding> {
        let Some(size) = self.anchors.get(&anchor).map(|node| node.size) else {
            let help = "let the alias name what ends before it";
            return Err(self.problem(self.next(), place, "an alias of what it stands in", help));
        };
        // Before there is a copy.
        let at = if self.is_at_key() { None } else { Some(self.take(size, place)?) };
        let Some(node) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        match at {
            Some(at) => self.insert(node, &at, place),
            None => self.key(&node.value, place),
        }
    }

    /// The pointer of the node that comes next, now that it may be taken: it is no deeper and no larger than allowed.
    fn take(&mut self, size: Size, place: Place) -> Result<Pointer, Finding> {
        let at = self.next();
        if self.open.len() + size.depth > MAX_DEPTH {
            return Err(self.problem(at, place, "the nesting is too deep", "split the schema with `$ref`"));
        }
        self.spend(size.bytes.saturating_add(size.nodes.saturating_mul(at.as_ref().len())), &at, place)?;
        self.document.places.insert(at.to_string(), place);
        Ok(at)
    }

    fn spend(&mut self, bytes: usize, at: &Pointer, place: Place) -> Result<(), Finding> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                let message = "the document is too large once its aliases and pointers are written out";
                let help = "shorten it; say what is said often once, and refer to it with `$ref`";
                Err(self.problem(at.clone(), place, message, help))
            }
        }
    }

    /// Keeps a copy of a node with an anchor.
    fn keep(&mut self, node: &Node, anchor: usize, place: Place) -> Result<(), Finding> {
        // Those that are there count from one.
        if anchor > 0 {
            self.spend(node.size.bytes, &self.next(), place)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(())
    }

    /// Puts a node where it stands.
    fn insert(&mut self, node: Node, at: &Pointer, place: Place) -> Result<(), Finding> {
        let Some(open) = self.open.last_mut() else {
            self.document.root = Some(node.value);
            return Ok(());
        };
        let name = at.as_ref().len() - open.at.as_ref().len();
        open.size.depth = open.size.depth.max(node.size.depth + 1);
        open.size.nodes += node.size.nodes;
        open.size.bytes += node.size.bytes + node.size.nodes * name;
        match &mut open.holds {
            Holds::List(items) => items.push(node.value),
            Holds::Mapping { key, entries, merged } => match key.take() {
                Some(key) if key == MERGE => match several(node.value) {
                    Some(entries) => *merged = Some(entries),
                    None => {
                        let help = "let it name mappings, as in `<<: *base`, or write the entries out";
                        let message = "a merge key merges something else than mappings";
                        return Err(self.problem(at.clone(), place, message, help));
                    }
                },
                Some(key) => drop(entries.insert(key, node.value)),
                None => {}
            },
        }
        Ok(())
    }

    /// A mapping's key. Unquoted response codes (`200:`) are integers in YAML and names in OpenAPI.
    fn key(&mut self, value: &Value, place: Place) -> Result<(), Finding> {
        let name = match value {
            Value::String(name) => name.clone(),
            Value::Number(number) if number.is_i64() => number.to_string(),
            _ => return Err(self.no_key(place)),
        };
        if name.len() > MAX_KEY {
            let help = format!("name it in {MAX_KEY} bytes or less");
            return Err(self.problem(self.next(), place, "a key here is too long", &help));
        }
        let Some(Open { at, holds: Holds::Mapping { key, entries, merged }, .. }) = self.open.last_mut() else {
            return Ok(());
        };
        if entries.contains_key(&name) || (name == MERGE && merged.is_some()) {
            let at = at.push(&name);
            return Err(self.problem(at, place, "this key stands twice", "keep one of the two"));
        }
        *key = Some(name);
        Ok(())
    }

    fn is_at_key(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.holds, Holds::Mapping { key: None, .. }))
    }

    /// The pointer of the value that comes next; of the mapping where a key does.
    fn next(&self) -> Pointer {
        match self.open.last() {
            None => Pointer::root(),
            Some(Open { at, holds: Holds::List(items), .. }) => at.push(items.len()),
            Some(Open { at, holds: Holds::Mapping { key: Some(key), .. }, .. }) => at.push(key),
            Some(Open { at, .. }) => at.clone(),
        }
    }

    fn scalar(
        &self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Cow<'_, Tag>>,
        place: Place,
    ) -> Result<Value, Finding> {
        if style != ScalarStyle::Plain {
            return Ok(Value::String(text.into_owned()));
        }
        // Tags of one's own say nothing of the value.
        let tag = tag.filter(|tag| tag.is_yaml_core_schema()).map(|tag| tag.suffix.as_ref());
        scalar::plain(&text, tag).map_err(|why| {
            let (message, help) = match why {
                NoValue::Number => ("JSON has no such number", "quote the value, or write a finite number"),
                NoValue::Tag => ("this value does not fit its YAML tag", "remove the tag or quote the value"),
            };
            self.problem(self.next(), place, message, help)
        })
    }

    fn no_key(&self, place: Place) -> Finding {
        self.problem(self.next(), place, "a key here is not text", "quote the key")
    }

    fn problem(&self, at: Pointer, place: Place, message: &str, help: &str) -> Finding {
        Finding {
            file: self.file.to_owned(),
            place: Some(place),
            pointer: at.0,
            message: message.to_owned(),
            help: help.to_owned(),
        }
    }
}

/// What a merge key brings: the entries of a mapping, or of several, of which the earlier go before the later.
fn several(value: Value) -> Option<BTreeMap<String, Value>> {
    let sources = match value {
        Value::Array(several) => several,
        one => vec![one],
    };
    let mut merged = BTreeMap::new();
    for source in sources.into_iter().rev() {
        let Value::Object(entries) = source else { return None };
        merged.extend(entries);
    }
    Some(merged)
}
