//! A write is never carried out twice. The server breaks the connection at each byte, before and after it carried the request out,
//! and would carry out a second one.

mod certainty;
mod doubt;
mod merchant;
mod property;

use std::time::Duration;

use cashfree_vkyc::{Client, Delivery, ErrorKind, Initiate, RetryPolicy, UserId};
use tokio::io::AsyncWriteExt as _;

use crate::support::{example, json as answer};
use merchant::{Fate, Merchant};

fn initiate() -> Initiate {
    example::initiate("vkyc_42", "user_7")
}

/// Checks the guarantee: never two executions, and the caller has the server's state.
async fn settles(fates: &[Fate]) -> (Merchant, bool) {
    let merchant = Merchant::with(fates).await;
    let outcome = merchant.client().initiate(initiate()).timeout(Duration::from_secs(30)).await;
    let made = merchant.made();
    assert!(made.iter().sum::<usize>() <= 1, "{fates:?}: {made:?}");
    match &outcome {
        Ok(vkyc) => assert_eq!(vkyc.verification_id.as_deref(), Some("vkyc_42"), "{fates:?}"),
        Err(error) => assert!(made.is_empty(), "{fates:?}: the server has it and the caller has {error}"),
    }
    (merchant, outcome.is_ok())
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_cut_at_any_byte_makes_one_verification() {
    // Every byte of the head and the body.
    for length in 1..420 {
        let (merchant, settled) = settles(&[Fate::CutRequest(length)]).await;
        assert!(settled && merchant.made() == [1], "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_cut_at_any_byte_leaves_one_verification() {
    for bytes in 0..260 {
        for carried_out in [true, false] {
            let (merchant, settled) = settles(&[Fate::CutAnswer { carried_out, bytes }]).await;
            assert!(settled && merchant.made() == [1], "{bytes} {carried_out}");
            assert_eq!(merchant.posts(), if carried_out { 1 } else { 2 }, "{bytes} {carried_out}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_server_or_a_gateway_error_leaves_one_verification() {
    for carried_out in [true, false] {
        let mut fates = vec![Fate::Hang { carried_out }];
        fates.extend([500, 502, 503, 504, 408].map(|status| Fate::Refuse { carried_out, status }));
        for fate in fates {
            let (merchant, settled) = settles(&[fate]).await;
            assert!(settled && merchant.made() == [1], "{fate:?}");
            assert_eq!(merchant.posts(), if carried_out { 1 } else { 2 }, "{fate:?}");
        }
    }
}

/// "Not found" is not believed at once: the server may still be executing the write.
#[tokio::test(start_paused = true)]
async fn a_write_that_is_carried_out_late_is_not_sent_again() {
    for late in [50, 300, 1500, 3000, 8000] {
        let (merchant, settled) = settles(&[Fate::Late(Duration::from_millis(late))]).await;
        assert!(settled && merchant.posts() == 1, "{late}");
    }
}

#[tokio::test(start_paused = true)]
async fn repeated_faults_end_in_one_verification_or_an_error_with_its_id() {
    let hang = Fate::Hang { carried_out: false };
    let merchant = Merchant::with(&[hang; 9]).await;
    let error = merchant.client().initiate(initiate()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.to_string().contains("ask for the status of vkyc_42"), "{error}");
    assert!(merchant.made().is_empty() && merchant.posts() <= 3);
    let (merchant, settled) =
        settles(&[Fate::CutRequest(10), Fate::Throttle, Fate::CutAnswer { carried_out: true, bytes: 5 }]).await;
    assert!(settled && merchant.made() == [1]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_write_fails_at_once_and_a_throttled_one_is_sent_again() {
    let body = r#"{"type":"authentication_error","code":"ip_validation_failed"}"#;
    let refused = Merchant::with(&[Fate::Say { carried_out: false, status: 403, body }; 9]).await;
    let error = refused.client().initiate(initiate()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), refused.posts()), (ErrorKind::Api, Delivery::Answered, 1));
    assert_eq!(refused.made.lock().unwrap().gets, 0);
    let throttled = Merchant::with(&[Fate::Throttle, Fate::Throttle]).await;
    throttled.client().initiate(initiate()).await.unwrap();
    assert_eq!((throttled.posts(), throttled.made(), throttled.made.lock().unwrap().gets), (3, vec![1], 0));
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_one_attempt_sends_once_and_queries_the_outcome() {
    for carried_out in [true, false] {
        let merchant = Merchant::with(&[Fate::CutAnswer { carried_out, bytes: 9 }]).await;
        let outcome = merchant.client().initiate(initiate()).retry(RetryPolicy::none()).await;
        assert_eq!((outcome.is_ok(), merchant.posts()), (carried_out, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn insufficient_balance_is_the_same_error_from_a_status_or_a_state() {
    for as_state in [false, true] {
        let merchant = Merchant::with(&[Fate::NoBalance { as_state }; 9]).await;
        let error = merchant.client().initiate(initiate()).await.unwrap_err();
        assert!(error.is_insufficient_balance() && !error.is_conflict(), "{error}");
        assert_eq!(error.code().map(cashfree_vkyc::ErrorCode::as_str), Some("insufficient_balance"));
        assert_eq!((error.kind(), merchant.posts()), (ErrorKind::Api, 1));
        assert!(error.advice().is_some_and(|advice| advice.contains("Top up")), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_existing_id_is_a_success_unless_it_is_of_another_customer() {
    let merchant = Merchant::with(&[]).await;
    merchant.client().initiate(initiate()).await.unwrap();
    let other = example::initiate("vkyc_42", "user_8");
    let taken = Taken::new(merchant.clone()).await;
    assert!(taken.client().initiate(initiate()).await.is_ok());
    let error = taken.client().initiate(other).await.unwrap_err();
    assert!(error.is_conflict() && !crate::support::all_texts(&error).contains("user_"), "{error}");
    assert_eq!(merchant.made(), [1]);
}

/// If the id belongs to another customer, a second send could only make a second verification with that id.
#[tokio::test(start_paused = true)]
async fn an_id_of_another_customer_is_not_sent_again_after_a_lost_response() {
    let merchant = Merchant::with(&[Fate::Fine, Fate::CutRequest(50), Fate::Fine]).await;
    merchant.client().initiate(initiate()).await.unwrap();
    let other = example::initiate("vkyc_42", "user_8");
    let error = merchant.client().initiate(other).await.unwrap_err();
    assert_eq!((error.delivery(), merchant.made(), merchant.posts()), (Delivery::Unknown, vec![1], 2));
}

#[tokio::test(start_paused = true)]
async fn a_user_with_an_id_is_created_once_and_one_without_is_sent_once() {
    let user = || example::new_user("9988776655").user_id(UserId::new("user_7").unwrap());
    for carried_out in [true, false] {
        let merchant = Merchant::with(&[Fate::CutAnswer { carried_out, bytes: 9 }]).await;
        let made = merchant.client().create_user(user()).await.unwrap();
        assert_eq!((made.user_reference_id, merchant.made()), (Some(7), vec![1]));
    }
    let merchant = Merchant::with(&[Fate::CutRequest(10); 9]).await;
    let error = merchant.client().create_user(example::new_user("9988776655")).await.unwrap_err();
    assert_eq!((error.delivery(), merchant.posts()), (Delivery::Unknown, 1));
}

#[tokio::test(start_paused = true)]
async fn create_user_reports_an_existing_user_and_create_or_get_returns_it() {
    let user = || example::new_user("9988776655").user_id(UserId::new("user_7").unwrap());
    let merchant = Merchant::with(&[]).await;
    merchant.client().create_user(user()).await.unwrap();
    let taken = Taken::new(merchant.clone()).await;
    let error = taken.client().create_user(user()).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    let found = taken.client().create_or_get_user(user()).await.unwrap();
    assert_eq!((found.user_reference_id, merchant.made()), (Some(7), vec![1]));
}

/// A user with another phone is a conflict. A user without a phone cannot be compared.
#[tokio::test(start_paused = true)]
async fn an_existing_user_without_the_same_phone_is_not_returned() {
    for (shown, is_conflict) in
        [(r#""name":"somebody else""#, false), (r#""phone":"9111186655""#, true), (r#""phone":"""#, false)]
    {
        let server = crate::support::Server::scripted_by_head(move |head, mut stream| async move {
            let reply = match head.starts_with("POST") {
                true => answer(400, r#"{"type":"validation_error","code":"user_id_already_exists"}"#),
                false => answer(200, format!(r#"{{"user_id":"user_7","user_reference_id":9,{shown}}}"#)),
            };
            let _ = stream.write_all(&reply).await;
            let _ = stream.shutdown().await;
        })
        .await;
        let user = example::new_user("9988786655").user_id(UserId::new("user_7").unwrap());
        let error = server.client().create_or_get_user(user).await.unwrap_err();
        assert_eq!(error.is_conflict(), is_conflict, "{shown}: {error}");
        assert_eq!(error.delivery() == Delivery::Unknown, !is_conflict, "{shown}: {error}");
    }
}

/// If the account may not ask for the resource, the call ends at once with an unknown outcome.
#[tokio::test(start_paused = true)]
async fn a_call_without_permission_to_ask_fails_at_once_as_unknown() {
    let server = crate::support::Server::scripted_by_head(|head, mut stream| async move {
        if !head.starts_with("POST") {
            let refused = r#"{"type":"authentication_error","code":"ip_validation_failed"}"#;
            let _ = stream.write_all(&answer(403, refused)).await;
        }
        let _ = stream.shutdown().await;
    })
    .await;
    let start = tokio::time::Instant::now();
    let error = server.client().initiate(initiate()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

/// A server before the merchant that refuses every POST as a duplicate, and forwards queries.
struct Taken(crate::support::Server);

impl Taken {
    async fn new(merchant: Merchant) -> Self {
        Self(
            crate::support::Server::scripted_by_head(move |head, mut stream| {
                let merchant = merchant.clone();
                async move {
                    let reply = if head.starts_with("POST /vkyc") {
                        answer(409, r#"{"type":"validation_error","code":"verification_id_already_exists"}"#)
                    } else if head.starts_with("POST") {
                        answer(400, r#"{"type":"validation_error","code":"user_id_already_exists"}"#)
                    } else {
                        merchant.get(head.as_bytes())
                    };
                    let _ = stream.write_all(&reply).await;
                    let _ = stream.shutdown().await;
                }
            })
            .await,
        )
    }

    fn client(&self) -> Client {
        let environment = cashfree_vkyc::Environment::custom(format!("http://{}", self.0.address)).unwrap();
        self.0.builder().environment(environment).build().unwrap()
    }
}
