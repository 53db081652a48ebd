//! The tests of the service: over its HTTP routes, against the sandbox.

use std::path::PathBuf;
use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Journey, Sandbox, WebhookFault};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::Result;
use super::http::Service;
use super::kyc::Kyc;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running service.
struct World {
    sandbox: Sandbox,
    kyc: Kyc,
    url: String,
    http: reqwest::Client,
    stop: oneshot::Sender<()>,
    service: JoinHandle<Result>,
    folder: Folder,
}

impl World {
    async fn new(name: &str, journey: Journey) -> Self {
        let schedule = [Duration::from_millis(1); 3];
        let sandbox = Sandbox::builder().webhook_schedule(schedule).start().await.unwrap();
        sandbox.set_journey(journey).unwrap();
        let folder = std::env::temp_dir().join(format!("cashfree-vkyc-service-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut kyc = Kyc::new(sandbox.client().unwrap(), &folder);
        kyc.pause = Duration::from_millis(10);
        Self::run(sandbox, kyc, Folder(folder)).await
    }

    async fn run(sandbox: Sandbox, kyc: Kyc, folder: Folder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        sandbox.webhooks_to(format!("{url}/webhooks"));
        let (stop, stopped) = oneshot::channel();
        let service = Service::run(kyc.clone(), sandbox.verifier().unwrap(), listener, async { drop(stopped.await) });
        Self { sandbox, kyc, url, http: reqwest::Client::new(), stop, service: tokio::spawn(service), folder }
    }

    /// Stops the process and starts another one, which has the same database.
    async fn restart(self) -> Self {
        self.stop.send(()).unwrap();
        self.service.await.unwrap().unwrap();
        Self::run(self.sandbox, self.kyc, self.folder).await
    }

    async fn create(&self, customer: Value) -> u16 {
        let request = self.http.post(format!("{}/customers", self.url)).header("content-type", "application/json");
        request.body(customer.to_string()).send().await.unwrap().status().as_u16()
    }

    /// Waits for an expected state at the front end.
    async fn state(&self, is_expected: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let waits = async {
            loop {
                let response = self.http.get(format!("{}/customers/7/kyc", self.url)).send().await.unwrap();
                last = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
                if is_expected(&last) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let result = tokio::time::timeout(PATIENCE, waits).await;
        assert!(result.is_ok(), "{last}");
        last
    }

    /// Starts a customer's verification, and lets customer, agent and auditor act.
    async fn verify(&self) {
        assert_eq!(self.create(seven()).await, 202);
        self.state(|state| state["link"].is_string()).await;
        self.sandbox.verification("kyc-7").unwrap().finish().await.unwrap();
    }
}

/// A folder that is removed with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn seven() -> Value {
    json!({ "number": "7", "phone": "9988776655" })
}

#[tokio::test]
async fn a_customer_is_verified_from_the_request_to_the_recording() {
    let world = World::new("completed", Journey::completed()).await;
    world.verify().await;
    let state = world.state(|state| state["recording"].is_object()).await;
    assert_eq!(
        (&state["status"], &state["outcome"], &state["closed"]),
        (&json!("COMPLETED"), &json!("passed"), &json!(true))
    );
    let recording = std::fs::read(world.folder.0.join("kyc-7.mp4")).unwrap();
    let receipt: Value =
        serde_json::from_slice(&std::fs::read(world.folder.0.join("kyc-7.receipt.json")).unwrap()).unwrap();
    assert_eq!(receipt["bytes"], recording.len());
    assert_eq!(receipt, state["recording"]);
    world.sandbox.assert_webhooks_accepted();
    world.sandbox.assert_no_problems();
}

#[tokio::test]
async fn an_expired_link_ends_the_verification_without_a_recording() {
    let world = World::new("expired", Journey::link_expired()).await;
    world.verify().await;
    let state = world.state(|state| state["closed"] == true).await;
    assert_eq!((&state["status"], &state["outcome"]), (&json!("EXPIRED"), &json!("abandoned")));
    assert!(state["recording"].is_null() && state["error"].is_null(), "{state}");
}

#[tokio::test]
async fn an_unknown_state_is_shown_and_the_wait_continues() {
    let world = World::new("unknown", Journey::unknown_status()).await;
    world.verify().await;
    let reached = world.sandbox.verification("kyc-7").unwrap().state().unwrap();
    assert!(!reached.status.is_known());
    let state = world.state(|state| state["status"] == reached.status.as_str()).await;
    assert_eq!((&state["closed"], &state["outcome"]), (&json!(false), &json!("undecided")));
    assert_eq!(world.kyc.watches.len(), 1, "the wait continues");
}

#[tokio::test]
async fn a_rate_limit_delays_the_start() {
    let world = World::new("limited", Journey::completed()).await;
    world.sandbox.inject(Fault::status(429).retry_after(0).on("vkycCreateUser").times(7));
    world.verify().await;
    world.state(|state| state["closed"] == true).await;
    world.sandbox.assert_called("vkycCreateUser", 8);
    world.sandbox.assert_called("vkycInitiate", 1);
}

#[tokio::test]
async fn a_lost_response_starts_no_second_verification() {
    let world = World::new("lost", Journey::completed()).await;
    world.sandbox.inject(Fault::reset().on("vkycInitiate").carried_out().times(1));
    world.verify().await;
    world.state(|state| state["closed"] == true).await;
    world.sandbox.assert_called("vkycInitiate", 1);
}

#[tokio::test]
async fn a_pending_start_is_polled_and_not_repeated() {
    let world = World::new("pending", Journey::completed()).await;
    let pending = Fault::status(409).code("verification_pending").on("vkycInitiate");
    world.sandbox.inject(pending.carried_out().times(1));
    world.verify().await;
    world.state(|state| state["closed"] == true).await;
    world.sandbox.assert_called("vkycInitiate", 1);
}

#[tokio::test]
async fn a_restart_and_a_second_request_start_no_second_verification() {
    let mut world = World::new("restart", Journey::completed()).await;
    assert_eq!(world.create(seven()).await, 202);
    world.state(|state| state["link"].is_string()).await;
    world = world.restart().await;
    assert_eq!(world.create(seven()).await, 202);
    world.sandbox.verification("kyc-7").unwrap().finish().await.unwrap();
    world.state(|state| state["closed"] == true).await;
    world.sandbox.assert_called("vkycInitiate", 1);
}

#[tokio::test]
async fn repeated_and_reordered_webhooks_lead_to_the_same_state() {
    let world = World::new("reordered", Journey::completed()).await;
    world.sandbox.inject_webhook_fault(WebhookFault::doubled());
    world.sandbox.inject_webhook_fault(WebhookFault::reordered());
    world.verify().await;
    let state = world.state(|state| state["closed"] == true).await;
    assert_eq!(state["status"], "COMPLETED");
    world.sandbox.wait_for_webhooks().await;
    world.sandbox.assert_webhooks_accepted();
}

#[tokio::test]
async fn a_forged_webhook_is_refused() {
    let world = World::new("forged", Journey::completed()).await;
    world.sandbox.inject_webhook_fault(WebhookFault::wrong_secret().times(1));
    world.verify().await;
    world.sandbox.wait_for_webhooks().await;
    let refused = world
        .sandbox
        .webhooks()
        .iter()
        .filter(|webhook| webhook.result == Ok(reqwest::StatusCode::UNAUTHORIZED))
        .count();
    assert_eq!(refused, 4, "once, and three times again");
    world.state(|state| state["closed"] == true).await;
}

#[tokio::test]
async fn errors_are_responses_and_states() {
    let world = World::new("errors", Journey::rejected_no_balance()).await;
    assert_eq!(world.create(json!({ "number": "no spaces", "phone": "1" })).await, 400);
    let unknown = world.http.get(format!("{}/customers/8/kyc", world.url)).send().await.unwrap();
    assert_eq!(unknown.status().as_u16(), 404);
    world.create(seven()).await;
    let state = world.state(|state| state["error"].is_string()).await;
    assert!(state["error"].as_str().unwrap().contains("wallet"), "{state}");
    // The user has another phone.
    assert_eq!(world.create(json!({ "number": "7", "phone": "1122334455" })).await, 409);
}
