//! A write without a response: the end of the call, and its error.

use std::time::Duration;

use cashfree_vkyc::{Delivery, Error, Initiate, Response, UserId, VideoKyc};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::merchant::{Fate, Merchant};
use super::{answer, initiate};
use crate::support::{Server, example};

const EXISTS: &str = r#"{"type":"validation_error","code":"verification_id_already_exists"}"#;
const PENDING: &str = r#"{"type":"validation_error","code":"verification_pending"}"#;
const VALIDATING: &str = r#"{"type":"validation_error","code":"validation_pending","verification_id":"vkyc_42"}"#;
const LOST: Fate = Fate::CutRequest(60);

async fn started(fates: &[Fate]) -> (Merchant, Result<Response<VideoKyc>, Error>) {
    let merchant = Merchant::with(fates).await;
    let outcome = merchant.client().initiate(initiate()).await;
    (merchant, outcome)
}

fn say(status: u16, body: &'static str) -> Fate {
    Fate::Say { carried_out: false, status, body }
}

/// The response to a second send does not concern the first one, so the outcome is unknown. The error has the id.
#[tokio::test(start_paused = true)]
async fn a_refused_second_send_leaves_the_first_one_unknown() {
    let forbidden = say(403, r#"{"type":"authentication_error","code":"ip_validation_failed"}"#);
    let refused = say(400, r#"{"type":"validation_error","code":"brand_new"}"#);
    for later in [forbidden, refused, Fate::Throttle] {
        let (merchant, outcome) = started(&[LOST, later, later, later, later]).await;
        let error = outcome.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{later:?}: {error}");
        assert!(error.to_string().contains("ask for the status of vkyc_42"), "{later:?}: {error}");
        assert!(merchant.posts() <= 3 && merchant.made().is_empty(), "{later:?}: {}", merchant.posts());
        assert_eq!(usize::try_from(error.attempts()).unwrap(), merchant.posts(), "{later:?}");
    }
}

/// The response was lost and the verification is not visible yet, so the second send gets "already exists" for the call's own id.
#[tokio::test(start_paused = true)]
async fn an_existing_id_after_a_lost_response_is_queried_until_visible() {
    let exists = say(409, EXISTS);
    let (merchant, outcome) = started(&[Fate::Lag(Duration::from_secs(7)), exists, exists]).await;
    assert_eq!(outcome.unwrap().verification_id.as_deref(), Some("vkyc_42"));
    assert_eq!(merchant.made(), [1]);
    let (_, outcome) = started(&[Fate::Lag(Duration::from_secs(300)), exists, exists]).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "not a conflict: {error}");
}

#[tokio::test(start_paused = true)]
async fn a_pending_write_is_awaited_and_not_sent_again() {
    for (status, body) in [(409, PENDING), (202, VALIDATING), (409, r#"{"code":"brand_new"}"#), (409, "{\"code")] {
        let (merchant, outcome) = started(&[Fate::SayLate { after: Duration::from_secs(4), status, body }]).await;
        assert_eq!(outcome.unwrap().verification_id.as_deref(), Some("vkyc_42"), "{status} {body}");
        assert_eq!((merchant.posts(), merchant.made()), (1, vec![1]), "{status} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn insufficient_balance_is_recognised_under_a_success_status() {
    let (merchant, outcome) =
        started(&[say(200, r#"{"type":"validation_error","code":"insufficient_balance"}"#)]).await;
    let error = outcome.unwrap_err();
    assert!(error.is_insufficient_balance(), "{error}");
    assert_eq!((merchant.posts(), error.delivery()), (1, Delivery::Answered));
}

#[tokio::test(start_paused = true)]
async fn a_verification_without_the_requested_user_reference_is_unknown() {
    let existing = Merchant::with(&[Fate::Fine, say(409, EXISTS)]).await;
    existing.client().initiate(initiate()).await.unwrap();
    // The existing verification names its customer only by `user_id`.
    let by_number =
        example::typed::<Initiate>("InitiateRequest", json!({ "verification_id": "vkyc_42", "user_reference_id": 7 }));
    let client = existing.client();
    for call in [client.initiate(by_number.clone()), client.initiate_or_get(by_number)] {
        let error = call.await.unwrap_err();
        assert_eq!((error.delivery(), error.is_conflict()), (Delivery::Unknown, false), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_existing_verification_is_matched_by_its_user_reference() {
    let initiate =
        example::typed::<Initiate>("InitiateRequest", json!({ "verification_id": "vkyc_42", "user_reference_id": 7 }));
    for (number, is_ours) in [(7, true), (8, false)] {
        let server = Server::scripted_by_head(move |head, mut stream| async move {
            let found = format!(r#"{{"verification_id":"vkyc_42","user_reference_id":{number},"status":"RECEIVED"}}"#);
            let reply = if head.starts_with("POST") { answer(409, EXISTS) } else { answer(200, found) };
            let _ = stream.write_all(&reply).await;
            let _ = stream.shutdown().await;
        })
        .await;
        let outcome = server.client().initiate(initiate.clone()).await;
        if let Err(error) = &outcome {
            let text = "vkycInitiate (POST /vkyc): Cashfree answered with an error: 409 Conflict, validation_error, \
                        verification_id_already_exists: the verification id belongs to another customer; choose another one";
            assert!(error.to_string().starts_with(text), "{error}");
            assert!(!error.to_string().contains("Ask for its status"), "advice for another case: {error}");
        }
        assert_eq!(outcome.map_or_else(|error| (false, error.is_conflict()), |_| (true, false)), (is_ours, !is_ours));
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_with_another_phone_leaves_the_outcome_unknown() {
    let user = |phone: &str| example::new_user(phone).user_id(UserId::new("user_7").unwrap());
    for fate in [LOST, Fate::Refuse { carried_out: false, status: 502 }] {
        let merchant = Merchant::with(&[Fate::Fine, fate, fate, fate]).await;
        merchant.client().create_user(user("9988776655")).await.unwrap();
        let error = merchant.client().create_user(user("9999999999")).await.unwrap_err();
        assert_eq!((error.delivery(), merchant.made(), merchant.posts()), (Delivery::Unknown, vec![1], 2), "{error}");
        // The same phone number in another format.
        let found = merchant.client().create_user(user("+91 99887-76655")).await.unwrap();
        assert_eq!(found.user_reference_id, Some(7));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_server_or_a_gateway_error_leaves_one_user() {
    let user = || example::new_user("9988776655").user_id(UserId::new("user_7").unwrap());
    for carried_out in [true, false] {
        let refused = [500, 502, 503, 504].map(|status| Fate::Refuse { carried_out, status });
        for fate in refused.into_iter().chain([Fate::Hang { carried_out }]) {
            let merchant = Merchant::with(&[fate]).await;
            merchant.client().create_user(user()).await.unwrap();
            assert_eq!(merchant.made(), [1], "{fate:?}");
        }
    }
}
