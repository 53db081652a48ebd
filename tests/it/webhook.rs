//! Verification of webhooks without a server: accepted and refused requests, the errors, and output without secrets.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cashfree_vkyc::webhook::{Event, SignedRequest, Verifier, VerifierError, WebhookError};
use cashfree_vkyc::{Credentials, EventType, Status, VideoKyc};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::support;

const SIGNATURE: &str = "x-webhook-signature";
const TIMESTAMP: &str = "x-webhook-timestamp";
const SECRET: &str = "cfsk_test_secret";
/// 2025-05-05T06:49:19.733Z, the time of the published header.
const SENT: u64 = 1_746_427_759_733;
const BODY: &str =
    r#"{"event_type":"VKYC_USER_CALL_QUEUED","event_time":"2025-05-22T03:51:14Z","data":{"reference_id":10449}}"#;
/// HMAC-SHA256 of `SENT` and `BODY` under `SECRET`, made with Python's hmac module.
const KNOWN: &str = "kGZjaNMwULua7ufWf6++nlm9T2b8JwVtWSIMoEyn12U=";

fn sent() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(SENT)
}

/// A verifier whose clock shows the time at which the webhook was sent.
fn verifier() -> Verifier {
    Verifier::new(SECRET).unwrap().clock(sent)
}

