//! Cuts progenitor's `send` where the request has been built. What comes before is kept as progenitor wrote it; what comes
//! after (hooks, sending, decoding) is our transport's work.
//!
//! ```text
//! let Self { client, id } = self;                                        kept
//! let id = id.map_err(Error::InvalidRequest)?;                           kept
//! let url = format!("{}/thing", client.baseurl,);                        gone: made once for a client
//! let mut header_map = …; header_map.append("api-version", …);           gone: Cashfree knows no such header
//! let mut request = client.client.get(url).header(ACCEPT, …)             client.begin(&OPERATION)?
//!     .query(&QueryParam::new("id", &id)).headers(header_map).build()?;      .query(&QueryParam::new("id", &id)).build()?
//!     .json(&body)                                                       checked by the body's rule first
//! let info = …;                                                          from here on: gone
//! ```
//!
//! This knows exactly what progenitor writes today. Anything else is refused, with the piece that was not recognised, so that
//! a new version of progenitor can drop nothing silently.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::punctuated::Punctuated;
use syn::{Block, Expr, ExprMethodCall, Ident, Local, Pat, Stmt, Token, parse_quote};

/// Statements that build a request, and the name that they give it.
pub(super) struct BuiltRequest {
    pub(super) statements: Vec<Stmt>,
    pub(super) name: Ident,
}

/// What was not recognised, for a finding.
pub(super) type Unrecognised = String;

/// The part of progenitor's `send` that builds the request of `operation`, an expression for our `Operation`.
pub(super) fn cut(
    send: &Block,
    operation: &TokenStream,
    rule: Option<&TokenStream>,
) -> Result<BuiltRequest, Unrecognised> {
    let mut statements = Vec::new();
    let mut url = None;
    let mut rest = send.stmts.iter();
    for statement in rest.by_ref() {
        match statement {
            Stmt::Local(local) if is_url(local) => {
                let at = Url::of(local)?;
                statements.extend(at.path_statement());
                url = Some(at);
            }
            Stmt::Local(local) if name_of(local).is_some_and(|name| name == "header_map") => {}
            Stmt::Expr(Expr::MethodCall(call), _) if is_api_version(call) => {}
            Stmt::Local(local) if ends_with_build(local) => {
                let url = url.ok_or("the request is built before its URL")?;
                let name = name_of(local).ok_or("the request has no name")?.clone();
                statements.push(request(local, &url, operation, rule)?);
                expect_the_rest(rest.as_slice())?;
                return Ok(BuiltRequest { statements, name });
            }
            Stmt::Local(local) if is_argument(local) => statements.push(statement.clone()),
            other => return Err(format!("a statement: {}", other.to_token_stream())),
        }
    }
    Err("the request is never built".into())
}

/// The URL: a template, of which the first argument is the base URL.
struct Url {
    name: Ident,
    /// The path below it with its arguments. `None` when it has none, and so is the same for all calls.
    path: Option<TokenStream>,
}

