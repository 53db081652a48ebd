//! No printed or logged text shows a secret, a link, a remark, the id of a customer, a query or a body.

use std::time::Duration;

use cashfree_vkyc::webhook::{MemoryDedupe, Verifier};
use cashfree_vkyc::{
    Client, Credentials, Environment, ReferenceId, VerificationId, VerificationRef, VideoKyc, Watches,
};
use serde_json::{Value, json};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::log::logged;
use crate::support::{Server, all_texts, http};

const CANARY: &str = "canary";
/// The smallest response about the verification with the reference id 1358.
const SMALLEST: &str = r#"{"reference_id":1358,"status":"RECEIVED"}"#;

/// A response with a canary in every field that must not be printed, including one that the spec does not have.
pub(crate) fn answer() -> Value {
    json!({
        "verification_id": "vkyc_42",
        "reference_id": 1358,
        "status": "RECEIVED",
        "sub_status": "LINK_GENERATED",
        "vkyc_link": "https://forms.example/canary",
        "recording_link": "https://storage.example/x?X-Amz-Signature=canary",
        "user_id": "canary-user",
        "user_reference_id": 31337,
        "agent_remarks": "canary",
        "auditor_remarks": "canary",
        "aadhaar_details": { "name": "canary", "list": ["canary"] },
        "email": "canary@example.com",
    })
}

fn assert_clean(what: &str, text: &str) {
    assert!(!text.contains(CANARY) && !text.contains("31337"), "{what} shows a canary:\n{text}");
}

pub(crate) fn client_of(server: &Server) -> Client {
    let credentials = Credentials::new("canary-client-id", "canary-client-secret").unwrap();
    let builder = server.builder().credentials(credentials).timeout(Duration::from_millis(400));
    // Even with this option, the bytes are not logged.
    builder.http(|http| http.connection_verbose(true)).build().unwrap()
}

#[tokio::test]
async fn debug_of_public_types_shows_their_name_and_no_personal_data() {
    let server = Server::answering(http(200, "application/json; x=canary", answer().to_string())).await;
    let client = client_of(&server);
    let response = client.status(ReferenceId(1358)).await.unwrap();
    let credentials = Credentials::new("canary-id", "canary-secret").unwrap();
    let builder = Client::builder().credentials(credentials.clone()).environment(Environment::Sandbox);
    let watches = Watches::new();
    let watch = watches.add(client.watch(VerificationId::new("canary").unwrap()).max_wait(Duration::from_secs(1)));
    for (name, text) in [
        ("Response", format!("{response:?} {response:#?}")),
        ("VideoKyc", format!("{:?} {:#?}", *response, *response)),
        ("Client", format!("{client:?} {client:#?}")),
        ("Operations", format!("{:?}", client.operations())),
        (
            "VkycGetStatus",
            format!(
                "{:?}",
                client.operations().vkyc_get_status().verification_ref(VerificationId::new("canary").unwrap())
            ),
        ),
        ("Call { operation: \"vkycGetStatus\"", format!("{:?}", client.status(VerificationId::new("canary").unwrap()))),
        (
            "on_change: set",
            format!(
                "{:?}",
                client
                    .watch(VerificationId::new("vkyc_42").unwrap())
                    .max_wait(Duration::from_secs(1))
                    .on_change(|_| {})
            ),
        ),
        ("Changes", format!("{:?}", watch.changes())),
        ("Watches", format!("{watches:?} {watches:#?}")),
        ("Statuses", format!("{:?}", client.statuses([VerificationId::new("canary").unwrap()]))),
        (
            "expected `verification_id:…`",
            format!("{:?}", serde_json::from_str::<VerificationRef>("\"canary\"").unwrap_err()),
        ),
        ("Client", format!("{:?}", client.with_credentials(credentials.clone()).unwrap())),
        ("https://h.example/…", format!("{:?}", Environment::custom("https://h.example/canary").unwrap())),
        ("SignedRequest", format!("{:?}", Verifier::new("canary-secret").unwrap().sign("{\"canary\":1}"))),
        ("MemoryDedupe", format!("{:?}", MemoryDedupe::new(7))),
        ("Credentials", format!("{credentials:?} {credentials:#?}")),
        ("ClientBuilder", format!("{builder:?} {builder:#?}")),
    ] {
        assert_clean(name, &text);
        assert!(text.contains(name), "{name} prints {text}");
    }
}

