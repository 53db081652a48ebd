//! Control over HTTP, for tests in other languages, over a plain socket.

use cashfree_vkyc::sandbox::{Journey, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::endpoint::Endpoint;
use super::{ask, due};
use crate::support::example;

/// Sends a request below `/_sandbox` without credentials.
async fn control(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> (u16, Value) {
    let url = sandbox.url();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} /_sandbox{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn a_verification_is_begun_advanced_and_finished() {
    let endpoint = Endpoint::start().await;
    let sandbox = Sandbox::builder().webhooks_to(&endpoint.url).start().await.unwrap();
    let (status, vkyc) =
        control(&sandbox, "POST", "/verifications/vkyc_42/journey", r#"{"journey": "link_expired"}"#).await;
    assert_eq!((status, &vkyc["verification_id"], &vkyc["status"]), (200, &json!("vkyc_42"), &json!("RECEIVED")));
    let (status, vkyc) = control(&sandbox, "POST", "/verifications/vkyc_42/advance", "").await;
    assert_eq!((status, &vkyc["status"], &vkyc["sub_status"]), (200, &json!("EXPIRED"), &json!("VKYC_EXPIRED")));
    // Its webhooks got their responses before.
    assert_eq!(endpoint.got().len(), 2);
    let (status, error) = control(&sandbox, "POST", "/verifications/vkyc_42/advance", "").await;
    assert_eq!(status, 409);
    assert!(error["message"].as_str().unwrap().contains("the journey is over"), "{error}");
    let (status, vkyc) = control(&sandbox, "POST", "/verifications/vkyc_42/finish", "").await;
    assert_eq!((status, &vkyc["status"]), (200, &json!("EXPIRED")));

    // A verification that a service initiates over HTTP.
    let (status, _) = control(&sandbox, "POST", "/journey", r#"{"journey": "rejected_by_agent"}"#).await;
    assert_eq!(status, 200);
    let client = sandbox.client().unwrap();
    let user = cashfree_vkyc::UserId::new("u").unwrap();
    client.create_user(example::new_user("9988776655").user_id(user)).await.unwrap();
    client.initiate(example::initiate("vkyc_43", "u")).await.unwrap();
    let (status, vkyc) = control(&sandbox, "POST", "/verifications/vkyc_43/finish", "").await;
    assert_eq!((status, &vkyc["status"]), (200, &json!("REJECTED")));
    sandbox.assert_no_problems();
}

#[tokio::test]
async fn faults_are_injected_and_requests_are_shown_and_removed() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(Sandbox::published_sample());
    let due = due(&sandbox);
    let fault =
        r#"{"status": 429, "retry_after": 7, "code": "too_many_requests_per_ip", "times": 1, "on": "vkycGetStatus"}"#;
    assert_eq!(control(&sandbox, "POST", "/faults", fault).await, (200, json!({})));
    assert_eq!(ask(&sandbox, "/vkyc?reference_id=1358", &due).await.0, 429);
    assert_eq!(ask(&sandbox, "/vkyc?reference_id=1358", &due).await.0, 200);
    for fault in [
        r#"{"status": 502, "html": true, "times": 1}"#,
        r#"{"status": 500, "empty": true, "carried_out": true, "times": 1}"#,
        r#"{"delay_ms": 1, "times": 1}"#,
        r#"{"slow_body_ms": 1, "times": 1}"#,
        r#"{"reset": true, "rate": 0.0}"#,
        r#"{"truncated": true, "on_recordings": true}"#,
        r#"{"malformed": true, "rate": 0}"#,
        r#"{"wrong_id": true, "rate": 0}"#,
        r#"{"unknown_fields": true, "rate": 0}"#,
    ] {
        assert_eq!(control(&sandbox, "POST", "/faults", fault).await, (200, json!({})), "{fault}");
    }
    let (status, requests) = control(&sandbox, "GET", "/requests", "").await;
    assert_eq!((status, requests.as_array().unwrap().len()), (200, 2));
    let first = &requests[0];
    assert_eq!((&first["operation"], &first["method"]), (&json!("vkycGetStatus"), &json!("GET")));
    assert_eq!(
        (&first["path"], &first["query"], &first["body"]),
        (&json!("/vkyc"), &json!("reference_id=1358"), &json!(""))
    );
    assert_eq!(
        (&first["faults"], &first["http_status"], &first["problems"]),
        (&json!(["status"]), &json!(429), &json!([]))
    );
    assert!(first["at"].is_string() && first["request_id"].is_string());

    assert_eq!(control(&sandbox, "POST", "/reset", "").await, (200, json!({})));
    assert_eq!(control(&sandbox, "GET", "/requests", "").await, (200, json!([])));
    assert_eq!(ask(&sandbox, "/vkyc?reference_id=1358", &due).await.0, 404);
}

/// The reason is in the body, because users of other languages see nothing else.
#[tokio::test]
async fn each_refused_control_request_gets_a_reason() {
    let sandbox = Sandbox::start().await.unwrap();
    let _ = sandbox.begin("there", Journey::completed()).unwrap();
    sandbox.put(Sandbox::published_sample());
    let long = format!(r#"{{"journey": "{}"}}"#, "x".repeat(1024 * 1024));
    let completed = r#"{"journey": "completed"}"#;
    for (method, path, body, status, says) in [
        ("POST", "/nowhere", "", 404, "/_sandbox/requests"),
        ("GET", "/", "", 404, "/_sandbox/requests"),
        ("POST", "/requests", "", 405, "GET"),
        ("GET", "/reset", "", 405, "POST"),
        ("GET", "/verifications/there/advance", "", 405, "POST"),
        ("POST", "/verifications/nobody/advance", "", 404, "POST /_sandbox/verifications/nobody/journey"),
        ("POST", "/verifications/vkyc_verification_id/finish", "", 404, "no journey"),
        ("POST", "/verifications/a%20b/journey", completed, 400, "character"),
        ("POST", "/verifications/there/journey", completed, 409, "already"),
        ("POST", "/verifications/new/journey", r#"{"journey": "nowhere"}"#, 400, "link_expired"),
        ("POST", "/verifications/new/journey", "{}", 400, "missing field `journey`"),
        ("POST", "/verifications/new/journey", "", 400, "JSON"),
        ("POST", "/journey", r#"{"journey": "completed", "every": 1}"#, 400, "unknown field `every`"),
        ("POST", "/journey", &long, 413, "1 MiB"),
        ("POST", "/faults", "{}", 400, "exactly one of"),
        ("POST", "/faults", r#"{"status": 500, "reset": true}"#, 400, "exactly one of"),
        ("POST", "/faults", r#"{"status": 42}"#, 400, "from 200 to 599"),
        ("POST", "/faults", r#"{"status": "429"}"#, 400, "u16"),
        ("POST", "/faults", r#"{"reset": true, "retry_after": 1}"#, 400, "require status"),
        ("POST", "/faults", r#"{"reset": true, "times": 0}"#, 400, "zero"),
        ("POST", "/faults", r#"{"reset": true, "rate": 2}"#, 400, "from 0 to 1"),
        ("POST", "/faults", r#"{"reset": true, "on": "nobody"}"#, 400, "vkycGetStatus"),
        ("POST", "/faults", r#"{"reset": true, "time": 1}"#, 400, "unknown field `time`"),
    ] {
        let (got, error) = control(&sandbox, method, path, body).await;
        assert_eq!(got, status, "{method} {path} {body}: {error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{method} {path} lacks {says}: {error}");
    }
    // Control requests are not operations of the API.
    assert!(sandbox.requests().is_empty());
}

/// The reason is in the message of an API error too.
#[tokio::test]
async fn each_refused_api_request_gets_a_reason() {
    let sandbox = Sandbox::start().await.unwrap();
    let due = due(&sandbox);
    let unreal = due.replace(crate::support::api_version(), "v2");
    let both = "Not exactly one of the ids was sent. (the query must name exactly one of";
    for (target, headers, says) in [
        ("/vkyc?reference_id=1", "", "x-client-id is missing"),
        ("/vkyc?reference_id=1", "x-client-id: a\r\nx-client-secret: b\r\n", "x-client-id is not this sandbox's"),
        ("/vkyc?reference_id=1", &unreal, "x-api-version must be a date"),
        ("/vkyc?verification_id=a&reference_id=1", &due, &format!("{both} verification_id, reference_id)")),
        ("/user?user_id=a&user_reference_id=1", &due, &format!("{both} user_id, user_reference_id)")),
        ("/user", &due, &format!("{both} user_id, user_reference_id)")),
        ("/vkyc?verification_id=a&new=1", &due, "new"),
        ("/vkyc?verification_id=a%20b", &due, "verification_id"),
        ("/vkyk", &due, "GET /vkyk"),
    ] {
        let (_, body) = ask(&sandbox, target, headers).await;
        assert!(body["message"].as_str().unwrap().contains(says), "{target} lacks {says}: {body}");
    }
}
