//! Wire data is decoded and encoded without loss: the spec's examples, and the known shapes of Cashfree's responses.

use cashfree_vkyc::{ReferenceId, Status, VerificationId, VideoKyc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{self, example};

fn decode(value: &Value) -> VideoKyc {
    serde_json::from_str(&value.to_string()).unwrap_or_else(|error| panic!("{error} in {value}"))
}

#[test]
fn the_published_sample_decodes_with_every_field() {
    let sample = support::published_sample();
    let vkyc = decode(&sample);
    assert_eq!(vkyc.verification_id.as_deref(), Some("vkyc_verification_id"));
    assert_eq!(vkyc.reference_id, Some(1358));
    assert_eq!(vkyc.user_reference_id, Some(11174));
    assert_eq!(vkyc.user_id.as_ref().unwrap().expose(), "vkyc_user_id1");
    assert_eq!((vkyc.status.as_str(), vkyc.sub_status.as_str()), ("RECEIVED", "LINK_GENERATED"));
    assert_eq!(vkyc.vkyc_link.as_ref().unwrap().expose(), "https://forms.cashfree.com/verification/p8r6jehan8bg");
    assert_eq!(vkyc.link_expiry.as_ref().unwrap().timestamp().unwrap().to_string(), "2025-08-03T00:00:00Z");
    assert_eq!(vkyc.meeting_schedule.as_ref().unwrap().timestamp().unwrap().to_string(), "2025-07-09T14:50:00Z");
    assert!(vkyc.recording_link.as_ref().unwrap().expose().contains("X-Amz-Expires=3600"));
    assert_eq!((vkyc.auditor_remarks.as_ref(), vkyc.agent_remarks.as_ref()), (None, None));
    assert!(vkyc.extra.is_empty());
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), sample);
}

#[test]
fn every_example_of_the_spec_survives_decoding_and_encoding() {
    let examples = example::examples();
    for (schema, object) in &examples {
        assert_eq!(&round_trip(schema, object), object, "{schema}");
    }
    assert!(examples.len() > 50, "only {} examples were found", examples.len());
}

/// The argument types accept the examples of the parameters.
#[test]
fn the_examples_of_ids_in_the_spec_are_valid_ids() {
    let spec = support::spec();
    let parameters = spec.at("/paths/~1vkyc/get/parameters").unwrap().as_array().unwrap();
    let example = |name: &str| parameters.iter().find(|p| p["name"] == name).unwrap()["example"].clone();
    assert!(VerificationId::new(example("verification_id").as_str().unwrap()).is_ok());
    assert!(serde_json::from_value::<ReferenceId>(example("reference_id")).is_ok());
}

fn round_trip(schema: &str, object: &Value) -> Value {
    /// Fields that the type requires beyond the object are added, and removed again.
    fn through<T: DeserializeOwned + Serialize>(schema: &str, object: &Value) -> Value {
        let mut back = serde_json::to_value(example::typed::<T>(schema, object.clone())).unwrap();
        back.as_object_mut().unwrap().retain(|name, _| object.get(name).is_some());
        back
    }
    macro_rules! by_name {
        ($($name:literal => $type:ty,)*) => {
            match schema {
                $( $name => through::<$type>(schema, object), )*
                other => panic!("the spec has no schema {other}"),
            }
        };
    }
    crate::schemas!(by_name)
}

#[test]
fn a_list_is_no_record() {
    let error = serde_json::from_str::<VideoKyc>("[]").unwrap_err().to_string();
    assert!(error.contains("expected an object"), "{error}");
}

#[test]
fn every_field_may_be_empty_null_or_absent() {
    let mut sample = support::published_sample();
    for (name, property) in example::named("VideoKyc")["properties"].as_object().unwrap() {
        sample[name.as_str()] = example::value(property);
    }
    assert!(sample.as_object().unwrap().len() >= 12);
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
fn an_unknown_status_is_kept_and_is_not_final() {
    let mut sample = support::published_sample();
    sample["status"] = json!("SOMETHING_NEW");
    sample["sub_status"] = json!("something else, new");
    let vkyc = decode(&sample);
    assert!(matches!(vkyc.status, Status::Unknown(_)) && !vkyc.sub_status.is_known());
    assert_eq!((vkyc.status.as_str(), vkyc.sub_status.as_str()), ("SOMETHING_NEW", "something else, new"));
    assert!(!vkyc.lifecycle().is_final());
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), sample);
}

#[test]
fn an_absent_status_is_unknown_and_not_final() {
    let vkyc = decode(&json!({ "verification_id": "x" }));
    assert_eq!((vkyc.status.as_str(), vkyc.sub_status.as_str()), ("", ""));
    assert!(vkyc.status.is_empty() && vkyc.sub_status.is_empty());
    assert!(!vkyc.status.is_known() && !vkyc.lifecycle().is_final());
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), json!({ "verification_id": "x" }));
}

#[test]
fn unknown_fields_are_kept() {
    let mut sample = support::published_sample();
    sample["brand_new"] = json!({ "name": "A", "split_address": { "pincode": 560001 } });
    sample["aadhaar_details"] = json!({ "name": "A", "split_address": { "pincode": "560001", "new": [1] }, "new": 7 });
    sample["list"] = json!([1, null, "x"]);
    sample["nothing"] = json!(null);
    let vkyc = decode(&sample);
    assert_eq!(vkyc.extra["brand_new"]["split_address"]["pincode"], 560001);
    assert_eq!(vkyc.extra.len(), 3);
    assert_eq!(serde_json::to_value(&vkyc).unwrap(), sample);
}

#[test]
fn fields_decode_from_numbers_and_strings_without_loss() {
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
fn timestamps_decode_in_every_known_format_and_others_are_kept() {
    for (text, read) in [
        ("2025-07-19T14:30:00Z", Some("2025-07-19T14:30:00Z")),
        ("2025-07-09T14:50:00.000Z", Some("2025-07-09T14:50:00Z")),
        ("2025-07-19", Some("2025-07-19T00:00:00Z")),
        ("2025-07-19 14:30:00", Some("2025-07-19T14:30:00Z")),
        ("19 July, in the afternoon", None),
    ] {
        for field in ["link_expiry", "meeting_schedule"] {
            let object = json!({ field: text });
            let vkyc = decode(&object);
            let time = vkyc.link_expiry.as_ref().or(vkyc.meeting_schedule.as_ref()).unwrap();
            assert_eq!(time.timestamp().map(|time| time.to_string()).as_deref(), read, "{text}");
            assert_eq!(time.as_str(), text);
            assert_eq!(serde_json::to_value(&vkyc).unwrap(), object);
        }
    }
}
