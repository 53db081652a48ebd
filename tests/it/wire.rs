//! The content of requests: exactly one id in the query, the headers that Cashfree documents, and nothing else.

use std::collections::BTreeMap;

use cashfree_vkyc::{Client, Credentials, Environment, ReferenceId, VerificationId};

use crate::support::{self, Server, json};

/// A server that sends the published sample.
async fn server() -> Server {
    Server::answering(json(200, support::published_sample().to_string())).await
}

fn headers(request: &str) -> BTreeMap<String, String> {
    let lines = request.lines().skip(1).filter_map(|line| line.split_once(": "));
    lines.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect()
}

#[tokio::test]
async fn the_query_holds_exactly_one_id() {
    let server = Server::agreeable().await;
    let client = server.client();
    client.status(VerificationId::new("A.z_0-9").unwrap()).await.unwrap();
    client.status(ReferenceId(i64::MAX)).await.unwrap();
    client.status(ReferenceId(-1)).await.unwrap();
    let lines: Vec<_> = server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "GET /verification/vkyc?verification_id=A.z_0-9 HTTP/1.1",
            "GET /verification/vkyc?reference_id=9223372036854775807 HTTP/1.1",
            "GET /verification/vkyc?reference_id=-1 HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn requests_have_only_the_headers_that_cashfree_documents() {
    let server = server().await;
    server.client().status(ReferenceId(1358)).await.unwrap();
    let headers = headers(&server.requests()[0]);
    let names: Vec<_> = headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "host", "user-agent", "x-api-version", "x-client-id", "x-client-secret"]);
    assert_eq!(headers["accept"], "application/json");
    assert_eq!(headers["x-api-version"], support::api_version());
    assert_eq!(
        (headers["x-client-id"].as_str(), headers["x-client-secret"].as_str()),
        ("test-client-id", "test-client-secret")
    );
    assert_eq!(headers["user-agent"], concat!("cashfree-vkyc/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn version_and_user_agent_can_be_set() {
    let server = server().await;
    let client = server.builder().api_version("2025-11-01").user_agent("my-bank/1").build().unwrap();
    client.status(ReferenceId(1358)).await.unwrap();
    let headers = headers(&server.requests()[0]);
    assert_eq!((headers["x-api-version"].as_str(), headers["user-agent"].as_str()), ("2025-11-01", "my-bank/1"));
}

#[tokio::test]
async fn base_urls_with_and_without_a_trailing_slash_give_the_same_path() {
    for (base, path) in
        [("", "/vkyc"), ("/", "/vkyc"), ("/a/b", "/a/b/vkyc"), ("/a/b/", "/a/b/vkyc"), ("/a/b//", "/a/b/vkyc")]
    {
        let server = server().await;
        let environment = Environment::custom(format!("http://{}{base}", server.address)).unwrap();
        let credentials = Credentials::new("id", "secret").unwrap();
        let client = Client::builder().environment(environment).credentials(credentials).build().unwrap();
        client.status(ReferenceId(1358)).await.unwrap();
        let line = server.requests()[0].lines().next().unwrap().to_owned();
        assert_eq!(line, format!("GET {path}?reference_id=1358 HTTP/1.1"));
    }
}

#[tokio::test]
async fn a_response_has_the_status_headers_and_raw_body() {
    let server = server().await;
    let response = server.client().status(ReferenceId(1358)).await.unwrap();
    assert_eq!((response.http_status().as_u16(), response.request_id()), (200, Some("request-7")));
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.reference_id, Some(1358));
    assert_eq!(response.raw_body(), support::published_sample().to_string().as_bytes());
    assert_eq!(response.as_ref().status, response.clone().into_inner().status);
}

#[tokio::test]
async fn a_request_can_be_sent_from_another_task() {
    let server = server().await;
    let request = server.client().status(ReferenceId(1358));
    let answer = tokio::spawn(async move { request.await }).await.unwrap();
    assert!(answer.is_ok());
}
