//! The properties of `fuzz/`, under proptest: random bytes, and JSON similar to an event.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cashfree_vkyc::webhook::Verifier;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};

use crate::properties;

/// A scalar value of a field.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,60}".prop_map(Value::from),
        Just("".into()),
        Just("1358".into()),
        Just(1358.into()),
        Just("VIDEO_CALL".into()),
        Just("2025-05-22T03:51:14Z".into()),
    ]
}

/// Mostly scalars, otherwise values of every kind with up to three levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<bool>().prop_map(Value::from), any::<u64>().prop_map(Value::from), scalar()];
    let nested = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("[a-z_]{0,12}", inner), 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    prop_oneof![9 => scalar(), 1 => nested]
}

/// An event in which any field may be anything.
fn nearly_an_event() -> impl Strategy<Value = Value> {
    let data = vec((prop::sample::select(FIELDS.to_vec()), any_json()), 0..6);
    let outer = (any_json(), any_json(), "[a-z]{1,9}", any_json());
    (data, outer).prop_map(|(data, (event_type, event_time, name, value))| {
        let data: Value =
            data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<serde_json::Map<_, _>>().into();
        let mut event = json!({ "event_type": event_type, "event_time": event_time, "data": data });
        event[name] = value;
        event
    })
}

const FIELDS: [&str; 9] = [
    "verification_id",
    "reference_id",
    "status",
    "sub_status",
    "vkyc_link",
    "link_expiry",
    "user_id",
    "recording_link",
    "brand_new",
];

proptest! {
    #[test]
    fn unsigned_bytes_are_refused(signature in vec(any::<u8>(), 0..60), timestamp in "[0-9]{0,20}", body in vec(any::<u8>(), 0..200)) {
        properties::unsigned_bytes_are_refused(&signature, timestamp.as_bytes(), &body);
    }

    #[test]
    fn unsigned_json_is_refused(event in nearly_an_event(), timestamp in vec(any::<u8>(), 0..20)) {
        properties::unsigned_bytes_are_refused(b"", &timestamp, event.to_string().as_bytes());
    }

    #[test]
    fn a_flipped_bit_is_refused(body in vec(any::<u8>(), 0..200), place in any::<usize>()) {
        properties::a_flipped_bit_is_refused(&body, place);
    }

    #[test]
    fn only_the_original_split_is_valid(rest in vec(any::<u8>(), 0..60), digits in "[0-9]{0,30}", event in nearly_an_event()) {
        properties::only_the_original_split_is_valid(&rest);
        properties::only_the_original_split_is_valid(digits.as_bytes());
        properties::only_the_original_split_is_valid(&event.to_string().as_bytes()[1..]);
    }

    /// Includes secrets longer than a block of SHA-256, which HMAC hashes first.
    #[test]
    fn a_signature_equals_that_of_aws_lc(secret in "[!-~]{1,200}", body in vec(any::<u8>(), 0..200)) {
        let signed = Verifier::new(&secret).unwrap().sign(body);
        let headers = signed.headers();
        let message = [headers["x-webhook-timestamp"].as_bytes(), signed.body()].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &message);
        prop_assert_eq!(STANDARD.encode(tag), headers["x-webhook-signature"].to_str().unwrap());
    }

    #[test]
    fn a_signed_body_is_judged_by_its_content(bytes in vec(any::<u8>(), 0..200), event in nearly_an_event()) {
        properties::a_signed_body_is_judged_by_its_content(&bytes);
        properties::a_signed_body_is_judged_by_its_content(event.to_string().as_bytes());
    }

    #[test]
    fn a_decoded_event_survives_encoding(event in nearly_an_event()) {
        properties::a_decoded_event_survives_encoding(event.to_string().as_bytes());
    }
}

/// Otherwise the properties above would test no event.
#[test]
fn some_generated_events_decode() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let decodes = (0..200).filter(|_| {
        let event = nearly_an_event().new_tree(&mut runner).unwrap().current();
        serde_json::from_str::<cashfree_vkyc::webhook::Event>(&event.to_string()).is_ok()
    });
    assert!(decodes.count() > 20);
}