fn headers(pairs: &[(&str, &[u8])]) -> HeaderMap {
    let pair = |(name, value): &(&str, &[u8])| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn known() -> HeaderMap {
    headers(&[(SIGNATURE, KNOWN.as_bytes()), (TIMESTAMP, SENT.to_string().as_bytes())])
}

fn verify_signed(body: impl Into<Vec<u8>>) -> Result<Event, WebhookError> {
    let signed = verifier().sign(body);
    verifier().verify(&signed.headers(), signed.body())
}

#[test]
fn a_signature_made_by_python_is_accepted() {
    let event = verifier().verify(&known(), BODY.as_bytes()).unwrap();
    assert_eq!((event.event_type, event.data.reference_id), (EventType::VkycUserCallQueued, Some(10449)));
    let signed = verifier().sign(BODY);
    assert_eq!(signed.headers()[SIGNATURE], KNOWN);
    assert_eq!(
        (&signed.headers()[TIMESTAMP], &signed.headers()["x-webhook-attempt"]),
        (&known()[TIMESTAMP], &HeaderValue::from(1))
    );
    assert_eq!(signed.headers()["x-webhook-version"], "2025-01-01");
}

#[test]
fn a_signed_request_has_every_header_of_a_delivery() {
    let signed = verifier().sign(BODY).attempt(3);
    assert_eq!(signed.headers()["x-webhook-attempt"], "3");
    assert_eq!(signed.headers()["content-type"], "application/json");
    assert!(verifier().verify(&signed.headers(), signed.body()).is_ok());
}

#[test]
fn header_names_are_case_insensitive() {
    let shouted =
        headers(&[("X-WEBHOOK-SIGNATURE", KNOWN.as_bytes()), ("X-Webhook-Timestamp", SENT.to_string().as_bytes())]);
    assert!(verifier().verify(&shouted, BODY.as_bytes()).is_ok());
}

#[test]
fn a_flipped_bit_in_a_header_or_the_body_is_refused() {
    let flipped = |bytes: &[u8], n: usize| {
        let mut bytes = bytes.to_vec();
        bytes[n / 8] ^= 1 << (n % 8);
        bytes
    };
    for n in 0..BODY.len() * 8 {
        let error = verifier().verify(&known(), &flipped(BODY.as_bytes(), n)).unwrap_err();
        // The first byte of the body marks the split between timestamp and body.
        let expected = if n < 8 { WebhookError::NotAnObject } else { WebhookError::BadSignature };
        assert_eq!(error, expected, "bit {n} of the body");
    }
    for name in [SIGNATURE, TIMESTAMP] {
        let value = known()[name].as_bytes().to_vec();
        for n in 0..value.len() * 8 {
            let Ok(value) = HeaderValue::from_bytes(&flipped(&value, n)) else { continue };
            let mut headers = known();
            headers.insert(HeaderName::from_static(name), value);
            let error = verifier().verify(&headers, BODY.as_bytes()).unwrap_err();
            assert!(
                matches!(
                    error,
                    WebhookError::BadSignature
                        | WebhookError::MalformedHeader { .. }
                        | WebhookError::Stale { .. }
                        | WebhookError::FromTheFuture { .. }
                ),
                "bit {n} of {name}: {error:?}"
            );
        }
    }
    assert_eq!(verifier().verify(&known(), b""), Err(WebhookError::NotAnObject));
    for n in 1..BODY.len() {
        assert_eq!(verifier().verify(&known(), &BODY.as_bytes()[..n]), Err(WebhookError::BadSignature));
    }
}

#[test]
fn missing_repeated_and_malformed_headers_have_their_own_errors() {
    for name in [SIGNATURE, TIMESTAMP] {
        let mut without = known();
        without.remove(name);
        assert_eq!(verifier().verify(&without, BODY.as_bytes()), Err(WebhookError::MissingHeader { name }));
        let mut doubled = known();
        doubled.append(HeaderName::from_static(name), known()[name].clone());
        let error = WebhookError::MalformedHeader { name, problem: "is present more than once" };
        assert_eq!(verifier().verify(&doubled, BODY.as_bytes()), Err(error));
    }
    assert!(matches!(verifier().verify(&HeaderMap::new(), b""), Err(WebhookError::MissingHeader { .. })));
    let long = "A".repeat(100_000);
    for (value, says) in [
        ("", "is empty"),
        ("no base64!", "is not base64"),
        ("kGZjaNMwULua7ufWf6++nlm9T2b8JwVtWSIMoEyn12U", "is not base64"),
        ("kGZjaNMwULua7ufWf6--nlm9T2b8JwVtWSIMoEyn12U=", "is not base64"),
        ("AAAA", "is not the base64 of a SHA-256"),
        ("सही", "is not base64"),
        (long.as_str(), "is not the base64 of a SHA-256"),
        ("906663", "is not base64"),
    ] {
        let headers = headers(&[(SIGNATURE, value.as_bytes()), (TIMESTAMP, b"1746427759733")]);
        let error = verifier().verify(&headers, BODY.as_bytes()).unwrap_err();
        assert_eq!(error, WebhookError::MalformedHeader { name: SIGNATURE, problem: says });
    }
}

#[test]
fn malformed_and_old_timestamps_are_refused() {
    for value in ["", "-1", "NaN", "1000000000000000000000000000000", "1e12", "2025-05-05", "१"] {
        let headers = headers(&[(SIGNATURE, KNOWN.as_bytes()), (TIMESTAMP, value.as_bytes())]);
        let error = verifier().verify(&headers, BODY.as_bytes()).unwrap_err();
        assert!(matches!(error, WebhookError::MalformedHeader { name: TIMESTAMP, .. }), "{value}: {error:?}");
    }
    let zero = headers(&[(SIGNATURE, KNOWN.as_bytes()), (TIMESTAMP, b"0")]);
    assert!(matches!(verifier().verify(&zero, BODY.as_bytes()), Err(WebhookError::Stale { .. })));
    let stale = verifier().sign(BODY).at(UNIX_EPOCH);
    assert!(matches!(verifier().verify(&stale.headers(), stale.body()), Err(WebhookError::Stale { .. })));
}

#[test]
fn timestamps_in_seconds_and_milliseconds_are_accepted() {
    for signed in [verifier().sign(BODY), verifier().sign(BODY).in_seconds()] {
        assert!(verifier().verify(&signed.headers(), signed.body()).is_ok());
    }
    let digits = |signed: SignedRequest| signed.headers()[TIMESTAMP].len();
    assert_eq!((digits(verifier().sign(BODY)), digits(verifier().sign(BODY).in_seconds())), (13, 10));
}

#[test]
fn the_tolerance_is_five_minutes_and_can_be_changed_or_disabled() {
    let at = |offset: i64| {
        let by = Duration::from_secs(offset.unsigned_abs());
        verifier().sign(BODY).at(if offset < 0 { sent() - by } else { sent() + by })
    };
    let verify = |verifier: &Verifier, offset| {
        let signed = at(offset);
        verifier.verify(&signed.headers(), signed.body())
    };
    assert!(verify(&verifier(), -300).is_ok() && verify(&verifier(), 300).is_ok());
    assert!(matches!(verify(&verifier(), -301), Err(WebhookError::Stale { age, .. }) if age.as_secs() == 301));
    assert!(
        matches!(verify(&verifier(), 301), Err(WebhookError::FromTheFuture { ahead, .. }) if ahead.as_secs() == 301)
    );
    let wide = verifier().tolerance(Duration::from_secs(3600));
    assert!(verify(&wide, -3600).is_ok() && verify(&wide, -3601).is_err());
    assert!(verify(&verifier().tolerance(None), -1_000_000_000).is_ok());
    // The age is checked before the signature, so that the body of an old request is not read.
    let forged = headers(&[(SIGNATURE, KNOWN.as_bytes()), (TIMESTAMP, b"1646427759733")]);
    let expected = WebhookError::Stale { age: Duration::from_secs(100_000_000), tolerance: Duration::from_secs(300) };
    assert_eq!(verifier().check_headers(&forged).unwrap_err(), expected);
    assert_eq!(verifier().verify(&forged, BODY.as_bytes()), Err(expected));
    let any_age = verifier().tolerance(None);
    assert_eq!(any_age.verify(&forged, BODY.as_bytes()), Err(WebhookError::BadSignature));
}

/// Timestamp and body are signed as one text, so an attacker could move bytes between them.
#[test]
fn another_split_of_timestamp_and_body_is_refused() {
    let text = format!("{SENT}{BODY}");
    let digits = SENT.to_string().len();
    for verifier in [verifier(), verifier().tolerance(None)] {
        for cut in (0..=text.len()).filter(|cut| *cut != digits && text.is_char_boundary(*cut)) {
            let (timestamp, body) = text.split_at(cut);
            let headers = headers(&[(SIGNATURE, KNOWN.as_bytes()), (TIMESTAMP, timestamp.as_bytes())]);
            let error = verifier.verify_signature(&headers, body.as_bytes()).unwrap_err();
            assert!(verifier.verify(&headers, body.as_bytes()).is_err());
            match cut {
                0 => assert!(matches!(error, WebhookError::MalformedHeader { problem: "is empty", .. })),
                // Ten digits are the same time in seconds, so the age is valid.
                10 => assert_eq!(error, WebhookError::NotAnObject),
                _ => {}
            }
        }
        assert_eq!(verifier.verify_signature(&known(), BODY.as_bytes()), Ok(()));
    }
    // Cashfree sends no white space before the object, so it is refused too.
    for body in ["", "7", " {}", "\n{}", "\u{feff}{}", "[]", "733{}"] {
        let signed = verifier().sign(body);
        let error = verifier().verify_signature(&signed.headers(), signed.body()).unwrap_err();
        assert_eq!(
            (&error, error.http_status()),
            (&WebhookError::NotAnObject, http::StatusCode::UNAUTHORIZED),
            "{body}"
        );
    }
}

#[test]
fn checked_headers_can_verify_several_bodies() {
    let (verifier, headers) = (verifier(), known());
    let checked = verifier.check_headers(&headers).unwrap();
    assert_eq!(checked.verify(BODY.as_bytes()).unwrap().data.reference_id, Some(10449));
    assert_eq!(checked.verify_signature(b"{}"), Err(WebhookError::BadSignature));
    assert_eq!(format!("{checked:?}"), "CheckedHeaders { .. }");
    assert!(verifier.check_headers(&HeaderMap::new()).is_err());
}

#[test]
fn a_verifier_with_two_secrets_accepts_either_signature() {
    let old = Verifier::new("old").unwrap().sign(BODY);
    let new = Verifier::new("new").unwrap().sign(BODY);
    let both = Verifier::new(["old", "new"]).unwrap();
    for signed in [&old, &new] {
        assert!(both.verify(&signed.headers(), signed.body()).is_ok());
    }
    let only_new = Verifier::new(vec!["new".to_owned()]).unwrap();
    assert_eq!(only_new.verify(&old.headers(), old.body()), Err(WebhookError::BadSignature));
}

#[test]
fn empty_secrets_and_secrets_with_white_space_are_refused() {
    assert_eq!(Verifier::new("").unwrap_err(), VerifierError::EmptySecret);
    assert_eq!(Verifier::new(["good", ""]).unwrap_err(), VerifierError::EmptySecret);
    assert_eq!(Verifier::new(Vec::<String>::new()).unwrap_err(), VerifierError::NoSecret);
    assert!(Verifier::new("").unwrap_err().to_string().contains("is the variable that holds it set?"));
    assert_eq!(Verifier::new("secret\n").unwrap_err(), VerifierError::WhiteSpace);
}

#[test]
fn a_secret_is_accepted_as_any_string_or_credentials_type() {
    let credentials = Credentials::new("id", SECRET).unwrap();
    let old = Credentials::new("id", "old").unwrap();
    let text = SECRET.to_owned();
    let several = vec!["old".to_owned(), text.clone()];
    let both = ["old", SECRET];
    for verifier in [
        Verifier::new(SECRET),
        Verifier::new(text.clone()),
        Verifier::new(&text),
        Verifier::new(Box::<str>::from(SECRET)),
        Verifier::new(Arc::<str>::from(SECRET)),
        Verifier::new(std::borrow::Cow::Borrowed(SECRET)),
        Verifier::new(&credentials),
        Verifier::new(credentials.clone()),
        Verifier::new([&old, &credentials]),
        Verifier::new(vec![old.clone(), credentials.clone()]),
        Verifier::new(secrecy::SecretString::from(SECRET)),
        Verifier::new([secrecy::SecretString::from(SECRET)]),
        Verifier::new(["old", SECRET]),
        Verifier::new(both),
        Verifier::new(&several),
        Verifier::new(several.as_slice()),
        Verifier::new(several.clone()),
        Verifier::new(several.iter().map(String::as_str).collect::<Vec<_>>()),
    ] {
        assert!(verifier.unwrap().clock(sent).verify(&known(), BODY.as_bytes()).is_ok());
    }
}

#[test]
fn an_unverified_body_is_not_parsed() {
    let deep = "[".repeat(10_000);
    for body in [deep.as_bytes(), b"", b"{", b"\xff\xfe", b"null"] {
        let expected = if body == b"{" { WebhookError::BadSignature } else { WebhookError::NotAnObject };
        assert_eq!(verifier().verify(&known(), body), Err(expected));
    }
    let deep = format!("{{\"a\":{deep}");
    assert_eq!(verifier().verify(&known(), deep.as_bytes()), Err(WebhookError::BadSignature));
}

#[test]
fn signed_bodies_that_are_no_events_have_specific_errors() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let twice = BODY.repeat(2);
    let deep_within = BODY.replace("10449", &format!("{{\"a\":{deep}}}"));
    let deep_unknown = BODY.replace("\"reference_id\":10449", &format!("\"new\":{deep}"));
    for body in ["{", "{not JSON", twice.as_str(), &deep_unknown, &deep_within, &BODY[..BODY.len() - 1]] {
        let error = verify_signed(body).unwrap_err();
        assert!(matches!(error, WebhookError::NotJson { .. }), "{:.60}: {error:?}", body);
    }
    assert!(matches!(verify_signed(b"{\"event_type\":\"\xff\"}".to_vec()), Err(WebhookError::NotJson { .. })));
    for (body, path) in [
        ("{}", None),
        (r#"{"data":{}}"#, None),
        (r#"{"event_type":"VKYC_X","data":{}}"#, None),
        (r#"{"event_type":"VKYC_X","data":null}"#, Some("data")),
        (r#"{"event_type":"VKYC_X","data":[]}"#, Some("data")),
        (r#"{"event_type":"VKYC_X"}"#, None),
        (r#"{"event_type":{},"data":{"reference_id":1}}"#, Some("event_type")),
        (r#"{"event_type":"VKYC_X","event_type":"Y","data":{"reference_id":1}}"#, Some("event_type")),
        (r#"{"event_type":"VKYC_X","data":{"reference_id":1,"reference_id":2}}"#, Some("data.reference_id")),
    ] {
        let error = verify_signed(body).unwrap_err();
        let WebhookError::WrongShape { field_path, .. } = &error else { panic!("{body}: {error:?}") };
        if path.is_some() {
            assert_eq!(field_path.as_deref(), path, "{body}: {error}");
        }
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_it_is_hashed() {
    let large = vec![b'x'; 256 * 1024 + 1];
    assert_eq!(verifier().verify(&known(), &large), Err(WebhookError::TooLarge { limit: 256 * 1024 }));
    let small = verifier().max_body_bytes(BODY.len());
    assert!(small.verify(&known(), BODY.as_bytes()).is_ok());
    let smaller = verifier().max_body_bytes(BODY.len() - 1);
    assert_eq!(smaller.verify(&known(), BODY.as_bytes()), Err(WebhookError::TooLarge { limit: BODY.len() - 1 }));
}

#[test]
fn both_payload_forms_are_decoded_and_unknown_fields_are_kept() {
    let sample = support::spec()
        .at("/x-webhooks/videoKycEvent/post/requestBody/content/application~1json/examples/published/value")
        .unwrap()
        .clone();
    let v1 = verify_signed(sample.to_string()).unwrap();
    assert_eq!((v1.version.as_deref(), v1.data.user_reference_id), (Some("v1"), Some(10259)));
    assert_eq!(v1.data.link_expiry.as_ref().unwrap().as_str(), "2025-06-21");
    assert_eq!(serde_json::to_value(&v1).unwrap(), sample);

    let newer = json!({
        "event_type": "VKYC_SOMETHING_NEW", "event_time": "2024-02-15 16:53:15", "trace": [1],
        "data": { "reference_id": "9223372036854775807", "status": "BRAND_NEW", "recording_link": "", "score": 7 },
    });
    let event = verify_signed(newer.to_string()).unwrap();
    assert!(!event.event_type.is_known() && event.event_type.as_str() == "VKYC_SOMETHING_NEW");
    assert!(event.event_time.as_ref().unwrap().timestamp().is_some());
    assert_eq!((event.data.reference_id, &event.data.recording_link), (Some(i64::MAX), &None));
    assert_eq!((&event.extra["trace"], &event.data.extra["score"]), (&json!([1]), &json!(7)));
    assert_eq!((event.version, event.signature), (None, None));

    let only_new = verify_signed(r#"{"event_type":"VKYC_NEW","data":{"something":"else"}}"#).unwrap();
    assert_eq!(only_new.data.extra["something"], "else");
}

#[test]
fn every_event_type_of_the_spec_round_trips() {
    let of_spec = support::spec().at("/components/schemas/KycEventType/enum").unwrap().as_array().unwrap().len();
    assert_eq!(EventType::KNOWN.len(), of_spec);
    for event_type in EventType::KNOWN {
        let body = serde_json::to_vec(&Event::new(event_type.clone(), "2025-05-22T03:51:14Z".into(), support::vkyc(1)))
            .unwrap();
        assert_eq!(&verify_signed(body).unwrap().event_type, event_type);
    }
}

mod other_products;
#[test]
fn webhook_types_and_errors_print_no_secret_body_or_header() {
    let canary = "canary-7f3a";
    let verifier = Verifier::new(format!("secret-{canary}")).unwrap().clock(sent);
    let body = format!(
        r#"{{"event_type":"VKYC_X","signature":"{canary}","new":"{canary}","data":{{"user_id":"{canary}","vkyc_link":"https://{canary}","recording_link":"{canary}","agent_remarks":"{canary}","secret":"{canary}","reference_id":1}}}}"#
    );
    let signed = verifier.sign(body.as_str());
    let event = verifier.verify(&signed.headers(), signed.body()).unwrap();
    let mut printed = format!("{verifier:?} {signed:?} {event:?} {event:#?} {:?} {}", event.key(), event.key());
    let wrong = body.replace("\"reference_id\":1", &format!("\"user_id\":\"{canary}\""));
    for (body, headers) in [
        (body.clone(), HeaderMap::new()),
        (body.clone(), headers(&[(SIGNATURE, canary.as_bytes()), (TIMESTAMP, b"1")])),
        (body.clone(), headers(&[(SIGNATURE, KNOWN.as_bytes()), (TIMESTAMP, canary.as_bytes())])),
        (body.clone(), known()),
        (wrong.clone(), verifier.sign(wrong.as_str()).headers()),
        (canary.into(), verifier.sign(canary).headers()),
        (body.clone(), verifier.sign(body.as_str()).at(UNIX_EPOCH).headers()),
    ] {
        let error = verifier.verify(&headers, body.as_bytes()).unwrap_err();
        printed.push_str(&support::all_texts(&error));
    }
    assert!(!printed.contains(canary), "{printed}");
}

#[test]
fn an_event_out_of_order_does_not_overwrite_a_newer_state() {
    let mut stored: VideoKyc = support::vkyc(1);
    stored.status = Status::AuditorReviewed;
    let mut late = support::vkyc(1);
    late.status = Status::VideoCall;
    let late = Event::new(EventType::VkycUserCallStarted, "2025-05-22T03:51:14Z".into(), late);
    assert!(!late.supersedes(&stored) && late.supersedes(&support::vkyc(1)));
}
