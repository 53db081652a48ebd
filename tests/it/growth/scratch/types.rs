//! Run by `tests/it/growth.rs` in a copy of the project whose spec has grown, against the types alone. Nothing in `src/` knows
//! of what is new.

use serde_json::json;
use types::webhook::{Event, Verifier};
use types::{ApiError, EventType, Status, VideoKyc};

#[test]
fn what_is_decoded() {
    let vkyc: VideoKyc = serde_json::from_value(json!({ "status": "ON_HOLD", "kyc_score": "7" })).unwrap();
    assert_eq!((vkyc.kyc_score, &vkyc.status), (Some(7), &Status::OnHold));
    assert_eq!((vkyc.lifecycle().advice(), vkyc.lifecycle().is_final()), ("Wait.", false));
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), json!({ "status": "ON_HOLD", "kyc_score": 7 }));

    assert!(VideoKyc::FIELDS.iter().any(|field| field.name == "kyc_score" && !field.is_sensitive));

    let error: ApiError = serde_json::from_value(json!({ "code": "api_error", "trace": "t" })).unwrap();
    assert_eq!((error.trace.as_deref(), error.extra.len()), (Some("t"), 0));
}

#[test]
fn what_is_received() {
    let verifier = Verifier::new("secret").unwrap();
    let body =
        r#"{"event_type":"VKYC_ON_HOLD","event_time":"t","origin":"o","data":{"reference_id":1,"kyc_score":7}}"#;
    let signed = verifier.sign(body);
    let received = verifier.verify(&signed.headers(), signed.body()).unwrap();
    assert_eq!((received.origin.as_deref(), received.extra.len()), (Some("o"), 0));
    assert_eq!((&received.event_type, received.data.kyc_score), (&EventType::VkycOnHold, Some(7)));

    let made = Event::new(EventType::VkycOnHold, "t".into(), received.data.clone());
    assert_eq!(made.origin, None);
    assert_eq!(made.key(), received.key(), "what is new is no part of what names an event");
}
