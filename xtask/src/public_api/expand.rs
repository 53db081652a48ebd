//! What a macro of ours writes for a name: the body of its one rule, with the name put in and repetitions left out. That
//! loses what stands in the repetitions, which are values and match arms; items keep their signatures.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::{Item, ItemMacro};

/// The items that `name!(For { … })` stands for. Empty when the rule is of another form.
pub(super) fn expand(definition: &ItemMacro, name: &str) -> Vec<Item> {
    let body = definition.mac.tokens.clone().into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    });
    // `(pattern) => { body };`
    let Some(body) = body.skip(1).find(|group| group.delimiter() == Delimiter::Brace) else { return Vec::new() };
    syn::parse2(fill(body.stream(), name)).map(|file: syn::File| file.items).unwrap_or_default()
}

fn fill(tokens: TokenStream, name: &str) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '$' => match tokens.next() {
                // Up to the `*` or `+` that ends the repetition, a separator before it included.
                Some(TokenTree::Group(_)) => {
                    let ends =
                        |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if "*+?".contains(mark.as_char()));
                    while tokens.next().is_some_and(|token| !ends(&token)) {}
                }
                // The first fragment of a rule of ours is the name; `$crate` is what it is anyway.
                Some(TokenTree::Ident(ident)) if ident != "crate" => {
                    out.extend([TokenTree::Ident(Ident::new(name, Span::call_site()))]);
                }
                other => out.extend(other),
            },
            TokenTree::Group(group) => {
                out.extend([TokenTree::Group(Group::new(group.delimiter(), fill(group.stream(), name)))]);
            }
            other => out.extend([other]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use quote::ToTokens as _;

    use super::*;

    #[test]
    fn the_name_is_put_in_and_repetitions_are_left_out() {
        let definition: ItemMacro = syn::parse_str(
            "macro_rules! m { ($name:ident { $($v:ident => $w:literal),* $(,)? }) => {
                 impl $name { pub const ALL: &[Self] = &[$(Self::$v),*]; pub fn f(&self) -> u8 { match self { $(Self::$v => 1,)* _ => 2 } } }
                 impl From<u8> for $name { fn from(_: u8) -> Self { $crate::x() } }
             }; }",
        )
        .unwrap();
        let items: Vec<_> = expand(&definition, "A").iter().map(|item| item.to_token_stream().to_string()).collect();
        assert_eq!(items.len(), 2, "{items:?}");
        assert!(items[0].starts_with("impl A { pub const ALL : & [Self] = & [] ;"), "{items:?}");
        assert!(items[1].starts_with("impl From < u8 > for A {"), "{items:?}");
    }
}
