//! Watches over real sockets. Their policy is tested in paused time, in `src/client/watch/poller/tests.rs`.

use std::time::{Duration, Instant};

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::Event;
use cashfree_vkyc::{
    Client, ErrorCode, EventType, Outcome, OutcomeRules, ReferenceId, RetryPolicy, Status, VerificationId,
    WatchErrorKind,
};
use futures_util::StreamExt as _;

use crate::support;

const LONG: Duration = Duration::from_secs(3600);

fn event(reference_id: i64) -> Event {
    Event::new(EventType::VkycUserCallStarted, "2025-05-22T03:51:14Z".into(), support::vkyc(reference_id))
}

#[tokio::test]
async fn a_fed_event_leads_to_a_poll_before_the_interval() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(support::vkyc(7));
    let watch = sandbox.client().unwrap().watch(ReferenceId(7)).max_wait(LONG).interval(LONG);
    let mut changes = watch.changes();
    let start = Instant::now();
    assert_eq!(changes.next().await.unwrap().unwrap().status, Status::Received);

    let mut done = support::vkyc(7);
    (done.status, done.sub_status) = (Status::Expired, "VKYC_EXPIRED".into());
    sandbox.put(done);
    assert!(!watch.feed(event(8)), "another verification");
    assert!(watch.feed(event(7)));
    assert_eq!(changes.next().await.unwrap().unwrap().status, Status::Expired);
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(changes.next().await.is_none());
}

#[tokio::test]
async fn a_fed_event_wakes_every_waiter_of_a_watch() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(support::vkyc(7));
    let watch = sandbox.client().unwrap().watch(ReferenceId(7)).max_wait(LONG).interval(LONG);
    let mut waiters: Vec<_> = (0..3).map(|_| tokio::spawn(watch.until_final())).collect();
    waiters.push(tokio::spawn(watch.until(|vkyc| vkyc.status == Status::Rejected)));
    waiters.push(tokio::spawn(watch.clone().until_final()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut done = support::vkyc(7);
    done.status = Status::Rejected;
    done.sub_status = "INSUFFICIENT_BALANCE".into();
    sandbox.put(done);
    watch.feed(event(7));
    for waiter in waiters {
        let found = tokio::time::timeout(Duration::from_secs(30), waiter).await.unwrap().unwrap().unwrap();
        assert_eq!(found.status, Status::Rejected);
    }
}

/// Without a matching rule, a closed verification is undecided, and any other one is still watched.
#[tokio::test]
async fn the_outcome_follows_the_rules_of_the_account() {
    let rules = OutcomeRules::default().rule("AUDITOR_REVIEWED", "ALL_WELL", Outcome::Passed).rule(
        "AGENT_REVIEWED",
        "FORGED_PAPERS",
        Outcome::Rejected,
    );
    let sandbox = Sandbox::start().await.unwrap();
    for (status, sub_status, expected) in [
        ("AUDITOR_REVIEWED", "ALL_WELL", Some(Outcome::Passed)),
        ("AUDITOR_REVIEWED", "BRAND_NEW", Some(Outcome::Undecided)),
        ("AGENT_REVIEWED", "FORGED_PAPERS", Some(Outcome::Rejected)),
        ("EXPIRED", "VKYC_EXPIRED", Some(Outcome::Abandoned)),
        ("REJECTED", "", Some(Outcome::Undecided)),
        ("AGENT_REVIEWED", "BRAND_NEW", None),
        ("BRAND_NEW", "", None),
    ] {
        let mut vkyc = support::vkyc(7);
        (vkyc.status, vkyc.sub_status) = (status.into(), sub_status.into());
        sandbox.put(vkyc);
        let watch = sandbox.client().unwrap().watch(ReferenceId(7)).max_wait(Duration::ZERO);
        match (watch.until_outcome(&rules).await, expected) {
            (Ok((outcome, vkyc)), Some(expected)) => assert_eq!((outcome, vkyc.status.as_str()), (expected, status)),
            (Err(error), None) => assert_eq!(error.kind(), WatchErrorKind::ExceededMaxWait, "{status}/{sub_status}"),
            (other, expected) => panic!("{status}/{sub_status}: {other:?} instead of {expected:?}"),
        }
    }
}

#[tokio::test]
async fn an_event_is_matched_by_the_watched_id() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let by_ours = client.watch(VerificationId::new("a").unwrap()).max_wait(LONG);
    let by_theirs = client.watch(ReferenceId(7)).max_wait(LONG);
    let mut both = event(7);
    both.data.verification_id = Some("a".into());
    assert!(by_ours.feed(both.clone()) && by_theirs.feed(&both));
    assert!(!by_ours.feed(event(7)), "the event has no verification id");
}

