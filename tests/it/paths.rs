//! No public name has two paths in the root, the public modules and the generated `operations`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use syn::{Item, ItemMod, UseTree, Visibility};

use crate::support;

/// The path and the source of a module.
type Module<'a> = (&'a str, &'a str);

/// Returns every name with several paths, and the paths.
fn repeated(root: &str, modules: &[Module], operations: &str) -> Vec<String> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut pending: Vec<(String, Vec<Item>)> = vec![("cashfree_vkyc".into(), syn::parse_file(root).unwrap().items)];
    while let Some((path, items)) = pending.pop() {
        let (mut public, mut globs, mut hidden) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for item in items {
            match item {
                Item::Use(item) if is_public(&item.vis) => leaves(&item.tree, &mut Vec::new(), &mut public, &mut globs),
                Item::Use(item) => leaves(&item.tree, &mut Vec::new(), &mut hidden, &mut BTreeSet::new()),
                Item::Mod(module) if is_public(&module.vis) => pending.extend(items_of(&path, module, modules)),
                Item::Struct(item) if is_public(&item.vis) => drop(public.insert(item.ident.to_string())),
                Item::Enum(item) if is_public(&item.vis) => drop(public.insert(item.ident.to_string())),
                _ => {}
            }
        }
        let expanded: BTreeSet<String> = globs.iter().flat_map(|glob| generated_names(operations, glob)).collect();
        public.extend(expanded.difference(&hidden).cloned());
        for name in public {
            paths.entry(name).or_default().insert(path.clone());
        }
    }
    assert!(paths.len() > 80, "names are no longer found: {}", paths.len());
    let repeated = paths.into_iter().filter(|(_, paths)| paths.len() > 1);
    repeated.map(|(name, paths)| format!("{name} is in {}", Vec::from_iter(paths).join(" and "))).collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn items_of(path: &str, module: ItemMod, modules: &[Module]) -> Option<(String, Vec<Item>)> {
    let name = module.ident.to_string();
    let items = match module.content {
        Some((_, items)) => items,
        None => syn::parse_file(modules.iter().find(|(module, _)| *module == name)?.1).unwrap().items,
    };
    Some((format!("{path}::{name}"), items))
}

/// Collects the names that a `use` imports, and the last module of each glob.
fn leaves(tree: &UseTree, path: &mut Vec<String>, names: &mut BTreeSet<String>, globs: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            leaves(&inner.tree, path, names, globs);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, names, globs)),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(rename) => drop(names.insert(rename.rename.to_string())),
        UseTree::Glob(_) => drop(globs.insert(path.last().unwrap().clone())),
    }
}

/// The public names of a module in the generated operations.
fn generated_names(operations: &str, module: &str) -> BTreeSet<String> {
    let items = syn::parse_file(operations).unwrap().items;
    let found = items.into_iter().find_map(|item| match item {
        Item::Mod(item) if item.ident == module => item.content,
        _ => None,
    });
    let mut names = BTreeSet::new();
    for item in found.unwrap_or_else(|| panic!("{module} is not generated")).1 {
        match item {
            Item::Struct(item) if is_public(&item.vis) => drop(names.insert(item.ident.to_string())),
            Item::Use(item) if is_public(&item.vis) => {
                leaves(&item.tree, &mut Vec::new(), &mut names, &mut BTreeSet::new());
            }
            _ => {}
        }
    }
    names
}

#[test]
fn no_public_name_has_two_paths() {
    let read = |file: &str| fs::read_to_string(support::root().join("src").join(file)).unwrap();
    let (root, webhook, sandbox) = (read("lib.rs"), read("webhook/mod.rs"), read("sandbox/mod.rs"));
    let operations = cashfree_vkyc_codegen::generate(&support::spec()).unwrap().operations;
    let modules = [("webhook", webhook.as_str()), ("sandbox", sandbox.as_str())];
    assert_eq!(repeated(&root, &modules, &operations), [""; 0]);

    // A type that the root re-exports, and the private import in `operations` does not hide.
    let (before, after) = root.split_once("pub mod operations").unwrap();
    let shown = format!("{before}pub mod operations{}", after.replacen(" SdkToken,", "", 1));
    let expected = "SdkToken is in cashfree_vkyc and cashfree_vkyc::operations";
    assert_eq!(repeated(&shown, &modules, &operations), [expected]);

    let more = [("webhook", &*format!("{webhook}\npub use crate::model::EventType;")), modules[1]];
    let expected = "EventType is in cashfree_vkyc and cashfree_vkyc::webhook";
    assert_eq!(repeated(&root, &more, &operations), [expected]);
}
