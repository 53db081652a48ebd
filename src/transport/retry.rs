//! The time limits of a call, the conditions for another attempt, and the wait before it.
//!
//! ```text
//! attempt ─▶ failed ─▶ harmless? ─▶ policy says so? ─▶ attempts left? ─▶ wait ─▶ time left? ─▶ attempt
//!                         └──────────────┴── no ──▶ the error, at once ◀─┴── no ──────┘
//! wait = max(a random part of the back-off, what the server asked for)
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use super::{ConfigError, Delivery, Error, ErrorKind, Operation};

/// The default time limit of an attempt.
pub(crate) const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The limits of a client, or of a call that changes them.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    /// `None`: the default, or the time limit of the call if that is shorter.
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) retry: RetryPolicy,
}

impl Limits {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.timeout.is_zero() {
            return Err(ConfigError::Zero { what: "timeout" });
        }
        match self.attempt_timeout {
            Some(Duration::ZERO) => Err(ConfigError::Zero { what: "attempt_timeout" }),
            Some(attempt) if attempt > self.timeout => Err(ConfigError::Timeouts {
                problem: "attempt_timeout is longer than timeout, which bounds the whole call; shorten it or leave it out",
            }),
            _ => self.retry.check(),
        }
    }

    /// Returns the failure of [`check`](Self::check) as the error of a call.
    pub(crate) fn check_in_call_of(&self, operation: &'static Operation) -> Result<(), Error> {
        self.check().map_err(|error| {
            let words = error.to_string();
            Error::without_response(operation, ErrorKind::Config, Delivery::NotSent, words).with_source(error)
        })
    }

    /// The limits for a part of a longer call, which ends at `deadline`.
    pub(crate) fn until(&self, deadline: Instant, attempt: Duration) -> Self {
        let timeout = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        Self { timeout, attempt_timeout: Some(attempt.min(timeout)), ..self.clone() }
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout.unwrap_or(DEFAULT_ATTEMPT_TIMEOUT).min(self.timeout)
    }
}

/// Decides when a call is tried again. By default, operations that the spec marks as idempotent are retried, such as asking for a
/// status. Any operation is retried if it was certainly not executed: nothing was sent, or Cashfree responded with 429.
///
/// The default is 3 attempts, with an exponential back-off from 200 ms to 5 s and full jitter: the wait is a random part of the
/// back-off, so that clients which failed together do not retry together. A wait that the server asks for (`Retry-After`,
/// `X-RateLimit-Reset`) is respected. If it would pass the call's deadline, the call ends at once.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::{ErrorKind, RetryPolicy};
///
/// let patient = RetryPolicy::default().max_attempts(5).max_delay(Duration::from_secs(20));
/// let only_throttled = RetryPolicy::default().retry_if(|error| error.kind() == ErrorKind::RateLimited);
/// let once = RetryPolicy::none();
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    retry_if: Option<Predicate>,
}

type Predicate = Arc<dyn Fn(&Error) -> bool + Send + Sync>;

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(5),
            retry_if: None,
        }
    }
}

impl RetryPolicy {
    /// One attempt.
    #[must_use]
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first. Zero is rejected when the client is built or the call awaited.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the back-off before the second attempt. It doubles from there.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets the longest back-off. A wait that the server asks for may be longer.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets which errors are retried. The default is [`Error::is_retryable`], and [`ErrorKind::Mismatch`], because further
    /// attempts use a single-use connection.
    #[must_use]
    pub fn retry_if(mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        self.retry_if = Some(Arc::new(predicate));
        self
    }

    /// Turns off retries of this kind of error.
    pub(crate) fn unless(self, kind: ErrorKind) -> Self {
        let policy = self.clone();
        self.retry_if(move |error| error.kind() != kind && policy.wants(error))
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.max_attempts == 0 { Err(ConfigError::Zero { what: "max_attempts" }) } else { Ok(()) }
    }

    /// Returns the maximum number of attempts.
    pub(crate) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    fn wants(&self, error: &Error) -> bool {
        let usual = || error.is_retryable() || error.kind() == ErrorKind::Mismatch;
        self.retry_if.as_ref().map_or_else(usual, |retry_if| retry_if(error))
    }

    /// Returns the longest waits before attempt 2, 3, …; one for each attempt that is left.
    pub(crate) fn delays(&self) -> ExponentialBackoff {
        ExponentialBuilder::new()
            .with_min_delay(self.base_delay.min(self.max_delay))
            .with_factor(2.0)
            .with_max_delay(self.max_delay)
            .with_max_times(usize::try_from(self.max_attempts.saturating_sub(1)).unwrap_or(usize::MAX))
            .build()
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("max_attempts", &self.max_attempts)
            .field("base_delay", &self.base_delay)
            .field("max_delay", &self.max_delay)
            .field("retry_if", &self.retry_if.as_ref().map(|_| "a predicate"))
            .finish()
    }
}

/// The waits of one call.
pub(super) struct Retries<'a> {
    policy: &'a RetryPolicy,
    idempotent: bool,
    deadline: Instant,
    delays: ExponentialBackoff,
    /// A response had another id. A second connection may help, a third one will not.
    mismatched: bool,
}

impl<'a> Retries<'a> {
    pub(super) fn new(policy: &'a RetryPolicy, idempotent: bool, deadline: Instant) -> Self {
        Self { policy, idempotent, deadline, delays: policy.delays(), mismatched: false }
    }

