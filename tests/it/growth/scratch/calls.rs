//! Run by `tests/it/growth.rs` in a copy of the project whose spec has grown, against the client. Nothing in `src/` knows of
//! what is new.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use cashfree_vkyc::{Client, Credentials, Environment, ErrorKind, EventType, ReferenceId, Status};

#[tokio::test]
async fn what_is_called() {
    let client = Client::builder()
        .environment(Environment::custom(serve()).unwrap())
        .credentials(Credentials::new("scratch-id", "scratch-secret").unwrap())
        .build()
        .unwrap();

    let vkyc = client.status(ReferenceId(1)).await.unwrap();
    assert_eq!(vkyc.kyc_score, Some(7));
    assert_eq!(vkyc.status, Status::OnHold);
    assert_eq!(vkyc.lifecycle().advice(), "Wait.");

    let agent = client.operations().get_agent().agent_id("canary a&1").send().await.unwrap();
    assert_eq!((agent.agent_reference_id, agent.tags.as_deref()), (Some(11), Some(["a".to_owned()].as_slice())));
    assert_eq!(agent.phone.as_ref().map(|phone| phone.expose().as_str()), Some("canary"));
    assert_eq!((agent.count, agent.desk.as_ref().and_then(|desk| desk.city.as_deref())), (Some(3), Some("Pune")));
    assert_eq!(agent.extra["more"], true);
    assert!(!format!("{agent:?}").contains("canary"), "{agent:?}");

    let error = client.operations().get_agent().agent_id("nobody").send().await.unwrap_err();
    assert_eq!((error.kind(), error.http_status().map(|status| status.as_u16())), (ErrorKind::Api, Some(404)));
    assert_eq!(error.api().unwrap().trace.as_deref(), Some("t"));
    assert!(error.to_string().starts_with("getAgent (GET /agent): "), "{error}");
}

#[tokio::test]
async fn what_is_written() {
    use cashfree_vkyc::operations::{AgentDesk, BookShiftRequest, BookShiftRequestKind, BookShiftRequestLead};

    let client = Client::builder()
        .environment(Environment::custom(serve()).unwrap())
        .credentials(Credentials::new("scratch-id", "scratch-secret").unwrap())
        .build()
        .unwrap();
    let lead = |name: &str| BookShiftRequestLead::new(name).desk(AgentDesk::new().city("Pune"));
    // More than three required fields, so each is set by name.
    let shift = |name: &str| {
        BookShiftRequest::new().kind(BookShiftRequestKind::Night).lead(lead(name)).starts("2026-12-01").place("Pune")
    };

    let booked = client.operations().book_shift().desk_id("a/b").body(shift("canary")).send().await.unwrap();
    assert_eq!(booked.agent_reference_id, Some(12));
    assert!(!format!("{:?}", shift("canary")).contains("canary"));

    let wrong = shift("a name of more than twenty characters").breaks([1, 2, 3]);
    let error = client.operations().book_shift().desk_id("a").body(wrong).send().await.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems, ["breaks must have at most 2 items", "lead.full_name must have at most 20 characters"]);
    let closed = BookShiftRequest::new().kind("DUSK").lead(lead("a")).starts("soon");
    let error = client.operations().book_shift().desk_id("a").body(closed).send().await.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(|problem| problem.field()).collect();
    assert_eq!((error.kind(), problems), (ErrorKind::InvalidRequest, vec!["kind", "place", "starts"]));
}

