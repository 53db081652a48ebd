//! The store interface that lets an event with several deliveries be handled once, and again if its handler fails.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::event::EventKey;

/// The reason why a store failed.
pub type DedupeError = Box<dyn Error + Send + Sync>;

/// The future of a [`Dedupe`] method. Create one with `Box::pin(async move { … })`.
pub type DedupeFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DedupeError>> + Send + 'a>>;

/// The result of [`Dedupe::claim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// The claim is yours: handle the event, then call [`Dedupe::complete`], or [`Dedupe::release`] if it failed, with this
    /// token.
    Acquired(ClaimToken),
    /// Another handler has the claim. Respond with 503, so that Cashfree sends the event again in case that handler fails.
    InProgress,
    /// The event was handled. Respond with 200.
    Processed,
}

/// Identifies one claim. Once the lease expires and another handler claims the event, the token has no effect.
///
/// A store creates one for each claim, keeps it, and compares. It is a random number of 128 bits, and not secret.
///
/// ```
/// use cashfree_vkyc::webhook::ClaimToken;
///
/// let token = ClaimToken::random()?;
/// assert_eq!(token.to_string().len(), 32);                             // in hex, for stores that keep text
/// assert_eq!(ClaimToken::from_bytes(*token.as_bytes()), token);        // 16 bytes, for others
/// assert_ne!(ClaimToken::random()?, token);
/// # Ok::<(), cashfree_vkyc::webhook::DedupeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClaimToken([u8; 16]);

impl ClaimToken {
    /// Returns a token that is unique across processes.
    ///
    /// # Errors
    /// If the system has no random numbers. On `wasm32-unknown-unknown`, pass random bytes of the host to [`Self::from_bytes`].
    pub fn random() -> Result<Self, DedupeError> {
        let mut bytes = [0; 16];
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Returns the token with these bytes: a stored one, or a store's number of the claim.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the token.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn fill(bytes: &mut [u8]) -> Result<(), &'static str> {
    getrandom::fill(bytes).map_err(|_| "the system has no random numbers to give")
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn fill(_: &mut [u8]) -> Result<(), &'static str> {
    Err("this target has no random numbers: pass 16 random bytes of the host to ClaimToken::from_bytes")
}

impl fmt::Display for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimToken({self})")
    }
}

/// Remembers which events were handled, so that repeated deliveries are ignored. [`handle_once`](super::handle_once) uses it.
///
/// ```text
/// claim ─▶ Processed: respond with 200
///   ├────▶ InProgress: respond with 503
///   └────▶ Acquired(token): handle ─▶ worked: complete(token), respond with 200
///                            └──▶ failed: release(token), respond with 500, and the redelivery is handled
/// ```
///
/// A claim is a lease. If it is neither completed nor released, because its handler was cancelled or its process ended, it
/// expires, and a redelivery is handled. So an event is handled at least once. If handling it twice does harm, write its effect
/// and its completion in one transaction.
///
/// A store belongs to one account, because keys are unique within an account only. To share it, store the account with the key.
///
/// A claim has an owner. If a handler is slower than its lease and another one claims the event, the first token has no effect
/// any more.
///
/// [`MemoryDedupe`](super::MemoryDedupe) is enough for one process. Several instances of a service need a shared store: the crate
/// `cashfree-vkyc-redis` has one on Redis or Valkey. The crate `cashfree-vkyc-conformance` tests a store of your own. This
/// minimal one, on a store with the commands of Redis, keeps an event's state under its key: the token while it is handled, then
/// `done`.
///
/// ```
/// use cashfree_vkyc::webhook::{Claim, ClaimToken, Dedupe, DedupeFuture, EventKey};
/// # struct Redis;
/// # impl Redis {
/// #     async fn set_nx_px(&self, _: &str, _: &str, _: u64) -> std::io::Result<bool> { Ok(true) }
/// #     async fn get(&self, _: &str) -> std::io::Result<Option<String>> { Ok(None) }
/// #     async fn eval(&self, _: &str, _: &[&str], _: &[&str]) -> std::io::Result<()> { Ok(()) }
/// # }
///
/// /// Compares and acts in one atomic step. Without ARGV[2], releases the claim.
/// const IF_MINE: &str = "
///     if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
///     if ARGV[2] then redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2]) else redis.call('DEL', KEYS[1]) end
///     return 1";
/// const LEASE: u64 = 60_000; // milliseconds: longer than your slowest handler
/// const REMEMBERED: &str = "259200000"; // three days: longer than Cashfree redelivers
///
/// struct Shared(Redis); // the client of your store
///
/// impl Dedupe for Shared {
///     fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
///         Box::pin(async move {
///             let (key, token) = (format!("vkyc:{key}"), ClaimToken::random()?);
///             if self.0.set_nx_px(&key, &token.to_string(), LEASE).await? {
///                 return Ok(Claim::Acquired(token));
///             }
///             // If the key is gone by now, in progress is right: Cashfree sends the event again.
///             let done = self.0.get(&key).await?.is_some_and(|state| state == "done");
///             Ok(if done { Claim::Processed } else { Claim::InProgress })
///         })
///     }
///
///     fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
///         Box::pin(async move {
///             Ok(self.0.eval(IF_MINE, &[&format!("vkyc:{key}")], &[&token.to_string(), REMEMBERED]).await?)
///         })
///     }
///
///     fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
///         Box::pin(async move { Ok(self.0.eval(IF_MINE, &[&format!("vkyc:{key}")], &[&token.to_string()]).await?) })
///     }
/// }
///
/// let shared: std::sync::Arc<dyn Dedupe> = std::sync::Arc::new(Shared(Redis));
/// ```
pub trait Dedupe: Send + Sync {
    /// Claims an event. Of concurrent callers, one gets [`Claim::Acquired`], with a token that no claim had before.
    ///
    /// # Errors
    /// If the store fails. Then nothing is claimed, or the claim expires.
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim>;

    /// Marks the event as processed if the claim still holds the token. Otherwise it does nothing, and that is not an error.
    ///
    /// # Errors
    /// If the store did not record it. Then the claim expires, and a redelivery is handled again.
    fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()>;

    /// Releases the event so that its redelivery is handled, if the claim still holds the token and is not completed. Otherwise
    /// it does nothing, and that is not an error.
    ///
    /// # Errors
    /// If the store did not record it. Then the claim expires.
    fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()>;
}

impl<T: Dedupe + ?Sized> Dedupe for Arc<T> {
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
        (**self).claim(key)
    }

    fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        (**self).complete(key, token)
    }

    fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        (**self).release(key, token)
    }
}
