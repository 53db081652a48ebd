//! The underlying HTTP clients: how many connections they may open, and which connections are reused.
//!
//! ```text
//! response about another id ─┬─ of a request of this client ─▶ connections are out of step: all of them are replaced, and the
//!                            │                                 account uses single-use connections for a minute
//!                            ├─ the second within a minute ──▶ the account uses single-use connections for a minute
//!                            └─ otherwise ───────────────────▶ the call is tried again once, on a single-use connection; if it is
//!                                                              about another id again, the server is wrong, and nothing changes
//! ```
//!
//! On a single-use connection, a response cannot belong to another call. Other accounts keep their connections alive.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::ConfigError;

/// How long an account uses single-use connections.
const QUARANTINE: Duration = Duration::from_secs(60);
/// The number of ids that are remembered: more than can be in progress.
const RECENT_IDS: usize = 1_024;

/// Creates an HTTP client; with `true`, one that reuses connections.
pub(crate) type MakeClient = Box<dyn Fn(bool) -> Result<reqwest::Client, ConfigError> + Send + Sync>;

pub(crate) struct Connections {
    make: MakeClient,
    /// Keeps its connections alive.
    shared: Mutex<reqwest::Client>,
    /// Uses each connection once. Created when first needed.
    single_use: Mutex<Option<reqwest::Client>>,
    hasher: RandomState,
    /// Hashes of the ids that were sent last.
    recent_ids: Mutex<VecDeque<u64>>,
    most: usize,
    /// One permit for each request in progress, and so for each connection in use.
    all: Semaphore,
    /// The permits that polls may have, so that some are left for calls.
    background: Semaphore,
}

/// Whether an account uses single-use connections: a state machine.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    last_mismatch: Option<Instant>,
    until: Option<Instant>,
}

impl Quarantine {
    /// A response on a shared connection was about another id.
    fn mismatch(&mut self, now: Instant, is_out_of_step: bool) {
        let is_second = self.last_mismatch.is_some_and(|last| now.duration_since(last) < QUARANTINE);
        self.last_mismatch = Some(now);
        if is_out_of_step || is_second {
            self.until = Some(now + QUARANTINE);
        }
    }

    /// A single-use connection had the same result: the server is wrong, and no connection is out of step.
    fn confirm(&mut self) {
        self.last_mismatch = None;
    }

    fn is_active(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }
}

/// The right to have one request in progress.
pub(super) struct Permit<'a> {
    _all: SemaphorePermit<'a>,
    _background: Option<SemaphorePermit<'a>>,
}

impl Connections {
    pub(crate) fn new(most: usize, make: MakeClient) -> Result<Self, ConfigError> {
        let (shared, most) = (Mutex::new(make(true)?), most.min(Semaphore::MAX_PERMITS));
        let background = Semaphore::new((most * 3 / 4).max(1));
        let (single_use, recent_ids) = (Mutex::default(), Mutex::default());
        Ok(Self {
            make,
            shared,
            single_use,
            hasher: RandomState::new(),
            recent_ids,
            most,
            all: Semaphore::new(most),
            background,
        })
    }

    /// Returns the HTTP client of an account; `after_mismatch`, one for single-use connections.
    pub(super) fn client(
        &self,
        account: &Mutex<Quarantine>,
        after_mismatch: bool,
    ) -> Result<reqwest::Client, ConfigError> {
        if !after_mismatch && !lock(account).is_active() {
            return Ok(lock(&self.shared).clone());
        }
        let mut single_use = lock(&self.single_use);
        match &*single_use {
            Some(client) => Ok(client.clone()),
            None => Ok(single_use.insert((self.make)(false)?).clone()),
        }
    }

    /// Remembers ids that are sent.
    pub(super) fn note_ids<const N: usize>(&self, ids: [Option<Cow<'_, str>>; N]) {
        let mut recent = lock(&self.recent_ids);
        for id in ids.into_iter().flatten() {
            if recent.len() == RECENT_IDS {
                recent.pop_front();
            }
            recent.push_back(self.hasher.hash_one(id.as_ref()));
        }
    }

    /// Records a response about this id, which its request did not send. `again`: on a second connection.
    pub(super) fn mismatch(&self, account: &Mutex<Quarantine>, other: &str, again: bool) -> Result<(), ConfigError> {
        if again {
            lock(account).confirm();
            return Ok(());
        }
        let is_out_of_step = lock(&self.recent_ids).contains(&self.hasher.hash_one(other));
        lock(account).mismatch(Instant::now(), is_out_of_step);
        if is_out_of_step {
            *lock(&self.shared) = (self.make)(true)?;
        }
        Ok(())
    }

    /// Waits for the right to have a request in progress. `None` if the deadline comes first.
    pub(super) async fn permit(&self, in_background: bool, deadline: Instant) -> Option<Permit<'_>> {
        if !in_background && let Ok(all) = self.all.try_acquire() {
            return Some(Permit { _all: all, _background: None });
        }
        let wait = async {
            let background = if in_background { Some(self.background.acquire().await.ok()?) } else { None };
            Some(Permit { _all: self.all.acquire().await.ok()?, _background: background })
        };
        tokio::time::timeout_at(deadline, wait).await.ok().flatten()
    }
}

