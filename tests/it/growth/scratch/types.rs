//! Run by `tests/it/growth.rs` in a copy of the project whose spec has grown, against the types alone. Nothing in `src/` knows
//! of what is new.

use serde_json::json;
use types::webhook::{EventType, Verifier};
use types::{ApiError, Status, VideoKyc};

#[test]
fn what_is_decoded() {
    let vkyc: VideoKyc = serde_json::from_value(json!({ "status": "ON_HOLD", "risk_score": "7" })).unwrap();
    assert_eq!((vkyc.risk_score, &vkyc.status), (Some(7), &Status::OnHold));
    assert_eq!((vkyc.lifecycle().advice(), vkyc.lifecycle().is_settled()), ("Wait.", false));
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), json!({ "status": "ON_HOLD", "risk_score": 7 }));

    let error: ApiError = serde_json::from_value(json!({ "code": "api_error", "trace": "t" })).unwrap();
    assert_eq!((error.trace.as_deref(), error.extra.len()), (Some("t"), 0));

    let verifier = Verifier::new("secret").unwrap();
    let signed = verifier.sign(r#"{"event_type":"VKYC_ON_HOLD","data":{"reference_id":1,"risk_score":7}}"#);
    let event = verifier.verify(&signed.headers(), signed.body()).unwrap();
    assert_eq!((event.event_type, event.data.risk_score), (EventType::VkycOnHold, Some(7)));
}
