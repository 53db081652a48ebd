//! The rate limit of an account on Redis or Valkey. `limit.rs` decides; this file asks the store, and logs when it is away or
//! back.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cashfree_vkyc::{Priority, RateLimiter, Slots, TakeSlots};
use tokio::time::Instant;

use super::connection::Connection;
use super::limit::{Answer, Change, Gcra, Limit, Next, Question};
use super::store::{Store, StoreError};

const SCRIPT: &str = include_str!("limit.lua");

/// A limit of requests a minute that all instances of a service share over Redis or Valkey.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use cashfree_vkyc::{Client, Credentials, Environment, RateLimit};
/// use cashfree_vkyc_redis::{Connection, RedisRateLimiter};
///
/// let limiter = RedisRateLimiter::new(Connection::open("redis://127.0.0.1:6379")?, 100)
///     .account("main")         // part of the key: a name, unless the store may see the client id
///     .share_when_away(25);    // a quarter for each of four instances while the store is away
/// let client = Client::builder()
///     .environment(Environment::Sandbox)
///     .credentials(Credentials::new("client-id", "client-secret")?)
///     .rate_limit(RateLimit::shared(Arc::new(limiter)))
///     .build()?;
/// # Ok(())
/// # }
/// ```
///
/// While the store responds within a second, no minute has more requests than the limit, wherever it begins. A fiftieth of the
/// limit may be used at once ([`burst`](Self::burst)), the rest is spread evenly. 96 % of the limit can be used. While a call of
/// any instance waits, background requests of all instances get no slot.
///
/// Only the head of a client's queue asks the store, about once per slot. A question is one script on one key of about 150 bytes,
/// which expires an hour after the last question. All times are of the store's clock.
///
/// # While the store is away
///
/// An instance without a response within half a second ([`timeout`](Self::timeout)) uses its own share: a tenth of the limit, or
/// [`share_when_away`](Self::share_when_away). The slots of the share are spread evenly. Once a second, one call asks the store
/// again, while the others use the share. A `tracing` event at WARN reports the start, one at INFO the end.
///
/// When the store responds again, the instance reports that it used its share, and the store grants no burst after that.
///
/// # Guarantees
///
/// A single client keeps to the limit even if the store is silent, away or empty, has older data, or its clock goes back. With
/// several instances, a minute can have more requests than the limit:
///
/// | when | at most |
/// |---|---|
/// | some instances are cut off from the store | the limit and the shares of those: with two of four cut off, a limit of 100 and a share of 25, 150 |
/// | all instances are cut off | the sum of the shares: keep it within the limit (the default share allows ten instances) |
/// | the store is back, and an instance still uses its share | its share, until it asks, within two seconds |
/// | the store lost its data, and an instance that just started asks first | one more |
/// | the store has older data (a snapshot, a replica that lagged), or its clock jumped ahead | one burst more each time, also for one client if the clock jumped |
///
/// To keep to the limit even if some instances are cut off, leave a margin: a limit of 60 with shares that add up to 40 never exceeds
/// 100. Without a share, calls fail while the store is away.
pub struct RedisRateLimiter {
    store: Store,
    per_minute: u32,
    start: Instant,
    limit: Mutex<Limit>,
}

impl RedisRateLimiter {
    /// Creates a limiter for this many requests a minute of all instances together. Zero counts as one.
    #[must_use]
    pub fn new(connection: impl Into<Connection>, per_minute: u32) -> Self {
        let per_minute = per_minute.max(1);
        let limit = Limit::new(Gcra::new(per_minute, per_minute / 50), None);
        let (start, store) = (Instant::now(), Store::new(connection.into(), SCRIPT));
        Self { store, per_minute, start, limit: Mutex::new(limit) }.share_when_away((per_minute / 10).max(1))
    }

