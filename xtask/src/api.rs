//! The public surface of the crate as one text file, so that a review sees each change of it.
//!
//! Derived from the source with `syn`, generated types included: what `src/lib.rs` and its public modules export, with
//! public fields, variants, methods and implemented traits, without bodies and words. No nightly toolchain is needed, and
//! nothing is compiled. Traits that a macro or a derive brings are named by the macro or the derive.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cashfree_vkyc_codegen::{Spec, generate};
use quote::ToTokens as _;
use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, TraitItem, Type, UseTree, Visibility, parse_quote};

use crate::{Failure, Result};

/// Where the file is.
pub(crate) const FILE: &str = "docs/public-api.txt";

const HEAD: &str =
    "The public API of cashfree-vkyc, written by `cargo xtask snapshots`. A line that goes is a breaking change.\n";

/// Writes the file; with `check`, fails when it would change.
///
/// # Errors
/// When the source cannot be read, or the file is stale.
pub(crate) fn api(root: &Path, check: bool) -> Result {
    let now = text(root)?;
    let file = root.join(FILE);
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    if now == before {
        return Ok(());
    }
    if check {
        return Err(Failure::found(format!(
            "{FILE} is stale; if the change of the public API is meant, accept it with: cargo xtask snapshots"
        )));
    }
    std::fs::write(&file, now).map_err(|error| format!("{FILE}: {error}").into())
}

fn text(root: &Path) -> std::result::Result<String, String> {
    let mut index = Index::default();
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files).map_err(|error| format!("src: {error}"))?;
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        index.add(parse(&file.display().to_string(), &text)?.items);
    }
    let spec = Spec::read(&root.join("spec/vkyc.yaml")).map_err(|error| error.to_string())?;
    let generated = generate(&spec).map_err(|error| error.to_string())?;
    index.add(parse("types.rs", &generated.types)?.items);
    let mut operations = parse("operations.rs", &generated.operations)?.items;
    // progenitor's client is private, and has the name of ours.
    operations
        .retain(|item| !matches!(item, Item::Impl(item) if self_name(&item.self_ty).as_deref() == Some("Client")));
    index.add(operations);
    let mut out = HEAD.to_owned();
    for (module, file) in [("", "lib.rs"), ("::sandbox", "sandbox/mod.rs"), ("::webhook", "webhook/mod.rs")] {
        let path = root.join("src").join(file);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for (name, condition) in exports(&parse(file, &text)?.items) {
            let condition = if condition.is_empty() { String::new() } else { format!(" where {condition}") };
            out += &format!("\n== cashfree_vkyc{module}::{name}{condition}\n{}", index.describe(&name));
        }
    }
    Ok(out)
}

fn parse(name: &str, text: &str) -> std::result::Result<syn::File, String> {
    syn::parse_file(text).map_err(|error| format!("{name}: {error}"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
    Ok(())
}

/// The names that a module makes public, with the condition of each.
fn exports(items: &[Item]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for item in items {
        match item {
            Item::Use(item) if is_public(&item.vis) => names(&item.tree, &condition(&item.attrs), &mut found),
            Item::Struct(item) if is_public(&item.vis) => {
                drop(found.insert(item.ident.to_string(), condition(&item.attrs)))
            }
            Item::Enum(item) if is_public(&item.vis) => {
                drop(found.insert(item.ident.to_string(), condition(&item.attrs)))
            }
            _ => {}
        }
    }
    found
}

fn names(tree: &UseTree, condition: &str, found: &mut BTreeMap<String, String>) {
    match tree {
        UseTree::Path(path) => names(&path.tree, condition, found),
        UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, condition, found)),
        UseTree::Name(name) => drop(found.insert(name.ident.to_string(), condition.to_owned())),
        UseTree::Rename(name) => drop(found.insert(name.rename.to_string(), condition.to_owned())),
        UseTree::Glob(_) => drop(found.insert("*".into(), condition.to_owned())),
    }
}

