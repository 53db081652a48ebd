//! Webhooks: which are sent, what goes wrong with them, and how often they are sent again.
//!
//! ```text
//! step ─▶ event ─▶ trouble: dropped · held back · doubled · late · another secret
//!                     └─▶ after the ones before it: signed, POST ─▶ 200: done
//!                                └──────────── schedule ◀──────── anything else
//! ```

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use tokio::sync::watch;

use super::record::RecordedWebhook;
use super::shared::{Shared, lock};
use super::state::Walk;
use crate::model::{Event, EventType, constants};
use crate::webhook::{Verifier, VerifierError};

/// How long the receiver of a webhook may take.
pub(super) const DELIVERY: Duration = Duration::from_secs(10);

/// Cashfree publishes no schedule for these webhooks. This is that of its payments.
const SCHEDULE: [Duration; 3] =
    [Duration::from_secs(2 * 60), Duration::from_secs(10 * 60), Duration::from_secs(30 * 60)];

/// Something that goes wrong with webhooks, for
/// [`SandboxBuilder::webhook_trouble`](super::SandboxBuilder::webhook_trouble). Several are in force at the same time.
#[derive(Clone, Debug)]
#[must_use = "trouble does nothing until a sandbox is told of it"]
pub struct WebhookFault {
    kind: Kind,
    only: Option<EventType>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Doubled,
    Reordered,
    Delayed(Duration),
    Dropped,
    NewerSecret,
    WrongSecret,
}

impl WebhookFault {
    fn new(kind: Kind) -> Self {
        Self { kind, only: None, times: None }
    }

    /// An event is sent again although it was accepted.
    pub fn doubled() -> Self {
        Self::new(Kind::Doubled)
    }

    /// Every other event of a verification waits for the one after it to go first. The last of a journey waits for none.
    pub fn reordered() -> Self {
        Self::new(Kind::Reordered)
    }

    /// An event comes so much later; those after it do not wait for it.
    pub fn delayed(time: Duration) -> Self {
        Self::new(Kind::Delayed(time))
    }

    /// An event is never sent.
    pub fn dropped() -> Self {
        Self::new(Kind::Dropped)
    }

    /// An event is signed with [`Sandbox::newer_secret`](super::Sandbox::newer_secret), as it is once an old key pair was deleted.
    pub fn newer_secret() -> Self {
        Self::new(Kind::NewerSecret)
    }

    /// An event is signed with a secret that is nobody's.
    pub fn wrong_secret() -> Self {
        Self::new(Kind::WrongSecret)
    }

    /// Only for events of this type.
    pub fn only(mut self, event_type: impl Into<EventType>) -> Self {
        self.only = Some(event_type.into());
        self
    }

    /// Only for so many events, then it is over.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// The form of the payload. Two are in use; see the spec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookForm {
    /// The form of 2025-01-01, which the headers name: no `version` in the body.
    #[default]
    Unversioned,
    /// `v1`: with `version` in the body.
    V1,
}

/// Where webhooks go and how.
pub(super) struct Webhooks {
    pub(super) url: Mutex<Option<String>>,
    /// Made with the first that is sent: it takes longer than all the rest of a sandbox.
    http: OnceLock<reqwest::Client>,
    pub(super) form: WebhookForm,
    pub(super) schedule: Mutex<Vec<Duration>>,
    pub(super) troubles: Mutex<Vec<WebhookFault>>,
    keys: [Verifier; 3],
    /// Deliveries that are under way.
    pub(super) pending: watch::Sender<usize>,
}

/// What goes wrong with one event.
#[derive(Clone, Copy, Default)]
pub(super) struct Fate {
    doubled: bool,
    held: bool,
    dropped: bool,
    late: Option<Duration>,
    key: Key,
}

#[derive(Clone, Copy, Default)]
enum Key {
    #[default]
    Current,
    Newer,
    Wrong,
}

/// Resolves, by an error, when what it stands for is done.
pub(super) type Done = watch::Receiver<()>;

impl Webhooks {
    pub(super) fn new(secret: &str, newer: &str, form: WebhookForm) -> Result<Self, VerifierError> {
        Ok(Self {
            url: Mutex::default(),
            http: OnceLock::new(),
            form,
            schedule: Mutex::new(SCHEDULE.to_vec()),
            troubles: Mutex::default(),
            keys: [Verifier::new(secret)?, Verifier::new(newer)?, Verifier::new(&*format!("nobodys-{newer}"))?],
            pending: watch::Sender::new(0),
        })
    }

    fn http(&self) -> Result<&reqwest::Client, reqwest::Error> {
        match self.http.get() {
            Some(http) => Ok(http),
            None => http_client().map(|http| self.http.get_or_init(|| http)),
        }
    }

    /// What goes wrong with the next event.
    fn fate(&self, event: &Event, is_last: bool, holds: bool) -> Fate {
        let mut fate = Fate::default();
        let mut troubles = lock(&self.troubles);
        for trouble in troubles.iter_mut() {
            let meant = trouble.only.as_ref().is_none_or(|only| *only == event.event_type);
            if !meant || (trouble.kind == Kind::Reordered && (is_last || holds)) {
                continue;
            }
            trouble.times = trouble.times.map(|times| times.saturating_sub(1));
            match trouble.kind {
                Kind::Doubled => fate.doubled = true,
                Kind::Reordered => fate.held = true,
                Kind::Delayed(time) => fate.late = Some(time),
                Kind::Dropped => fate.dropped = true,
                Kind::NewerSecret => fate.key = Key::Newer,
                Kind::WrongSecret => fate.key = Key::Wrong,
            }
        }
        troubles.retain(|trouble| trouble.times != Some(0));
        fate
    }

