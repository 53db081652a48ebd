//! The meaning of a schema after references are followed and combinations are merged.
//!
//! `allOf` is the intersection of its parts. `oneOf` and `anyOf` are the union: a field is required only if all parts require it.
//! A part that allows only null makes the whole nullable, as `nullable` and `type: [x, "null"]` do. [`super::keywords`] lists the
//! keywords that are understood; schemas under other keywords are kept and reported.
//!
//! | file | contents |
//! |---|---|
//! | `shape.rs` | the statements of one schema, and the bounds of numbers |
//! | `combine.rs` | combinations of several schemas |

mod combine;
mod shape;

use std::cell::Cell;

use cashfree_vkyc_codegen::openapi::{DeadEnd, Pointer, Spec, array, entries};
use serde_json::{Map, Value};

use crate::project::fingerprint;

use shape::is_schema;
pub(super) use shape::{Parts, Shape, allows_less, listed};

/// The steps left to read one operation. References, combinations and alternatives multiply: a few lines may describe more than
/// fits into memory.
pub(super) type Budget = Cell<usize>;

/// More steps than any operation takes.
pub(super) const MAX_STEPS: usize = 200_000;

/// Takes steps. Returns whether enough were left.
pub(super) fn spend(budget: &Budget, steps: usize) -> bool {
    let left = budget.get().checked_sub(steps);
    budget.set(left.unwrap_or_default());
    left.is_some()
}

/// Deeper than any schema; bounds the recursion.
pub(super) const MAX_DEPTH: usize = 40;

/// Reads the schemas of one place.
pub(super) fn shape<'a>(spec: &'a Spec, budget: &Budget, parts: &Parts<'a>) -> Result<Shape<'a>, String> {
    let mut merge = Merge { spec, budget, within: Vec::new() };
    let (mut alternatives, mut targets) = (Vec::new(), Vec::new());
    for together in parts {
        let mut whole = Shape::default();
        for (node, at) in together {
            let mut part = merge.shape(node, at.clone())?;
            targets.append(&mut part.targets);
            whole.and(part);
        }
        alternatives.push(whole);
    }
    Ok(Shape { targets, ..combine::either(alternatives).unwrap_or_default() })
}

/// Follows references and merges combinations.
struct Merge<'a, 'b> {
    spec: &'a Spec,
    budget: &'b Budget,
    /// The schemas that contain this one.
    within: Vec<Pointer>,
}

