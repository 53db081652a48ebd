//! What comes over the wire becomes values, and back, without loss: the spec's examples, and the shapes that Cashfree's
//! answers are known to take.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use cashfree_vkyc::{ApiError, Status, VideoKyc};
use serde_json::{Value, json};

fn decode(value: &Value) -> VideoKyc {
    serde_json::from_str(&value.to_string()).unwrap_or_else(|error| panic!("{error} in {value}"))
}

#[test]
fn the_published_sample_decodes_to_the_last_field() {
    let sample = support::published_sample();
    let vkyc = decode(&sample);
    assert_eq!(vkyc.verification_id.as_deref(), Some("vkyc_verification_id"));
    assert_eq!(vkyc.reference_id, Some(1358));
    assert_eq!(vkyc.user_reference_id, Some(11174));
    assert_eq!(vkyc.user_id.as_ref().unwrap().expose(), "vkyc_user_id1");
    assert_eq!((vkyc.status.as_str(), vkyc.sub_status.as_str()), ("RECEIVED", "LINK_GENERATED"));
    assert_eq!(vkyc.vkyc_link.as_ref().unwrap().expose(), "https://forms.cashfree.com/verification/p8r6jehan8bg");
    assert_eq!(vkyc.link_expiry.as_ref().unwrap().date_time().unwrap().to_rfc3339(), "2025-08-03T00:00:00+00:00");
    assert_eq!(vkyc.meeting_schedule.as_ref().unwrap().date_time().unwrap().to_rfc3339(), "2025-07-09T14:50:00+00:00");
    assert!(vkyc.recording_link.as_ref().unwrap().expose().contains("X-Amz-Expires=3600"));
    assert_eq!((vkyc.auditor_remarks.as_ref(), vkyc.agent_remarks.as_ref()), (None, None));
    assert!(vkyc.extra.is_empty());
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), sample);
}

/// The seed page has the sample too; only its storage credential differs from page to page.
#[test]
fn every_example_of_the_spec_survives_decoding_and_encoding() {
    let spec = support::spec();
    let mut seen = 0;
    for schema in ["VideoKyc", "ApiError"] {
        let properties = spec.at(&format!("/components/schemas/{schema}/properties")).unwrap().as_object().unwrap();
        for (name, property) in properties {
            if let Some(example) = property.get("example") {
                let object = json!({ name.as_str(): example });
                assert_eq!(round_trip(schema, &object), object);
                seen += 1;
            }
        }
    }
    let responses = spec.at("/components/responses").unwrap().as_object().unwrap().values();
    for example in responses.flat_map(|r| r["content"]["application/json"]["examples"].as_object().unwrap().values()) {
        assert_eq!(round_trip("ApiError", &example["value"]), example["value"]);
        seen += 1;
    }
    assert!(seen > 50, "only {seen} examples were found");
}

fn round_trip(schema: &str, object: &Value) -> Value {
    let text = object.to_string();
    match schema {
        "VideoKyc" => serde_json::to_value(serde_json::from_str::<VideoKyc>(&text).unwrap()).unwrap(),
        _ => serde_json::to_value(serde_json::from_str::<ApiError>(&text).unwrap()).unwrap(),
    }
}

#[test]
fn every_field_may_be_empty_null_or_absent() {
    let sample = support::published_sample();
    for name in sample.as_object().unwrap().keys() {
        let mut without = sample.clone();
        without.as_object_mut().unwrap().remove(name);
        for nothing in [json!(null), json!("")] {
            let mut with_nothing = sample.clone();
            with_nothing[name] = nothing;
            assert_eq!(decode(&with_nothing), decode(&without), "{name}");
            assert_eq!(serde_json::to_value(decode(&with_nothing)).unwrap(), without, "{name}");
        }
    }
}

#[test]
fn a_status_never_seen_before_is_kept_and_not_settled() {
    let mut sample = support::published_sample();
    sample["status"] = json!("SOMETHING_NEW");
    sample["sub_status"] = json!("something else, new");
    let vkyc = decode(&sample);
    assert!(matches!(vkyc.status, Status::Unknown(_)) && !vkyc.sub_status.is_known());
    assert_eq!((vkyc.status.as_str(), vkyc.sub_status.as_str()), ("SOMETHING_NEW", "something else, new"));
    assert!(!vkyc.lifecycle().is_settled());
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), sample);
}

#[test]
fn an_absent_status_is_unknown_and_not_settled() {
    let vkyc = decode(&json!({ "verification_id": "x" }));
    assert_eq!((vkyc.status.as_str(), vkyc.sub_status.as_str()), ("", ""));
    assert!(!vkyc.status.is_known() && !vkyc.lifecycle().is_settled());
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), json!({ "verification_id": "x" }));
}

#[test]
fn unknown_fields_are_kept() {
    let mut sample = support::published_sample();
    sample["aadhaar_details"] = json!({ "name": "A", "split_address": { "pincode": 560001 } });
    sample["list"] = json!([1, null, "x"]);
    sample["nothing"] = json!(null);
    let vkyc = decode(&sample);
    assert_eq!(vkyc.extra["aadhaar_details"]["split_address"]["pincode"], 560001);
    assert_eq!(vkyc.extra.len(), 3);
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), sample);
}

#[test]
fn numbers_and_texts_stand_for_each_other_without_loss() {
    let vkyc = decode(&json!({
        "reference_id": "9223372036854775807",
        "user_reference_id": "11174",
        "verification_id": 18446744073709551615u64,
        "user_id": -42,
        "link_expiry": 20250803,
        "status": 7,
    }));
    assert_eq!((vkyc.reference_id, vkyc.user_reference_id), (Some(i64::MAX), Some(11174)));
    assert_eq!(vkyc.verification_id.as_deref(), Some("18446744073709551615"));
    assert_eq!(vkyc.user_id.unwrap().expose(), "-42");
    assert_eq!((vkyc.link_expiry.unwrap().as_str(), vkyc.status.as_str()), ("20250803", "7"));
    assert_eq!(decode(&json!({ "reference_id": i64::MAX })).reference_id, Some(i64::MAX));
}

#[test]
fn every_shape_of_a_time_is_read_and_an_odd_one_is_kept() {
    for (text, read) in [
        ("2025-07-19T14:30:00Z", Some("2025-07-19T14:30:00+00:00")),
        ("2025-07-09T14:50:00.000Z", Some("2025-07-09T14:50:00+00:00")),
        ("2025-07-19", Some("2025-07-19T00:00:00+00:00")),
        ("2025-07-19 14:30:00", Some("2025-07-19T14:30:00+00:00")),
        ("19 July, in the afternoon", None),
    ] {
        for field in ["link_expiry", "meeting_schedule"] {
            let object = json!({ field: text });
            let vkyc = decode(&object);
            let time = vkyc.link_expiry.as_ref().or(vkyc.meeting_schedule.as_ref()).unwrap();
            assert_eq!(time.date_time().map(|time| time.to_rfc3339()).as_deref(), read, "{text}");
            assert_eq!(time.as_str(), text);
            assert_eq!(serde_json::to_value(&vkyc).unwrap(), object);
        }
    }
}
