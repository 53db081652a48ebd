//! Extracts the part of progenitor's `send` that builds the request. The rest (hooks, sending, decoding) is the transport's work.
//!
//! ```text
//! let Self { client, id } = self;                                        kept
//! let id = id.map_err(Error::InvalidRequest)?;                           kept
//! let url = format!("{}/thing", client.baseurl,);                        dropped: built once for each client
//! let mut header_map = …; header_map.append("api-version", …);           dropped: Cashfree does not use this header
//! let mut request = client.client.get(url).header(ACCEPT, …)             client.begin(&OPERATION)?
//!     .query(&QueryParam::new("id", &id)).headers(header_map).build()?;      .query(&QueryParam::new("id", &id)).build()?
//!     .json(&body)                                                       checked by the body's rule first
//! let info = …;                                                          dropped, with all that follows
//! ```
//!
//! The code recognises exactly what progenitor writes today. It rejects anything else and names the piece, so that a new version of
//! progenitor cannot make it drop a part of a request.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, ExprMethodCall, Ident, Local, Pat, Stmt, Token, parse_quote};

use super::syntax::source;

/// The statements that build a request.
pub(super) struct BuiltRequest {
    pub(super) before: Vec<Stmt>,
    pub(super) request: Stmt,
    /// The name that the last statement gives to the request.
    pub(super) name: Ident,
}

/// The piece that was not recognised, for a finding.
pub(super) type Unrecognised = String;

