//! Each sandbox is a separate account: credentials, second factor, rate limit, port.

use std::collections::BTreeSet;

use cashfree_vkyc::sandbox::{Journey, Sandbox};
use cashfree_vkyc::{Client, ErrorCode, RetryPolicy, Status, VerificationId};

fn id() -> VerificationId {
    VerificationId::new("vkyc").unwrap()
}

#[tokio::test]
async fn each_sandbox_has_its_own_or_configured_credentials() {
    let (one, other) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    assert_ne!((one.client_id(), one.client_secret()), (other.client_id(), other.client_secret()));
    let wrong = Client::builder().environment(one.environment().unwrap()).credentials(other.credentials()).build();
    assert_eq!(wrong.unwrap().status(id()).await.unwrap_err().http_status().unwrap(), 401);

    let own = Sandbox::builder().credentials("my-id", "my-secret").start().await.unwrap();
    assert_eq!((own.client_id(), own.client_secret()), ("my-id", "my-secret"));
    let _ = own.begin("vkyc", Journey::completed()).unwrap();
    assert!(own.client().unwrap().status(id()).await.is_ok());
    assert!(Sandbox::builder().credentials("", "s").start().await.is_err());
    let printed = format!("{own:?} {:?}", Sandbox::builder().credentials("my-id", "my-secret"));
    assert!(!printed.contains("my-"), "{printed}");
}