/// A panic cannot leave the state inconsistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// The HTTP clients that were created: whether each keeps connections alive.
    fn made() -> (Connections, Arc<Mutex<Vec<bool>>>) {
        let made: Arc<Mutex<Vec<bool>>> = Arc::default();
        let seen = Arc::clone(&made);
        let make = move |keep_alive| {
            seen.lock().unwrap().push(keep_alive);
            Ok(reqwest::Client::new())
        };
        (Connections::new(2, Box::new(make)).unwrap(), made)
    }

    /// Whether a call of the account may reuse a connection.
    fn keeps_alive(connections: &Connections, account: &Mutex<Quarantine>) -> bool {
        connections.client(account, false).unwrap();
        !lock(account).is_active()
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_second_foreign_id_within_a_minute_the_account_has_its_own_connections_for_a_minute() {
        let ((connections, made), [account, other]) = (made(), [Mutex::default(), Mutex::default()]);
        connections.note_ids([Some("asked".into()), None]);
        for (pause, keeps) in [(0, true), (60, true), (59, false), (59, false), (119, true), (1, false)] {
            tokio::time::advance(Duration::from_secs(pause)).await;
            connections.mismatch(&account, "foreign", false).unwrap();
            assert_eq!(keeps_alive(&connections, &account), keeps, "{pause}");
            assert!(keeps_alive(&connections, &other));
        }
        tokio::time::advance(QUARANTINE).await;
        assert!(keeps_alive(&connections, &account));
        assert_eq!(*made.lock().unwrap(), [true, false], "the shared connections stay");
        connections.client(&other, true).unwrap();
        assert_eq!(*made.lock().unwrap(), [true, false], "one client serves all single uses");
    }

    /// If the server always confuses one id with another, connections are not at fault.
    #[tokio::test(start_paused = true)]
    async fn a_foreign_id_on_the_accounts_own_connection_shows_that_the_server_is_wrong() {
        let ((connections, made), account) = (made(), Mutex::default());
        for _ in 0..5 {
            connections.mismatch(&account, "foreign", false).unwrap();
            connections.client(&account, true).unwrap();
            connections.mismatch(&account, "foreign", true).unwrap();
            assert!(keeps_alive(&connections, &account));
        }
        assert_eq!(*made.lock().unwrap(), [true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_id_of_another_request_of_this_client_replaces_all_connections_at_once() {
        let ((connections, made), [account, other]) = (made(), [Mutex::default(), Mutex::default()]);
        connections.note_ids([Some("asked".into()), Some("7".into())]);
        connections.mismatch(&account, "7", false).unwrap();
        assert!(!keeps_alive(&connections, &account) && keeps_alive(&connections, &other));
        assert_eq!(*made.lock().unwrap(), [true, true, false]);
        // The list of ids is bounded.
        (0..RECENT_IDS).for_each(|n| connections.note_ids([Some(format!("id {n}").into())]));
        assert_eq!(lock(&connections.recent_ids).len(), RECENT_IDS);
        connections.mismatch(&other, "7", false).unwrap();
        assert!(keeps_alive(&connections, &other));
    }

    #[tokio::test(start_paused = true)]
    async fn without_another_client_the_call_fails_and_uses_no_doubtful_connection() {
        let (fails, account) = (Arc::new(Mutex::new(false)), Mutex::default());
        let failing = Arc::clone(&fails);
        let make = move |_| if *failing.lock().unwrap() { Err(ConfigError::NoTls) } else { Ok(reqwest::Client::new()) };
        let connections = Connections::new(2, Box::new(make)).unwrap();
        connections.note_ids([Some("asked".into())]);
        *fails.lock().unwrap() = true;
        assert!(
            connections.mismatch(&account, "asked", false).is_err() && connections.client(&account, false).is_err()
        );
        *fails.lock().unwrap() = false;
        assert!(connections.client(&account, false).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn polls_leave_a_quarter_to_calls() {
        let connections = Connections::new(4, Box::new(|_| Ok(reqwest::Client::new()))).unwrap();
        let soon = || Instant::now() + Duration::from_secs(1);
        let mut polls = Vec::new();
        for _ in 0..3 {
            polls.push(connections.permit(true, soon()).await.unwrap());
        }
        assert!(connections.permit(true, soon()).await.is_none());
        let call = connections.permit(false, soon()).await;
        assert!(call.is_some() && connections.permit(false, soon()).await.is_none());
        polls.clear();
        assert!(connections.permit(true, soon()).await.is_some());
    }
}
