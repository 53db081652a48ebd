//! Delivers webhooks: in order for each verification, with their faults, and again until they are accepted.
//!
//! ```text
//! step ─▶ event ─▶ faults: dropped · held back · doubled · late · another secret
//!                     └─▶ after the events before it: signed, POST ─▶ 200: done
//!                                └──────────── schedule ◀──────── anything else
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::watch;

use super::clock::Clock;
use super::lock::lock;
use super::record::{RecordedWebhook, Recorder};
use super::state::StepOutcome;
use super::tasks::Tasks;
use super::webhook_fault::{DeliveryPlan, Key, WebhookFault};
use crate::model::Event;
use crate::webhook::{SignedRequest, Verifier, VerifierError};

/// The longest wait for a response.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Cashfree publishes no schedule for these webhooks. This is the one of its payments.
const SCHEDULE: [Duration; 3] =
    [Duration::from_secs(2 * 60), Duration::from_secs(10 * 60), Duration::from_secs(30 * 60)];

pub(super) struct Delivery {
    pub(super) queue: Mutex<Queue>,
    /// Created for the first webhook, because it takes longer than the rest of a sandbox.
    http: OnceLock<reqwest::Client>,
    keys: [Verifier; 3],
    /// The number of running deliveries.
    pending: watch::Sender<usize>,
    clock: Arc<Clock>,
    recorder: Arc<Recorder>,
    tasks: Arc<Tasks>,
}

/// The settings of the next delivery, and the events of each verification.
pub(super) struct Queue {
    pub(super) url: Option<String>,
    schedule: Vec<Duration>,
    pub(super) faults: Vec<WebhookFault>,
    verifications: HashMap<i64, InOrder>,
}

#[derive(Default)]
struct InOrder {
    /// An event that waits for the next one.
    held: Option<(Event, DeliveryPlan)>,
    last: Option<Done>,
}

/// Resolves with an error when a delivery has ended.
pub(super) type Done = watch::Receiver<()>;

/// Waits until a delivery has ended.
pub(super) async fn wait(done: Option<Done>) {
    if let Some(mut done) = done {
        let _ = done.changed().await;
    }
}

impl Queue {
    pub(super) fn new(url: Option<String>, schedule: Option<Vec<Duration>>, faults: Vec<WebhookFault>) -> Self {
        Self { url, schedule: schedule.unwrap_or(SCHEDULE.to_vec()), faults, verifications: HashMap::new() }
    }
}

impl Delivery {
    pub(super) fn new(
        [secret, newer]: [&str; 2],
        queue: Queue,
        clock: Arc<Clock>,
        recorder: Arc<Recorder>,
        tasks: Arc<Tasks>,
    ) -> Result<Self, VerifierError> {
        let keys = [Verifier::new(secret)?, Verifier::new(newer)?, Verifier::new(&*format!("wrong-{newer}"))?];
        let (queue, http, pending) = (Mutex::new(queue), OnceLock::new(), watch::Sender::new(0));
        Ok(Self { queue, http, keys, pending, clock, recorder, tasks })
    }

    /// Waits until no delivery is running.
    pub(super) async fn finished(&self) {
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
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
        let Queue { url, faults, verifications, .. } = queue;
        let order = verifications.entry(outcome.number).or_default();
        let (Some(event), Some(url)) = (outcome.event, url.clone()) else { return order.last.clone() };
        let can_hold = !outcome.is_last && order.held.is_none();
        let plan = DeliveryPlan::next(faults, &event.event_type, can_hold);
        if plan.held {
            order.held = Some((event, plan));
            return order.last.clone();
        }
        let batch: Vec<_> = std::iter::once((event, plan)).chain(order.held.take()).collect();
        let (done, wait_for) = watch::channel(());
        let before = order.last.replace(wait_for.clone());
        let delivery = Arc::clone(self);
        self.spawn(async move {
            wait(before).await;
            for (event, plan) in batch {
                delivery.deliver(&url, event, plan).await;
            }
            drop(done);
        });
        Some(wait_for)
    }

