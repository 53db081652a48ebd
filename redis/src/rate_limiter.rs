//! The limit of an account, shared by all who reach the same store; and what is left of it while the store is away.
//!
//! ```text
//! reserve ─▶ the store answers ────────────────▶ its slot              remembered: how far ahead slots are reserved
//!              └ no response ─▶ away for a second ─▶ a slot of our share, after all that is reserved, without a burst
//!                                └ then one asks again, and the others go on with the share
//! ```
//!
//! Who asks tells the store what it may not know: the slots of our share, and where its data is gone or old, all that are reserved.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cashfree_vkyc::{Exhausted, RateLimiter, ReserveSlot, Slot};
use tokio::time::Instant;

use super::connection::Connection;
use super::gcra::{Gcra, Local, later};
use super::store::{Store, StoreError};

const SCRIPT: &str = include_str!("limit.lua");
/// How long the store is left alone once it did not answer.
const AWAY: Duration = Duration::from_secs(1);
/// Longer than anybody waits, and a number that Lua can reckon with.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A limit of so many requests a minute, shared by all instances of a service over Redis or Valkey.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use cashfree_vkyc::{Client, Credentials, Environment, RateLimit};
/// use cashfree_vkyc_redis::{Connection, RedisRateLimiter};
///
/// let limiter = RedisRateLimiter::new(Connection::open("redis://127.0.0.1:6379")?, 100)
///     .account("main")                                 // one count an account: not the client id, if that shall not stand in the store
///     .share_when_away(25);                            // four instances: each has a quarter while the store is away
/// let client = Client::builder()
///     .environment(Environment::Sandbox)
///     .credentials(Credentials::new("client-id", "client-secret")?)
///     .rate_limit(RateLimit::shared(Arc::new(limiter)))
///     .build()?;
/// # Ok(())
/// # }
/// ```
///
/// While all reach the store, no minute has more requests than the limit, wherever it begins, also where answers are late by up to a
/// second. A fiftieth of the limit may go out at once ([`burst`](Self::burst)), the rest is spread evenly; 96 % of the limit can be used.
/// Times are of the store's clock. Where that goes back, nobody waits longer than before; where it jumps ahead, reserved slots are
/// forgotten once, and more than the limit may be sent as long as those who wait for them go on.
///
/// Each slot is one script on one key, of some 150 bytes, which the store keeps for an hour after the last wait.
///
/// # While the store is away
///
/// An instance that gets no response within half a second ([`timeout`](Self::timeout)) uses its own share, a tenth of the limit unless
/// [`share_when_away`](Self::share_when_away) says otherwise: evenly spread, and after all that it knows to be reserved. It asks the
/// store again every second. A `tracing` event at WARN says so when it begins, one at INFO when it ends.
///
/// Whoever asks tells the store when the slots of his share are used up, and where the store's data is gone, or older than his last
/// slot (a snapshot, a replica that was behind), all that he knows to be reserved. The store gives its slots after that.
///
/// # When more than the limit may be sent
///
/// Shares are sent without asking, so they keep to the limit only where each is the limit divided by the number of instances, and
/// where all instances use theirs or none does. More is sent, by up to the shares of those concerned:
///
/// - while some instances are cut off and others are not. These have the whole limit, and those their shares beside it: with a limit
///   of 100 and two of four instances cut off, some 145 in a minute.
/// - after the store came back, until each instance that still sends from its share has asked it once.
/// - with the default share, a tenth, and more than ten instances.
///
/// After the store lost data, or came back with older data, it learns what was reserved from those who ask. What only an instance
/// knows that asks later, or has ended meanwhile, may be handed out again.
///
/// Where that must not be, leave room: a limit of 60 with shares that add up to 40 keeps to 100 whoever is cut off. Or have no share,
/// and calls fail while the store is away.
pub struct RedisRateLimiter(Arc<Inner>);

struct Inner {
    store: Store,
    prefix: String,
    account: String,
    per_minute: u32,
    cell: Gcra,
    share: Option<Gcra>,
    known: Mutex<Known>,
}

