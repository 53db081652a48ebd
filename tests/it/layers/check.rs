//! Finds imports that go up a layer, and files that import each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use super::imports::{Import, Imports, Kind};

/// The layers of a package: its top folders, each with the other folders that it may import.
pub(super) struct Rule {
    pub(super) layers: &'static [(&'static str, &'static [&'static str])],
    /// The rule in words.
    pub(super) words: &'static str,
}

/// A source file.
struct Source {
    name: String,
    module: Vec<String>,
    imports: Vec<(String, Import)>,
}

/// The files of a package, and the items that their paths lead to.
pub(super) struct Package {
    files: Vec<Source>,
    /// The file of each module.
    modules: BTreeMap<Vec<String>, usize>,
    /// The item of each name that a `use` imports into a module. `None`: an item of another crate.
    names: BTreeMap<Vec<String>, Option<Vec<String>>>,
}

impl Package {
    /// Reads every file below a folder of the project.
    pub(super) fn read(root: &Path, folder: &str, generated: &[(&str, &str)]) -> Self {
        fn read(top: &Path, below: &Path, into: &mut Vec<(String, String)>) {
            for entry in std::fs::read_dir(below).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(top, &path, into);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let file = path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/");
                    into.push((file, std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        let mut files = Vec::new();
        read(&root.join(folder), &root.join(folder), &mut files);
        files.sort();
        assert!(files.len() > 2, "{folder} has moved");
        let files: Vec<_> = files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
        Self::new(folder, &files, generated)
    }

    /// `generated` are the sources that files include, by name. They belong to the module that includes them.
    pub(super) fn new(folder: &str, files: &[(&str, &str)], generated: &[(&str, &str)]) -> Self {
        let mut package = Self { files: Vec::new(), modules: BTreeMap::new(), names: BTreeMap::new() };
        let mut uses = Vec::new();
        let mut not_included: BTreeSet<_> = generated.iter().map(|(file, _)| *file).collect();
        for (file, text) in files {
            let module = file.trim_end_matches(".rs").split('/').filter(|part| !["mod", "lib"].contains(part));
            let (name, module): (_, Vec<_>) = (format!("{folder}/{file}"), module.map(str::to_owned).collect());
            let mut imports = Vec::new();
            let mut parts = vec![(name.clone(), *text, module.clone())];
            while let Some((name, text, module)) = parts.pop() {
                let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
                let found = Imports::of(&file, &module);
                package.modules.extend(found.modules.into_iter().map(|module| (module, package.files.len())));
                uses.extend(found.uses);
                imports.extend(found.found.into_iter().map(|import| (format!("{name}:{}", import.line), import)));
                for (included, module) in found.included {
                    let name = format!("{included}, which is generated and included in {name}");
                    let text = generated.iter().find(|(file, _)| *file == included);
                    let (file, text) = text.unwrap_or_else(|| panic!("the source of {name} is missing"));
                    not_included.remove(file);
                    parts.push((name, *text, module));
                }
            }
            package.files.push(Source { name, module, imports });
        }
        assert!(not_included.is_empty(), "no file includes {not_included:?}");
        for import in uses.iter().filter(|import| import.name != "*") {
            let name = [import.module.clone(), vec![import.name.clone()]].concat();
            package.names.insert(name, package.absolute(import));
        }
        package
    }

    /// A path from the root of the package. `None` if it is of another crate, or begins with a name that a `use` imports.
    fn absolute(&self, import: &Import) -> Option<Vec<String>> {
        let mut path = import.module.clone();
        match import.path[0].as_str() {
            "crate" => path.clear(),
            "self" | "super" => {}
            child => {
                self.modules.get(&[path.clone(), vec![child.to_owned()]].concat())?;
            }
        }
        for part in &import.path {
            match part.as_str() {
                "crate" | "self" => {}
                "super" => drop(path.pop()),
                other => path.push(other.to_owned()),
            }
        }
        Some(path)
    }

    /// The file with the item that a path leads to, through every `use`.
    fn file_of(&self, import: &Import) -> Option<usize> {
        let mut path = self.absolute(import)?;
        // A `use` may lead to itself: a macro and a module of the same name.
        for _ in 0..10 {
            let known = (1..=path.len()).rev().find_map(|end| Some((end, self.names.get(&path[..end])?)));
            match known {
                Some((end, to)) => path = [to.as_deref()?, &path[end..]].concat(),
                None => break,
            }
        }
        (0..=path.len()).rev().find_map(|end| self.modules.get(&path[..end])).copied()
    }

    /// Every import that breaks the rule, with file, line, rule and cure.
    pub(super) fn violations(&self, rule: &Rule) -> Vec<String> {
        let known = |layer: &str| rule.layers.iter().find(|(name, _)| *name == layer).map(|(_, known)| *known);
        let mut found = Vec::new();
        for source in &self.files {
            // The root and its tests are above all layers.
            let Some(layer) = source.module.first().map(String::as_str).filter(|layer| *layer != "tests") else {
                continue;
            };
            let Some(below) = known(layer) else {
                let layers: Vec<_> = rule.layers.iter().map(|(name, _)| *name).collect();
                found.push(format!(
                    "{} is in no layer\n  rule: {}\n  cure: move it into one of the folders {}",
                    source.name,
                    rule.words,
                    layers.join(", ")
                ));
                continue;
            };
            for (at, import) in &source.imports {
                let Some(file) = self.file_of(import) else { continue };
                let (problem, cure) = match self.files[file].module.first().map(String::as_str) {
                    Some(other) if [layer, "tests"].contains(&other) || below.contains(&other) => continue,
                    Some(other) => (
                        format!("is of the layer `{other}`, which `{layer}` does not import"),
                        format!(
                            "move the item into `{layer}` or a layer below, or let `{other}` pass it in (an argument, a trait of `{layer}`)"
                        ),
                    ),
                    None => ("may be of any layer".to_owned(), "name the item and its layer".to_owned()),
                };
                let path = import.path.join("::");
                found.push(format!("{at}: `{path}` {problem}\n  rule: {}\n  cure: {cure}", rule.words));
            }
        }
        found
    }

    /// One shortest cycle of each group of files that import each other. A parent may declare and re-export its children.
    pub(super) fn cycles(&self) -> Vec<String> {
        let (mut found, mut reported) = (Vec::new(), BTreeSet::new());
        for start in 0..self.files.len() {
            if reported.contains(&start) {
                continue;
            }
            let Some(cycle) = self.cycle_through(start) else { continue };
            let mut message = "these files import each other:\n".to_owned();
            for (file, at, import) in cycle {
                reported.insert(file);
                let to = self.file_of(import).map_or("", |to| &self.files[to].name);
                message += &format!("  {at}: `{}` of {to}\n", import.path.join("::"));
            }
            found.push(
                message
                    + "  cure: move the item that both need into a third file, or pass it in (an argument, a trait)",
            );
        }
        found
    }

    /// The imports of a shortest cycle from a file to itself.
    fn cycle_through(&self, start: usize) -> Option<Vec<(usize, &str, &Import)>> {
        let mut ways = VecDeque::from([(start, Vec::new())]);
        let mut seen = BTreeSet::new();
        while let Some((file, way)) = ways.pop_front() {
            let source = &self.files[file];
            for (at, import) in source.imports.iter().filter(|(_, import)| import.kind != Kind::Test) {
                let Some(to) = self.file_of(import).filter(|to| *to != file) else { continue };
                let is_child = self.files[to].module.starts_with(&source.module);
                if import.kind == Kind::ReExport && is_child {
                    continue;
                }
                let way = [way.clone(), vec![(file, at.as_str(), import)]].concat();
                if to == start {
                    return Some(way);
                }
                if seen.insert(to) {
                    ways.push_back((to, way));
                }
            }
        }
        None
    }
}
