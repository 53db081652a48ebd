//! What a schema holds, place by place.

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::openapi::Pointer;
use serde_json::Value;

use super::super::schema::{MAX_DEPTH, Parts, Shape, shape};
use super::{MAX_ITEMS, Read, Reader};

/// Which way it goes. A field that is `readOnly` is none of what we send, one that is `writeOnly` none of what we get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Sent,
    Received,
}

/// The schemas that contain one, by depth.
type Above = Vec<Vec<Pointer>>;

/// A field: its name in full, what describes it, and whether it is required where that can be said.
type Field<'a> = (String, Parts<'a>, Option<bool>);

impl<'a> Reader<'a> {
    /// Adds the contents of a schema. `place` is the beginning of their names, `above` the schemas that contain it.
    pub(super) fn fields(&mut self, of: &Shape<'a>, place: &str, direction: Direction, above: &mut Above) -> Read {
        if above.len() > MAX_DEPTH || self.items.len() > MAX_ITEMS {
            return Err(format!("the schema at {place} is nested too deep, or too large"));
        }
        for (place, parts, required) in fields_of(of, place, direction) {
            let mut child = shape(self.spec, &self.budget, &parts)?;
            let targets = std::mem::take(&mut child.targets);
            // Only a field has a direction, and only a field may be required.
            let is_left_out = if direction == Direction::Sent { child.read_only } else { child.write_only };
            if is_left_out && required.is_some() {
                continue;
            }
            let mut attributes = child.attributes();
            attributes.extend(required.map(|required| ("required".to_owned(), Value::from(required))));
            // A schema within itself: its fields stand above already.
            let is_recursive =
                !targets.is_empty() && targets.iter().all(|target| above.iter().flatten().any(|above| above == target));
            if is_recursive {
                attributes.insert("recursive".into(), true.into());
                child = Shape::default();
            }
            let at = parts.first().and_then(|together| together.first()).map(|(_, at)| at.clone()).unwrap_or_default();
            self.add(place.clone(), &at, attributes, child.prose)?.schema.clone_from(&child.described_at);
            above.push(targets);
            self.fields(&child, &place, direction, above)?;
            above.pop();
        }
        Ok(())
    }
}

/// The fields of an object, the items of a list, the values of a mapping, and what is not understood.
fn fields_of<'a>(of: &Shape<'a>, place: &str, direction: Direction) -> Vec<Field<'a>> {
    let is_sent = direction == Direction::Sent;
    let is_required = |name: &str| of.required.contains(name) || is_sent && of.required_when_sent.contains(name);
    // The first names of a body or parameter follow a space.
    let dot = if place.ends_with(": ") { "" } else { "." };
    let described = of.properties.iter();
    let described =
        described.map(|(name, parts)| (format!("{place}{dot}{name}"), parts.clone(), Some(is_required(name))));
    // Promised, and described nowhere.
    let bare = of.required.iter().filter(|name| !of.properties.contains_key(*name));
    let bare = bare.map(|name| (format!("{place}{dot}{name}"), Parts::new(), Some(true)));
    let items = (!of.items.is_empty()).then(|| (format!("{place}[]"), of.items.clone(), None));
    let values = (!of.values.is_empty()).then(|| (format!("{place}{{}}"), of.values.clone(), None));
    let opaque = of.opaque.iter().flat_map(|(label, schemas)| {
        let number = |n: usize| if n == 0 { String::new() } else { format!(" ({})", n + 1) };
        // A schema that two ways lead to is one.
        let mut known = BTreeSet::new();
        let new = schemas.iter().filter(move |schema| known.insert(schema.first().map(|(_, at)| at.clone())));
        new.enumerate().map(move |(n, schema)| (format!("{place}<{label}{}>", number(n)), vec![schema.clone()], None))
    });
    described.chain(bare).chain(items).chain(values).chain(opaque).collect()
}