/// What this instance knows by itself.
#[derive(Default)]
struct Known {
    /// When the last slot is due that it knows of.
    reserved: Option<Instant>,
    /// The same, of its own share: no store knows of those.
    own: Option<Instant>,
    /// The mark of the last slot that the store gave: one whose marks are lower has older data.
    newest: u64,
    away: Option<Away>,
}

struct Away {
    ask_again: Instant,
    local: Option<Local>,
}

impl RedisRateLimiter {
    /// So many requests a minute, all who share it together. Zero counts as one.
    #[must_use]
    pub fn new(connection: impl Into<Connection>, per_minute: u32) -> Self {
        let per_minute = per_minute.max(1);
        Self(Arc::new(Inner {
            store: Store::new(connection.into(), SCRIPT),
            prefix: "cashfree-vkyc".to_owned(),
            account: "default".to_owned(),
            per_minute,
            cell: Gcra::new(per_minute, per_minute / 50),
            share: Some(Gcra::new((per_minute / 10).max(1), 1)),
            known: Mutex::default(),
        }))
    }

    /// Which account the limit is of: those with the same name, and prefix, share it. The default is `default`.
    #[must_use]
    pub fn account(self, name: impl Into<String>) -> Self {
        self.with(|inner| inner.account = name.into())
    }

    /// What keys begin with. The default is `cashfree-vkyc`; the key is then `cashfree-vkyc:limit:{default}`.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        self.with(|inner| inner.prefix = prefix.into())
    }

    /// How many requests may go out at once where none were sent for a while. What they take ahead of time, the others of a minute
    /// have less: with a tenth of the limit, 90 % of it can be used in the long run. All who share the limit have to say the same.
    #[must_use]
    pub fn burst(self, requests: u32) -> Self {
        self.with(|inner| inner.cell = Gcra::new(inner.per_minute, requests))
    }

    /// How many requests a minute this instance may send while the store is away: the limit divided by how many instances there are,
    /// or less. With zero, it sends none, and calls fail at their deadline. The default is a tenth of the limit, which is too much for
    /// more than ten instances.
    ///
    /// Where only some instances are cut off, their shares come on top of the limit, which the others have to themselves:
    /// [when more than the limit may be sent](Self#when-more-than-the-limit-may-be-sent).
    #[must_use]
    pub fn share_when_away(self, per_minute: u32) -> Self {
        self.with(|inner| inner.share = (per_minute > 0).then(|| Gcra::new(per_minute, 1)))
    }

    /// How long the store may take to answer before it counts as away. The default is half a second.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|inner| inner.store.timeout = timeout)
    }

    /// Moves the clock of the store, in microseconds.
    #[cfg(test)]
    pub(crate) fn shift(self, shift: Arc<std::sync::atomic::AtomicI64>) -> Self {
        self.with(|inner| inner.store.shift = shift)
    }

    /// Nobody else has it while it is set up.
    fn with(mut self, set: impl FnOnce(&mut Inner)) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            set(inner);
        }
        self
    }
}

impl Inner {
    /// A cluster chooses the server by the part in braces.
    async fn run(&self, arguments: &[&str]) -> Result<Vec<i64>, StoreError> {
        self.store.run(&format!("{}:limit:{{{}}}", self.prefix, self.account), arguments).await
    }

    async fn reserve(&self, within: Duration) -> Result<Slot, Exhausted> {
        if let Some(result) = self.without_the_store(within) {
            return result;
        }
        match self.ask(within).await {
            Ok(result) => self.answered(result),
            Err(error) => self.went_away(&error, within),
        }
    }

    /// A slot of our share, while the store is left alone. `None`: ask it.
    fn without_the_store(&self, within: Duration) -> Option<Result<Slot, Exhausted>> {
        let now = Instant::now();
        let mut known = self.known();
        let away = known.away.as_mut()?;
        if now >= away.ask_again {
            // One asks; the others go on meanwhile.
            away.ask_again = later(now, AWAY + self.store.timeout);
            return None;
        }
        Some(known.share(now, within))
    }

