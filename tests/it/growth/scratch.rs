//! Run by `tests/it/growth.rs` in a copy of this project whose spec has grown: a field, a status, a second operation.
//! Nothing in `src/` knows of them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use cashfree_vkyc::{Client, Credentials, Environment, ErrorKind, ReferenceId, Status};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .environment(Environment::custom(serve()?)?)
        .credentials(Credentials::new("scratch-id", "scratch-secret")?)
        .build()?;

    let vkyc = client.status(ReferenceId(1)).await?;
    assert_eq!(vkyc.risk_score, Some(7));
    assert_eq!(vkyc.status, Status::OnHold);
    assert_eq!(vkyc.lifecycle().advice(), "Wait.");

    let user = client.operations().get_user().user_id("canary u&1").send().await?;
    assert_eq!((user.user_reference_id, user.tags.as_deref()), (Some(11), Some(["a".to_owned()].as_slice())));
    assert_eq!(user.phone.as_ref().map(|phone| phone.expose().as_str()), Some("canary"));
    assert_eq!((user.count, user.address.as_ref().and_then(|address| address.city.as_deref())), (3, Some("Pune")));
    assert_eq!(user.extra["more"], true);
    assert!(!format!("{user:?}").contains("canary"), "{user:?}");

    let error = client.operations().get_user().user_id("nobody").send().await.unwrap_err();
    assert_eq!((error.kind(), error.http_status().map(|status| status.as_u16())), (ErrorKind::Api, Some(404)));
    assert!(error.to_string().starts_with("getUser (GET /user): "), "{error}");
    println!("the grown spec works");
    Ok(())
}

/// Answers three requests, and insists on the headers that every operation must have.
fn serve() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).unwrap();
            let head = String::from_utf8_lossy(&buffer[..length]).into_owned();
            for header in ["x-client-id: scratch-id", "x-client-secret: scratch-secret", "x-api-version: 2024-12-01"] {
                assert!(head.contains(header), "{header} is missing in {head}");
            }
            let (status, body) = match head.lines().next().unwrap() {
                "GET /vkyc?reference_id=1 HTTP/1.1" => (200, r#"{"status":"ON_HOLD","risk_score":"7"}"#),
                "GET /user?user_id=canary+u%261 HTTP/1.1" => {
                    (200, r#"{"user_reference_id":"11","phone":"canary","tags":["a"],"count":3,"address":{"city":"Pune"},"more":true}"#)
                }
                "GET /user?user_id=nobody HTTP/1.1" => (404, r#"{"type":"validation_error","code":"user_id_not_found"}"#),
                other => panic!("unexpected request {other}"),
            };
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} S\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
        }
    });
    Ok(url)
}
