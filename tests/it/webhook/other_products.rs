//! An account's other products send to the same endpoint, with the same secret: their events are told apart.

use super::*;

const OTHERS: [&str; 5] = [
    r#"{"event_type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{"order_id":"a"}}}"#,
    // Its words and ids are like those of a verification.
    r#"{"event_type":"KYC_LINK_VERIFIED","data":{"verification_id":"vkyc_42","status":"EXPIRED"}}"#,
    r#"{"event_type":"UNRELATED","data":{"reference_id":1358,"status":"RECEIVED"}}"#,
    // They name their type elsewhere, or not at all.
    r#"{"type":"KYC_LINK_VERIFIED","data":{"verification_id":"vkyc_42","status":"EXPIRED"}}"#,
    r#"{"event_type":"","data":{"reference_id":1358,"status":"COMPLETED"}}"#,
];

#[test]
fn a_genuine_event_of_another_product_is_refused_unless_told_otherwise() {
    for body in OTHERS {
        let error = verify_signed(body).unwrap_err();
        let WebhookError::WrongShape { field_path, .. } = &error else { panic!("{body}: {error:?}") };
        assert_eq!(field_path.as_deref(), Some("event_type"));
        assert!(error.to_string().contains("accept_other_events") && error.http_status() == 400, "{error}");
        assert!(!support::all_texts(&error).contains("KYC_LINK"), "{error}");

        let all = verifier().accept_other_events(true);
        let signed = all.sign(body);
        let event = all.verify(&signed.headers(), signed.body()).unwrap();
        assert!(!event.is_of_video_kyc());
        assert!(verifier().verify_signature(&signed.headers(), signed.body()).is_ok());
        assert!(all.accept_other_events(false).verify(&signed.headers(), signed.body()).is_err());
    }
}

#[test]
fn a_new_event_of_video_kyc_passes() {
    for event_type in ["VKYC_BRAND_NEW", "VKYC_AGENT_ON_A_BREAK"] {
        let event = verify_signed(format!(r#"{{"event_type":"{event_type}","data":{{"reference_id":1}}}}"#)).unwrap();
        assert!(event.is_of_video_kyc() && !event.event_type.is_known());
    }
}
