//! A de-duplication store for all instances of a service.

use std::fmt;
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, ClaimToken, Dedupe, DedupeFuture, EventKey};

use super::connection::Connection;
use super::store::{Store, StoreError};

const SCRIPT: &str = include_str!("claims.lua");

/// Remembers which events were handled, for all instances of a service, on Redis or Valkey.
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
///         Err(error) => error.http_status(), // also 503 while the store is away: Cashfree sends the event again
///     }
/// }
///
/// let seen = RedisDedupe::new(Connection::open("redis://127.0.0.1:6379")?).lease(Duration::from_secs(30));
/// # Ok(())
/// # }
/// ```
///
/// It fulfils the guarantees of [`Dedupe`]: a claim is a lease, and its owner has a token. All times are of the store's clock: if
/// it goes back, a lease starts again; if it jumps ahead, the lease ends. A claim that is repeated because its response was lost
/// is the same claim.
///
/// Accounts share nothing if each has a name ([`account`](Self::account)).
///
/// An event is one key of about 200 bytes, kept for three days ([`remember`](Self::remember)). Its name is a hash and reveals
/// nothing about the customer. A store that drops keys when its memory is full (`maxmemory-policy allkeys-…`) forgets events,
/// which are then handled again; configure `noeviction`. Events are also handled again if the store loses its data. If that does
/// harm, write the effect of an event and its completion in one transaction of your own database, as `docs/production.md` shows.
#[derive(Clone)]
pub struct RedisDedupe {
    store: Store,
    lease: Duration,
    remember: Duration,
}

impl RedisDedupe {
    /// Remembers events for three days. A claim expires after a minute.
    #[must_use]
    pub fn new(connection: impl Into<Connection>) -> Self {
        Self {
            store: Store::new(connection.into(), SCRIPT),
            lease: Duration::from_secs(60),
            remember: Duration::from_secs(3 * 24 * 3600),
        }
    }

    /// Sets the account of the events. Stores with the same account and prefix share the handled events. The default is
    /// `default`. With several accounts, give each its own name: keys are unique within an account only, so a genuine event of
    /// one could be taken for a handled event of another.
    ///
    /// ```
    /// # fn two(seen: &cashfree_vkyc_redis::RedisDedupe) {
    /// let (lending, savings) = (seen.clone().account("lending"), seen.clone().account("savings"));
    /// # }
    /// ```
    #[must_use]
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.store.account = name.into();
        self
    }

    /// Sets the prefix of the keys. The default is `cashfree-vkyc`; a key is then `cashfree-vkyc:event:{default:…}`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.store.prefix = prefix.into();
        self
    }

    /// Sets how long a handler may take. A claim that is older, and neither completed nor released, expires. The default is a
    /// minute.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Sets how long a handled event is remembered: longer than Cashfree redelivers. The default is three days; it is never
    /// shorter than two leases.
    #[must_use]
    pub const fn remember(mut self, time: Duration) -> Self {
        self.remember = time;
        self
    }

    /// Sets how long the store may take to respond. The default is half a second.
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
        // The limits of PEXPIRE and of numbers in Lua.
        let lease = u64::try_from(lease.as_micros()).unwrap_or(u64::MAX).min(1 << 52).to_string();
        let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX).min(1 << 52).to_string();
        // A cluster chooses the server by the part in braces. It includes the event, so that the events of an account spread over
        // all servers.
        let key = format!("{}:event:{{{}:{key}}}", self.store.prefix, self.store.account);
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
            .field("prefix", &self.store.prefix)
            .field("lease", &self.lease)
            .field("remember", &self.remember)
            .finish_non_exhaustive()
    }
}