#[tokio::test]
async fn an_unknown_id_ends_the_watch_with_the_error_of_the_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let watch = sandbox.client().unwrap().watch(ReferenceId(404)).max_wait(LONG);
    let error = watch.until_final().await.unwrap_err();
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::Failed, 1));
    assert_eq!(error.error().unwrap().code(), Some(&ErrorCode::ReferenceIdNotFound));
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_dropped_watch_sends_no_more_requests() {
    let server = support::Server::answering(support::json(200, r#"{"reference_id":7,"status":"VIDEO_CALL"}"#)).await;
    let watch = server.client().watch(ReferenceId(7)).max_wait(LONG).interval(Duration::from_millis(600));
    let mut changes = watch.changes();
    changes.next().await.unwrap().unwrap();
    let waiter = tokio::spawn(async move { changes.next().await });
    tokio::time::sleep(Duration::from_millis(1500)).await;
    waiter.abort();
    assert!(waiter.await.unwrap_err().is_cancelled());
    // Requests in progress have arrived by then.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let asked = server.requests().len();
    assert!(asked >= 2);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(server.requests().len(), asked);
}

#[tokio::test]
async fn a_watch_continues_after_temporary_failures() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = support::Server::scripted(move |mut stream| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move {
            use tokio::io::AsyncWriteExt as _;
            let answer = match n {
                0 => support::json(503, r#"{"type":"internal_error","code":"api_error","message":"canary"}"#),
                1 => Vec::new(),
                _ => support::json(200, r#"{"reference_id":7,"status":"EXPIRED","sub_status":"VKYC_EXPIRED"}"#),
            };
            let _ = stream.write_all(&answer).await;
        }
    })
    .await;
    let client: Client = server.builder().retry(RetryPolicy::none()).build().unwrap();
    let watch = client.watch(ReferenceId(7)).max_wait(LONG).interval(Duration::from_millis(600));
    assert_eq!(watch.until_final().await.unwrap().status, Status::Expired);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn until_closed_accepts_an_unknown_sub_status() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut reviewed = support::vkyc(7);
    (reviewed.status, reviewed.sub_status) = (Status::AuditorReviewed, "BRAND_NEW".into());
    sandbox.put(reviewed);
    let watch = sandbox.client().unwrap().watch(ReferenceId(7)).max_wait(LONG);
    assert_eq!(watch.until_closed().await.unwrap().sub_status.as_str(), "BRAND_NEW");
}

/// There are more watches than slots. Their polls wait, and none fails.
#[tokio::test]
async fn many_watches_share_the_rate_limit_of_their_client() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut done = support::vkyc(7);
    (done.status, done.sub_status) = (Status::Expired, "VKYC_EXPIRED".into());
    sandbox.put(done);
    let limit = cashfree_vkyc::RateLimit::per_minute(120);
    let client = Client::builder().environment(sandbox.environment().unwrap()).credentials(sandbox.credentials());
    let client = client.rate_limit(limit).timeout(Duration::from_millis(500)).build().unwrap();
    let start = Instant::now();
    let watches: Vec<_> =
        (0..20).map(|_| tokio::spawn(client.watch(ReferenceId(7)).max_wait(LONG).until_final())).collect();
    for watch in watches {
        watch.await.unwrap().unwrap();
    }
    // Twelve at once, then one every half second, so the last wait was longer than the timeout of a call.
    assert!(start.elapsed() > Duration::from_millis(1000), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_watch_of_a_hanging_server_ends_soon_after_max_wait() {
    let server = support::Server::scripted(|stream| async move {
        tokio::time::sleep(LONG).await;
        drop(stream);
    })
    .await;
    let client = server.builder().timeout(LONG).attempt_timeout(LONG).build().unwrap();
    let start = Instant::now();
    let error = client.watch(ReferenceId(7)).max_wait(Duration::from_millis(200)).until_final().await.unwrap_err();
    assert_eq!((error.kind(), error.polls()), (WatchErrorKind::ExceededMaxWait, 1));
    assert_eq!(error.error().unwrap().kind(), cashfree_vkyc::ErrorKind::Timeout);
    assert!((5..15).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_watch_prints_no_link_and_no_remark() {
    let canary = "canary-7f3a";
    let body = format!(
        r#"{{"reference_id":7,"status":"VIDEO_CALL","vkyc_link":"{canary}","agent_remarks":"{canary}","user_id":"{canary}","x":"{canary}"}}"#
    );
    let server = support::Server::answering(support::json(200, body)).await;
    let watch = server.client().watch(ReferenceId(7)).max_wait(Duration::ZERO);
    let error = watch.until_final().await.unwrap_err();
    let printed = format!(
        "{}{watch:?}{:?}{:?}",
        support::all_texts(&error),
        watch.changes(),
        server.client().watch(ReferenceId(7))
    );
    assert!(!printed.contains(canary), "{printed}");
    assert!(error.to_string().contains("VIDEO_CALL") && error.to_string().contains("polls: 1"), "{error}");
}