    /// Runs a delivery that [`finished`](Self::finished) waits for.
    fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        self.pending.send_modify(|pending| *pending += 1);
        let pending = Pending(Arc::clone(self));
        self.tasks.spawn_until_reset(async move {
            task.await;
            drop(pending);
        });
    }

    /// Delivers an event until its first response. A late event, and one that was not accepted, continues in the background.
    async fn deliver(self: &Arc<Self>, url: &str, event: Event, plan: DeliveryPlan) {
        if plan.dropped {
            return self.record(event, 1, Err("dropped, as the test asked".to_owned()));
        }
        if plan.delay.is_none() && self.first(url, &event, plan).await {
            return;
        }
        let (delivery, url) = (Arc::clone(self), url.to_owned());
        self.spawn(async move {
            if let Some(time) = plan.delay {
                tokio::time::sleep(time).await;
                if delivery.first(&url, &event, plan).await {
                    return;
                }
            }
            delivery.repeat(&url, &event, plan).await;
        });
    }

    /// The first attempt, and the second one of a doubled event. Returns whether one was accepted.
    async fn first(&self, url: &str, event: &Event, plan: DeliveryPlan) -> bool {
        let accepted = self.attempt(url, event, plan.key, 1).await;
        (plan.doubled && self.attempt(url, event, plan.key, 2).await) || accepted
    }

    /// Sends an event again by the schedule, until it is accepted.
    async fn repeat(&self, url: &str, event: &Event, plan: DeliveryPlan) {
        let schedule = lock(&self.queue).schedule.clone();
        for (number, wait) in (2 + u32::from(plan.doubled)..).zip(schedule) {
            tokio::time::sleep(wait).await;
            if self.attempt(url, event, plan.key, number).await {
                return;
            }
        }
    }

    /// Sends an event once. Returns whether it was accepted.
    async fn attempt(&self, url: &str, event: &Event, key: Key, number: u32) -> bool {
        let [current, newer, wrong] = &self.keys;
        let verifier = match key {
            Key::Current => current,
            Key::Newer => newer,
            Key::Wrong => wrong,
        };
        let signed = verifier.sign(serde_json::to_vec(event).unwrap_or_default());
        let signed = signed.at(self.clock.system_time()).attempt(number);
        let status = match self.http() {
            Ok(http) => post(http, url, &signed).await,
            Err(error) => Err(error),
        };
        let result = status.map(|status| status.as_u16()).map_err(|error| reason(&error).to_owned());
        let is_accepted = result == Ok(200);
        self.record(event.clone(), number, result);
        is_accepted
    }

    fn http(&self) -> Result<&reqwest::Client, reqwest::Error> {
        match self.http.get() {
            Some(http) => Ok(http),
            None => http_client().map(|http| self.http.get_or_init(|| http)),
        }
    }

    fn record(&self, event: Event, attempt: u32, result: Result<u16, String>) {
        let (http_status, problem) = (result.as_ref().ok().copied(), result.err());
        self.recorder.sent(RecordedWebhook { event, attempt, at: self.clock.now(), http_status, problem });
    }
}

/// An HTTP client without redirects and proxies.
pub(super) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()
}

pub(super) async fn post(
    http: &reqwest::Client,
    url: &str,
    signed: &SignedRequest,
) -> Result<StatusCode, reqwest::Error> {
    let request = http.post(url).headers(signed.headers()).body(signed.body().to_vec()).timeout(TIMEOUT);
    request.send().await.map(|response| response.status())
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no response within 10 seconds"
    } else if error.is_connect() {
        "nobody listens there"
    } else if error.is_builder() {
        "the URL cannot be read, or the HTTP client cannot be set up"
    } else {
        "the connection broke"
    }
}

/// A running delivery.
struct Pending(Arc<Delivery>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.send_modify(|pending| *pending = pending.saturating_sub(1));
    }
}