/// The `feature = "…"` that something needs.
fn condition(attributes: &[Attribute]) -> String {
    let cfg = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let conditions: Vec<String> =
        cfg.filter_map(|cfg| cfg.meta.require_list().ok()).map(|list| list.tokens.to_string()).collect();
    conditions.join(", ")
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Everything that is defined, by name.
#[derive(Default)]
struct Index {
    definitions: BTreeMap<String, Vec<Item>>,
    impls: BTreeMap<String, Vec<ItemImpl>>,
    private_traits: Vec<String>,
    macros: BTreeMap<String, Vec<String>>,
}

impl Index {
    fn add(&mut self, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Mod(module) if condition(&module.attrs) != "test" => {
                    self.add(module.content.map(|(_, items)| items).unwrap_or_default());
                }
                Item::Impl(item) => {
                    if let Some(name) = self_name(&item.self_ty) {
                        self.impls.entry(name).or_default().push(item);
                    }
                }
                Item::Macro(item) => {
                    let tokens = item.mac.tokens.to_string();
                    let name = tokens.split_whitespace().next().unwrap_or_default().to_owned();
                    let path =
                        item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                    self.macros.entry(name).or_default().push(path);
                }
                Item::Trait(item) if !is_public(&item.vis) => self.private_traits.push(item.ident.to_string()),
                Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Type(_) => {
                    if let Some((name, true)) = definition(&item) {
                        self.definitions.entry(name).or_default().push(item);
                    }
                }
                _ => {}
            }
        }
    }

    /// A name's definition, methods and traits.
    fn describe(&self, name: &str) -> String {
        let mut items: Vec<Item> = Vec::new();
        for definition in self.definitions.get(name).into_iter().flatten() {
            items.push(public_part(definition.clone()));
        }
        let mut inherent: Vec<Item> = Vec::new();
        let mut traits: Vec<String> = Vec::new();
        for item in self.impls.get(name).into_iter().flatten() {
            match &item.trait_ {
                None => inherent.extend(public_methods(item.clone())),
                Some((path, _)) => {
                    let last = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                    if !self.private_traits.contains(&last) {
                        traits.push(line(&format!(
                            "impl {} for {}",
                            path.to_token_stream(),
                            item.self_ty.to_token_stream()
                        )));
                    }
                }
            }
        }
        for invoked in self.macros.get(name).into_iter().flatten() {
            traits.push(format!("{invoked}!({name})"));
        }
        items.extend(inherent);
        traits.sort();
        traits.dedup();
        let source = prettyplease::unparse(&syn::File { shebang: None, attrs: Vec::new(), items, frontmatter: None });
        let source: String = source
            .replace(",\n    {}", ";")
            .replace(" {}", ";")
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| format!("{line}\n"))
            .collect();
        format!("{source}{}", traits.iter().map(|line| format!("{line}\n")).collect::<String>())
    }
}

/// The name of what is defined, and whether it is public.
fn definition(item: &Item) -> Option<(String, bool)> {
    match item {
        Item::Struct(item) => Some((item.ident.to_string(), is_public(&item.vis))),
        Item::Enum(item) => Some((item.ident.to_string(), is_public(&item.vis))),
        Item::Trait(item) => Some((item.ident.to_string(), is_public(&item.vis))),
        Item::Type(item) => Some((item.ident.to_string(), is_public(&item.vis))),
        _ => None,
    }
}

