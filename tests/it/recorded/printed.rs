//! The text in logs: `Debug` of public values, and error messages.

use std::time::Duration;

use cashfree_vkyc::{Client, Credentials, Environment, ReferenceId, VerificationId};

use super::snapshot;
use crate::errors::error_of;
use crate::redaction::{answer, client_of};
use crate::support::{Server, http, json};

#[tokio::test]
async fn debug_of_responses_clients_and_builders_matches_its_snapshot() {
    let server = Server::answering(http(200, "application/json; x=canary", answer().to_string())).await;
    let client = client_of(&server);
    let response = client.status(ReferenceId(1358)).await.unwrap();
    let credentials = Credentials::new("canary-id", "canary-secret").unwrap();
    let builder = Client::builder().credentials(credentials).environment(Environment::Sandbox);
    // Absent fields are left out, so that a new field changes only the snapshot of the types.
    let response = format!("{response:#?}");
    let response: Vec<_> = response.lines().filter(|line| !line.ends_with(": None,")).collect();
    snapshot("debug", &format!("{}\n\n{client:#?}\n\n{builder:#?}", response.join("\n")));
}

#[test]
fn display_and_debug_of_errors_match_their_snapshot() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let errors = runtime.block_on(async {
        [
            error_of(json(404, r#"{"type":"validation_error","code":"verification_id_not_found","message":"m"}"#))
                .await,
            error_of(http(502, "text/html", "<html>")).await,
            error_of(json(200, r#"{"reference_id":"x"}"#)).await,
            error_of(json(429, r#"{"type":"rate_limit_error","code":"too_many_requests_per_ip"}"#)).await,
            error_of(b"HTTP/1.1 302 Found\r\nlocation: https://h.example/?q=1\r\ncontent-length: 0\r\n\r\n".to_vec())
                .await,
        ]
    });
    let texts: Vec<_> = errors.iter().map(|error| format!("{error}\n{error:#?}")).collect();
    snapshot("errors", &texts.join("\n\n"));
}

#[test]
fn display_of_errors_before_a_call_matches_its_snapshot() {
    let credentials = || Credentials::new("id", "secret").unwrap();
    let builder = || Client::builder().environment(Environment::Sandbox).credentials(credentials());
    let ids = ["", "a b", &"x".repeat(51)].map(|id| VerificationId::new(id).unwrap_err().to_string());
    let config = [
        Client::builder().build().unwrap_err(),
        Client::builder().environment(Environment::Sandbox).build().unwrap_err(),
        builder().timeout(Duration::ZERO).build().unwrap_err(),
        builder().api_version("v2").build().unwrap_err(),
        Credentials::new("", "secret").unwrap_err(),
        Credentials::new("id", "secret\n").unwrap_err(),
        Environment::custom("http://example.com").unwrap_err(),
        Environment::custom("https://user:word@example.com").unwrap_err(),
    ];
    let config = config.map(|error| error.to_string());
    snapshot("refusals", &[ids.join("\n"), config.join("\n")].join("\n"));
}
