//! Certain outcomes: a success with the requested id, and a documented refusal by Cashfree. Every other outcome is queried, also in
//! short calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cashfree_vkyc::{
    Client, Delivery, Error, ErrorKind, ReferenceId, Response, UserChanges, UserId, VerificationId, VideoKyc,
    WatchErrorKind,
};
use tokio::io::AsyncWriteExt as _;

use super::merchant::{Fate, Merchant};
use super::{answer, initiate};
use crate::support::{Server, example};

const EXISTS: &str = r#"{"type":"validation_error","code":"verification_id_already_exists"}"#;
const PENDING: &str = r#"{"type":"validation_error","code":"verification_pending"}"#;
/// Error bodies of products and gateways under a success status, without an id.
const GENERIC: [&str; 5] = [
    r#"{"status":"ERROR","subCode":"422","message":"User not found"}"#,
    r#"{"status":"ERROR","subCode":"404","message":"Verification not found"}"#,
    r#"{"status":500,"error":"Internal Server Error"}"#,
    r#"{"status":"maintenance"}"#,
    r#"{"status":"FAILED","message":"internal"}"#,
];

async fn started_within(fate: Fate, timeout: Duration) -> (Merchant, Result<Response<VideoKyc>, Error>) {
    let merchant = Merchant::with(&[fate]).await;
    let outcome = merchant.client().initiate(initiate()).timeout(timeout).await;
    (merchant, outcome)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Checks for a success, or an error with an unknown outcome and the next step.
fn is_found_or_unknown(outcome: &Result<Response<VideoKyc>, Error>, what: &str) {
    let Err(error) = outcome else { return };
    assert_eq!(error.delivery(), Delivery::Unknown, "{what}: {error}");
    assert!(!error.is_conflict() && !error.is_insufficient_balance(), "{what}: {error}");
    assert!(error.to_string().contains("ask for the status of vkyc_42"), "{what}: {error}");
}

/// Sends this body with status 200 for every query, and breaks the connection of every write.
async fn saying(body: &'static str) -> Client {
    let server = Server::scripted_by_head(move |head, mut stream| async move {
        if !head.starts_with("POST") {
            let _ = stream.write_all(&answer(200, body)).await;
        }
        let _ = stream.shutdown().await;
    });
    server.await.client()
}

#[tokio::test(start_paused = true)]
async fn a_generic_error_with_a_success_status_is_not_a_success() {
    for body in GENERIC {
        for carried_out in [true, false] {
            let (merchant, outcome) = started_within(Fate::Say { carried_out, status: 200, body }, seconds(30)).await;
            is_found_or_unknown(&outcome, body);
            assert_eq!((outcome.is_ok(), merchant.posts()), (carried_out, 1), "{body}");
        }
        let client = saying(body).await;
        let error = client.status(VerificationId::new("vkyc_42").unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        is_found_or_unknown(&client.initiate(initiate()).await, body);
        let error = client.watch(ReferenceId(7)).max_wait(seconds(60)).until_closed().await.unwrap_err();
        assert_ne!(error.kind(), WatchErrorKind::Final, "{body}");
        assert!(error.last().is_none(), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_existing_or_pending_id_that_is_not_visible_yet_is_no_conflict() {
    for (status, body) in [(409, PENDING), (202, PENDING), (409, EXISTS)] {
        for (after, timeout) in [(seconds(12), seconds(30)), (seconds(5), seconds(10)), (seconds(60), seconds(30))] {
            let what = format!("{status} {body} {after:?}");
            let (merchant, outcome) = started_within(Fate::SayLate { after, status, body }, timeout).await;
            is_found_or_unknown(&outcome, &what);
            assert_eq!((outcome.is_ok(), merchant.posts()), (after < timeout, 1), "{what}");
        }
    }
}

/// Cashfree would refuse the same request again, also with an undocumented error. A 408 is only a timeout.
#[tokio::test(start_paused = true)]
async fn a_write_is_sent_again_after_a_408_but_not_after_a_refusal() {
    let body = r#"{"type":"validation_error","code":"brand_new"}"#;
    for (status, sends) in [(400, 1), (422, 1), (499, 1), (408, 2)] {
        let refused = Fate::Say { carried_out: false, status, body };
        let merchant = Merchant::with(&[refused, Fate::Fine]).await;
        let outcome = merchant.client().initiate(initiate()).timeout(seconds(120)).await;
        assert_eq!((merchant.posts(), outcome.is_ok()), (sends, sends == 2), "{status}");
        is_found_or_unknown(&outcome, "refused");
    }
}

/// The query after a lost response fails once with a server error. It is repeated, and nothing is sent before its response.
#[tokio::test(start_paused = true)]
async fn a_failed_status_query_is_repeated() {
    let questions = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&questions);
    let server = Server::scripted_by_head(move |head, mut stream| {
        let questions = Arc::clone(&questions);
        async move {
            if !head.starts_with("POST") {
                let reply = match questions.fetch_add(1, Ordering::Relaxed) {
                    0 => answer(500, "{}"),
                    _ => answer(200, r#"{"verification_id":"vkyc_42","user_id":"user_7","status":"RECEIVED"}"#),
                };
                let _ = stream.write_all(&reply).await;
            }
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let found = server.client().initiate(initiate()).await.unwrap();
    assert_eq!((found.verification_id.as_deref(), asked.load(Ordering::Relaxed)), (Some("vkyc_42"), 2));
}

/// Nothing was sent yet, so the error of the first query is the outcome.
#[tokio::test(start_paused = true)]
async fn a_refused_query_before_the_write_ends_the_call() {
    let refused = r#"{"type":"authentication_error","code":"ip_validation_failed"}"#;
    let server = Server::answering(answer(403, refused)).await;
    let error = server.client().initiate_or_get(initiate()).await.unwrap_err();
    assert_eq!((error.delivery(), error.http_status().map(|status| status.as_u16())), (Delivery::Answered, Some(403)));
    assert!(!error.to_string().contains("vkyc_42"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_short_call_sends_a_write_once() {
    for timeout in [2, 5, 10].map(seconds) {
        for tenths in 1..10 {
            let (merchant, outcome) = started_within(Fate::Late(timeout * tenths / 10), timeout).await;
            is_found_or_unknown(&outcome, "late");
            assert_eq!(merchant.posts(), 1, "{timeout:?} {tenths}");
        }
        for fate in [Fate::CutRequest(60), Fate::Refuse { carried_out: false, status: 504 }] {
            let (merchant, outcome) = started_within(fate, timeout).await;
            is_found_or_unknown(&outcome, "never");
            assert_eq!((outcome.is_ok(), merchant.posts()), (false, 1), "{timeout:?} {fate:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_accepted_write_is_not_sent_again() {
    for body in ["", r#"{"message":"accepted"}"#, "<html>"] {
        for (status, after) in [(202, 5), (202, 12), (200, 12), (204, 12), (202, 60)] {
            let fate = Fate::SayLate { after: seconds(after), status, body };
            let (merchant, outcome) = started_within(fate, seconds(30)).await;
            is_found_or_unknown(&outcome, body);
            assert_eq!((outcome.is_ok(), merchant.posts()), (after < 30, 1), "{status} {body} {after}");
        }
    }
}

/// A process that restarts after a crash does not know whether it sent the write, so it queries first.
#[tokio::test(start_paused = true)]
async fn a_call_after_a_crash_queries_before_it_sends() {
    let merchant = Merchant::with(&[Fate::Hang { carried_out: true }]).await;
    let call = tokio::time::timeout(seconds(1), merchant.client().initiate(initiate()).into_future());
    assert!(call.await.is_err(), "the call was dropped");
    let found = merchant.client().initiate_or_get(initiate()).await.unwrap();
    assert_eq!(found.verification_id.as_deref(), Some("vkyc_42"));
    assert_eq!((merchant.posts(), merchant.made()), (1, vec![1]));

    let other = example::initiate("vkyc_42", "user_8");
    let error = merchant.client().initiate_or_get(other).await.unwrap_err();
    assert!(error.is_conflict() && merchant.posts() == 1, "{error}");

    let merchant = Merchant::with(&[]).await;
    merchant.client().initiate_or_get(initiate()).await.unwrap();
    assert_eq!((merchant.posts(), merchant.made.lock().unwrap().gets), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_response_about_a_user_with_another_phone_is_a_conflict() {
    for (phone, is_ours) in [("9111111111", false), ("+91 99887 76655", true), ("9988776655", true)] {
        let body = format!(r#"{{"user_id":"user_7","user_reference_id":9,"phone":"{phone}"}}"#);
        let server = Server::answering(answer(200, body)).await;
        let user = || example::new_user("9988776655").user_id(UserId::new("user_7").unwrap());
        for outcome in [server.client().create_user(user()).await, server.client().create_or_get_user(user()).await] {
            match outcome {
                Ok(_) => assert!(is_ours, "{phone}"),
                Err(error) => assert!(!is_ours && error.is_conflict(), "{phone}: {error}"),
            }
        }
        assert_eq!(server.requests().len(), 2, "{phone}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_a_gateway_leads_to_a_status_query() {
    for status in [303, 400, 403, 404, 421, 429, 499] {
        for body in ["<html>", "", r#"{"message":"Limit Exceeded"}"#] {
            for after in [0, 5, 12] {
                let fate = Fate::SayLate { after: seconds(after), status, body };
                let (merchant, outcome) = started_within(fate, seconds(9)).await;
                is_found_or_unknown(&outcome, body);
                assert_eq!((outcome.is_ok(), merchant.posts()), (after < 9, 1), "{status} {body} {after}");
            }
        }
    }
}

/// A second send would overwrite a change that another caller made meanwhile.
#[tokio::test(start_paused = true)]
async fn an_update_with_a_lost_response_is_not_sent_again() {
    let server = Server::scripted_by_head(|_, mut stream| async move { drop(stream.shutdown().await) }).await;
    let changes = UserChanges::new().name("A");
    let error = server.client().update_user(UserId::new("user_7").unwrap(), changes).await.unwrap_err();
    assert_eq!((error.delivery(), server.requests().len()), (Delivery::Unknown, 1), "{error}");
    assert!(error.to_string().contains("before you send another"), "{error}");
}

/// The spec documents errors with 500 and 502. They say that Cashfree failed, and not that nothing was created.
#[tokio::test(start_paused = true)]
async fn a_documented_server_error_is_not_a_refusal() {
    let body = r#"{"type":"internal_error","code":"api_error"}"#;
    let merchant = Merchant::with(&[Fate::Say { carried_out: true, status: 500, body }]).await;
    let outcome = merchant.client().initiate(initiate()).await;
    assert_eq!((merchant.posts(), outcome.is_ok()), (1, true), "{outcome:?}");
}

/// An attempt of a write takes at most a third of the call's time, so that enough is left to ask.
#[tokio::test(start_paused = true)]
async fn a_write_without_a_response_leaves_time_to_ask() {
    let start = tokio::time::Instant::now();
    let (merchant, outcome) = started_within(Fate::Hang { carried_out: true }, seconds(9)).await;
    assert_eq!((merchant.posts(), outcome.is_ok()), (1, true), "{outcome:?}");
    assert!(start.elapsed() < seconds(4), "{:?}", start.elapsed());
}
