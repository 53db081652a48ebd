//! The HTTP client behind a client of ours: how many connections it may open, and what happens to them when a response is
//! about something else than was asked for.
//!
//! ```text
//! keep-alive ── a response does not fit ─▶ every call on a connection of its own, for a minute ─▶ keep-alive, all new
//! ```
//!
//! Who is out of step on one connection may be so on others, and HTTP/1.1 has no way to tell: so all are given up at once.
//! While each call has a connection of its own, no response can be another call's.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::config_error::ConfigError;

/// How long no connection is used twice after a response that did not fit.
const QUARANTINE: Duration = Duration::from_secs(60);

/// Makes the HTTP client. `true`: connections may be used again.
pub(crate) type MakeClient = Box<dyn Fn(bool) -> Result<reqwest::Client, ConfigError> + Send + Sync>;

pub(crate) struct Connections {
    make: MakeClient,
    state: Mutex<State>,
    most: usize,
    /// One permit for each request that is under way, and so for each connection that is in use.
    all: Semaphore,
    /// Those of them that polls may have, so that calls always find some.
    background: Semaphore,
}

struct State {
    client: reqwest::Client,
    /// Whether its connections may be used again.
    keep_alive: bool,
    /// From then on, this client is not used any more.
    until: Option<Instant>,
}

/// The right to have one request under way.
pub(super) struct Permit<'a> {
    _all: SemaphorePermit<'a>,
    _background: Option<SemaphorePermit<'a>>,
}

impl Connections {
    pub(crate) fn new(most: usize, make: MakeClient) -> Result<Self, ConfigError> {
        let state = Mutex::new(State { client: make(true)?, keep_alive: true, until: None });
        let most = most.min(Semaphore::MAX_PERMITS);
        let background = Semaphore::new((most * 3 / 4).max(1));
        Ok(Self { make, state, most, all: Semaphore::new(most), background })
    }

    /// The HTTP client to use now.
    pub(super) fn client(&self) -> Result<reqwest::Client, ConfigError> {
        let mut state = self.state();
        if state.until.is_some_and(|until| until <= Instant::now()) {
            *state = State { client: (self.make)(true)?, keep_alive: true, until: None };
        }
        Ok(state.client.clone())
    }

    /// Gives up every connection there is, and uses none twice for a while.
    pub(super) fn reset_pool(&self) -> Result<(), ConfigError> {
        let mut state = self.state();
        let until = Some(Instant::now() + QUARANTINE);
        if state.keep_alive {
            // Should no other client be had, this one is not used any more either.
            state.until = Some(Instant::now());
            *state = State { client: (self.make)(false)?, keep_alive: false, until };
        }
        state.until = until;
        Ok(())
    }

    /// A panic cannot leave it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the right to have a request under way. `None` when the deadline comes first.
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

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_an_answer_that_does_not_fit_nothing_is_kept_alive_for_a_minute() {
        let made: Arc<Mutex<Vec<bool>>> = Arc::default();
        let seen = Arc::clone(&made);
        let make = move |keep_alive| {
            seen.lock().unwrap().push(keep_alive);
            Ok(reqwest::Client::new())
        };
        let connections = Connections::new(2, Box::new(make)).unwrap();
        connections.client().unwrap();
        for _ in 0..3 {
            connections.reset_pool().unwrap();
            tokio::time::advance(QUARANTINE / 2).await;
            connections.client().unwrap();
            assert_eq!(*made.lock().unwrap(), [true, false], "one client serves all suspicion");
        }
        tokio::time::advance(QUARANTINE).await;
        connections.client().unwrap();
        assert_eq!(*made.lock().unwrap(), [true, false, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn where_no_other_client_can_be_made_the_distrusted_one_is_not_used() {
        let fails = Arc::new(Mutex::new(false));
        let failing = Arc::clone(&fails);
        let make = move |_| if *failing.lock().unwrap() { Err(ConfigError::NoTls) } else { Ok(reqwest::Client::new()) };
        let connections = Connections::new(2, Box::new(make)).unwrap();
        *fails.lock().unwrap() = true;
        assert!(connections.reset_pool().is_err() && connections.client().is_err());
        *fails.lock().unwrap() = false;
        assert!(connections.client().is_ok());
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