/// A program can use the table of fields to print a record without personal data.
#[test]
fn the_table_of_fields_marks_every_personal_value() {
    let answer = answer();
    let listed = VideoKyc::FIELDS.iter().filter_map(|field| Some((field, answer.get(field.name)?)));
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed.len(), answer.as_object().unwrap().len() - 1, "all but `email`, which the spec does not know");
    for (field, value) in listed {
        let is_personal = value.to_string().contains(CANARY) || *value == 31337;
        assert_eq!(field.is_sensitive, is_personal, "{}", field.name);
    }
    let of_user = |name: &str| cashfree_vkyc::User::FIELDS.iter().find(|field| field.name == name).unwrap();
    for name in ["user_id", "user_reference_id", "phone", "email", "name", "address"] {
        assert!(of_user(name).is_sensitive, "{name}");
    }
    let sub_status = VideoKyc::FIELDS.iter().find(|field| field.name == "sub_status");
    assert_eq!(sub_status.unwrap().label, "sub status");
}

#[tokio::test]
async fn errors_and_their_sources_show_no_secret_and_no_personal_data() {
    let body = answer().to_string();
    let mut wrong_type = answer();
    wrong_type["reference_id"] = json!("canary");
    let answers = [
        http(200, "application/json", body.replacen('{', "[", 1)),
        http(200, "application/json", wrong_type.to_string()),
        http(200, "application/json", &body[..body.len() - 3]),
        http(200, "text/html", "<html>canary</html>"),
        http(500, "text/html", "<html>canary</html>"),
        http(
            404,
            "application/json",
            r#"{"code":"verification_id_not_found","error":{"ref":"canary"},"new":"canary"}"#,
        ),
        http(401, "application/json", r#"{"message":"bad pair canary-client-id:canary-client-secret"}"#),
        http(401, "application/json", r#"{"type":"canary-client-secret","code":"no canary-client-id"}"#),
        http(401, "application/json", r#"{"message":"canary\u002dclient-secret"}"#),
        http(401, "application/json", r#"{"message":"bad","canary-client-secret":"canary-client-id"}"#),
        b"HTTP/1.1 302 Found\r\nlocation: //canary-client-id.example/\r\ncontent-length: 0\r\n\r\n".to_vec(),
        http(401, "canary-client-id/canary-client-secret", "x"),
        b"HTTP/1.1 401 No\r\nx-request-id: canary-client-secret\r\ncontent-length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 302 Found\r\nlocation: https://h.example/canary?canary\r\ncontent-length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncanary".to_vec(),
        b"canary\r\n\r\n".to_vec(),
        b"".to_vec(),
    ];
    for answer in answers {
        let server = Server::answering(answer).await;
        let client = client_of(&server);
        let error = client.status(VerificationId::new("canary-id").unwrap()).await.unwrap_err();
        assert_clean("an error", &all_texts(&error));
    }
    let silent = Server::scripted(|stream| async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        drop(stream);
    })
    .await;
    let error = client_of(&silent).status(VerificationId::new("canary-id").unwrap()).await.unwrap_err();
    assert_clean("a timeout", &all_texts(&error));

    let refused = Environment::custom("http://127.0.0.1:1/canary").unwrap();
    let credentials = Credentials::new("canary-id", "canary-secret").unwrap();
    let nobody = Client::builder().environment(refused).credentials(credentials).build().unwrap();
    let error = nobody.status(VerificationId::new("canary-id").unwrap()).await.unwrap_err();
    assert_clean("a refused connection", &all_texts(&error));
}

fn builder() -> cashfree_vkyc::ClientBuilder {
    Client::builder()
        .environment(Environment::Sandbox)
        .credentials(Credentials::new("canary-id", "canary-secret").unwrap())
}

#[test]
fn configuration_errors_do_not_show_configured_values() {
    for error in [
        Credentials::new("canary\n", "x").unwrap_err(),
        Credentials::new("x", "canary\0").unwrap_err(),
        Environment::custom("https://canary:canary@h.example").unwrap_err(),
        Environment::custom("http://canary.example/canary").unwrap_err(),
        Environment::custom("canary").unwrap_err(),
        builder().api_version("canary").build().unwrap_err(),
        builder().user_agent("canary\n").build().unwrap_err(),
    ] {
        assert_clean("a configuration error", &all_texts(&error));
    }
    // A secret in the wrong setting.
    let pasted = builder().user_agent("canary-secret").api_version("canary-secret");
    assert_clean("a builder", &format!("{pasted:?} {pasted:#?}"));
}

/// Returns all printed forms of a response: the response, its value, its parts, and the error of a watch.
async fn printed(answer: Vec<u8>) -> String {
    let server = Server::answering(answer).await;
    let client = client_of(&server);
    let response = client.status(ReferenceId(1358)).await.unwrap();
    let mut texts = format!("{response:?} {response:#?} {} {}", response.status, response.sub_status);
    let value = response.into_inner();
    texts += &format!("{value:?} {:?} {}", value.status, value.status);
    let watch = client.watch(ReferenceId(1358)).max_wait(Duration::ZERO);
    texts + &all_texts(&watch.until_final().await.unwrap_err())
}

/// Credentials that a server echoes are not printed from any part of the response.
#[tokio::test]
async fn echoed_credentials_are_not_printed_from_any_field() {
    let base64 = ["Y2FuYXJ5LWNsaWVudC1zZWNyZXQ", "Y2FuYXJ5LWNsaWVudC1pZDpjYW5hcnktY2xpZW50LXNlY3JldA"];
    for secret in ["canary-client-secret", "canary-client-id"] {
        for body in [
            json!({ "reference_id": 1358, "status": secret }),
            json!({ "reference_id": 1358, "status": "RECEIVED", "sub_status": secret }),
            json!({ "reference_id": 1358, "status": "RECEIVED", secret: 1 }),
            json!({ "reference_id": 1358, "status": "RECEIVED", "verification_id": secret, "new": { secret: secret } }),
            json!({ "reference_id": 1358, "status": "RECEIVED", "link_expiry": secret }),
        ] {
            let text = printed(http(200, "application/json", body.to_string())).await;
            assert_clean("a response", &text);
        }
        let cut = format!(r#"{{"status":"RECEIVED","{secret}":{{"x":"#);
        let wrong = format!(r#"{{"status":"RECEIVED","{secret}":1,"{secret}":2}}"#);
        for body in [cut, wrong] {
            let server = Server::answering(http(200, "application/json", body)).await;
            let error = client_of(&server).status(ReferenceId(1358)).await.unwrap_err();
            assert_clean("an error", &all_texts(&error));
        }
    }
    for (status, echo) in [200, 401].into_iter().flat_map(|status| base64.map(|echo| (status, echo))) {
        let answer = format!(
            "HTTP/1.1 {status} S\r\nx-request-id: {echo}==\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{SMALLEST}",
            SMALLEST.len()
        );
        let server = Server::answering(answer).await;
        let text = match client_of(&server).status(ReferenceId(1358)).await {
            Ok(response) => format!("{response:?} {:?}", response.request_id()),
            Err(error) => all_texts(&error) + error.request_id().unwrap_or_default(),
        };
        assert!(!text.contains(echo) && text.contains("redacted"), "{text}");
    }
}

/// Cashfree's message may repeat personal data of the request. A documented message is printed.
#[tokio::test]
async fn an_undocumented_error_message_is_not_printed() {
    let said = "no user canary-7 with phone 9988776655, see https://forms.cashfree.com/verification/M8go";
    let body = json!({ "type": "validation_error", "code": "brand_new", "message": said }).to_string();
    let server = Server::answering(http(404, "application/json", body)).await;
    let error = client_of(&server).status(ReferenceId(1358)).await.unwrap_err();
    let printed = all_texts(&error);
    for part in ["canary", "9988776655", "forms.cashfree.com"] {
        assert!(!printed.contains(part), "{part} in {printed}");
    }
    assert!(error.to_string().contains("404 Not Found, validation_error, brand_new"), "{error}");
    assert!(error.to_string().contains("see Error::api"), "{error}");
    assert_eq!(error.api().unwrap().message.as_ref().unwrap().expose(), said);

    let documented = cashfree_vkyc::DocumentedError::all().iter().find(|row| row.code() == Some("user_id_not_found"));
    let words = documented.unwrap().meaning();
    let body = json!({ "type": "brand_new", "code": "user_id_not_found", "message": words }).to_string();
    let server = Server::answering(http(404, "application/json", body)).await;
    let error = client_of(&server).status(ReferenceId(1358)).await.unwrap_err().to_string();
    assert!(error.contains(words) && !error.contains("see Error::api"), "{error}");
}

/// Text from a server cannot forge a log line, change its reading order, or fill the log.
#[tokio::test]
async fn the_text_of_a_server_is_printed_escaped_and_shortened() {
    for mark in ["\n", "\u{202e}", "\u{2028}", "\u{2066}", "\u{1b}[31m", "\u{200b}"] {
        let text = format!("a{mark}b");
        let body = json!({
            "reference_id": 1358, "status": text, "sub_status": text, text.clone(): 1, "verification_id": text, "link_expiry": text,
        });
        let printed = printed(http(200, "application/json", body.to_string())).await;
        assert!(!printed.replace('\n', "").contains(mark.trim_matches('\n')) || mark == "\n", "{mark:?} in {printed}");
        assert!(!printed.contains(&text), "{mark:?} in {printed}");
        let body = json!({ "type": text, "code": text, "message": text }).to_string();
        let server = Server::answering(http(400, "application/json", body)).await;
        let error = client_of(&server).status(ReferenceId(1358)).await.unwrap_err();
        assert!(!all_texts(&error).contains(&text), "{mark:?} in {error}");
        assert_eq!(error.code().unwrap().as_str(), text, "the exact text stays");
    }
    let long = "x".repeat(60_000);
    let answer = format!(
        "HTTP/1.1 200 S\r\nx-request-id: {long}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{SMALLEST}",
        SMALLEST.len()
    );
    let text = printed(answer.into_bytes()).await;
    assert!(text.len() < 10_000 && text.contains("[60000 characters]"), "{} bytes", text.len());
}

#[tokio::test]
async fn logs_at_level_trace_show_no_secret_and_no_personal_data() {
    let mut answer = answer();
    answer["verification_id"] = json!("canary-id");
    let good = Server::answering(http(200, "application/json", answer.to_string())).await;
    let bad = Server::answering(http(500, "text/html", "canary")).await;
    let (good, bad) = (client_of(&good), client_of(&bad));
    let calls = async move {
        tracing::info!("the log works");
        good.status(VerificationId::new("canary-id").unwrap()).await.unwrap();
        bad.status(VerificationId::new("canary-id").unwrap()).await.unwrap_err();
    };
    let ((), log) = logged(FmtSpan::NONE, calls).await;
    assert!(log.contains("the log works"));
    assert_clean("the log", &log);
}

#[test]
fn redacted_fields_still_serialise() {
    let vkyc: VideoKyc = serde_json::from_str(&answer().to_string()).unwrap();
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), answer());
}
