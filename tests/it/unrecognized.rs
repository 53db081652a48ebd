//! Data that the spec does not describe fails no response and no event: it is kept, listed by name and kind, and logged once. Only
//! a requested id must be readable.

use UnrecognizedKind::{Field, Unreadable};
use cashfree_vkyc::webhook::{Event, Verifier, WebhookError};
use cashfree_vkyc::{
    AadhaarDetails, ErrorKind, ReferenceId, Response, RetryPolicy, SecurityQuestion, Unrecognized, UnrecognizedKind,
    User, UserId, VerificationId, VideoKyc,
};
use serde_json::{Value, json};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::log::logged;
use crate::support::{self, Server, all_texts, example};

/// Fields that a verification may have, malformed, with the value that `extra` keeps.
const UNREADABLE: [(&str, &str); 9] = [
    ("meeting_schedule", "{}"),
    ("reference_id", "13.58"),
    ("user_reference_id", "99999999999999999999"),
    ("status", r#"["RECEIVED"]"#),
    ("agent_remarks", r#"["canary", {"a": null}]"#),
    ("vkyc_link", r#"{"url": "canary"}"#),
    ("aadhaar_details", r#""canary""#),
    ("security_questions", r#"[{"order": 1}, "canary"]"#),
    ("user_id", "true"),
];

fn listed(found: impl Iterator<Item = Unrecognized>) -> Vec<(String, UnrecognizedKind)> {
    found.map(|found| (found.name().to_owned(), found.kind())).collect()
}

fn one(name: &str, kind: UnrecognizedKind) -> Vec<(String, UnrecognizedKind)> {
    vec![(name.to_owned(), kind)]
}

async fn status(body: &str) -> Result<Response<VideoKyc>, cashfree_vkyc::Error> {
    let server = Server::answering(support::json(200, body)).await;
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    client.status(VerificationId::new("v").unwrap()).await
}

async fn user(body: &str) -> Result<Response<User>, cashfree_vkyc::Error> {
    let server = Server::answering(support::json(200, body)).await;
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    client.user(UserId::new("u").unwrap()).await
}

fn event(body: &str) -> Result<Event, WebhookError> {
    let verifier = Verifier::new("secret").unwrap();
    let signed = verifier.sign(body);
    verifier.verify(&signed.headers(), signed.body())
}

fn about(fields: &str) -> String {
    format!(r#"{{"verification_id":"v","link_expiry":"2025-08-03",{fields}}}"#)
}

#[tokio::test]
async fn an_unreadable_field_is_absent_and_kept_in_extra() {
    for (name, raw) in UNREADABLE {
        let body = about(&format!(r#""{name}":{raw}"#));
        let vkyc = status(&body).await.unwrap();
        assert_eq!((vkyc.verification_id.as_deref(), vkyc.link_expiry.is_some()), (Some("v"), true), "{name}");
        assert_eq!(vkyc.extra[name], serde_json::from_str::<Value>(raw).unwrap());
        assert_eq!(listed(vkyc.unrecognized()), one(name, Unreadable));
        assert_eq!(vkyc.raw_body(), body.as_bytes());
        // A stored value decodes without loss.
        assert_eq!(serde_json::to_value(&*vkyc).unwrap(), serde_json::from_str::<Value>(&body).unwrap());
        assert_eq!(serde_json::from_str::<VideoKyc>(&serde_json::to_string(&*vkyc).unwrap()).unwrap(), *vkyc);
        assert!(!format!("{vkyc:?} {:?}", vkyc.unrecognized().collect::<Vec<_>>()).contains("canary"));

        let event = event(&format!(r#"{{"event_type":"VKYC_USER_LINK_GENERATED","data":{body}}}"#)).unwrap();
        assert_eq!(event.data, *vkyc);
        assert_eq!(listed(event.unrecognized()), one(&format!("data.{name}"), Unreadable));
    }
}

#[tokio::test]
async fn users_and_event_envelopes_keep_unreadable_fields() {
    let user = user(r#"{"user_id":"u","phone":["canary"],"user_reference_id":7.0,"tier":"canary"}"#).await.unwrap();
    assert_eq!(user.user_reference_id, Some(7));
    assert_eq!((&user.extra["phone"], &user.extra["tier"]), (&json!(["canary"]), &json!("canary")));
    assert_eq!(listed(user.unrecognized()), [("phone".to_owned(), Unreadable), ("tier".to_owned(), Field)]);

    let event = event(r#"{"event_type":"VKYC_NEW","event_time":{"at":1},"data":{"reference_id":1}}"#).unwrap();
    assert_eq!((&event.event_time, &event.extra["event_time"]), (&None, &json!({ "at": 1 })));
    let expected = [("event_time".to_owned(), Unreadable), ("event_type".to_owned(), UnrecognizedKind::Value)];
    assert_eq!(listed(event.unrecognized()), expected);
}

#[tokio::test]
async fn nested_objects_and_lists_keep_unreadable_fields() {
    let nested = r#""aadhaar_details":{"dob":[1],"gender":"X","split_address":{"pincode":560001.0,"po":{},"new":1}},
        "security_questions":[{"order":"first","question":"q"},{"order":2.0,"new":1},{"new":2}]"#;
    let vkyc = status(&about(nested)).await.unwrap();
    let AadhaarDetails { split_address: Some(address), extra, .. } = vkyc.aadhaar_details.as_ref().unwrap() else {
        panic!("{vkyc:?}")
    };
    assert_eq!((address.pincode.as_ref().unwrap().expose().as_str(), &extra["dob"]), ("560001", &json!([1])));
    let questions = vkyc.security_questions.as_ref().unwrap();
    let orders: Vec<_> = questions.iter().map(|SecurityQuestion { order, .. }| *order).collect();
    assert_eq!((orders, &questions[0].extra["order"]), (vec![None, Some(2), None], &json!("first")));
    let expected = [
        ("aadhaar_details.dob", Unreadable),
        ("aadhaar_details.gender", UnrecognizedKind::Value),
        ("aadhaar_details.split_address.new", Field),
        ("aadhaar_details.split_address.po", Unreadable),
        ("security_questions[].new", Field),
        ("security_questions[].order", Unreadable),
    ];
    assert_eq!(listed(vkyc.unrecognized()), expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[tokio::test]
async fn a_float_without_a_fraction_decodes_as_an_integer() {
    let vkyc = status(&about(r#""reference_id":1358.0,"user_reference_id":"7""#)).await.unwrap();
    assert_eq!((vkyc.reference_id, vkyc.user_reference_id), (Some(1358), Some(7)));
    assert_eq!(vkyc.unrecognized().count(), 0);
    let event = event(r#"{"event_type":"VKYC_X","data":{"reference_id":1358.0}}"#).unwrap();
    assert_eq!(event.data.reference_id, Some(1358));
}

#[tokio::test]
async fn lone_surrogates_and_huge_numbers_do_not_fail_a_response() {
    let body =
        about(r#""agent_remarks":"fine \ud83d","auditor_remarks":"\ud83d\ude00","reference_id":1e400,"new":-1e400"#);
    let vkyc = status(&body).await.unwrap();
    assert_eq!(vkyc.agent_remarks.as_ref().unwrap().expose(), "fine \u{fffd}");
    assert_eq!(vkyc.auditor_remarks.as_ref().unwrap().expose(), "😀");
    assert_eq!((&vkyc.extra["reference_id"], &vkyc.extra["new"]), (&json!("1e400"), &json!("-1e400")));
    assert_eq!(vkyc.raw_body(), body.as_bytes());
    let event = event(&format!(r#"{{"event_type":"VKYC_X","data":{body}}}"#)).unwrap();
    assert_eq!(event.data, *vkyc);
    assert!(user(r#"{"user_id":"u","name":"\udc00"}"#).await.is_ok());
}

/// None of these values is the requested id.
#[tokio::test]
async fn a_response_with_an_unreadable_requested_id_is_an_error() {
    for id in ["{}", "[7]", "7.5", "true", "1e400", r#""7x""#, "null"] {
        let server =
            Server::answering(support::json(200, format!(r#"{{"reference_id":{id},"status":"RECEIVED"}}"#))).await;
        let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
        let error = client.status(ReferenceId(7)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{id}");
    }
    // Two ids were sent, and only one of them was returned in a readable form.
    let body = r#"{"verification_id":"v","user_id":["u"],"status":"RECEIVED"}"#;
    let server = Server::answering(support::json(200, body)).await;
    let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let initiate = || example::initiate("v", "u");
    let error = client.operations().vkyc_initiate().body(initiate()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(!all_texts(&error).contains("RECEIVED"));
}

#[tokio::test]
async fn each_unrecognized_field_is_logged_once_by_name_and_kind() {
    let once =
        r#""once_field":"canary","sub_status":{"canary":1},"a canary, not a name":1,"status":"ONCE_CANARY_STATUS""#;
    let body = about(once);
    let work = async move {
        for _ in 0..2 {
            status(&body).await.unwrap();
            event(&format!(r#"{{"event_type":"VKYC_X","once_field":1,"data":{body}}}"#)).unwrap();
        }
    };
    let ((), log) = logged(FmtSpan::NONE, work).await;
    for (record, name, kind) in [
        ("VideoKyc", "once_field", "unknown field"),
        ("VideoKyc", "[20 characters]", "unknown field"),
        ("Event", "once_field", "unknown field"),
        ("Event", "data.once_field", "unknown field"),
        ("Event", "data.sub_status", "unreadable value"),
    ] {
        let line = format!("cashfree.record=\"{record}\" cashfree.field=\"{name}\" cashfree.difference={kind}");
        let lines: Vec<_> = log.lines().filter(|logged| logged.contains(&line)).collect();
        assert_eq!(lines.len(), 1, "{line} in {log}");
        assert!(lines[0].contains("INFO"), "{log}");
    }
    assert!(!log.to_lowercase().contains("canary"), "{log}");
}

#[test]
fn unrecognized_fields_print_no_value() {
    let vkyc: VideoKyc = serde_json::from_str(r#"{"status":"NEW","user_id":["canary"],"call me canary":1}"#).unwrap();
    let printed: Vec<_> = vkyc.unrecognized().map(|found| found.to_string()).collect();
    assert_eq!(printed, ["[14 characters]: unknown field", "status: unknown value", "user_id: unreadable value"]);
    assert!(!format!("{vkyc:?}").contains("canary"));
}
