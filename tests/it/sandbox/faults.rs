//! Injected faults occur as often as requested, and a client sees them like faults of Cashfree.

use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Journey, Sandbox};
use cashfree_vkyc::{
    Client, Delivery, Error, ErrorCode, ErrorKind, RetryPolicy, Status, UserId, VerificationId, VideoKyc,
};

use crate::support::{alone, example};

async fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
    let client = sandbox.client().unwrap();
    (sandbox, client)
}

fn id() -> VerificationId {
    VerificationId::new("vkyc").unwrap()
}

/// One attempt.
async fn once(client: &Client) -> Result<VideoKyc, Error> {
    let call = client.status(id()).retry(RetryPolicy::none()).timeout(Duration::from_secs(20));
    call.await.map(cashfree_vkyc::Response::into_inner)
}

#[tokio::test]
async fn each_fault_reaches_the_client_as_its_error_kind() {
    for (fault, kind) in [
        (Fault::status(503), ErrorKind::Api),
        (Fault::status(502).html(), ErrorKind::Api),
        (Fault::status(500).empty(), ErrorKind::Api),
        (Fault::status(200).html(), ErrorKind::Decode),
        (Fault::reset(), ErrorKind::Io),
        (Fault::truncated(), ErrorKind::Io),
        (Fault::malformed(), ErrorKind::Decode),
        (Fault::wrong_id(), ErrorKind::Mismatch),
    ] {
        let (sandbox, client) = sandbox().await;
        let name = format!("{fault:?}");
        sandbox.inject(fault.times(1));
        let error = once(&client).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert!(once(&client).await.is_ok(), "{name} is over");
        assert_eq!(sandbox.requests()[0].faults.len(), 1);
        sandbox.assert_no_problems();
    }
}

#[tokio::test]
async fn a_status_fault_sends_the_documented_or_the_named_error() {
    let (sandbox, client) = sandbox().await;
    sandbox.inject(Fault::status(429).retry_after(7).times(1));
    let error = once(&client).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(matches!(error.code(), Some(ErrorCode::TooManyRequestsPerOperation | ErrorCode::TooManyRequestsPerIp)));
    sandbox.inject(Fault::status(403).code("ip_validation_failed").times(1));
    let error = once(&client).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::IpValidationFailed));
    assert!(error.advice().is_some());
    sandbox.inject(Fault::status(418).code("BRAND_NEW").times(1));
    let error = once(&client).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::from("BRAND_NEW")));
}

#[tokio::test]
async fn unknown_fields_and_a_slow_body_are_no_errors() {
    let (sandbox, client) = sandbox().await;
    sandbox.inject(Fault::unknown_fields());
    sandbox.inject(Fault::slow_body(Duration::from_millis(1)));
    let vkyc = once(&client).await.unwrap();
    assert_eq!((vkyc.status, vkyc.extra.len()), (Status::Received, 2));
    assert_eq!(sandbox.requests()[0].faults, ["unknown_fields", "slow_body"]);
}

#[tokio::test(start_paused = true)]
async fn a_delay_beyond_the_timeout_of_a_call_is_a_timeout() {
    let (sandbox, client) = sandbox().await;
    sandbox.inject(Fault::delay(Duration::from_secs(60)));
    sandbox.inject(Fault::status(503));
    let error = once(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown));
    let patient = client.status(id()).retry(RetryPolicy::none()).timeout(Duration::from_secs(90));
    let error = patient.attempt_timeout(Duration::from_secs(90)).await.unwrap_err();
    assert_eq!(error.http_status().unwrap(), 503, "both faults, in order");
}

#[tokio::test]
async fn faults_of_one_kind_occur_in_order() {
    let (sandbox, client) = sandbox().await;
    sandbox.inject(Fault::status(429).times(2));
    sandbox.inject(Fault::status(500).times(1));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(once(&client).await.map_or_else(|error| error.http_status().unwrap().as_u16(), |_| 200));
    }
    assert_eq!(statuses, [429, 429, 500, 200]);
}

#[tokio::test]
async fn a_fault_occurs_only_in_its_operation() {
    let (sandbox, client) = sandbox().await;
    sandbox.inject(Fault::status(500).on("vkycCreateUser"));
    assert!(once(&client).await.is_ok());
    let user = client.create_user(example::new_user("9988776655")).retry(RetryPolicy::none()).await;
    assert_eq!(user.unwrap_err().http_status().unwrap(), 500);
    sandbox.assert_called("vkycGetStatus", 1);
}

#[tokio::test]
async fn the_same_seed_draws_the_same_faults() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
        let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
        sandbox.inject(Fault::status(500).rate(0.5));
        let client = sandbox.client().unwrap();
        let mut run = Vec::new();
        for _ in 0..40 {
            run.push(once(&client).await.is_ok());
        }
        assert!((5..35).contains(&run.iter().filter(|ok| **ok).count()), "{run:?}");
        runs.push(run);
    }
    assert!(runs[0] == runs[1] && runs[0] != runs[2]);
}

/// The output of a panicking process is visible only from another process.
#[test]
fn a_failing_test_prints_the_seed_of_its_faults() {
    if let Some(share) = alone::told() {
        let sandbox = Sandbox::builder().seed(4711).start_blocking().unwrap();
        sandbox.inject(Fault::status(500).rate(share.parse().unwrap()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _ = runtime.block_on(once(&sandbox.client().unwrap()));
        panic!("as a test does");
    }
    for (share, printed) in [("0.5", true), ("1.0", false)] {
        let output = alone::run(alone::process(module_path!(), "a_failing_test_prints_the_seed_of_its_faults", share));
        let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && words.contains("as a test does"), "{words}");
        assert_eq!(words.contains("from the seed 4711; `.seed(4711)`"), printed, "{words}");
    }
}

#[tokio::test]
async fn a_fault_ends_after_its_count_or_a_reset() {
    let (sandbox, client) = sandbox().await;
    sandbox.inject(Fault::reset().times(1));
    let quick = RetryPolicy::default().base_delay(Duration::from_millis(1));
    assert!(client.status(id()).retry(quick).await.is_ok(), "the second attempt");
    sandbox.inject(Fault::status(500));
    sandbox.reset();
    let error = once(&client).await.unwrap_err();
    assert_eq!(error.http_status().unwrap(), 404, "neither fault nor verification remains");
}

#[tokio::test]
async fn a_lost_response_does_not_create_a_second_verification() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client().unwrap();
    let user = UserId::new("user_7").unwrap();
    client.create_user(example::new_user("9988776655").user_id(user)).await.unwrap();
    for (n, fault) in [Fault::reset(), Fault::status(502).html(), Fault::truncated()].into_iter().enumerate() {
        sandbox.inject(fault.carried_out().on("vkycInitiate").times(1));
        let id = format!("vkyc_{n}");
        let vkyc = client.initiate(example::initiate(&id, "user_7")).await.unwrap();
        assert_eq!(vkyc.verification_id, Some(id));
        sandbox.assert_called("vkycInitiate", n + 1);
    }
}
