//! Every path in a file: in a `use`, in code, in a macro, in an attribute.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, File, ItemMod, ItemUse, LitStr, Macro, Path, UseTree, VisRestricted, Visibility};

/// Macros whose tokens are code of another crate.
const QUOTING: [&str; 3] = ["quote", "quote_spanned", "parse_quote"];

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Import,
    /// In a `pub use`, of any visibility.
    ReExport,
    /// In `#[cfg(test)]`.
    Test,
}

/// A path as written in the source, with its module and line.
#[derive(Clone)]
pub(super) struct Import {
    pub(super) module: Vec<String>,
    pub(super) path: Vec<String>,
    /// The name that a `use` gives to the item.
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// The paths of a file.
pub(super) struct Imports {
    pub(super) found: Vec<Import>,
    /// The paths in a `use`.
    pub(super) uses: Vec<Import>,
    /// The included files, each with the module that includes it.
    pub(super) included: Vec<(String, Vec<String>)>,
    /// The modules of the file.
    pub(super) modules: Vec<Vec<String>>,
    module: Vec<String>,
    kind: Kind,
}

impl Imports {
    pub(super) fn of(file: &File, module: &[String]) -> Self {
        let mut imports = Self {
            found: Vec::new(),
            uses: Vec::new(),
            included: Vec::new(),
            modules: vec![module.to_vec()],
            module: module.to_vec(),
            kind: Kind::Import,
        };
        imports.visit_file(file);
        imports
    }

    fn take(&mut self, path: Vec<String>, line: usize) {
        // Alone, `self` is a value.
        if path.len() > 1 {
            let name = path.iter().rfind(|part| *part != "self").cloned().unwrap_or_default();
            self.found.push(Import { module: self.module.clone(), path, name, line, kind: self.kind });
        }
    }

    fn take_path(&mut self, path: &Path, line: usize) {
        if path.leading_colon.is_none() {
            self.take(path.segments.iter().map(|segment| segment.ident.to_string()).collect(), line);
        }
    }

    /// Takes the paths of a `use`, or of tokens that look like one.
    fn take_use(&mut self, before: &[String], tree: &UseTree) {
        let with = |last: &str| [before, &[last.to_owned()]].concat();
        match tree {
            UseTree::Path(path) => self.take_use(&with(&path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.take_use(before, tree)),
            UseTree::Glob(glob) => self.take(with("*"), glob.span().start().line),
            UseTree::Name(name) => self.take(with(&name.ident.to_string()), name.ident.span().start().line),
            UseTree::Rename(rename) => {
                self.take(with(&rename.ident.to_string()), rename.ident.span().start().line);
                self.found.iter_mut().last().into_iter().for_each(|import| import.name = rename.rename.to_string());
            }
        }
    }

    /// Finds paths among tokens, and with `texts` those in strings, as in `#[serde(with = "…")]`.
    fn take_tokens(&mut self, tokens: TokenStream, texts: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let length = path_length(&tokens[at..]);
            match token {
                TokenTree::Group(group) => self.take_tokens(group.stream(), texts),
                TokenTree::Literal(literal) if texts => {
                    let text = syn::parse_str::<LitStr>(&literal.to_string()).ok();
                    if let Some(path) = text.and_then(|text| text.parse::<Path>().ok()) {
                        self.take_path(&path, literal.span().start().line);
                    }
                }
                _ => {
                    if let Ok(tree) = syn::parse2(tokens[at..at + length].iter().cloned().collect()) {
                        self.take_use(&[], &tree);
                    }
                }
            }
            at += length.max(1);
        }
    }
}

/// How many tokens from the first one on are a path, or a tree of paths as in a `use`.
fn path_length(tokens: &[TokenTree]) -> usize {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let mut length = usize::from(matches!(tokens.first(), Some(TokenTree::Ident(_))));
    while let [one, two, next, ..] = &tokens[length..]
        && length > 0
        && is_colon(one)
        && is_colon(two)
    {
        match next {
            TokenTree::Ident(_) => length += 3,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return length + 3,
            TokenTree::Punct(punct) if punct.as_char() == '*' => return length + 3,
            _ => return length,
        }
    }
    length
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, syn::Meta::List(list) if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
    })
}

impl Visit<'_> for Imports {
    fn visit_item_use(&mut self, item: &ItemUse) {
        let kind = self.kind;
        if is_test(&item.attrs) {
            self.kind = Kind::Test;
        } else if kind == Kind::Import && !matches!(item.vis, Visibility::Inherited) {
            self.kind = Kind::ReExport;
        }
        if item.leading_colon.is_none() {
            let before = self.found.len();
            self.take_use(&[], &item.tree);
            self.uses.extend_from_slice(&self.found[before..]);
        }
        self.kind = kind;
    }

    fn visit_path(&mut self, path: &Path) {
        self.take_path(path, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        let kind = self.kind;
        if is_test(&item.attrs) {
            self.kind = Kind::Test;
        }
        self.module.push(item.ident.to_string());
        if item.content.is_some() {
            self.modules.push(self.module.clone());
        }
        visit::visit_item_mod(self, item);
        self.module.pop();
        self.kind = kind;
    }

    fn visit_macro(&mut self, mac: &Macro) {
        self.visit_path(&mac.path);
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if name == "include" {
            // `concat!(env!("OUT_DIR"), "/name.rs")`
            let tokens = mac.tokens.to_string();
            let file = tokens.rsplit('"').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
            self.included.push((file, self.module.clone()));
        } else if !QUOTING.contains(&name.as_str()) {
            self.take_tokens(mac.tokens.clone(), false);
        }
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.take_tokens(list.tokens.clone(), true);
        }
    }

    /// `pub(in crate::x)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &VisRestricted) {}
}
