//! Which events were handled, for all who reach the same store.

use std::fmt;
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, ClaimToken, Dedupe, DedupeFuture, EventKey};

use super::connection::Connection;
use super::store::{Store, StoreError};

const SCRIPT: &str = include_str!("claims.lua");

/// Remembers which events were handled, for all instances of a service, over Redis or Valkey.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use cashfree_vkyc::webhook::{Event, handle_once};
/// use cashfree_vkyc_redis::{Connection, RedisDedupe};
///
/// async fn keep(event: &Event) -> std::io::Result<()> {
///     Ok(()) // into your database or queue
/// }
///
/// async fn receive(seen: &RedisDedupe, event: &Event) -> http::StatusCode {
///     match handle_once(seen, event, keep).await {
///         Ok(handled) => handled.http_status(),
///         Err(error) => error.http_status(), // 503 also while the store is away: Cashfree sends the event again
///     }
/// }
///
/// let seen = RedisDedupe::new(Connection::open("redis://127.0.0.1:6379")?).lease(Duration::from_secs(30));
/// # Ok(())
/// # }
/// ```
///
/// It keeps to what [`Dedupe`] promises: a claim is a lease, with an owner who is known by a token. Times are of the store's clock;
/// one that goes back makes a lease begin anew, and one that jumps ahead ends it. A claim that is asked for again because its response
/// was lost is the same claim.
///
/// Accounts share nothing where each has a name ([`account`](Self::account)).
///
/// An event is one key of some 200 bytes, kept for three days ([`remember`](Self::remember)); its name is a hash, and tells nothing
/// of the customer. A store that drops keys when its memory is full (`maxmemory-policy allkeys-…`) forgets events, which are then
/// handled again; give it `noeviction`. What is lost with the store's data is handled again too: where twice would do harm, write
/// what an event causes and that it is done in one transaction of your own database, as `docs/production.md` shows.
#[derive(Clone)]
pub struct RedisDedupe {
    store: Store,
    prefix: String,
    account: String,
    lease: Duration,
    remember: Duration,
}

impl RedisDedupe {
    /// Remembers events for three days; a claim lapses after a minute.
    #[must_use]
    pub fn new(connection: impl Into<Connection>) -> Self {
        Self {
            store: Store::new(connection.into(), SCRIPT),
            prefix: "cashfree-vkyc".to_owned(),
            account: "default".to_owned(),
            lease: Duration::from_secs(60),
            remember: Duration::from_secs(3 * 24 * 3600),
        }
    }

    /// Which account the events are of: those with the same name, and prefix, share what was handled. The default is `default`. With
    /// several accounts, each needs a name of its own: keys tell events apart within an account only, and a genuine event of one would
    /// be taken for another's that was handled.
    ///
    /// ```
    /// # fn two(seen: &cashfree_vkyc_redis::RedisDedupe) {
    /// let (lending, savings) = (seen.clone().account("lending"), seen.clone().account("savings"));
    /// # }
    /// ```
    #[must_use]
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = name.into();
        self
    }

    /// What keys begin with. The default is `cashfree-vkyc`; a key is then `cashfree-vkyc:event:{default:…}`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a handler may take: a claim that is older, and neither done nor released, lapses. The default is a minute.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// How long an event is remembered after it was handled: longer than redeliveries come. The default is three days; it is never
    /// shorter than two leases.
    #[must_use]
    pub const fn remember(mut self, time: Duration) -> Self {
        self.remember = time;
        self
    }

    /// How long the store may take to answer. The default is half a second.
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

    async fn run(&self, action: &str, key: &EventKey, token: ClaimToken) -> Result<i64, StoreError> {
        let lease = self.lease.max(Duration::from_millis(1));
        let keep = self.remember.max(lease.saturating_mul(2));
        // What PEXPIRE and the numbers of Lua can hold.
        let lease = u64::try_from(lease.as_micros()).unwrap_or(u64::MAX).min(1 << 52).to_string();
        let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX).min(1 << 52).to_string();
        // A cluster chooses the server by what is in braces: the event too, so that an account's events spread over all.
        let key = format!("{}:event:{{{}:{key}}}", self.prefix, self.account);
        match *self.store.run(&key, &[action, &token.to_string(), &lease, &keep]).await? {
            [answer] => Ok(answer),
            _ => Err(StoreError::unexpected()),
        }
    }
}

impl Dedupe for RedisDedupe {
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
        Box::pin(async move {
            let token = ClaimToken::random()?;
            match self.run("claim", key, token).await? {
                0 => Ok(Claim::Acquired(token)),
                1 => Ok(Claim::InProgress),
                2 => Ok(Claim::Processed),
                _ => Err(StoreError::unexpected().into()),
            }
        })
    }

    fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        Box::pin(async move { Ok(self.run("done", key, token).await.map(drop)?) })
    }

    fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        Box::pin(async move { Ok(self.run("release", key, token).await.map(drop)?) })
    }
}

impl fmt::Debug for RedisDedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisDedupe")
            .field("prefix", &self.prefix)
            .field("lease", &self.lease)
            .field("remember", &self.remember)
            .finish_non_exhaustive()
    }
}
