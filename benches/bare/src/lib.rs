//! The same tasks written by hand: reqwest, serde_json and an HMAC. Without unknown values, extra fields, redaction, parsed times
//! or retries.

#![allow(clippy::missing_errors_doc, missing_docs)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

#[derive(Debug, Deserialize, Serialize)]
pub struct Verification {
    pub verification_id: Option<String>,
    pub reference_id: Option<i64>,
    pub user_reference_id: Option<i64>,
    pub user_id: Option<String>,
    pub status: Option<String>,
    pub sub_status: Option<String>,
    pub vkyc_link: Option<String>,
    pub link_expiry: Option<String>,
    pub recording_link: Option<String>,
    pub meeting_schedule: Option<String>,
    pub auditor_remarks: Option<String>,
    pub agent_remarks: Option<String>,
    pub aadhaar_details: Option<serde_json::Value>,
    pub security_questions: Option<Vec<serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
pub struct Event {
    pub event_type: Option<String>,
    pub event_time: Option<String>,
    pub data: Verification,
}

#[derive(Debug, Serialize)]
pub struct Initiate {
    pub verification_id: String,
    pub user_id: String,
    pub notification_types: Vec<String>,
}

/// Sends the same headers as the library, including the name of the program.
#[cfg(feature = "client")]
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().user_agent("by-hand/0.1.0+2024-12-01").build()
}

/// Requests the state of one verification.
#[cfg(feature = "client")]
pub async fn status(client: &reqwest::Client, url: &str, reference_id: i64) -> reqwest::Result<Verification> {
    send(client.get(url).query(&[("reference_id", reference_id)])).await
}

/// Starts a verification. Does not find out the outcome if there is no response.
#[cfg(feature = "client")]
pub async fn initiate(client: &reqwest::Client, url: &str, initiate: &Initiate) -> reqwest::Result<Verification> {
    send(client.post(url).json(initiate)).await
}

#[cfg(feature = "client")]
async fn send(request: reqwest::RequestBuilder) -> reqwest::Result<Verification> {
    let request = request.header("accept", "application/json");
    let request = request.header("x-client-id", "client-id").header("x-client-secret", "client-secret");
    let request = request.header("x-api-version", "2024-12-01").timeout(std::time::Duration::from_secs(30));
    request.send().await?.error_for_status()?.json().await
}

/// Decodes a response.
pub fn decode(body: &[u8]) -> Option<Verification> {
    serde_json::from_slice(body).ok()
}

/// Encodes a response.
pub fn encode(verification: &Verification) -> Option<Vec<u8>> {
    serde_json::to_vec(verification).ok()
}

/// Prepares the secret of an account, once.
pub fn key(secret: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret).ok()
}

/// Verifies and decodes one webhook.
pub fn verify(key: &Hmac<Sha256>, timestamp: &[u8], signature: &[u8], body: &[u8]) -> Option<Event> {
    let given = STANDARD.decode(signature).ok()?;
    let mut mac = key.clone();
    mac.update(timestamp);
    mac.update(body);
    mac.verify_slice(&given).ok()?;
    serde_json::from_slice(body).ok()
}

/// Generates a client from a spec, as progenitor's README shows it. The error responses are removed first, because progenitor
/// rejects an operation that documents more than one kind.
#[cfg(feature = "generator")]
pub fn generate(spec: &str) -> Option<String> {
    let mut spec: openapiv3::OpenAPI = serde_json::from_str(spec).ok()?;
    for path in spec.paths.paths.values_mut() {
        let openapiv3::ReferenceOr::Item(path) = path else { continue };
        for operation in [&mut path.get, &mut path.post, &mut path.patch].into_iter().flatten() {
            operation.responses.responses.retain(|status, _| *status == openapiv3::StatusCode::Code(200));
        }
    }
    let tokens = progenitor::Generator::default().generate_tokens(&spec).ok()?;
    Some(prettyplease::unparse(&syn::parse2(tokens).ok()?))
}

/// Starts a server for tests that answers every status request with `body`.
#[cfg(feature = "server")]
pub async fn server(body: &serde_json::Value) -> wiremock::MockServer {
    use wiremock::matchers::{method, path};

    let server = wiremock::MockServer::builder().start().await;
    let answer = wiremock::ResponseTemplate::new(200).set_body_json(body);
    wiremock::Mock::given(method("GET")).and(path("/vkyc")).respond_with(answer).mount(&server).await;
    server
}
