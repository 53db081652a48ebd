//! The older signature, which stands within the body.

use super::*;

/// HMAC-SHA256 of the joined values of `legacy`, made with Python's hmac module.
const JOINED: &str = "loANPhFwqttu2JfNTPla8q7kOBG6pFtEsLPoxFeTmss=";

fn legacy(signature: &str) -> String {
    format!(
        r#"{{"version":"v1","signature":"{signature}","event_type":"VKYC_USER_CALL_QUEUED","event_time":"2025-05-22T03:51:14Z","data":{{"reference_id":10449,"user_id":"\u0041b"}}}}"#
    )
}

fn lenient() -> Verifier {
    let event_time = UNIX_EPOCH + Duration::from_secs(1_747_885_874);
    Verifier::new(SECRET).unwrap().accept_body_signature().clock(move || event_time)
}

#[test]
fn is_taken_only_where_it_was_asked_for() {
    let body = legacy(JOINED);
    let event = lenient().verify(&HeaderMap::new(), body.as_bytes()).unwrap();
    assert_eq!(event.data.user_id.unwrap().expose(), "Ab");
    let refused = verifier().verify(&HeaderMap::new(), body.as_bytes());
    assert_eq!(refused, Err(WebhookError::MissingHeader { name: SIGNATURE }));
}

#[test]
fn never_stands_in_for_a_header_that_does_not_fit() {
    let refused = lenient().verify(&lenient().sign(BODY).headers(), legacy(JOINED).as_bytes());
    assert_eq!(refused, Err(WebhookError::BadSignature));
}

#[test]
fn covers_every_other_value_and_the_time() {
    let good = legacy(JOINED);
    for (old, new) in
        [("10449", "10450"), ("QUEUED", "STARTED"), ("03:51:14", "03:51:15"), ("v1", "v2"), ("41b", "42b")]
    {
        let error = lenient().verify(&HeaderMap::new(), good.replacen(old, new, 1).as_bytes()).unwrap_err();
        assert_eq!(error, WebhookError::BadSignature, "{old}");
    }
    let late = lenient().clock(SystemTime::now);
    assert!(matches!(late.verify(&HeaderMap::new(), good.as_bytes()), Err(WebhookError::Stale { .. })));
    assert!(late.tolerance(None).verify(&HeaderMap::new(), good.as_bytes()).is_ok());
}

#[test]
fn of_odd_bodies_is_a_typed_error() {
    let deep = format!("{{\"signature\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for (body, expected) in [
        ("", "NotJson"),
        ("{", "NotJson"),
        ("[]", "WrongShape"),
        ("{}", "MissingHeader"),
        (r#"{"signature":7}"#, "MissingHeader"),
        (r#"{"signature":"AAAA","data":{},"data":{}}"#, "WrongShape"),
        (r#"{"signature":""}"#, "BadSignature"),
        (r#"{"signature":"AAAA"}"#, "BadSignature"),
        (deep.as_str(), "MissingHeader"),
    ] {
        let error = lenient().verify(&HeaderMap::new(), body.as_bytes()).unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{body:.40}: {error:?}");
    }
    let error = lenient().verify(&HeaderMap::new(), b"{\"signature\":\"\xff\"}").unwrap_err();
    assert!(matches!(error, WebhookError::NotJson { .. }), "{error:?}");
}

/// Of two fields of one name, one is signed; who reads the other would read what nobody signed.
#[test]
fn does_not_cover_a_field_that_stands_twice() {
    let twice = legacy(JOINED).replacen('{', r#"{"data":{"reference_id":1},"#, 1);
    let error = lenient().verify_signature(&HeaderMap::new(), twice.as_bytes()).unwrap_err();
    assert!(matches!(error, WebhookError::WrongShape { .. }), "{error:?}");
}
