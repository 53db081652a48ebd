//! An account's other products send to the same endpoint, with the same secret. Their events are distinguished.

use cashfree_vkyc::webhook::EventKey;
use tracing_subscriber::fmt::format::FmtSpan;

use super::*;
use crate::support::alone;
use crate::support::log::logged;

const OTHERS: [&str; 3] = [
    r#"{"event_type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{"order_id":"a"}}}"#,
    // Its event type and fields resemble those of a verification.
    r#"{"event_type":"KYC_LINK_VERIFIED","data":{"verification_id":"vkyc_42","status":"EXPIRED"}}"#,
    r#"{"event_type":"UNRELATED","data":{"reference_id":1358,"status":"RECEIVED"}}"#,
];

/// Events with their type in another field, or without one.
const WITHOUT_TYPE: [&str; 2] = [
    r#"{"type":"KYC_LINK_VERIFIED","data":{"verification_id":"vkyc_42","status":"EXPIRED"}}"#,
    r#"{"event_type":"","data":{"reference_id":1358,"status":"COMPLETED"}}"#,
];

#[test]
fn an_event_of_another_product_has_its_own_error_and_status_200() {
    for body in OTHERS {
        let error = verify_signed(body).unwrap_err();
        assert_eq!((&error, error.http_status().as_u16()), (&WebhookError::OtherProduct, 200), "{body}");
        assert_eq!(Event::from_slice(body.as_bytes()), Err(WebhookError::OtherProduct));
        let signed = verifier().sign(body);
        assert!(verifier().verify_signature(&signed.headers(), signed.body()).is_ok());
    }
    for body in WITHOUT_TYPE {
        let error = verify_signed(body).unwrap_err();
        let WebhookError::WrongShape { field_path, .. } = &error else { panic!("{body}: {error:?}") };
        assert_eq!((field_path.as_deref(), error.http_status().as_u16()), (Some("event_type"), 400));
        assert!(!support::all_texts(&error).contains("KYC_LINK"), "{error}");
    }
}

#[test]
fn an_unknown_event_type_of_video_kyc_is_accepted() {
    for event_type in ["VKYC_BRAND_NEW", "VKYC_AGENT_ON_A_BREAK"] {
        let event = verify_signed(format!(r#"{{"event_type":"{event_type}","data":{{"reference_id":1}}}}"#)).unwrap();
        assert!(!event.event_type.is_known());
    }
}

/// An inbox stores every verified body by its key, before it is decoded.
#[test]
fn every_body_has_a_unique_and_stable_key() {
    let event =
        br#"{"event_type":"VKYC_USER_CALL_QUEUED","event_time":"2025-05-22T03:51:14Z","data":{"reference_id":1}}"#;
    assert_eq!(EventKey::of(event), Event::from_slice(event).unwrap().key());
    let bodies: Vec<&[u8]> = vec![event, OTHERS[0].as_bytes(), OTHERS[1].as_bytes(), b"{", b"{}", b"", b"\xff"];
    let keys: std::collections::BTreeSet<_> = bodies.iter().map(|body| EventKey::of(body)).collect();
    assert_eq!(keys.len(), bodies.len());
    assert!(bodies.iter().all(|body| EventKey::of(body) == EventKey::of(body)));
}

/// Each delivery is logged with its event type and attempt. Another version or product is logged once in a process.
#[tokio::test]
async fn deliveries_versions_and_other_products_are_logged() {
    // In a child process, because other tests log the same.
    if alone::told().is_none() {
        let test = "deliveries_versions_and_other_products_are_logged";
        let output = alone::run(alone::process(module_path!(), test, "log"));
        return assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let body = r#"{"event_type":"VKYC_USER_CALL_QUEUED","data":{"reference_id":1}}"#;
    let work = async move {
        for (version, attempt) in [("2025-01-01", "1"), ("", "0"), ("2031-07-07", "2"), ("2031-07-07", "3")] {
            let mut headers = verifier().sign(body).headers();
            headers.insert("x-webhook-version", HeaderValue::from_static(version));
            headers.insert("x-webhook-attempt", HeaderValue::from_static(attempt));
            verifier().verify(&headers, body.as_bytes()).unwrap();
            assert!(verifier().verify(&headers, OTHERS[0].as_bytes()).is_err());
            verify_signed(OTHERS[1]).unwrap_err();
        }
    };
    let ((), log) = logged(FmtSpan::NONE, work).await;
    let count = |words: &[&str]| log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count();
    for attempt in ["1", "2", "3"] {
        let attempt = format!("cashfree.webhook.attempt={attempt}");
        assert_eq!(count(&["a webhook was verified", "VKYC_USER_CALL_QUEUED", &attempt]), 1, "{log}");
    }
    assert_eq!(count(&["INFO", "webhook", "x-webhook-version", "unknown value"]), 1, "{log}");
    let first = |word: &str| log.lines().position(|line| line.contains(word));
    assert!(
        first("x-webhook-version") > first("cashfree.webhook.attempt=2"),
        "no version, and the documented one, are not logged: {log}"
    );
    assert_eq!(count(&["INFO", "webhook", "event_type", "unknown value"]), 1, "{log}");
    assert!(!log.contains("2031") && !log.contains("KYC_LINK"), "{log}");
}
