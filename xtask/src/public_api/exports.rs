//! Which names a module makes public, and under which condition.

use std::collections::BTreeMap;

use syn::{Attribute, Item, UseTree, Visibility};

/// The modules that are public themselves, with what is in those that are written in place.
pub(super) fn public_modules(items: &[Item]) -> Vec<(String, Option<&[Item]>)> {
    let public = items.iter().filter_map(|item| match item {
        Item::Mod(module) if is_public(&module.vis) => {
            Some((module.ident.to_string(), module.content.as_ref().map(|(_, items)| items.as_slice())))
        }
        _ => None,
    });
    public.collect()
}

/// The names that a module makes public, with the condition of each.
pub(super) fn exports(items: &[Item]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for item in items {
        let (visibility, name, attributes) = match item {
            Item::Use(item) if is_public(&item.vis) => {
                names(&item.tree, "", &condition(&item.attrs), &mut found);
                continue;
            }
            Item::Struct(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Enum(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Union(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Trait(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Type(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Const(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Static(item) => (&item.vis, &item.ident, &item.attrs),
            Item::Fn(item) => (&item.vis, &item.sig.ident, &item.attrs),
            _ => continue,
        };
        if is_public(visibility) {
            found.insert(name.to_string(), condition(attributes));
        }
    }
    found
}

/// `within` is the module that the tree stands in: all that it exports is `module::*`.
fn names(tree: &UseTree, within: &str, condition: &str, found: &mut BTreeMap<String, String>) {
    match tree {
        UseTree::Path(path) => names(&path.tree, &path.ident.to_string(), condition, found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, within, condition, found)),
        UseTree::Name(name) => drop(found.insert(name.ident.to_string(), condition.to_owned())),
        UseTree::Rename(name) => drop(found.insert(name.rename.to_string(), condition.to_owned())),
        UseTree::Glob(_) => drop(found.insert(format!("{within}::*"), condition.to_owned())),
    }
}

/// The `feature = "…"` that something needs.
pub(super) fn condition(attributes: &[Attribute]) -> String {
    let cfg = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let conditions: Vec<String> =
        cfg.filter_map(|cfg| cfg.meta.require_list().ok()).map(|list| list.tokens.to_string()).collect();
    conditions.join(", ")
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(source: &str) -> Vec<Item> {
        syn::parse_file(source).unwrap().items
    }

    #[test]
    fn exports_have_their_names_and_conditions() {
        let found = exports(&items(
            "#[cfg(feature = \"client\")] pub use a::{B, c::D}; pub use e::F as G; use h::I; pub use r::{s::*}; pub struct J; struct K;
             pub fn l() {} pub const M: u8 = 1; pub trait N {} pub type O = u8; pub(crate) fn p() {} pub mod q;",
        ));
        assert_eq!(
            found.keys().map(String::as_str).collect::<Vec<_>>(),
            ["B", "D", "G", "J", "M", "N", "O", "l", "s::*"]
        );
        assert_eq!((found["B"].as_str(), found["G"].as_str()), ("feature = \"client\"", ""));
    }

    #[test]
    fn a_module_is_public_when_it_says_so() {
        let file = items("mod a; pub mod b; pub(crate) mod c; #[cfg(x)] pub mod d; pub mod e { pub use x::*; }");
        let found = public_modules(&file).into_iter().map(|(name, items)| (name, items.map(<[Item]>::len)));
        assert_eq!(found.collect::<Vec<_>>(), [("b".into(), None), ("d".into(), None), ("e".into(), Some(1))]);
    }
}
