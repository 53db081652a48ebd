//! What a schema holds, place by place.

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::openapi::Pointer;
use serde_json::Value;

use super::super::schema::{MAX_DEPTH, Parts, Shape, follow, merged};
use super::{MAX_ITEMS, Read, Reader};

/// Which way it goes. A field that is `readOnly` is none of what we send, one that is `writeOnly` none of what we get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Sent,
    Received,
}

/// Where the fields stand: before their names, and what they stand in.
pub(super) struct Under<'p> {
    pub(super) place: &'p str,
    pub(super) direction: Direction,
    /// The schemas that these stand in.
    pub(super) above: Vec<Pointer>,
}

/// A field: its name in full, what describes it, and whether it is required where that can be said.
type Field<'a> = (String, Parts<'a>, Option<bool>);

impl<'a> Reader<'a> {
    /// Adds what a schema holds.
    pub(super) fn fields(&mut self, of: &Shape<'a>, under: &mut Under<'_>, path: &str, depth: usize) -> Read {
        if self.is_too_large {
            return Ok(());
        }
        if depth > MAX_DEPTH || self.items.len() > MAX_ITEMS {
            return Err(format!("the schema at {}{path} is nested too deep, or too large", under.place));
        }
        for (path, parts, required) in fields_of(of, path, under.direction) {
            let (child, at, targets) = self.field(&parts)?;
            // Only a field has a direction, and only a field may be required.
            let is_of_the_other = match under.direction {
                Direction::Sent => child.read_only,
                Direction::Received => child.write_only,
            };
            if is_of_the_other && required.is_some() {
                continue;
            }
            let mut attributes = child.attributes();
            attributes.extend(required.map(|required| ("required".to_owned(), Value::from(required))));
            // A schema within itself: its fields stand above already.
            let is_recursive = !targets.is_empty() && targets.iter().all(|target| under.above.contains(target));
            let child = if is_recursive { Shape::default() } else { child };
            if is_recursive {
                attributes.insert("recursive".into(), true.into());
            }
            let first = child.properties.values().flatten().flatten().next();
            let inner = first.and_then(|(_, at)| at.parent()?.parent());
            let item = self.add(format!("{}{path}", under.place), &at, attributes, child.prose);
            (item.enum_pointer, item.inner_pointer) = (child.enum_at.clone(), inner);
            let above = under.above.len();
            under.above.extend(targets);
            self.fields(&child, under, &path, depth + 1)?;
            under.above.truncate(above);
        }
        Ok(())
    }

    /// What describes a field, where, and to which schemas that leads.
    fn field(&self, parts: &Parts<'a>) -> Read<(Shape<'a>, Pointer, Vec<Pointer>)> {
        let at = parts.first().and_then(|together| together.first()).map(|(_, at)| at.clone()).unwrap_or_default();
        let targets = parts.iter().flatten().map(|(node, at)| Ok(follow(self.spec, node, at.clone())?.1));
        let targets = targets.collect::<Read<_>>()?;
        Ok((merged(self.spec, &self.budget, parts)?, at, targets))
    }
}

/// The fields of an object, the items of a list, the values of a mapping, and what is not understood.
fn fields_of<'a>(of: &Shape<'a>, path: &str, direction: Direction) -> Vec<Field<'a>> {
    let is_sent = direction == Direction::Sent;
    let is_required = |name: &str| of.required.contains(name) || is_sent && of.required_when_sent.contains(name);
    let dot = if path.is_empty() { "" } else { "." };
    let described = of.properties.iter();
    let described =
        described.map(|(name, parts)| (format!("{path}{dot}{name}"), parts.clone(), Some(is_required(name))));
    // Promised, and described nowhere.
    let bare = of.required.iter().filter(|name| !of.properties.contains_key(*name));
    let bare = bare.map(|name| (format!("{path}{dot}{name}"), Parts::new(), Some(true)));
    let items = (!of.items.is_empty()).then(|| (format!("{path}[]"), of.items.clone(), None));
    let values = (!of.values.is_empty()).then(|| (format!("{path}{{}}"), of.values.clone(), None));
    let opaque = of.opaque.iter().flat_map(|(label, schemas)| {
        let number = |n: usize| if n == 0 { String::new() } else { format!(" ({})", n + 1) };
        // A schema that two ways lead to is one.
        let mut known = BTreeSet::new();
        let new = schemas.iter().filter(move |schema| known.insert(schema.first().map(|(_, at)| at.clone())));
        new.enumerate().map(move |(n, schema)| (format!("{path}<{label}{}>", number(n)), vec![schema.clone()], None))
    });
    described.chain(bare).chain(items).chain(values).chain(opaque).collect()
}