/// The part of progenitor's `send` that builds the request of `operation`, an expression for our `Operation`. A body is checked by
/// `rule`.
pub(super) fn extract_request(
    send: &Block,
    operation: &TokenStream,
    rule: Option<&TokenStream>,
) -> Result<BuiltRequest, Unrecognised> {
    let mut before = Vec::new();
    let mut begin = None;
    for (at, statement) in send.stmts.iter().enumerate() {
        match statement {
            Stmt::Local(local) if is_url(local) => begin = Some(begin_at_url(local, operation, &mut before)?),
            Stmt::Local(local) if name_of(local).is_some_and(|name| name == "header_map") => {}
            Stmt::Expr(Expr::MethodCall(call), _) if is_api_version(call) => {}
            Stmt::Local(local) if ends_with_build(local) => {
                let begin = begin.ok_or("the request is built before its URL")?;
                let (Some(name), Some(built)) = (name_of(local), init(local)) else {
                    return Err("the request has no name".into());
                };
                let built = rebuild(built, &begin, rule)?;
                expect_the_rest(send.stmts.get(at + 1..).unwrap_or_default())?;
                return Ok(BuiltRequest { before, request: parse_quote!(let #name = #built;), name: name.clone() });
            }
            Stmt::Local(local) if is_argument(local) => before.push(statement.clone()),
            other => return Err(format!("a statement: {}", source(other))),
        }
    }
    Err("the request is never built".into())
}

/// The expression that begins a request, from the URL: a template, of which the first argument is the base URL. A path with
/// arguments is formatted for each call; any other is the same for all calls.
fn begin_at_url(local: &Local, operation: &TokenStream, before: &mut Vec<Stmt>) -> Result<Expr, Unrecognised> {
    let unrecognised = || format!("the URL: {}", source(local));
    let Some(Expr::Macro(format)) = init(local) else { return Err(unrecognised()) };
    let parts = format.mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
    let parts: Vec<Expr> = parts.map_err(|_| unrecognised())?.into_iter().collect();
    let (Some(template), Some(base), Some(arguments)) = (parts.first(), parts.get(1), parts.get(2..)) else {
        return Err(unrecognised());
    };
    let template = syn::parse2::<syn::LitStr>(template.to_token_stream()).map_err(|_| unrecognised())?.value();
    let path = template.strip_prefix("{}").filter(|_| source(base) == "client . baseurl").ok_or_else(unrecognised)?;
    if arguments.is_empty() {
        return Ok(parse_quote!(client.begin(&#operation)?));
    }
    let name = name_of(local).ok_or_else(unrecognised)?;
    before.push(parse_quote!(let #name = format!(#path, #( #arguments ),*);));
    Ok(parse_quote!(client.begin_at(&#operation, &#name)?))
}

/// The chain of calls after `begin`, without the headers that every request has.
fn rebuild(expr: &Expr, begin: &Expr, rule: Option<&TokenStream>) -> Result<Expr, Unrecognised> {
    let call = match expr {
        Expr::Try(inner) => {
            let inner = rebuild(&inner.expr, begin, rule)?;
            return Ok(parse_quote!(#inner?));
        }
        Expr::MethodCall(call) => call,
        other => return Err(format!("a part of the request: {}", source(other))),
    };
    if source(&call.receiver) == "client . client" {
        return Ok(begin.clone());
    }
    let receiver = rebuild(&call.receiver, begin, rule)?;
    let first = call.args.first().map(source).unwrap_or_default();
    match (call.method.to_string().as_str(), first.as_str()) {
        ("header", ":: reqwest :: header :: ACCEPT") | ("headers", "header_map") => Ok(receiver),
        ("json", "& body") => {
            let rule = rule.ok_or("a body that the spec does not name")?;
            Ok(parse_quote!(JsonBody::of(&#rule, &body)?.put_into(#receiver)))
        }
        ("query" | "build", _) => {
            let ExprMethodCall { method, args, .. } = call;
            Ok(parse_quote!(#receiver.#method(#args)))
        }
        (method, _) => Err(format!("a call of `{method}` on the request")),
    }
}

/// After the request, progenitor describes it to its hooks, sends it, and decodes the response.
fn expect_the_rest(rest: &[Stmt]) -> Result<(), Unrecognised> {
    match rest {
        [Stmt::Local(info), .., Stmt::Expr(response @ Expr::Match(_), _)]
            if name_of(info).is_some_and(|name| name == "info")
                && source(response).contains("ResponseValue :: from_response") =>
        {
            Ok(())
        }
        _ => Err("what follows the request is not how progenitor sends it and decodes JSON".into()),
    }
}

/// `let Self { … } = self`, or an argument with its error.
fn is_argument(local: &Local) -> bool {
    matches!(local.pat, Pat::Struct(_))
        || init(local).is_some_and(|value| source(value).contains("Error :: InvalidRequest"))
}

fn is_url(local: &Local) -> bool {
    matches!(init(local), Some(Expr::Macro(format)) if format.mac.path.is_ident("format"))
}

/// The header that progenitor makes of the spec's version. Lint rejects other headers of an operation.
fn is_api_version(call: &ExprMethodCall) -> bool {
    source(&call.receiver) == "header_map"
        && call.args.first().is_some_and(|name| source(name).contains("\"api-version\""))
}

fn ends_with_build(local: &Local) -> bool {
    let Some(Expr::Try(value)) = init(local) else { return false };
    matches!(value.expr.as_ref(), Expr::MethodCall(call) if call.method == "build")
}

fn init(local: &Local) -> Option<&Expr> {
    local.init.as_ref().map(|init| init.expr.as_ref())
}

fn name_of(local: &Local) -> Option<&Ident> {
    if let Pat::Ident(name) = &local.pat { Some(&name.ident) } else { None }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn run(send: &str) -> Result<String, Unrecognised> {
        let block: Block = syn::parse_str(send).unwrap();
        let BuiltRequest { before, request, .. } = extract_request(&block, &quote!(OPERATION), Some(&quote!(RULE)))?;
        Ok(quote!(#( #before )* #request).to_string())
    }

    /// What progenitor 0.15 writes.
    const SEND: &str = r#"{
        let Self { client, id } = self;
        let id = id.map_err(Error::InvalidRequest)?;
        let url = format!("{}/thing", client.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(::reqwest::header::HeaderName::from_static("api-version"), x);
        #[allow(unused_mut)]
        let mut request = client.client.get(url)
            .header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static("application/json"))
            .query(&progenitor_client::QueryParam::new("id", &id))
            .headers(header_map)
            .build()?;
        let info = OperationInfo { operation_id: "get_thing" };
        client.pre(&mut request, &info).await?;
        let response = client.exec(request, &info).await?;
        match response.status().as_u16() { 200u16 => ResponseValue::from_response(response).await, _ => refuse() }
    }"#;

    #[test]
    fn what_builds_the_request_stays_and_the_rest_goes() {
        let extracted = run(SEND).unwrap();
        assert!(extracted.starts_with("let Self { client , id } = self ; let id = id . map_err"), "{extracted}");
        assert!(
            extracted.contains("let request = client . begin (& OPERATION) ? . query (& progenitor_client ::"),
            "{extracted}"
        );
        assert!(extracted.ends_with(". build () ? ;"), "{extracted}");
        for gone in ["url", "header", "exec", "baseurl"] {
            assert!(!extracted.contains(gone), "{gone} in {extracted}");
        }
    }

    #[test]
    fn arguments_in_the_path_are_filled_in_for_each_call() {
        let send = SEND.replace(
            r#"format!("{}/thing", client.baseurl,)"#,
            r#"format!("{}/thing/{}", client.baseurl, encode_path(&id.to_string()),)"#,
        );
        let extracted = run(&send).unwrap();
        assert!(extracted.contains("let url = format ! (\"/thing/{}\" , encode_path"), "{extracted}");
        assert!(extracted.contains("client . begin_at (& OPERATION , & url) ?"), "{extracted}");
    }

    #[test]
    fn a_body_is_checked_by_its_rule() {
        let extracted = run(&SEND.replace(".headers(", ".json(&body).headers(")).unwrap();
        assert!(
            extracted.contains("JsonBody :: of (& RULE , & body) ? . put_into (client . begin (& OPERATION) ?"),
            "{extracted}"
        );
    }

    #[test]
    fn what_progenitor_does_not_write_today_is_refused_with_the_piece() {
        for (old, new, says) in [
            ("let info", "let data", "what follows the request"),
            ("ResponseValue::from_response(response).await", "Ok(ResponseValue::stream(response))", "what follows"),
            (".query(", ".multipart(", "a call of `multipart`"),
            ("client.client.get", "self.http.get", "a part of the request"),
            ("\"{}/thing\", client.baseurl,", "\"https://elsewhere/{}\", client.baseurl,", "the URL"),
            ("\"api-version\"", "\"x-new\"", "a statement: header_map . append"),
            (".build()?", ".send().await?", "a statement"),
            ("let url =", "tracing::info!(\"{id}\"); let url =", "a statement"),
        ] {
            let error = run(&SEND.replace(old, new)).unwrap_err();
            assert!(error.contains(says), "{new}: {error}");
        }
    }
}