    async fn ask(&self, within: Duration) -> Result<Result<Slot, Exhausted>, StoreError> {
        let (reserved, own, newest) = {
            let known = self.known();
            (self.cell.due_after(known.reserved), self.cell.due_after(known.own), known.newest.to_string())
        };
        let times = [self.cell.interval, self.cell.ahead, within, reserved, own].map(micros);
        let [interval, ahead, within, reserved, own] = times.each_ref().map(String::as_str);
        let arguments = ["reserve", interval, ahead, within, reserved, own, &newest];
        let answer = self.run(&arguments).await?;
        let [taken, wait, reservation_id] = *answer else { return Err(StoreError::unexpected()) };
        let whole = |number: i64| u64::try_from(number).map_err(|_| StoreError::unexpected());
        let (wait, reservation_id) = (Duration::from_micros(whole(wait)?), whole(reservation_id)?);
        Ok(if taken == 1 {
            Ok(Slot::after(wait).with_reservation_id(reservation_id))
        } else {
            Err(Exhausted { retry_after: wait })
        })
    }

    fn answered(&self, result: Result<Slot, Exhausted>) -> Result<Slot, Exhausted> {
        let mut known = self.known();
        if let Ok(slot) = result {
            known.note(later(Instant::now(), slot.wait()));
            known.newest = known.newest.max(slot.reservation_id());
        }
        if known.away.take().is_some() {
            drop(known);
            tracing::info!(target: "cashfree_vkyc", "the store of the rate limit answers again: the limit is shared");
        }
        result
    }

    fn went_away(&self, error: &StoreError, within: Duration) -> Result<Slot, Exhausted> {
        let now = Instant::now();
        let mut known = self.known();
        let is_new = known.away.is_none();
        let local = match known.away.take() {
            Some(away) => away.local,
            None => self.share.map(|share| Local::after(share, known.reserved.map_or(now, |due| due.max(now)))),
        };
        known.away = Some(Away { ask_again: later(now, AWAY), local });
        let result = known.share(now, within);
        drop(known);
        if is_new {
            tracing::warn!(
                target: "cashfree_vkyc",
                { error.message = %error },
                "the store of the rate limit is away: this instance keeps to its share"
            );
        }
        result
    }

    async fn give_back(&self, slot: Slot) {
        // What cannot be given back is spent.
        let _ = self.run(&["give_back", &slot.reservation_id().to_string()]).await;
    }

    /// No panic of ours can leave it half done.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn note(&mut self, due: Instant) {
        self.reserved = Some(self.reserved.map_or(due, |known| known.max(due)));
    }

    /// A slot of our share.
    fn share(&mut self, now: Instant, within: Duration) -> Result<Slot, Exhausted> {
        let Some(away) = &mut self.away else { return Err(Exhausted { retry_after: AWAY }) };
        let Some(local) = &mut away.local else {
            return Err(Exhausted { retry_after: away.ask_again.saturating_duration_since(now) });
        };
        let slot = local.reserve(now, within)?;
        let due = later(now, slot.wait());
        self.own = Some(due);
        self.note(due);
        Ok(slot)
    }
}

fn micros(time: Duration) -> String {
    time.min(LONGEST).as_micros().to_string()
}

impl RateLimiter for RedisRateLimiter {
    fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
        Box::pin(self.0.reserve(within))
    }

    /// In a task of its own, since the store is asked; outside of a runtime, the slot is spent.
    fn give_back(&self, slot: Slot) {
        // A slot of our share has no mark, and is spent.
        if slot.reservation_id() > 0
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let inner = Arc::clone(&self.0);
            runtime.spawn(async move { inner.give_back(slot).await });
        }
    }

    fn per_minute(&self) -> Option<u32> {
        Some(self.0.per_minute)
    }
}

impl fmt::Debug for RedisRateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRateLimiter")
            .field("prefix", &self.0.prefix)
            .field("per_minute", &self.0.per_minute)
            .finish_non_exhaustive()
    }
}
