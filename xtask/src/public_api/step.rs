//! The step that a change of `docs/public-api.txt` asks for, and why.
//!
//! The text is read as *units*: a signature, field, variant or head of a block with the attributes that belong to it, however
//! many lines it takes, each under its section and block. What went, or reads otherwise now, may be what somebody compiles
//! against; what is new is new, unless it stands where users write all there is: in a trait that they implement, or an enum
//! or struct that they match or build in full.

use std::collections::BTreeMap;

use crate::compare::Step;

use super::{HEAD, SECTION};

/// The step from one text to another, with the unit that asks for it.
pub(crate) fn step(before: &str, after: &str) -> Option<(Step, String)> {
    if before.is_empty() {
        return None;
    }
    let (before, after) = (units(before), units(after));
    let lacks = |all: &BTreeMap<Unit, usize>, unit: &Unit, count: usize| all.get(unit).is_none_or(|n| *n < count);
    let went = before.iter().find(|(unit, count)| lacks(&after, unit, **count));
    if let Some((unit, _)) = went {
        return Some((Step::Major, format!("{}: `{}` went, or is another now", unit.section, unit.text)));
    }
    let mut came = after.iter().filter(|(unit, count)| lacks(&before, unit, **count)).map(|(unit, _)| unit).peekable();
    let first = came.peek().map(|unit| format!("{}: `{}` is new", unit.section, unit.text))?;
    let was_there = |unit: &&Unit| before.keys().any(|old| old.section == unit.section);
    match came.filter(was_there).find(|unit| unit.is_due(&before)) {
        Some(unit) => {
            let why = "whoever writes all there is has to write it too";
            Some((Step::Major, format!("{}: `{}` is new in {}, and {why}", unit.section, unit.text, unit.block)))
        }
        None => Some((Step::Minor, first)),
    }
}

/// One thing that a user can name, where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    section: String,
    /// The head of the block that it stands in.
    block: String,
    text: String,
}

impl Unit {
    /// Whether users who wrote all of its block, as it was, have to write it too.
    fn is_due(&self, before: &BTreeMap<Unit, usize>) -> bool {
        let has_private =
            before.keys().any(|old| (&old.section, &old.block) == (&self.section, &self.block) && old.text == "_: _,");
        let is_open = self.block.contains("#[non_exhaustive]") || has_private;
        let is = |word: &str| self.block.split("] ").last().is_some_and(|head| head.starts_with(word));
        (is("pub trait ") && self.text.ends_with(';')) || (!is_open && (is("pub enum ") || is("pub struct ")))
    }
}