/// Cashfree's SDK for Node always sends an older version.
#[tokio::test]
async fn another_api_version_is_recorded_and_refused_only_if_strict() {
    let sandbox = Sandbox::start().await.unwrap();
    let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
    let older = |sandbox: &Sandbox| {
        let builder = Client::builder().environment(sandbox.environment().unwrap());
        builder.credentials(sandbox.credentials()).api_version("2023-12-18").build().unwrap()
    };
    sandbox.client().unwrap().status(id()).await.unwrap();
    sandbox.assert_no_problems();
    older(&sandbox).status(id()).await.unwrap();
    let unknown = older(&sandbox).status(VerificationId::new("nobody").unwrap()).await.unwrap_err();
    assert!(unknown.is_not_found(), "{unknown}");
    let problems: Vec<_> = sandbox.requests().into_iter().map(|request| request.problems).collect();
    let due = format!("x-api-version must be {}, the version of the sandbox", crate::support::api_version());
    let told: Vec<Vec<_>> = problems.iter().map(|of| of.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(told, [vec![], vec![due.clone()], vec![due]]);

    let strict = Sandbox::builder().strict_version().start().await.unwrap();
    let _ = strict.begin("vkyc", Journey::completed()).unwrap();
    strict.client().unwrap().status(id()).await.unwrap();
    assert_eq!(older(&strict).status(id()).await.unwrap_err().http_status().unwrap(), 400);
}

#[tokio::test]
async fn a_configured_port_is_free_once_the_sandbox_is_dropped() {
    // Below the range from which the system gives ports to others.
    let free = 20_000 + u16::try_from(std::process::id() % 12_000).unwrap();
    for _ in 0..2 {
        let mut tries = 0;
        let sandbox = loop {
            match Sandbox::builder().port(free).start().await {
                Ok(sandbox) => break sandbox,
                Err(error) if tries == 500 => panic!("{error}"),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
            tries += 1;
        };
        assert_eq!(sandbox.url(), format!("http://127.0.0.1:{free}"));
        assert!(Sandbox::builder().port(free).start().await.is_err(), "the port is in use");
    }
}

#[test]
fn the_blocking_methods_need_no_runtime() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let vkyc = sandbox.begin("vkyc", Journey::link_expired()).unwrap();
    assert_eq!(vkyc.advance_blocking().unwrap().status, Status::Expired);
    assert_eq!(vkyc.finish_blocking().unwrap().status, Status::Expired);
}

#[tokio::test]
async fn fifty_sandboxes_run_concurrently() {
    let sandboxes: Vec<_> = (0..50).map(|_| Sandbox::start_blocking().unwrap()).collect();
    for sandbox in &sandboxes {
        let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
        assert_eq!(sandbox.client().unwrap().status(id()).await.unwrap().status, Status::Received);
        assert_eq!(sandbox.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_second_factor_is_decrypted_and_checked() {
    let sandbox = Sandbox::builder().two_factor(true).start().await.unwrap();
    let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
    assert!(sandbox.client().unwrap().status(id()).await.is_ok());
    let builder = || Client::builder().environment(sandbox.environment().unwrap()).credentials(sandbox.credentials());

    let error = builder().build().unwrap().status(id()).await.unwrap_err();
    assert_eq!((error.http_status().unwrap().as_u16(), error.code()), (403, Some(&ErrorCode::AuthenticationFailed)));
    assert_eq!(error.api().unwrap().type_.as_deref(), Some("validation_error"), "the signature is missing");

    let other = Sandbox::builder().two_factor(true).start().await.unwrap();
    let late = sandbox.two_factor_key().unwrap().with_clock(|| std::time::UNIX_EPOCH);
    for key in [other.two_factor_key().unwrap(), late] {
        let error = builder().two_factor(key).build().unwrap().status(id()).await.unwrap_err();
        assert_eq!(error.http_status().unwrap(), 403);
        assert_eq!(error.api().unwrap().type_.as_deref(), Some("authentication_error"), "the signature is wrong");
    }
    let rules: Vec<_> =
        sandbox.requests().iter().flat_map(|r| r.problems.clone()).map(|p| p.rule().to_owned()).collect();
    assert_eq!(rules.len(), 3);
    assert!(
        rules[0] == "is missing" && rules[1].contains("public key") && rules[2].contains("sandbox's clock"),
        "{rules:?}"
    );
    assert!(sandbox.two_factor_pem().unwrap().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert!(Sandbox::start().await.unwrap().two_factor_key().is_none());
}

#[tokio::test]
async fn a_rate_limit_counts_down_for_each_operation_and_then_refuses() {
    let sandbox = Sandbox::builder().rate_limit(2).start().await.unwrap();
    let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
    let client = sandbox.client().unwrap();
    let mut left = Vec::new();
    for _ in 0..2 {
        let state = client.status(id()).await.unwrap().rate_limit().unwrap();
        left.push((state.limit, state.remaining));
    }
    assert_eq!(left, [(Some(2), Some(1)), (Some(2), Some(0))]);
    let error = client.status(id()).retry(RetryPolicy::none()).await.unwrap_err();
    assert_eq!(
        (error.http_status().unwrap().as_u16(), error.code()),
        (429, Some(&ErrorCode::TooManyRequestsPerOperation))
    );
    assert!(error.retry_after().is_some_and(|wait| wait.as_secs() <= 60));
    assert!(client.user(cashfree_vkyc::UserReferenceId(1)).await.unwrap_err().is_not_found(), "another operation");
    sandbox.reset();
    assert_eq!(client.status(id()).await.unwrap_err().http_status().unwrap(), 404);
    let without = Sandbox::start().await.unwrap();
    without.put(Sandbox::published_sample());
    let answer = without.client().unwrap().status(cashfree_vkyc::ReferenceId(1358)).await.unwrap();
    assert!(answer.headers().keys().all(|name| !name.as_str().contains("ratelimit")));
}

#[tokio::test]
async fn request_ids_are_unique_and_recorded() {
    let sandbox = Sandbox::start().await.unwrap();
    let _ = sandbox.begin("vkyc", Journey::completed()).unwrap();
    let client = sandbox.client().unwrap();
    let mut ids = BTreeSet::new();
    for _ in 0..3 {
        ids.insert(client.status(id()).await.unwrap().request_id().unwrap().to_owned());
    }
    let recorded: BTreeSet<_> = sandbox.requests().iter().map(|request| request.request_id.clone()).collect();
    assert!(ids.len() == 3 && ids == recorded);
}
