//! What is defined under a name, and what of it is public.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenTree;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Fields, GenericArgument, ImplItem, Item, ItemImpl, ItemMacro, Path, PathArguments, Token, TraitItem,
    Type, Visibility, parse_quote, punctuated::Punctuated,
};

use super::expand::expand;
use super::exports::{condition, is_public};

/// Everything that is defined, by name.
#[derive(Default)]
pub(super) struct Index {
    definitions: BTreeMap<String, Vec<Item>>,
    impls: BTreeMap<String, Vec<ItemImpl>>,
    private_traits: Vec<String>,
    /// Our macros, and for each name that one was called for, which.
    macros: BTreeMap<String, ItemMacro>,
    calls: BTreeMap<String, Vec<String>>,
    /// What each module holds, by the name of the module.
    modules: BTreeMap<String, Vec<Item>>,
}

impl Index {
    pub(super) fn add(&mut self, items: Vec<Item>) {
        for item in items {
            match item {
                Item::Mod(module) if condition(&module.attrs) != "test" => {
                    let items = module.content.map(|(_, items)| items).unwrap_or_default();
                    self.modules.entry(module.ident.to_string()).or_default().extend(items.clone());
                    self.add(items);
                }
                Item::Impl(item) => {
                    let names = self_name(&item.self_ty).into_iter().chain(trait_arguments(&item));
                    for name in names.collect::<BTreeSet<_>>() {
                        self.impls.entry(name).or_default().push(item.clone());
                    }
                }
                Item::Macro(item) => self.add_macro(item),
                Item::Trait(item) if !is_public(&item.vis) => self.private_traits.push(item.ident.to_string()),
                other => {
                    if let Some(name) = public_name(&other) {
                        self.definitions.entry(name).or_default().push(other);
                    }
                }
            }
        }
    }

    /// `macro_rules! name`, or `name!(For { … })`.
    fn add_macro(&mut self, item: ItemMacro) {
        if let Some(name) = &item.ident {
            self.macros.insert(name.to_string(), item);
        } else if let Some(called) = item.mac.path.segments.last() {
            // Words for what it writes may stand before the name.
            let name = item.mac.tokens.clone().into_iter().find_map(|token| match token {
                TokenTree::Ident(name) => Some(name.to_string()),
                _ => None,
            });
            self.calls.entry(name.unwrap_or_default()).or_default().push(called.ident.to_string());
        }
    }

    /// What a module holds.
    pub(super) fn module(&self, name: &str) -> &[Item] {
        self.modules.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// A name's definition, methods and traits, as a person would write them.
    pub(super) fn describe(&self, name: &str) -> String {
        let called = self.calls.get(name).into_iter().flatten().filter_map(|called| self.macros.get(called));
        let written = called.flat_map(|definition| expand(definition, name));
        let written: Vec<Item> = written.collect();
        let defined = written.iter().filter(|item| public_name(item).as_deref() == Some(name));
        let written = written.iter().filter_map(|item| if let Item::Impl(item) = item { Some(item) } else { None });
        let impls = self.impls.get(name).into_iter().flatten().chain(written);
        // `impl From<A> for String` is A's business too.
        let (traits, inherent): (Vec<_>, Vec<_>) = impls.partition(|item| item.trait_.is_some());

        let definitions = self.definitions.get(name).into_iter().flatten().chain(defined);
        let mut out: String = definitions.map(|item| print(public_part(item.clone()))).collect();
        out.extend(inherent.into_iter().filter_map(|item| public_methods(item.clone())).map(print));
        let is_public = |item: &&ItemImpl| {
            let path = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
            path.is_some_and(|last| !self.private_traits.contains(&last.ident.to_string()))
        };
        let mut traits: Vec<String> =
            traits.into_iter().filter(is_public).map(|item| print(trait_part(item.clone()))).collect();
        traits.sort();
        traits.dedup();
        out.extend(traits);
        out
    }
}

/// The name of what is defined, if it is public.
fn public_name(item: &Item) -> Option<String> {
    let (visibility, name) = match item {
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Enum(item) => (&item.vis, &item.ident),
        Item::Union(item) => (&item.vis, &item.ident),
        Item::Trait(item) => (&item.vis, &item.ident),
        Item::Type(item) => (&item.vis, &item.ident),
        Item::Const(item) => (&item.vis, &item.ident),
        Item::Static(item) => (&item.vis, &item.ident),
        Item::Fn(item) => (&item.vis, &item.sig.ident),
        _ => return None,
    };
    is_public(visibility).then(|| name.to_string())
}

/// The types that a trait is implemented with: the `A` of `From<A>`.
fn trait_arguments(item: &ItemImpl) -> Vec<String> {
    let last = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
    let Some(PathArguments::AngleBracketed(arguments)) = last.map(|segment| &segment.arguments) else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(Type::Reference(reference)) => self_name(&reference.elem),
        GenericArgument::Type(ty) => self_name(ty),
        _ => None,
    });
    types.collect()
}

