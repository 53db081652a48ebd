//! Run by `tests/it/growth.rs` in a copy of the project in whose spec a webhook's event has a field more. Nothing in `src/`
//! knows of it.

use cashfree_vkyc::VideoKyc;
use cashfree_vkyc::webhook::{Event, EventType, Verifier};

#[test]
fn what_is_received() {
    let verifier = Verifier::new("secret").unwrap();
    let body = r#"{"event_type":"VKYC_USER_CALL_QUEUED","event_time":"t","origin":"o","data":{"reference_id":1}}"#;
    let signed = verifier.sign(body);
    let received = verifier.verify(&signed.headers(), signed.body()).unwrap();
    assert_eq!((received.origin.as_deref(), received.extra.len()), (Some("o"), 0));

    let mut data = VideoKyc::default();
    data.reference_id = Some(1);
    let made = Event::new(EventType::VkycUserCallQueued, "t".into(), data);
    assert_eq!(made.origin, None);
    assert_eq!(made.key(), received.key(), "what is new is no part of what names an event");
}