    /// Waits until the next attempt is due. Returns the error in both cases: `Err` if another attempt is useless, not allowed, or
    /// too late.
    pub(super) async fn wait(&mut self, error: Error) -> Result<Error, Error> {
        let is_harmless = self.idempotent || error.is_surely_not_executed();
        let is_mismatch = error.kind() == ErrorKind::Mismatch;
        if !is_harmless || is_mismatch && self.mismatched || !self.policy.wants(&error) {
            return Err(error);
        }
        self.mismatched |= is_mismatch;
        let Some(longest) = self.delays.next() else { return Err(error) };
        let wait = full_jitter(longest).max(error.retry_after().unwrap_or_default());
        // A wait beyond the deadline would only end in a worse error, later.
        match Instant::now().checked_add(wait) {
            Some(then) if then < self.deadline => {
                tokio::time::sleep_until(then).await;
                Ok(error)
            }
            _ => Err(error),
        }
    }
}

/// Returns a random duration up to `longest`.
pub(crate) fn full_jitter(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::super::{Exchange, SOME_OPERATION};
    use super::*;
    use crate::model::{ApiError, ErrorCode};

    fn error(kind: ErrorKind) -> Error {
        Error::without_response(&SOME_OPERATION, kind, Delivery::Unknown, "")
    }

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    /// Returns the number of attempts if each fails with this kind.
    async fn attempts(policy: &RetryPolicy, idempotent: bool, kind: ErrorKind) -> u32 {
        attempts_at(policy, idempotent, || error(kind)).await
    }

    async fn attempts_at(policy: &RetryPolicy, idempotent: bool, error: impl Fn() -> Error) -> u32 {
        let mut retries = Retries::new(policy, idempotent, far());
        let mut made = 1;
        while retries.wait(error()).await.is_ok() {
            made += 1;
        }
        made
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_attempts_is_that_of_the_policy() {
        for limit in 1..6 {
            assert_eq!(attempts(&RetryPolicy::default().max_attempts(limit), true, ErrorKind::Io).await, limit);
        }
        assert_eq!(attempts(&RetryPolicy::none(), true, ErrorKind::Io).await, 1);
        assert_eq!(attempts(&RetryPolicy::default(), false, ErrorKind::Io).await, 1);
        // A gateway may have forwarded the write. Only Cashfree's own 429 says that it was not executed.
        assert_eq!(attempts(&RetryPolicy::default(), false, ErrorKind::RateLimited).await, 1);
        let own = || {
            let api = ApiError { code: Some(ErrorCode::TooManyRequestsPerIp), ..ApiError::default() };
            let (http_status, body) = (http::StatusCode::TOO_MANY_REQUESTS, bytes::Bytes::new());
            let exchange = Exchange { http_status, headers: http::HeaderMap::new(), body };
            Error::with_response(&SOME_OPERATION, ErrorKind::RateLimited, "", exchange).with_api(Some(api))
        };
        assert_eq!(attempts_at(&RetryPolicy::default(), false, own).await, 3);
        assert_eq!(attempts(&RetryPolicy::default(), true, ErrorKind::Decode).await, 1);
        assert_eq!(attempts(&RetryPolicy::default(), true, ErrorKind::Mismatch).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_predicate_decides_but_not_against_idempotency() {
        let any = RetryPolicy::default().retry_if(|_| true);
        assert_eq!(attempts(&any, true, ErrorKind::Decode).await, 3);
        assert_eq!(attempts(&any, false, ErrorKind::Decode).await, 1);
        assert_eq!(attempts(&RetryPolicy::default().retry_if(|_| false), true, ErrorKind::Io).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_are_a_random_part_of_a_doubling_back_off() {
        let policy = RetryPolicy::default().max_attempts(8);
        let longest: Vec<_> = policy.delays().map(|delay| delay.as_millis()).collect();
        assert_eq!(longest, [200, 400, 800, 1600, 3200, 5000, 5000]);
        let short = policy.base_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(3));
        assert_eq!(short.delays().map(|delay| delay.as_millis()).collect::<Vec<_>>(), [1, 2, 3, 3, 3, 3, 3]);
        let delays: Vec<_> = (0..200).map(|_| full_jitter(Duration::from_secs(1))).collect();
        assert!(delays.iter().all(|delay| *delay <= Duration::from_secs(1)));
        assert!(
            delays.iter().any(|delay| delay.as_millis() < 250) && delays.iter().any(|delay| delay.as_millis() > 750)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_that_the_server_asks_for_is_respected_if_there_is_time() {
        for (asked, deadline, waits) in [(7, 30, true), (40, 30, false), (1_000_000_000_000, 30, false)] {
            let start = Instant::now();
            let policy = RetryPolicy::default();
            let mut retries = Retries::new(&policy, true, start + Duration::from_secs(deadline));
            let asked = Duration::from_secs(asked);
            let outcome = retries.wait(error(ErrorKind::RateLimited).with_retry_after(Some(asked))).await;
            match outcome {
                Ok(_) => assert!(waits && start.elapsed() >= asked),
                Err(error) => {
                    assert_eq!(error.retry_after(), Some(asked));
                    assert!(!waits && start.elapsed() == Duration::ZERO);
                }
            }
        }
    }
}