pub(super) fn self_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

fn print(mut item: Item) -> String {
    Unseen.visit_item_mut(&mut item);
    let file = syn::File { shebang: None, attrs: Vec::new(), items: vec![item], frontmatter: None };
    prettyplease::unparse(&file)
        .replace(",\n    {}", ";")
        .replace(",\n{}", ";")
        .replace(" {}", ";")
        .replace("{\n        default;\n    }", "{ .. }")
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Takes away what callers cannot see: `mut` before an argument, and the value of a constant.
struct Unseen;

impl VisitMut for Unseen {
    fn visit_receiver_mut(&mut self, receiver: &mut syn::Receiver) {
        receiver.mutability = None;
    }

    fn visit_pat_ident_mut(&mut self, pattern: &mut syn::PatIdent) {
        pattern.mutability = None;
    }

    fn visit_impl_item_const_mut(&mut self, constant: &mut syn::ImplItemConst) {
        constant.expr = parse_quote!(_);
    }

    fn visit_item_const_mut(&mut self, constant: &mut syn::ItemConst) {
        *constant.expr = parse_quote!(_);
    }

    fn visit_item_fn_mut(&mut self, function: &mut syn::ItemFn) {
        telling(&mut function.attrs);
        *function.block = parse_quote!({});
        visit_mut::visit_item_fn_mut(self, function);
    }
}

/// A definition without words, private fields and bodies.
fn public_part(mut item: Item) -> Item {
    match &mut item {
        Item::Struct(item) => {
            telling(&mut item.attrs);
            match &mut item.fields {
                Fields::Named(fields) => {
                    let all = fields.named.len();
                    fields.named = fields.named.iter().filter(|field| is_public(&field.vis)).cloned().collect();
                    fields.named.iter_mut().for_each(|field| field.attrs.clear());
                    // `_: _` stands for the private fields: users can neither build nor match such a struct in full.
                    let hidden = fields.named.first().filter(|_| fields.named.len() < all).cloned();
                    fields.named.extend(hidden.map(|mut field| {
                        field.ident = Some(syn::Ident::new("_", proc_macro2::Span::call_site()));
                        field.vis = Visibility::Inherited;
                        field.ty = parse_quote!(_);
                        field
                    }));
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
                    method.default = method.default.as_ref().map(|_| {
                        parse_quote!({
                            default;
                        })
                    });
                }
            }
        }
        Item::Type(item) => telling(&mut item.attrs),
        Item::Const(item) => telling(&mut item.attrs),
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

/// An `impl` of a trait with its associated types, which callers name, and without its methods, which the trait names.
fn trait_part(mut item: ItemImpl) -> Item {
    item.attrs.retain(|attribute| attribute.path().is_ident("cfg"));
    item.items.retain(|entry| matches!(entry, ImplItem::Type(_)));
    for entry in &mut item.items {
        if let ImplItem::Type(ty) = entry {
            ty.attrs.clear();
        }
    }
    Item::Impl(item)
}

/// Keeps the attributes that a user can tell, each derived trait on a line of its own.
fn telling(attributes: &mut Vec<Attribute>) {
    let kept = ["non_exhaustive", "must_use", "cfg", "cfg_attr"];
    let mut found = Vec::new();
    for attribute in attributes.drain(..) {
        if attribute.path().is_ident("derive") {
            let derived = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
            found.extend(derived.into_iter().flatten().map(|path| -> Attribute { parse_quote!(#[derive(#path)]) }));
        } else if attribute.path().is_ident("must_use") {
            found.push(parse_quote!(#[must_use]));
        } else if kept.iter().any(|name| attribute.path().is_ident(name)) {
            found.push(attribute);
        }
    }
    *attributes = found;
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
            "/// Words.\n#[derive(Clone, Debug)] pub struct A<T> { /// Words.\n pub a: u8, b: u8 }\n
             impl<T> A<T> { /// Words.\n #[must_use = \"x\"] pub fn get(mut self, mut b: u8) -> u8 { self.a } fn hidden(&self) {} pub(crate) fn inner(&self) {} pub const N: u8 = 77; }
             impl<T> A<T> { pub fn change(&mut self) {} }
             trait Secret {} impl Secret for A<u8> {} impl<T: Copy> From<u8> for A<T> where T: Send { fn from(a: u8) -> Self { loop {} } }
             impl<T> Iterator for A<T> { type Item = T; fn next(&mut self) -> Option<T> { loop {} } }",
            "A",
        );
        for shown in [
            "#[derive(Clone)]\n#[derive(Debug)]\n",
            "pub struct A<T> {",
            "    pub a: u8,\n    _: _,\n}",
            "pub fn get(self, b: u8) -> u8;",
            "pub const N: u8 = _;",
            "pub fn change(&mut self);",
            "impl<T: Copy> From<u8> for A<T>\nwhere\n    T: Send;",
            "impl<T> Iterator for A<T> {\n    type Item = T;\n}",
        ] {
            assert!(text.contains(shown), "{shown} in\n{text}");
        }
        for hidden in ["Words", "b: u8,", "hidden", "inner", "Secret", "loop", "77", "next"] {
            assert!(!text.contains(hidden), "{hidden} in\n{text}");
        }
    }

    #[test]
    fn a_conversion_into_a_type_of_others_is_shown() {
        let text = describe(
            "pub struct A; impl From<A> for String { fn from(a: A) -> Self { loop {} } } impl PartialEq<&A> for str {}",
            "A",
        );
        assert!(text.contains("impl From<A> for String;") && text.contains("impl PartialEq<&A> for str;"), "{text}");
    }

    #[test]
    fn what_a_macro_of_ours_writes_is_shown() {
        let text = describe(
            "macro_rules! open_enum { ($name:ident { $($v:ident),* }) => {
                 impl $name { pub fn as_str(&self) -> &str { match self { $(Self::$v => \"\",)* } } }
                 impl From<&str> for $name { fn from(_: &str) -> Self { loop {} } }
             }; }
             pub enum A { X } open_enum!(A { X });",
            "A",
        );
        assert!(text.contains("pub fn as_str(&self) -> &str;") && text.contains("impl From<&str> for A;"), "{text}");
    }

    #[test]
    fn functions_constants_traits_and_aliases_are_shown() {
        for (source, shown) in [
            ("/// W.\npub fn f(mut a: u8) -> u8 { 7 }", "pub fn f(a: u8) -> u8;\n"),
            ("/// W.\npub const f: u8 = 7;", "pub const f: u8 = _;\n"),
            ("/// W.\npub type f = Vec<u8>;", "pub type f = Vec<u8>;\n"),
            (
                "/// W.\npub trait f: Send { /// W.\n fn g(&self) -> u8 { 7 } fn h(); }",
                "pub trait f: Send {\n    fn g(&self) -> u8 { .. }\n    fn h();\n}\n",
            ),
        ] {
            assert_eq!(describe(source, "f"), shown);
        }
    }
}