    /// Sets the account. Limiters with the same account and prefix share a limit. The default is `default`.
    #[must_use]
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.store.account = name.into();
        self
    }

    /// Sets the prefix of the key. The default is `cashfree-vkyc`; the key is then `cashfree-vkyc:limit:{default}`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.store.prefix = prefix.into();
        self
    }

    /// Sets how many requests may be sent at once after a pause. The default is a fiftieth of the limit.
    ///
    /// A larger burst reduces the usable limit: with a tenth of the limit, 90 % of it can be used. All instances must set the
    /// same value.
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        let gcra = Gcra::new(self.per_minute, requests);
        self.limit.get_mut().unwrap_or_else(PoisonError::into_inner).gcra = gcra;
        self
    }

    /// Sets how many requests a minute this instance may send while the store is away. The default is a tenth of the limit.
    ///
    /// Choose the limit divided by the number of instances, or less. With zero, calls fail at their deadline while the store is
    /// away. The shares of instances that are cut off are added to the limit that the others use: see
    /// [guarantees](Self#guarantees).
    #[must_use]
    pub fn share_when_away(mut self, per_minute: u32) -> Self {
        let share = (per_minute > 0).then(|| Gcra::new(per_minute, 1).interval);
        self.limit.get_mut().unwrap_or_else(PoisonError::into_inner).share = share;
        self
    }

    /// Sets how long the store may take to respond before it counts as away. The default is half a second.
    ///
    /// The limit holds for every minute as long as this is at most a second.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.store.timeout = timeout;
        self
    }

    /// Moves the clock of the store, in microseconds.
    #[cfg(test)]
    pub(crate) fn shift(mut self, shift: std::sync::Arc<std::sync::atomic::AtomicI64>) -> Self {
        self.store.shift = shift;
        self
    }

    /// Returns the key of the limit. A cluster chooses the server by the part in braces.
    fn key(&self) -> String {
        format!("{}:limit:{{{}}}", self.store.prefix, self.store.account)
    }

    async fn take_slots(&self, most: u32, priority: Priority) -> Slots {
        let next = self.limit().take(self.start.elapsed(), most, priority);
        let question = match next {
            Next::Done(slots) => return slots,
            Next::Ask(question) => question,
        };
        let answer = self.ask(&question).await;
        let now = self.start.elapsed();
        let (slots, change) = match &answer {
            Ok(answer) => self.limit().answered(now, &question, *answer),
            Err(_) => self.limit().failed(now, &question),
        };
        match (change, &answer) {
            (Some(Change::Away), Err(error)) => tracing::warn!(
                target: "cashfree_vkyc",
                { error.message = %error },
                "the store of the rate limit is away: this instance keeps to its share"
            ),
            (Some(Change::Back), _) => {
                tracing::info!(target: "cashfree_vkyc", "the store of the rate limit responds again: the limit is shared");
            }
            _ => {}
        }
        slots
    }

    async fn ask(&self, question: &Question) -> Result<Answer, StoreError> {
        let Gcra { interval, ahead } = self.limit().gcra;
        let [interval, ahead] = [interval, ahead].map(|time| time.as_micros().to_string());
        let (most, known) = (question.most.to_string(), question.known.to_string());
        let is_foreground = if question.is_foreground { "1" } else { "0" };
        let answer = self.store.run(&self.key(), &[&interval, &ahead, &most, is_foreground, &known]).await?;
        let [taken, retry_after, due_in, due] = *answer else { return Err(StoreError::unexpected()) };
        let whole = |number: i64| u64::try_from(number).map_err(|_| StoreError::unexpected());
        Ok(Answer {
            taken: u32::try_from(taken).map_err(|_| StoreError::unexpected())?,
            retry_after: Duration::from_micros(whole(retry_after)?),
            due_in: Duration::from_micros(u64::try_from(due_in).unwrap_or_default()),
            due: whole(due)?,
        })
    }

    /// A panic cannot leave the state inconsistent.
    fn limit(&self) -> MutexGuard<'_, Limit> {
        self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RateLimiter for RedisRateLimiter {
    fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
        Box::pin(self.take_slots(most, priority))
    }

    fn per_minute(&self) -> Option<u32> {
        Some(self.per_minute)
    }
}

impl fmt::Debug for RedisRateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRateLimiter")
            .field("prefix", &self.store.prefix)
            .field("per_minute", &self.per_minute)
            .finish_non_exhaustive()
    }
}