impl Url {
    fn of(local: &Local) -> Result<Self, Unrecognised> {
        let unrecognised = || format!("the URL: {}", local.to_token_stream());
        let Some(Expr::Macro(format)) = init(local) else { return Err(unrecognised()) };
        let parts = format.mac.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        let parts: Vec<Expr> = parts.map_err(|_| unrecognised())?.into_iter().collect();
        let (Some(Expr::Lit(template)), Some(base), arguments) = (parts.first(), parts.get(1), parts.get(2..)) else {
            return Err(unrecognised());
        };
        let syn::Lit::Str(template) = &template.lit else { return Err(unrecognised()) };
        let template = template.value();
        let path =
            template.strip_prefix("{}").filter(|_| words(base) == "client . baseurl").ok_or_else(unrecognised)?;
        let arguments = arguments.filter(|arguments| !arguments.is_empty());
        let path = arguments.map(|arguments| quote!(format!(#path, #( #arguments ),*)));
        Ok(Self { name: name_of(local).ok_or_else(unrecognised)?.clone(), path })
    }

    fn path_statement(&self) -> Option<Stmt> {
        let (name, path) = (&self.name, self.path.as_ref()?);
        Some(parse_quote!(let #name = #path;))
    }

    /// The beginning of a request to this URL.
    fn begin(&self, operation: &TokenStream) -> Expr {
        let name = &self.name;
        match self.path {
            Some(_) => parse_quote!(client.begin_at(&#operation, &#name)?),
            None => parse_quote!(client.begin(&#operation)?),
        }
    }
}

/// The statement that builds the request, begun by our transport.
fn request(
    local: &Local,
    url: &Url,
    operation: &TokenStream,
    rule: Option<&TokenStream>,
) -> Result<Stmt, Unrecognised> {
    let Some(built) = init(local) else { return Err("the request has no value".into()) };
    let (name, built) = (name_of(local), rebuild(built, url, operation, rule)?);
    Ok(parse_quote!(let #name = #built;))
}

/// The chain of calls, with our beginning, and without the headers that every request has.
fn rebuild(expr: &Expr, url: &Url, operation: &TokenStream, rule: Option<&TokenStream>) -> Result<Expr, Unrecognised> {
    let call = match expr {
        Expr::Try(inner) => {
            let inner = rebuild(&inner.expr, url, operation, rule)?;
            return Ok(parse_quote!(#inner?));
        }
        Expr::MethodCall(call) => call,
        other => return Err(format!("a part of the request: {}", other.to_token_stream())),
    };
    if words(&call.receiver) == "client . client" {
        return Ok(url.begin(operation));
    }
    let receiver = rebuild(&call.receiver, url, operation, rule)?;
    let first = call.args.first().map(words).unwrap_or_default();
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

/// After the request, progenitor describes it to its hooks, sends it, and decodes the answer.
fn expect_the_rest(rest: &[Stmt]) -> Result<(), Unrecognised> {
    let is_info = |local: &Local| name_of(local).is_some_and(|name| name == "info");
    let decodes = |expr: &Expr| words(expr).contains("ResponseValue :: from_response");
    match rest {
        [Stmt::Local(info), .., Stmt::Expr(Expr::Match(answer), _)]
            if is_info(info) && decodes(&Expr::Match(answer.clone())) =>
        {
            Ok(())
        }
        _ => Err("what follows the request is not how progenitor sends it and decodes JSON".into()),
    }
}

/// `let Self { … } = self`, and an argument that is there or says why not.
fn is_argument(local: &Local) -> bool {
    matches!(local.pat, Pat::Struct(_))
        || init(local).is_some_and(|value| words(value).contains("Error :: InvalidRequest"))
}

fn is_url(local: &Local) -> bool {
    matches!(init(local), Some(Expr::Macro(format)) if format.mac.path.is_ident("format"))
}

/// The header that progenitor makes of the spec's version. Other headers of an operation are refused by lint.
fn is_api_version(call: &ExprMethodCall) -> bool {
    words(&call.receiver) == "header_map"
        && call.args.first().is_some_and(|name| words(name).contains("\"api-version\""))
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

fn words(expr: impl quote::ToTokens) -> String {
    expr.to_token_stream().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(send: &str) -> Result<String, Unrecognised> {
        let block: Block = syn::parse_str(send).unwrap();
        let BuiltRequest { statements, .. } = cut(&block, &quote!(OPERATION), Some(&quote!(RULE)))?;
        Ok(quote!(#( #statements )*).to_string())
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
        let cut = run(SEND).unwrap();
        assert!(cut.starts_with("let Self { client , id } = self ; let id = id . map_err"), "{cut}");
        assert!(cut.contains("let request = client . begin (& OPERATION) ? . query (& progenitor_client ::"), "{cut}");
        assert!(cut.ends_with(". build () ? ;"), "{cut}");
        for gone in ["url", "header", "exec", "baseurl"] {
            assert!(!cut.contains(gone), "{gone} in {cut}");
        }
    }

    #[test]
    fn arguments_in_the_path_are_filled_in_for_each_call() {
        let send = SEND.replace(
            r#"format!("{}/thing", client.baseurl,)"#,
            r#"format!("{}/thing/{}", client.baseurl, encode_path(&id.to_string()),)"#,
        );
        let cut = run(&send).unwrap();
        assert!(cut.contains("let url = format ! (\"/thing/{}\" , encode_path"), "{cut}");
        assert!(cut.contains("client . begin_at (& OPERATION , & url) ?"), "{cut}");
    }

    #[test]
    fn a_body_is_checked_by_its_rule() {
        let cut = run(&SEND.replace(".headers(", ".json(&body).headers(")).unwrap();
        assert!(cut.contains("JsonBody :: of (& RULE , & body) ? . put_into (client . begin (& OPERATION) ?"), "{cut}");
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