/// A list is about what was asked if each of its items is.
#[tokio::test]
async fn what_is_listed() {
    use cashfree_vkyc::sandbox::{Fault, Sandbox};

    let client = Client::builder()
        .environment(Environment::custom(serve()).unwrap())
        .credentials(Credentials::new("scratch-id", "scratch-secret").unwrap())
        .retry(cashfree_vkyc::RetryPolicy::none())
        .build()
        .unwrap();
    let list = |phone: &str| client.operations().list_agents().phone(phone).send();
    let agents = list("canary").await.unwrap();
    assert_eq!(agents.iter().map(|agent| agent.agent_reference_id).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert!(agents[0].unrecognized().next().is_some() && !format!("{agents:?}").contains("canary"), "{agents:?}");
    assert!(list("none").await.unwrap().is_empty());
    assert_eq!(list("another").await.unwrap_err().kind(), ErrorKind::Mismatch);
    for odd in ["blank", "an object"] {
        let error = list(odd).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{odd}: {error}");
    }

    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let list = || client.operations().list_agents().phone("7").send().into_future();
    let agents = list().await.unwrap();
    let phones = agents.iter().map(|agent| agent.phone.as_ref().unwrap().expose().as_str());
    assert_eq!(phones.collect::<Vec<_>>(), ["7", "7"]);
    sandbox.inject(Fault::wrong_id().times(2));
    assert_eq!(list().await.unwrap_err().kind(), ErrorKind::Mismatch);
}

/// The additions of the blocks of CONTRIBUTING.md.
#[tokio::test]
async fn what_the_recipes_add() {
    use cashfree_vkyc::operations::NewNote;
    use cashfree_vkyc::sandbox::Sandbox;
    use cashfree_vkyc::{Initiate, UserId, VerificationId};

    let (id, user) = (VerificationId::new("vkyc_42").unwrap(), UserId::new("user_7").unwrap());
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let note = client.operations().vkyc_add_note().verification_id(id.clone()).body(NewNote::new("canary")).send();
    let note = note.await.unwrap();
    assert_eq!((note.note_id, note.verification_id.as_deref()), (Some(7), Some("vkyc_42")));
    let wrong = NewNote::new("a".repeat(501));
    let error = client.operations().vkyc_add_note().verification_id(id.clone()).body(wrong).send().await.unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");

    let initiate = Initiate::new("I agree.", id, user);
    assert_eq!(serde_json::to_value(initiate).unwrap()["consent_text"], "I agree.");
    assert_eq!(Status::from("UNDER_REVIEW"), Status::UnderReview);
    assert_eq!(EventType::from("VKYC_REVIEW_STARTED"), EventType::VkycReviewStarted);
}

/// The sandbox carries out what is new by the spec alone: routes, rules, samples, and a state on a journey.
#[tokio::test]
async fn what_the_sandbox_answers() {
    use cashfree_vkyc::operations::{BookShiftRequest, BookShiftRequestKind, BookShiftRequestLead};
    use cashfree_vkyc::sandbox::{Journey, Sandbox};

    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let agent = client.operations().get_agent().agent_id("a").send().await.unwrap();
    assert_eq!((agent.agent_reference_id, agent.count), (Some(11), Some(3)));
    let shift = BookShiftRequest::new().kind(BookShiftRequestKind::Night).lead(BookShiftRequestLead::new("a"));
    let shift = shift.starts("2026-12-01").place("Pune");
    let booked = client.operations().book_shift().desk_id("a/b").body(shift).send().await.unwrap();
    assert_eq!(booked.agent_reference_id, Some(12));
    sandbox.assert_called("bookShift", 1);
    sandbox.assert_no_problems();

    let journey = Journey::to(Status::OnHold, "");
    assert_eq!(journey.steps().last().unwrap().event_type(), Some(&EventType::VkycOnHold));
    let held = sandbox.begin("vkyc", journey).unwrap().finish().await.unwrap();
    assert_eq!(held.status, Status::OnHold);
}

/// Answers requests, and insists on the headers that every operation must have.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).unwrap();
            let head = String::from_utf8_lossy(&buffer[..length]).into_owned();
            for header in ["x-client-id: scratch-id", "x-client-secret: scratch-secret", "x-api-version: 20"] {
                assert!(head.contains(header), "{header} is missing in {head}");
            }
            let (status, body) = match head.lines().next().unwrap() {
                "GET /vkyc?reference_id=1 HTTP/1.1" => (200, r#"{"reference_id":1,"status":"ON_HOLD","kyc_score":"7"}"#),
                "GET /agent?agent_id=canary+a%261 HTTP/1.1" => (
                    200,
                    r#"{"agent_reference_id":"11","phone":"canary","tags":["a"],"count":3,"desk":{"city":"Pune"},"more":true}"#,
                ),
                "POST /desk/a%2Fb/shift HTTP/1.1" => {
                    let body = r#"{"kind":"NIGHT","lead":{"desk":{"city":"Pune"},"full_name":"canary"},"place":"Pune","starts":"2026-12-01"}"#;
                    assert!(head.ends_with(body), "{head}");
                    (200, r#"{"agent_reference_id":12}"#)
                }
                "GET /agents?phone=canary HTTP/1.1" => {
                    (200, r#"[{"agent_reference_id":1,"phone":"canary","new":1},{"agent_reference_id":"2","phone":"canary"}]"#)
                }
                "GET /agents?phone=none HTTP/1.1" => (200, "[]"),
                "GET /agents?phone=another HTTP/1.1" => (200, r#"[{"phone":"another"},{"phone":"somebody"}]"#),
                "GET /agents?phone=blank HTTP/1.1" => (200, r#"[{"phone":"blank"},{}]"#),
                "GET /agents?phone=an+object HTTP/1.1" => (200, r#"{"phone":"an object"}"#),
                "GET /agent?agent_id=nobody HTTP/1.1" => {
                    (404, r#"{"type":"validation_error","code":"user_id_not_found","trace":"t"}"#)
                }
                other => panic!("unexpected request {other}"),
            };
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} S\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                .unwrap();
        }
    });
    url
}