/// The units of a text, and how often each is there.
fn units(text: &str) -> BTreeMap<Unit, usize> {
    let mut found = BTreeMap::new();
    let (mut section, mut block, mut text_of_unit) = (String::new(), String::new(), String::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != HEAD.trim_end()) {
        if let Some(name) = line.strip_prefix(SECTION) {
            section = name.split(" where ").next().unwrap_or(name).to_owned();
            (block, text_of_unit) = (String::new(), String::new());
            *found
                .entry(Unit { section: section.clone(), block: String::new(), text: name.to_owned() })
                .or_default() += 1;
            continue;
        }
        if line == "}" {
            block.clear();
            continue;
        }
        // A derive is a thing of its own, and that a result must be used is no promise.
        if line.starts_with("#[derive(") {
            let text = line.to_owned();
            *found.entry(Unit { section: section.clone(), block: "derive".into(), text }).or_default() += 1;
            continue;
        }
        if line == "#[must_use]" {
            continue;
        }
        text_of_unit = if text_of_unit.is_empty() { line.to_owned() } else { format!("{text_of_unit} {line}") };
        let open = |opening: char, closing: char| {
            let count = |mark| text_of_unit.chars().filter(|c| *c == mark).count();
            count(opening) > count(closing)
        };
        let ends = line.ends_with([';', '{', ',']) || line.ends_with("{ .. }");
        if !ends || open('(', ')') || open('[', ']') || (line.ends_with(',') && text_of_unit.contains(" where ")) {
            continue;
        }
        let text = std::mem::take(&mut text_of_unit);
        *found.entry(Unit { section: section.clone(), block: block.clone(), text: text.clone() }).or_default() += 1;
        if text.ends_with('{') {
            block = text;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
== cashfree_vkyc::A where feature = \"x\"
#[derive(Clone)]
#[non_exhaustive]
pub enum A {
    One,
}
impl A {
    pub fn new(
        id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self;
    #[must_use]
    pub fn get(&self) -> u8;
}

== cashfree_vkyc::B
pub enum B {
    One,
    Two(u8),
}
impl B {
    pub fn get(&self) -> u8;
}

== cashfree_vkyc::C
pub trait C {
    fn claim(&self);
    fn usual(&self) { .. }
}

== cashfree_vkyc::D
pub struct D {
    pub a: u8,
    _: _,
}

== cashfree_vkyc::E
pub struct E {
    pub a: u8,
}
";

    #[test]
    fn each_change_asks_for_its_step() {
        assert_eq!((step("", TEXT), step(TEXT, TEXT)), (None, None));
        let (major, minor, none) = (Some(Step::Major), Some(Step::Minor), None);
        for (old, new, expected) in [
            ("    One,\n}\nimpl A", "    One,\n    Three,\n}\nimpl A", minor),
            ("    One,\n    Two(u8)", "    One,\n    Three,\n    Two(u8)", major),
            ("    One,\n    Two(u8)", "    Two(u8)", major),
            ("Two(u8)", "Two(u16)", major),
            ("pub enum B", "#[non_exhaustive]\npub enum B", major),
            ("    fn claim(&self);\n", "    fn claim(&self);\n    fn done(&self);\n", major),
            ("    fn claim(&self);\n", "    fn claim(&self);\n    fn done(&self) { .. }\n", minor),
            ("    fn usual(&self) { .. }\n", "    fn usual(&self);\n", major),
            ("    pub a: u8,\n    _: _,\n", "    pub a: u8,\n    pub b: u8,\n    _: _,\n", minor),
            ("pub struct E {\n    pub a: u8,\n", "pub struct E {\n    pub a: u8,\n    pub b: u8,\n", major),
            ("pub struct E {\n    pub a: u8,\n", "pub struct E {\n    pub a: u8,\n    _: _,\n", major),
            ("        secret: impl Into<String>,\n", "        secret: impl Into<String>,\n        more: u8,\n", major),
            (
                "        id: impl Into<String>,\n        secret: impl Into<String>,\n",
                "        secret: impl Into<String>,\n        id: impl Into<String>,\n",
                major,
            ),
            ("    ) -> Self;\n", "    ) -> Self\n    where\n        Self: Send;\n", major),
            ("    pub fn get(&self) -> u8;\n}\n\n== cashfree_vkyc::B", "}\n\n== cashfree_vkyc::B", major),
            ("impl B {\n    pub fn get", "impl B {\n    #[cfg(feature = \"y\")]\n    pub fn get", major),
            ("    #[must_use]\n", "", none),
            ("#[derive(Clone)]\n", "#[derive(Clone)]\n#[derive(Debug)]\n", minor),
            ("#[derive(Clone)]\n", "", major),
            ("feature = \"x\"", "feature = \"y\"", major),
            ("== cashfree_vkyc::E", "== cashfree_vkyc::F\npub struct F;\n\n== cashfree_vkyc::E", minor),
        ] {
            assert!(TEXT.contains(old), "{old}");
            let found = step(TEXT, &TEXT.replacen(old, new, 1));
            assert_eq!(found.as_ref().map(|(step, _)| *step), expected, "{old} -> {new}: {found:?}");
        }
        let (_, why) = step(TEXT, &TEXT.replacen("Two(u8)", "Two(u16)", 1)).unwrap();
        assert_eq!(why, "cashfree_vkyc::B: `Two(u8),` went, or is another now");
    }

    #[test]
    fn the_projects_own_text_is_all_units() {
        let text = std::fs::read_to_string(crate::project::root().join(super::super::FILE)).unwrap();
        let all = units(&text);
        let named = |part: &str| all.keys().any(|unit| unit.text.contains(part));
        assert!(named("pub fn watch(") && named("== ").eq(&false) && all.len() > 300, "{}", all.len());
        assert!(all.keys().all(|unit| unit.text.len() < 600), "a unit runs on");
    }
}
