//! Requests can be inspected afterwards, and printing them shows no customer data.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cashfree_vkyc::VerificationId;
use cashfree_vkyc::http::StatusCode;
use cashfree_vkyc::sandbox::{Fault, Journey, Sandbox};

use super::endpoint::Endpoint;
use crate::support::example;

fn words(of: impl FnOnce()) -> String {
    *catch_unwind(AssertUnwindSafe(of)).unwrap_err().downcast::<String>().unwrap()
}

#[tokio::test]
async fn requests_are_recorded_with_the_status_of_their_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let before = jiff::Timestamp::now();
    let client = sandbox.client().unwrap();
    let _ = sandbox.begin("canary", Journey::completed()).unwrap();
    client.status(VerificationId::new("canary").unwrap()).await.unwrap();
    client.create_user(example::new_user("canary-phone")).await.unwrap();
    let _ = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(format!("{}/canary?canary=1", sandbox.url()))
        .send()
        .await;

    let [status, user, nowhere] = &*sandbox.requests() else { panic!() };
    assert_eq!((status.operation, status.method.as_str()), (Some("vkycGetStatus"), "GET"));
    assert_eq!((status.path.expose().as_str(), status.query.expose().as_str()), ("/vkyc", "verification_id=canary"));
    assert!(status.at >= before && status.http_status == Some(StatusCode::OK) && status.problems.is_empty());
    let body: serde_json::Value = serde_json::from_slice(user.body.expose()).unwrap();
    assert_eq!((user.operation, &body["phone"]), (Some("vkycCreateUser"), &"canary-phone".into()));
    assert_eq!((nowhere.operation, nowhere.http_status), (None, Some(StatusCode::NOT_FOUND)));
    assert_eq!((sandbox.count("vkycGetStatus"), sandbox.count("vkycInitiate")), (1, 0));

    let printed = format!("{status:?}{user:?}{nowhere:?}{status}{user}{nowhere}");
    assert!(!printed.contains("canary"), "{printed}");
    sandbox.reset();
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_failed_assertion_lists_the_requests() {
    let endpoint = Endpoint::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.webhooks_to(&endpoint.url);
    let vkyc = sandbox.begin("canary", Journey::link_expired()).unwrap();
    vkyc.finish().await.unwrap();
    sandbox.client().unwrap().status(vkyc.id()).await.unwrap();
    sandbox.assert_called("vkycGetStatus", 1);
    sandbox.assert_called("vkycInitiate", 0);
    let told = words(|| sandbox.assert_called("vkycGetStatus", 3));
    assert_eq!(told, "`vkycGetStatus` was called 1 times instead of 3; the requests:\n  GET vkycGetStatus: 200");
    for unknown in [
        words(|| sandbox.assert_called("vkycGetState", 0)),
        words(|| assert_eq!(sandbox.count("vkycGetState"), 0)),
        words(|| drop(Fault::reset().on("vkycGetState"))),
    ] {
        assert!(unknown.contains("must be one of vkycCreateToken, "), "{unknown}");
    }
    let webhooks = sandbox.webhooks();
    assert!(!format!("{webhooks:?} {vkyc:?}").contains("canary"));
    assert!(webhooks.iter().all(|webhook| webhook.is_accepted()));
    assert_eq!(webhooks[0].event.data.verification_id.as_deref(), Some("canary"));
}

/// The callback runs at the end of each request or delivery, including reset ones.
#[tokio::test]
async fn a_subscriber_gets_every_request_and_delivery() {
    let (tell, told) = std::sync::mpsc::channel();
    let tell_webhook = tell.clone();
    let endpoint = Endpoint::start().await;
    let sandbox = Sandbox::builder()
        .on_request(move |request| tell.send(request.to_string()).unwrap())
        .on_webhook(move |webhook| tell_webhook.send(webhook.to_string()).unwrap())
        .start()
        .await
        .unwrap();
    sandbox.webhooks_to(&endpoint.url);
    sandbox.begin("canary", Journey::link_expired()).unwrap();
    sandbox.wait_for_webhooks().await;
    sandbox.inject(Fault::reset().times(1));
    sandbox.client().unwrap().status(VerificationId::new("canary").unwrap()).await.unwrap();
    let told: Vec<_> = told.try_iter().collect();
    assert_eq!(
        told,
        [
            "VKYC_USER_LINK_GENERATED (RECEIVED / LINK_GENERATED), delivery 1: 200",
            "GET vkycGetStatus: no response, fault `reset`",
            "GET vkycGetStatus: 200",
        ]
    );
}
