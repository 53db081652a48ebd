//! How long a call may take, and how often it is tried.

use std::time::Duration;

use tokio::time::Instant;

use super::config_error::ConfigError;
use super::error::Error;
use super::error_kind::{Delivery, ErrorKind};
use super::operation::Operation;
use super::retry::RetryPolicy;

/// How long an attempt may take when nobody said.
pub(crate) const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client has one set, a call may have another.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    /// `None`: the default, or the whole call where that is shorter.
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

    /// The same, as the error of a call.
    pub(crate) fn check_in_call_of(&self, operation: &'static Operation) -> Result<(), Error> {
        self.check().map_err(|error| {
            let words = error.to_string();
            Error::without_response(operation, ErrorKind::Config, Delivery::NotSent, words).with_source(error)
        })
    }

    /// The same for a part of a longer call, which ends at `deadline`.
    pub(crate) fn until(&self, deadline: Instant, attempt: Duration) -> Self {
        let timeout = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        Self { timeout, attempt_timeout: Some(attempt.min(timeout)), ..self.clone() }
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout.unwrap_or(DEFAULT_ATTEMPT_TIMEOUT).min(self.timeout)
    }
}
