//! Builds a request from its arguments, and checks that progenitor's `send` builds the same one.
//!
//! Progenitor decides how arguments become a request, but the transport sends it. So `send` is compared with the code that
//! progenitor 0.15 writes for these arguments. Any other code is rejected, so that neither a new version of progenitor nor a
//! construct of the spec can add a part to the request that would be dropped here.

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Block, parse_quote};

use super::arguments::Argument;
use super::rules;
use super::syntax::{ident, source};
use crate::openapi::{Operation, Spec, text};

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
