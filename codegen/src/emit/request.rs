//! Builds a request from its arguments. They are checked by the limits of the spec first; a body is checked by its rule.
//!
//! Progenitor decides how arguments become a request, but the transport sends it. So progenitor's `send` is compared with the code
//! that progenitor 0.15 writes for these arguments. Any other code is an error: a new version of progenitor or a construct of the spec
//! might add a part to the request that would be lost here.

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::{Block, Field, Type, parse_quote};

use super::rules;
use super::syntax::{docs, ident, inner_of_option, source, type_argument, type_name};
use crate::openapi::{Operation, Spec, field_name, is_true, reference_name, text};

/// The expression that builds a request. `constant` is our `Operation`.
///
/// # Errors
/// With the first statement of progenitor's `send` that is not recognised.
pub(super) fn build(
    spec: &Spec,
    operation: &Operation<'_>,
    arguments: &[Argument<'_>],
    constant: &Ident,
    send: &Block,
) -> Result<TokenStream, String> {
    let in_place = |place: &'static str| arguments.iter().filter(move |argument| argument.place == place);
    let queries = in_place("query")
        .map(|Argument { name, wire, .. }| quote!(.query(&progenitor_client::QueryParam::new(#wire, &#name))));
    let queries = queries.collect();
    let in_path = in_place("path").map(|Argument { name, .. }| quote!(encode_path(&#name.to_string())));
    let in_path: Vec<_> = in_path.collect();
    let parts = operation.path.split('}').map(|part| part.split('{').next().unwrap_or_default());
    let template = parts.collect::<Vec<_>>().join("{}");
    compare(send, &expected(spec, operation, arguments, (&template, &in_path), &queries))?;
    let begin = if in_path.is_empty() {
        quote!(client.begin(&#constant)?)
    } else {
        quote!(client.begin_at(&#constant, &format!(#template, #( #in_path ),*))?)
    };
    let begin = match spec.body(operation).map(|(schema, _)| rules::path(spec, schema)) {
        Some(rule) => quote!(JsonBody::of(&#rule, &body)?.put_into(#begin)),
        None => begin,
    };
    Ok(quote!(#begin #queries.build()?))
}

/// The body of `send` as progenitor writes it.
fn expected(
    spec: &Spec,
    operation: &Operation<'_>,
    arguments: &[Argument<'_>],
    (template, in_path): (&str, &[TokenStream]),
    queries: &TokenStream,
) -> Block {
    let names: Vec<_> = arguments.iter().map(|argument| &argument.name).collect();
    let unique = |name: &str| {
        let is_taken = names.iter().any(|taken| *taken == name);
        ident(&format!("{}{name}", if is_taken { "_" } else { "" }))
    };
    let (url, result) = (unique("url"), unique("result"));
    let converted = arguments.iter().map(|Argument { place, held, .. }| {
        (*place == "body").then(|| quote!(.and_then(|v| #held::try_from(v).map_err(|e| e.to_string()))))
    });
    let template = format!("{{}}{template}");
    let (method, status) = (ident(operation.method), spec.success_status(operation));
    let id = text(operation.node, "operationId").unwrap_or_default().to_snake_case();
    let json = spec.body(operation).map(|_| quote!(.json(&body)));
    parse_quote!({
        let Self { client, #( #names, )* } = self;
        #( let #names = #names #converted.map_err(Error::InvalidRequest)?; )*
        let #url = format!(#template, client.baseurl, #( #in_path, )*);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
        );
        #[allow(unused_mut)]
        let mut request = client.client.#method(#url)
            .header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static("application/json",),)
            #json #queries .headers(header_map).build()?;
        let info = OperationInfo { operation_id: #id, };
        client.pre(&mut request, &info).await?;
        let #result = client.exec(request, &info).await;
        client.post(&#result, &info).await?;
        let response = #result?;
        match response.status().as_u16() {
            #status => { ResponseValue::from_response(response).await }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    })
}

fn compare(written: &Block, expected: &Block) -> Result<(), String> {
    let [written, expected] = [written, expected].map(|block| block.stmts.iter().map(source).collect::<Vec<_>>());
    if written == expected {
        return Ok(());
    }
    let differs = written.iter().zip(&expected).find(|(written, expected)| written != expected);
    Err(differs.map_or_else(|| "the end of `send`".to_owned(), |(written, _)| format!("a statement: {written}")))
}

/// An argument of a request, or its body.
pub(super) struct Argument<'a> {
    pub(super) name: Ident,
    /// The name in the spec.
    pub(super) wire: &'a str,
    /// `path`, `query` or `body`.
    pub(super) place: &'a str,
    /// `T` of the field's `Result<T, String>`.
    pub(super) held: Type,
    doc: &'a str,
    /// The error when the argument is not set, and when it cannot be converted.
    missing: String,
    unfit: String,
}

impl<'a> Argument<'a> {
    /// The argument of a field of progenitor's builder. `None` for the field that holds the client.
    pub(super) fn of(spec: &'a Spec, operation: &Operation<'a>, field: &Field) -> Option<Self> {
        let name = field.ident.clone()?;
        let held = type_argument(&field.ty)?.clone();
        let mut parameters = spec.parameters(operation);
        let node = parameters.find(|node| text(node, "name").is_some_and(|wire| name == field_name(wire)));
        let word = |key| node.and_then(|node| text(node, key));
        let wire = word("name").unwrap_or("body");
        let (label, held) = match node {
            Some(_) => (format!("the argument `{wire}`"), held),
            // Progenitor's builder of the type is not used: a body is a value of the type.
            None => ("the body".to_owned(), syn::parse_str(&format!("types::{}", type_name(&held))).ok()?),
        };
        let unfit = match node.and_then(|node| text(node.get("schema")?, "type")) {
            Some("integer") => "is not a valid whole number; pass one between -2^63 and 2^63-1",
            Some("number") => "is not a number",
            Some("string") => "is not a text that the operation accepts",
            _ => "is not a value that the operation accepts",
        };
        let (place, doc) = (word("in").unwrap_or("body"), word("description").unwrap_or("The body of the request."));
        Some(Self { name, wire, place, held, doc, missing: missing(&label), unfit: format!("{label} {unfit}") })
    }

    /// The initial value of the field.
    pub(super) fn unset(&self) -> TokenStream {
        let Self { name, missing, .. } = self;
        match inner_of_option(&self.held) {
            Some(_) => quote!(#name: Ok(None)),
            None => quote!(#name: Err(#missing.to_owned())),
        }
    }

    /// The method that sets the argument.
    pub(super) fn setter(&self) -> TokenStream {
        let Self { name, held, unfit, .. } = self;
        let docs = docs(self.doc);
        let optional = inner_of_option(held);
        let (ty, some) = (optional.unwrap_or(held), optional.map(|_| quote!(.map(Some))));
        quote! {
            #( #docs )*
            pub fn #name(mut self, #name: impl TryInto<#ty>) -> Self {
                self.#name = #name.try_into()#some.map_err(|_| #unfit.to_owned());
                self
            }
        }
    }
}

/// The error for an argument that is not set.
pub(super) fn missing(label: &str) -> String {
    format!("{label} is missing; set it before the request is sent")
}

/// The statement that checks the arguments. `None` if there is nothing to check.
pub(super) fn check_arguments(spec: &Spec, operation: &Operation<'_>) -> Option<TokenStream> {
    let arguments = spec.arguments(operation).filter_map(|(_, name, node)| Some((name, node.get("schema")?)));
    let checked: Vec<_> = arguments.filter(|(_, schema)| !was_checked(spec, schema)).collect();
    if checked.is_empty() {
        return None;
    }
    // Missing arguments were rejected before.
    let fields = checked.iter().map(|(name, schema)| rules::field(spec, name, false, schema));
    let arguments = checked.iter().map(|(name, _)| {
        let argument = ident(&field_name(name));
        quote!((#name, ::serde_json::to_value(&#argument)))
    });
    let imports = rules::imports();
    Some(quote! {
        {
            #imports
            static ARGUMENTS: Rule = Rule::Object(ObjectRule { fields: &[ #( #fields ),* ], exactly_one_of: &[] });
            crate::transport::check_arguments(&ARGUMENTS, [ #( #arguments ),* ])?;
        }
    })
}

/// Whether the type of an id has checked the value already. The type of a numeric id checks only that it is a number.
fn was_checked(spec: &Spec, schema: &Value) -> bool {
    let target = reference_name(schema).and_then(|name| spec.schema(name)).filter(|target| is_true(target, "x-id"));
    target.is_some_and(|target| ["minimum", "maximum"].iter().all(|key| target.get(*key).is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{assert_has, edited, run};

    /// `send` of an operation with the argument `id` in its query, as progenitor 0.15 writes it.
    const SEND: &str = r#"{
        let Self { client, id, } = self;
        let id = id.map_err(Error::InvalidRequest)?;
        let url = format!("{}/thing", client.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(super::Client::api_version()),
        );
        #[allow(unused_mut)]
        let mut request = client.client.get(url)
            .header(::reqwest::header::ACCEPT, ::reqwest::header::HeaderValue::from_static("application/json",),)
            .query(&progenitor_client::QueryParam::new("id", &id))
            .headers(header_map)
            .build()?;
        let info = OperationInfo { operation_id: "get_thing", };
        client.pre(&mut request, &info).await?;
        let result = client.exec(request, &info).await;
        client.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => { ResponseValue::from_response(response).await }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }"#;

    fn built(send: &str) -> Result<String, String> {
        let text = "paths: {/thing: {get: {operationId: getThing, parameters: [{name: id, in: query}]}}}";
        let spec = Spec::parse("s.yaml", text).unwrap();
        let operations = spec.operations();
        let field = parse_quote!(id: Result<String, String>);
        let arguments: Vec<_> = Argument::of(&spec, &operations[0], &field).into_iter().collect();
        let send = syn::parse_str(send).unwrap();
        build(&spec, &operations[0], &arguments, &ident("GET_THING"), &send).map(|built| built.to_string())
    }

    #[test]
    fn a_recognised_send_gives_the_request() {
        let expected = "client . begin (& GET_THING) ? . query (& progenitor_client :: QueryParam :: new (\"id\" , & id)) . build () ?";
        assert_eq!(built(SEND).as_deref(), Ok(expected));
    }

    #[test]
    fn arguments_in_the_path_are_filled_in_for_each_call() {
        let text = edited("  /thing:", "  /thing/{thing_id}/part:");
        let text = text.replace("in: query\n", "in: path\n          required: true\n");
        let call =
            "client.begin_at(&GET_THING, &format!(\"/thing/{}/part\", encode_path(&thing_id.to_string())))?.build()?";
        assert_has(&run(&text).unwrap().operations, &[call]);
    }

    #[test]
    fn arguments_may_have_the_names_of_progenitors_variables() {
        for name in ["url", "result", "info", "header_map"] {
            let text = edited("name: thing_id", &format!("name: {name}"));
            let query = format!(".query(&progenitor_client::QueryParam::new(\"{name}\", &{name}))");
            assert_has(&run(&text).unwrap().operations, &[&query]);
        }
    }

    #[test]
    fn any_other_send_is_refused_with_the_statement() {
        for (old, new, says) in [
            ("let info", "let data", "a statement: let data"),
            ("from_response(response).await", "stream(response)", "a statement: match response"),
            (".query(", ".multipart(", ". multipart ("),
            (".headers(", ".header(A, B).headers(", ". header (A , B)"),
            ("client.client.get", "self.http.get", "self . http . get"),
            ("\"{}/thing\", client.baseurl,", "\"https://elsewhere/{}\", client.baseurl,", "https://elsewhere"),
            ("\"api-version\"", "\"x-new\"", "a statement: header_map . append"),
            (".build()?", ".send().await?", ". send ()"),
            ("let url =", "tracing::info!(\"{id}\"); let url =", "a statement: tracing"),
            ("let response = result?;", "", "a statement: match"),
            ("&info).await?;\n        let response", "&info).await?; sign(); let response", "a statement: sign ()"),
        ] {
            assert!(SEND.contains(old), "{old}");
            let error = built(&SEND.replace(old, new)).unwrap_err();
            assert!(error.contains(says), "{new}: {error}");
        }
    }
}
