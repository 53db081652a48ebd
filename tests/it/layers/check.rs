//! Which imports break the rule of a crate's rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::{Item, UseTree};

use super::imports::{Import, Imports};

/// A room is a folder at the top of a crate's source. What it may import from beside itself stands next to its name.
pub(super) struct Rule {
    pub(super) rooms: &'static [(&'static str, &'static [&'static str])],
    /// The same in words.
    pub(super) words: &'static str,
}

/// A source file: how to call it, what module it makes, what it says.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) module: Vec<String>,
    pub(super) text: String,
}

impl Source {
    /// `file` is relative to the folder of the crate's source.
    pub(super) fn new(folder: &str, file: &str, text: &str) -> Self {
        let module = file.trim_end_matches(".rs").split('/').filter(|part| !["mod", "lib"].contains(part));
        Self { name: format!("{folder}/{file}"), module: module.map(str::to_owned).collect(), text: text.to_owned() }
    }

    /// All files below a folder of the project.
    pub(super) fn read(root: &Path, folder: &str) -> Vec<Self> {
        fn read(top: &Path, below: &Path, folder: &str, into: &mut Vec<Source>) {
            for entry in std::fs::read_dir(below).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(top, &path, folder, into);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let file = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
                    into.push(Source::new(folder, &file, &std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let mut all = Vec::new();
        read(&root.join(folder), &root.join(folder), folder, &mut all);
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }
}

/// Everything that breaks the rule, each with file, line, import, rule and cure. `generated` are the sources that files
/// include, by name: they live where they are included.
pub(super) fn violations(rule: &Rule, sources: &[Source], generated: &[(&str, &str)]) -> Vec<String> {
    let root = Root::of(sources);
    let (mut found, mut unseen) = (Vec::new(), generated.iter().map(|(file, _)| *file).collect::<BTreeSet<_>>());
    for source in sources {
        // The root is outside of the rule: it hands out what the rooms hold.
        let Some(room) = source.module.first().filter(|_| source.module != ["tests"]) else { continue };
        if rule.knows(room).is_none() {
            found.push(rule.homeless(source));
            continue;
        }
        let imports = Imports::of(&parse(&source.name, &source.text), &source.module);
        judge(rule, &root, &source.name, &imports.found, &mut found);
        for (included, module) in imports.included {
            let name = format!("{included}, which is generated and included in {}", source.name);
            unseen.remove(included.as_str());
            let text = generated.iter().find(|(file, _)| *file == included);
            let (_, text) = text.unwrap_or_else(|| panic!("what is {name}? Give its source to the check"));
            judge(rule, &root, &name, &Imports::of(&parse(&name, text), &module).found, &mut found);
        }
    }
    assert!(unseen.is_empty(), "{unseen:?} is generated, and no room includes it");
    found
}

fn parse(name: &str, text: &str) -> syn::File {
    syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn judge(rule: &Rule, root: &Root, name: &str, imports: &[Import], found: &mut Vec<String>) {
    for import in imports {
        let (room, path) = (&import.module[0], absolute(import));
        let what = format!("{name}:{}: `{}`", import.line, import.path.join("::"));
        match root.room(rule, &path) {
            Place::Room(other) if other == *room || rule.knows(room).is_some_and(|known| known.contains(&&*other)) => {}
            Place::Room(other) => found.push(format!(
                "{what} is of the room `{other}`, which `{room}` does not know\n  rule: {}\n  cure: move what `{room}` \
                 needs into `{room}` or to where both may reach it, or let `{other}` hand it in (an argument, a trait of `{room}`)",
                rule.words
            )),
            Place::Outside => {}
            Place::Anywhere => found.push(format!(
                "{what} may come from any room\n  rule: {}\n  cure: name what you mean, and the room that it is of",
                rule.words
            )),
        }
    }
}

/// A path from the root of the crate on.
fn absolute(import: &Import) -> Vec<String> {
    let mut path = if import.path[0] == "crate" { Vec::new() } else { import.module.clone() };
    for part in &import.path {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => drop(path.pop()),
            other => path.push(other.to_owned()),
        }
    }
    path
}

/// Where a path leads.
enum Place {
    Room(String),
    /// To what `lib.rs` itself defines, or to another crate.
    Outside,
    /// That cannot be told: all of the root, or a name that it takes from who knows where.
    Anywhere,
}

/// What `lib.rs` says: names of its own, and names that it takes from a module.
struct Root {
    own: BTreeSet<String>,
    taken: BTreeMap<String, Vec<String>>,
}

impl Root {
    fn of(sources: &[Source]) -> Self {
        let mut root = Self { own: BTreeSet::new(), taken: BTreeMap::new() };
        let lib = sources.iter().find(|source| source.module.is_empty());
        for item in lib.map(|lib| parse(&lib.name, &lib.text).items).into_iter().flatten() {
            let own = match item {
                Item::Use(item) => {
                    root.take(&[], &item.tree);
                    continue;
                }
                Item::Mod(item) => item.ident,
                Item::Fn(item) => item.sig.ident,
                Item::Struct(item) => item.ident,
                Item::Enum(item) => item.ident,
                Item::Trait(item) => item.ident,
                Item::Type(item) => item.ident,
                Item::Const(item) => item.ident,
                Item::Static(item) => item.ident,
                _ => continue,
            };
            root.own.insert(own.to_string());
        }
        root
    }

    fn take(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| {
            if ["crate", "self"].contains(&&*name) { before.to_vec() } else { [before, &[name]].concat() }
        };
        match tree {
            UseTree::Path(path) => self.take(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.take(before, tree)),
            UseTree::Name(name) => drop(self.taken.insert(name.ident.to_string(), with(name.ident.to_string()))),
            UseTree::Rename(name) => drop(self.taken.insert(name.rename.to_string(), with(name.ident.to_string()))),
            // Its names are in no list, so they lead anywhere.
            UseTree::Glob(_) => {}
        }
    }

    fn room(&self, rule: &Rule, path: &[String]) -> Place {
        let Some(first) = path.first() else { return Place::Anywhere };
        if rule.knows(first).is_some() {
            return Place::Room(first.clone());
        }
        match self.taken.get(first) {
            Some(from) if from.first() != Some(first) => match self.room(rule, from) {
                // Neither a room nor a name of the root: another crate's.
                Place::Anywhere => Place::Outside,
                place => place,
            },
            Some(_) => Place::Outside,
            None if self.own.contains(first) => Place::Outside,
            None => Place::Anywhere,
        }
    }
}

impl Rule {
    fn knows(&self, room: &str) -> Option<&'static [&'static str]> {
        self.rooms.iter().find(|(name, _)| *name == room).map(|(_, known)| *known)
    }

    fn homeless(&self, source: &Source) -> String {
        let rooms: Vec<_> = self.rooms.iter().map(|(name, _)| *name).collect();
        format!(
            "{} stands in no room\n  rule: {}\n  cure: move it into one of the folders {}",
            source.name,
            self.words,
            rooms.join(", ")
        )
    }
}