    /// The body, and the headers that sign it.
    fn sign(&self, event: &Event, key: Key, attempt: u32, at: SystemTime) -> (Vec<u8>, HeaderMap) {
        let [current, newer, wrong] = &self.keys;
        let verifier = match key {
            Key::Current => current,
            Key::Newer => newer,
            Key::Wrong => wrong,
        };
        let mut event = event.clone();
        if self.form == WebhookForm::V1 {
            let sample: Event = serde_json::from_str(constants::SAMPLE_VIDEO_KYC_EVENT_PUBLISHED).unwrap_or_default();
            event.version = sample.version;
        }
        let body = serde_json::to_vec(&event).unwrap_or_default();
        let signed = verifier.sign(body).at(at).attempt(attempt);
        (signed.body().to_vec(), signed.headers())
    }
}

/// Sends the event of a step, once those of the steps before have been answered. Gives what to wait for.
pub(super) fn send(shared: &Arc<Shared>, walk: &mut Walk, event: Event) -> Option<Done> {
    let url = lock(&shared.webhooks.url).clone()?;
    let fate = shared.webhooks.fate(&event, walk.is_over(), walk.held.is_some());
    if fate.held {
        walk.held = Some((event, fate));
        return walk.before.clone();
    }
    let mut batch = vec![(event, fate)];
    batch.extend(walk.held.take());
    let (done, wait) = watch::channel(());
    let before = walk.before.replace(wait.clone());
    let pending = Pending::new(shared);
    let ours = Arc::clone(shared);
    shared.tasks.spawn_moving(async move {
        if let Some(mut before) = before {
            let _ = before.changed().await;
        }
        for (event, fate) in batch {
            deliver(&ours, &url, event, fate).await;
        }
        drop((done, pending));
    });
    Some(wait)
}

/// Delivers one event until it had its first response; what is late, or is to be sent again, goes on by itself.
async fn deliver(shared: &Arc<Shared>, url: &str, event: Event, fate: Fate) {
    if fate.dropped {
        return note(shared, event, 1, Err("dropped, as the test asked".to_owned()));
    }
    if let Some(time) = fate.late {
        let (ours, url, pending) = (Arc::clone(shared), url.to_owned(), Pending::new(shared));
        return shared.tasks.spawn_moving(async move {
            tokio::time::sleep(time).await;
            if !attempts(&ours, &url, &event, fate).await {
                again(&ours, &url, event, fate).await;
            }
            drop(pending);
        });
    }
    if !attempts(shared, url, &event, fate).await {
        let (ours, url, pending) = (Arc::clone(shared), url.to_owned(), Pending::new(shared));
        shared.tasks.spawn_moving(async move {
            again(&ours, &url, event, fate).await;
            drop(pending);
        });
    }
}

/// The first delivery, and the second where it is doubled. Whether it was accepted.
async fn attempts(shared: &Arc<Shared>, url: &str, event: &Event, fate: Fate) -> bool {
    let mut accepted = attempt(shared, url, event, fate.key, 1).await;
    if fate.doubled {
        accepted |= attempt(shared, url, event, fate.key, 2).await;
    }
    accepted
}

/// Sends it again, by the schedule, until it is accepted.
async fn again(shared: &Arc<Shared>, url: &str, event: Event, fate: Fate) {
    let schedule = lock(&shared.webhooks.schedule).clone();
    for (number, wait) in (2 + u32::from(fate.doubled)..).zip(schedule) {
        tokio::time::sleep(wait).await;
        if attempt(shared, url, &event, fate.key, number).await {
            return;
        }
    }
}

/// Sends it once. Whether it was accepted.
async fn attempt(shared: &Arc<Shared>, url: &str, event: &Event, key: Key, number: u32) -> bool {
    let webhooks = &shared.webhooks;
    let (body, headers) = webhooks.sign(event, key, number, shared.clock.system_time());
    let http = match webhooks.http() {
        Ok(http) => http,
        Err(error) => {
            note(shared, event.clone(), number, Err(no_answer(&error)));
            return false;
        }
    };
    let answer = http.post(url).headers(headers).body(body).timeout(DELIVERY).send().await;
    let outcome = answer.map(|answer| answer.status().as_u16()).map_err(|error| no_answer(&error));
    let accepted = outcome == Ok(200);
    note(shared, event.clone(), number, outcome);
    accepted
}

/// Follows nothing, and asks no proxy.
pub(super) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()
}

fn no_answer(error: &reqwest::Error) -> String {
    let why = if error.is_timeout() {
        "no response within 10 seconds"
    } else if error.is_connect() {
        "nobody listens there"
    } else if error.is_builder() {
        "the URL cannot be read, or no HTTP client set up"
    } else {
        "the connection broke"
    };
    why.to_owned()
}

fn note(shared: &Shared, event: Event, attempt: u32, outcome: Result<u16, String>) {
    let at = shared.clock.now();
    let (http_status, problem) = outcome.map_or_else(|problem| (None, Some(problem)), |status| (Some(status), None));
    let webhook = RecordedWebhook { event, attempt, at, http_status, problem };
    let told = shared.hooks.webhook.as_ref().map(|hook| (hook, webhook.clone()));
    lock(&shared.records).sent(webhook);
    if let Some((hook, webhook)) = told {
        hook(&webhook);
    }
}

/// A delivery that is under way, for as long as it lives.
struct Pending(Arc<Shared>);

impl Pending {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.webhooks.pending.send_modify(|pending| *pending += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.webhooks.pending.send_modify(|pending| *pending = pending.saturating_sub(1));
    }
}