impl<'a> Merge<'a, '_> {
    fn shape(&mut self, node: &'a Value, at: Pointer) -> Result<Shape<'a>, String> {
        if !spend(self.budget, 1 + weight(node)) {
            return Err(format!("the schema at {} expands without end", place(self.spec, &at)));
        }
        let depth = self.within.len();
        let (passed, (target, target_at)) = follow(self.spec, node, at)?;
        let mut whole = Shape::default();
        if self.within.contains(&target_at) {
            return Ok(whole);
        }
        // Keywords beside a `$ref` count: OpenAPI 3.1 defines that, and in 3.0 the author meant them.
        for (node, at) in passed.iter().filter(|(node, _)| entries(Some(node)).count() > 1) {
            whole.and(self.said(node, at)?);
        }
        whole.and(self.said(target, &target_at)?);
        self.within.truncate(depth);
        if whole.is_cut {
            return Err(format!("the schema at {} has too many alternatives", place(self.spec, &target_at)));
        }
        Ok(Shape { targets: vec![target_at], ..whole })
    }

    /// The statements of one schema and of those that it combines.
    fn said(&mut self, node: &'a Value, at: &Pointer) -> Result<Shape<'a>, String> {
        if self.within.len() > 2 * MAX_DEPTH {
            return Err(format!("the schema at {} is nested too deep", place(self.spec, at)));
        }
        if self.within.contains(at) {
            return Ok(Shape::default());
        }
        self.within.push(at.clone());
        let mut said = Shape::own(node, at);
        let mapping = self.mapping(node)?;
        said.attributes.extend((!mapping.is_empty()).then(|| ("mapping".to_owned(), mapping.into())));
        for (n, part) in array(node.get("allOf")).enumerate().filter(|(_, part)| is_schema(part)) {
            said.and(self.shape(part, at.push("allOf").push(n))?);
        }
        for key in ["oneOf", "anyOf"] {
            let mut alternatives = Vec::new();
            for (n, part) in array(node.get(key)).enumerate().filter(|(_, part)| is_schema(part)) {
                alternatives.push(self.shape(part, at.push(key).push(n))?);
            }
            // A part that allows only null makes the whole nullable.
            said.nullable |= alternatives.extract_if(.., |part| part.is_just_null()).count() > 0;
            combine::either(alternatives).into_iter().for_each(|either| said.and(either));
        }
        Ok(said)
    }

    /// The mapping of a discriminator: each value with the name of its schema and a fingerprint of the content.
    fn mapping(&mut self, node: &'a Value) -> Result<Map<String, Value>, String> {
        let mut found = Map::new();
        for (value, target) in entries(node.pointer("/discriminator/mapping")) {
            let Some(name) = target.as_str().and_then(|target| target.rsplit('/').next()) else { continue };
            let at = Pointer::of(["components", "schemas", name]);
            let target = match self.spec.at(at.as_ref()) {
                Some(schema) => format!("{name} {}", fingerprint(&self.content(schema, at)?.to_string())),
                None => name.to_owned(),
            };
            found.insert(value.to_owned(), target.into());
        }
        Ok(found)
    }

    /// The content of a schema without the names of schemas. It ends at the schemas that contain it.
    fn content(&mut self, node: &'a Value, at: Pointer) -> Result<Value, String> {
        let depth = self.within.len();
        let whole = self.shape(node, at)?;
        self.within.extend(whole.targets.iter().cloned());
        let mut content = whole.said();
        let fields = whole.properties.iter().map(|(name, parts)| (format!(".{name}"), parts));
        let opaque = whole.opaque.iter().map(|(label, parts)| (format!("<{label}>"), parts));
        let others = [("[]".to_owned(), &whole.items), ("{}".to_owned(), &whole.values)];
        for (name, parts) in fields.chain(opaque).chain(others) {
            let mut schemas = Vec::new();
            for (node, at) in parts.iter().flatten() {
                schemas.push(self.content(node, at.clone())?);
            }
            content.insert(name, schemas.into());
        }
        self.within.truncate(depth);
        Ok(content.into())
    }
}

/// Whether each value of a mapping still has the same target: the same name, or the same content.
pub(crate) fn keeps_targets(before: &Value, after: &Value) -> bool {
    let is_same = |old: &str, new: &str| {
        let [old, new] = [old, new].map(|target| target.rsplit_once(' ').unwrap_or((target, target)));
        old.0 == new.0 || old.1 == new.1
    };
    let is_kept = |(value, old): (&str, &Value)| {
        old.as_str().zip(after.get(value).and_then(Value::as_str)).is_some_and(|(old, new)| is_same(old, new))
    };
    before.is_object() && entries(Some(before)).all(is_kept)
}

/// The number of values in a schema itself. Each reference to the schema copies them.
fn weight(node: &Value) -> usize {
    let length = |value: &Value| value.as_array().map(Vec::len).or_else(|| value.as_object().map(Map::len));
    entries(Some(node)).filter_map(|(_, value)| length(value)).sum()
}

/// A node and its pointer.
pub(super) type Located<'a> = (&'a Value, Pointer);

/// Follows the `$ref`s of a node. Returns the nodes on the way and the target: the node itself if it is no `$ref`. An error names
/// the `$ref` without a target.
pub(super) fn follow<'a>(
    spec: &'a Spec,
    mut node: &'a Value,
    mut at: Pointer,
) -> Result<(Vec<Located<'a>>, Located<'a>), String> {
    let nowhere = |end: DeadEnd<'_>| format!("`$ref: {}` at {} {}", end.reference, place(spec, &end.at), end.why);
    // Refuses circles.
    spec.follow(node, at.clone()).map_err(nowhere)?;
    let mut passed = Vec::new();
    while let Some(next) = spec.step(node, &at).map_err(nowhere)? {
        passed.push((node, at));
        (node, at) = next;
    }
    Ok((passed, (node, at)))
}

/// "line 12, #/components/schemas/Thing"
fn place(spec: &Spec, at: &Pointer) -> String {
    spec.place(at.as_ref()).map_or_else(|| format!("#{at}"), |(line, _)| format!("line {line}, #{at}"))
}
