//! Every path by which a file reaches something in its own crate: in a `use`, in code, in a macro, in an attribute.
//!
//! Only paths that begin with `crate`, `self` or `super` can leave a room: any other begins with another crate or with a name
//! that such a path brought in.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, File, ItemMod, ItemUse, LitStr, Macro, Path, UseTree, VisRestricted};

/// What a path that stays in its crate begins with.
const BEGINNINGS: [&str; 3] = ["crate", "self", "super"];

/// Macros whose tokens are source that is written elsewhere.
const QUOTING: [&str; 3] = ["quote", "quote_spanned", "parse_quote"];

/// A path as it is written, and where: the module, and the line of the file.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) module: Vec<String>,
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// What a file reaches for, and the names of the files that it includes, each with the module in which it does.
#[derive(Default)]
pub(super) struct Imports {
    pub(super) found: Vec<Import>,
    pub(super) included: Vec<(String, Vec<String>)>,
    module: Vec<String>,
}

impl Imports {
    pub(super) fn of(file: &File, module: &[String]) -> Self {
        let mut imports = Self { module: module.to_vec(), ..Self::default() };
        imports.visit_file(file);
        imports
    }

    fn take(&mut self, path: Vec<String>, line: usize) {
        if path.first().is_some_and(|first| BEGINNINGS.contains(&first.as_str())) {
            self.found.push(Import { module: self.module.clone(), path, line });
        }
    }

    fn take_path(&mut self, path: &Path, line: usize) {
        // Alone, `self` is a value.
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.take(path.segments.iter().map(|segment| segment.ident.to_string()).collect(), line);
        }
    }

    fn take_use(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.take_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.take_use(before, tree)),
            UseTree::Name(name) => self.take(with(name.ident.to_string()), name.ident.span().start().line),
            UseTree::Rename(rename) => self.take(with(rename.ident.to_string()), rename.ident.span().start().line),
            UseTree::Glob(glob) => self.take(with("*".to_owned()), glob.span().start().line),
        }
    }

    /// Finds paths among tokens that nobody parsed.
    fn take_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at = match token {
                TokenTree::Ident(ident) if BEGINNINGS.contains(&ident.to_string().as_str()) => {
                    self.take_token_path(&[], &tokens, at)
                }
                TokenTree::Group(group) => {
                    self.take_tokens(group.stream());
                    at + 1
                }
                _ => at + 1,
            };
        }
    }

    /// Takes the path, or the paths, that go on at a token; gives where they end.
    fn take_token_path(&mut self, before: &[String], tokens: &[TokenTree], at: usize) -> usize {
        let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => {
                let path = [before, &[ident.to_string()]].concat();
                if is_colon(at + 1) && is_colon(at + 2) && tokens.len() > at + 3 {
                    return self.take_token_path(&path, tokens, at + 3);
                }
                if path.len() > 1 {
                    self.take(path, ident.span().start().line);
                }
                at + 1
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let tokens: Vec<_> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                for tokens in tokens.split(is_comma).filter(|tokens| !tokens.is_empty()) {
                    self.take_token_path(before, tokens, 0);
                }
                at + 1
            }
            Some(TokenTree::Punct(punct)) if punct.as_char() == '*' => {
                self.take([before, &["*".to_owned()]].concat(), punct.span().start().line);
                at + 1
            }
            // `crate::a::<T>`
            other => {
                self.take(before.to_vec(), other.map_or(0, |other| other.span().start().line));
                at
            }
        }
    }

    /// Paths that are written as text, as `#[serde(with = "…")]` wants them.
    fn take_texts(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.take_texts(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = syn::parse_str::<LitStr>(&literal.to_string()).ok();
                    if let Some(path) = text.and_then(|text| text.parse::<Path>().ok()) {
                        self.take_path(&path, literal.span().start().line);
                    }
                }
                _ => {}
            }
        }
    }
}

impl Visit<'_> for Imports {
    fn visit_item_use(&mut self, item: &ItemUse) {
        if item.leading_colon.is_none() {
            self.take_use(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &Path) {
        self.take_path(path, path.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
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
            self.take_tokens(mac.tokens.clone());
        }
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.take_tokens(list.tokens.clone());
            self.take_texts(list.tokens.clone());
        }
    }

    /// `pub(in crate::x)` says who may look, and reaches for nothing.
    fn visit_vis_restricted(&mut self, _: &VisRestricted) {}
}
