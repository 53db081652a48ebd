//! Delivers webhooks: in order for each verification, with faults, and repeatedly until they are accepted.
//!
//! ```text
//! step ─▶ event ─▶ faults: dropped · held back · doubled · late · another secret
//!                     └─▶ after the events before it: signed, POST ─▶ 200: done
//!                                └──────────── schedule ◀──────── anything else
//! ```

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;

use super::clock::Clock;
use super::lock::lock;
use super::record::{RecordedWebhook, Recorder};
use super::tasks::Tasks;
use super::verifications::StepOutcome;
use super::webhook_fault::{DeliveryPlan, Key, WebhookFault};
use crate::model::Event;
use crate::webhook::{Verifier, VerifierError};

/// The longest wait for a response.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Cashfree publishes no schedule for these webhooks. This is the one of its payments.
const SCHEDULE: [Duration; 3] =
    [Duration::from_secs(2 * 60), Duration::from_secs(10 * 60), Duration::from_secs(30 * 60)];

pub(super) struct Delivery {
    pub(super) queue: Mutex<Queue>,
    schedule: Vec<Duration>,
    /// Created for the first webhook, because creating it takes longer than the rest of a sandbox.
    http: LazyLock<reqwest::Result<reqwest::Client>>,
    /// The current key, the newer key and a wrong key.
    keys: [Verifier; 3],
    /// Each running delivery has a receiver.
    running: watch::Sender<()>,
    clock: Arc<Clock>,
    recorder: Arc<Recorder>,
    tasks: Arc<Tasks>,
}

/// The settings of the next delivery, and the events of each verification.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) url: Option<String>,
    pub(super) faults: Vec<WebhookFault>,
    verifications: HashMap<i64, InOrder>,
}

#[derive(Default)]
struct InOrder {
    /// An event that waits for the next one.
    held: Option<(Event, DeliveryPlan)>,
    last: Option<Done>,
}

/// Resolves with an error when an event got its first response, or is delayed.
pub(super) type Done = watch::Receiver<()>;

/// Waits for the first response to an event and to those before it.
pub(super) async fn wait(done: Option<Done>) {
    if let Some(mut done) = done {
        let _ = done.changed().await;
    }
}

impl Delivery {
    pub(super) fn new(
        [secret, newer]: [&str; 2],
        schedule: Option<Vec<Duration>>,
        clock: Arc<Clock>,
        recorder: Arc<Recorder>,
        tasks: Arc<Tasks>,
    ) -> Result<Self, VerifierError> {
        let keys = [Verifier::new(secret)?, Verifier::new(newer)?, Verifier::new(&*format!("wrong-{newer}"))?];
        let (queue, running) = (Mutex::default(), watch::Sender::new(()));
        let schedule = schedule.unwrap_or(SCHEDULE.to_vec());
        Ok(Self { queue, schedule, http: LazyLock::new(http_client), keys, running, clock, recorder, tasks })
    }

    /// Waits until no delivery is running.
    pub(super) async fn finished(&self) {
        self.running.closed().await;
    }

    /// The last delivery for a verification.
    pub(super) fn last(&self, number: i64) -> Option<Done> {
        lock(&self.queue).verifications.get(&number)?.last.clone()
    }

    pub(super) fn reset(&self) {
        lock(&self.queue).verifications.clear();
    }

    /// Sends the event of a step after the events of the steps before. Returns the last delivery for the verification.
    pub(super) fn send(self: &Arc<Self>, queue: &mut Queue, outcome: StepOutcome) -> Option<Done> {
        let Queue { url, faults, verifications } = queue;
        let order = verifications.entry(outcome.number).or_default();
        let (Some(event), Some(url)) = (outcome.event, url) else { return order.last.clone() };
        let can_hold = !outcome.is_last && order.held.is_none();
        let plan = DeliveryPlan::next(faults, &event.event_type, can_hold);
        if plan.held {
            order.held = Some((event, plan));
            return order.last.clone();
        }
        for (event, plan) in std::iter::once((event, plan)).chain(order.held.take()) {
            let (done, is_done) = watch::channel(());
            let before = order.last.replace(is_done);
            let (delivery, url, running) = (Arc::clone(self), url.clone(), self.running.subscribe());
            self.tasks.spawn_until_reset(async move {
                wait(before).await;
                delivery.deliver(&url, event, plan, done).await;
                drop(running);
            });
        }
        order.last.clone()
    }

    /// Sends an event until it is accepted. After the first response, `done` lets the next event be sent.
    async fn deliver(&self, url: &str, event: Event, plan: DeliveryPlan, done: watch::Sender<()>) {
        if plan.dropped {
            return self.record(event, 1, Err("dropped by an injected fault".to_owned()));
        }
        let mut done = Some(done);
        if let Some(time) = plan.delay {
            done = None;
            tokio::time::sleep(time).await;
        }
        let mut is_accepted = self.attempt(url, &event, plan.key, 1).await;
        if plan.doubled {
            is_accepted |= self.attempt(url, &event, plan.key, 2).await;
        }
        drop(done);
        for (number, wait) in (2 + u32::from(plan.doubled)..).zip(&self.schedule) {
            if is_accepted {
                return;
            }
            tokio::time::sleep(*wait).await;
            is_accepted = self.attempt(url, &event, plan.key, number).await;
        }
    }

    /// Sends an event once. Returns whether it was accepted.
    async fn attempt(&self, url: &str, event: &Event, key: Option<Key>, number: u32) -> bool {
        let [current, newer, wrong] = &self.keys;
        let verifier = match key {
            None => current,
            Some(Key::Newer) => newer,
            Some(Key::Wrong) => wrong,
        };
        let signed = verifier.sign(serde_json::to_vec(event).unwrap_or_default());
        let signed = signed.at(self.clock.system_time()).attempt(number);
        let result = match &*self.http {
            Ok(http) => {
                let request = http.post(url).headers(signed.headers()).body(signed.body().to_vec()).timeout(TIMEOUT);
                let response = request.send().await;
                response.map(|response| response.status()).map_err(|error| reason(&error).to_owned())
            }
            Err(error) => Err(reason(error).to_owned()),
        };
        let is_accepted = result == Ok(StatusCode::OK);
        self.record(event.clone(), number, result);
        is_accepted
    }

    fn record(&self, event: Event, attempt: u32, result: Result<StatusCode, String>) {
        self.recorder.sent(RecordedWebhook { event, attempt, at: self.clock.now(), result });
    }
}

/// An HTTP client without redirects and proxies.
fn http_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no response within 10 seconds"
    } else if error.is_connect() {
        "no server listens there"
    } else if error.is_builder() {
        "the URL cannot be read, or the HTTP client cannot be set up"
    } else {
        "the connection broke"
    }
}