fn self_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// A definition without words, private fields and bodies.
fn public_part(mut item: Item) -> Item {
    match &mut item {
        Item::Struct(item) => {
            telling(&mut item.attrs);
            match &mut item.fields {
                Fields::Named(fields) => {
                    fields.named = fields.named.iter().filter(|field| is_public(&field.vis)).cloned().collect();
                    fields.named.iter_mut().for_each(|field| field.attrs.clear());
                }
                Fields::Unnamed(fields) => {
                    for field in &mut fields.unnamed {
                        field.attrs.clear();
                        if !is_public(&field.vis) {
                            field.ty = parse_quote!(_);
                        }
                    }
                }
                Fields::Unit => {}
            }
        }
        Item::Enum(item) => {
            telling(&mut item.attrs);
            for variant in &mut item.variants {
                variant.attrs.clear();
                variant.fields.iter_mut().for_each(|field| field.attrs.clear());
            }
        }
        Item::Trait(item) => {
            telling(&mut item.attrs);
            for entry in &mut item.items {
                if let TraitItem::Fn(method) = entry {
                    method.attrs.clear();
                    method.default = method.default.as_ref().map(|_| parse_quote!({}));
                }
            }
        }
        Item::Type(item) => telling(&mut item.attrs),
        _ => {}
    }
    item
}

/// The public methods and constants of an `impl`, as an `impl` of their own. `None` when it has none.
fn public_methods(mut item: ItemImpl) -> Option<Item> {
    item.attrs.retain(|attribute| attribute.path().is_ident("cfg"));
    item.items.retain(|entry| match entry {
        ImplItem::Fn(method) => is_public(&method.vis),
        ImplItem::Const(constant) => is_public(&constant.vis),
        _ => false,
    });
    for entry in &mut item.items {
        match entry {
            ImplItem::Fn(method) => {
                telling(&mut method.attrs);
                method.block = parse_quote!({});
            }
            ImplItem::Const(constant) => constant.attrs.clear(),
            _ => {}
        }
    }
    (!item.items.is_empty()).then_some(Item::Impl(item))
}

/// Keeps the attributes that a user can tell.
fn telling(attributes: &mut Vec<Attribute>) {
    let kept = ["derive", "non_exhaustive", "must_use", "cfg", "cfg_attr"];
    attributes.retain(|attribute| kept.iter().any(|name| attribute.path().is_ident(name)));
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("must_use")) {
        *attribute = parse_quote!(#[must_use]);
    }
}

/// Tokens as a person would write them.
fn line(tokens: &str) -> String {
    tokens
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace("impl::", "impl ::")
        .replace("for::", "for ::")
        .replace("& ", "&")
        .replace(" ,", ",")
        .replace("< '", "<'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(source: &str, name: &str) -> String {
        let mut index = Index::default();
        index.add(syn::parse_file(source).unwrap().items);
        index.describe(name)
    }

    #[test]
    fn what_is_public_is_shown_and_what_is_not_is_not() {
        let text = describe(
            "/// Words.\n#[derive(Clone)] pub struct A { /// Words.\n pub a: u8, b: u8 }\n
             impl A { /// Words.\n #[must_use = \"x\"] pub fn get(&self) -> u8 { self.a } fn hidden(&self) {} pub(crate) fn inner(&self) {} pub const N: u8 = 1; }
             trait Secret {} impl Secret for A {} impl From<u8> for A { fn from(a: u8) -> Self { todo!() } } open_enum!(A { X => \"x\" });",
            "A",
        );
        for shown in [
            "#[derive(Clone)]",
            "pub struct A {",
            "pub a: u8,",
            "pub fn get(&self) -> u8;",
            "pub const N: u8 = 1;",
            "impl From<u8> for A",
            "open_enum!(A)",
        ] {
            assert!(text.contains(shown), "{shown} in\n{text}");
        }
        for hidden in ["Words", "b: u8", "hidden", "inner", "Secret", "todo"] {
            assert!(!text.contains(hidden), "{hidden} in\n{text}");
        }
    }

    #[test]
    fn exports_have_their_names_and_conditions() {
        let items = syn::parse_file(
            "#[cfg(feature = \"client\")] pub use a::{B, c::D}; pub use e::F as G; use h::I; pub struct J;",
        )
        .unwrap()
        .items;
        let found = exports(&items);
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["B", "D", "G", "J"]);
        assert_eq!((found["B"].as_str(), found["G"].as_str()), ("feature = \"client\"", ""));
    }

    #[test]
    fn the_file_of_the_project_is_up_to_date() {
        api(&crate::root(), true).unwrap();
    }
}
