//! Events that come twice are handled once, and none is lost to a handler that fails: what a store of claims promises.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::event::EventKey;

/// Why a store could not tell.
pub type DedupeError = Box<dyn Error + Send + Sync>;

/// What a [`Dedupe`] returns; `Box::pin(async move { … })` makes one.
pub type DedupeFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DedupeError>> + Send + 'a>>;

/// What came of [`Dedupe::claim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// Nobody has it: handle the event, then say so with [`Dedupe::complete`], or give it back with [`Dedupe::release`], either by
    /// this token.
    Acquired(ClaimToken),
    /// Somebody is handling it. Answer 503, so that Cashfree sends it again should that fail.
    InProgress,
    /// It was handled. Answer 200.
    Processed,
}

/// Tells one claim from all others, those of the same event as well: whose lease has lapsed holds the token of nothing.
///
/// A store makes one for each claim, keeps it with the claim, and compares. It is a random number of 128 bits, and no secret.
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
    /// A token that no other claim has, in whatever process.
    ///
    /// # Errors
    /// When the system has no random numbers to give. `wasm32-unknown-unknown` has none: there, pass random bytes of the host to
    /// [`Self::from_bytes`].
    pub fn random() -> Result<Self, DedupeError> {
        let mut bytes = [0; 16];
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A token as a store kept it, or as it numbers its claims.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes of it.
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

/// Remembers which events were handled, so that of several deliveries one is. [`handle_once`](super::handle_once) asks it.
///
/// ```text
/// claim ─▶ Processed: answer 200
///   ├────▶ InProgress: answer 503
///   └────▶ Acquired(token): handle ─▶ worked: complete(token), answer 200
///                            └──▶ failed: release(token), answer 500, and the redelivery is handled
/// ```
///
/// A claim is a lease: one that is neither done nor released, since its handler was cancelled or its process ended, lapses
/// after a while, and the redelivery is handled. So an event is handled at least once; where twice would do harm, write what
/// it causes and that it is done in one transaction.
///
/// A store is one account's: with several, keep the account beside the key, since keys tell events apart within an account only.
///
/// A claim has an owner. A handler that is slower than its lease finds its event claimed by another; what it then says under
/// its own token changes nothing for the other, be that one busy or done.
///
/// One process has enough in a [`MemoryDedupe`](super::MemoryDedupe). With several instances of a service, put a shared store
/// behind it: the crate `cashfree-vkyc-redis` has one on Redis or Valkey. The crate `cashfree-vkyc-conformance` tests a store of your
/// own. The least that does, on a store with the commands of Redis, holds an event's state under its key: a token while
/// somebody handles it, then `complete`.
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
/// /// Compares and acts in one step, between which nobody else can claim. Without ARGV[2], the claim is given back.
/// const IF_MINE: &str = "
///     if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
///     if ARGV[2] then redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2]) else redis.call('DEL', KEYS[1]) end
///     return 1";
/// const LEASE: u64 = 60_000; // milliseconds: longer than your slowest handler
/// const REMEMBERED: &str = "259200000"; // three days: longer than redeliveries come
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
///             // Gone meanwhile: busy is right, for then Cashfree sends it again.
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
    /// Asks for an event: of all who ask at once, one gets [`Claim::Acquired`], with a token that no claim had before.
    ///
    /// # Errors
    /// When the store cannot tell. Then nothing is claimed, or the claim lapses.
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim>;

    /// Says that an event was handled, for the claim that holds the token. Where another claim took over, or none is left, it
    /// does nothing, and that is no error: the event is in other hands.
    ///
    /// # Errors
    /// When the store did not take it down. Then the claim lapses, and a redelivery is handled again.
    fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()>;

    /// Gives an event back that could not be handled, so that its redelivery is; for the claim that holds the token, and for
    /// one that is neither another's nor done. Else it does nothing, and that is no error.
    ///
    /// # Errors
    /// When the store did not take it down. Then the claim lapses.
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
