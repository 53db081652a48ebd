//! The rate limit: requests of each operation, in minutes that begin with the first request.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::error_response::{ErrorResponse, documented};
use crate::model::{ErrorCode, constants};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct RateLimit {
    pub(super) per_minute: Option<u32>,
    minutes: HashMap<&'static str, (Instant, u32)>,
}

/// The values of the rate-limit headers.
pub(super) struct RateLeft {
    limit: u32,
    left: u32,
    reset: u64,
}

impl RateLimit {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, minutes: HashMap::new() }
    }

    /// Counts a request. Without a limit there is nothing to count.
    pub(super) fn take(
        &mut self,
        operation: &'static str,
        now: Instant,
    ) -> Option<(RateLeft, Result<(), ErrorResponse>)> {
        let limit = self.per_minute?;
        let (began, used) = self.minutes.entry(operation).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE {
            (*began, *used) = (now, 0);
        }
        let until = MINUTE.saturating_sub(now.duration_since(*began));
        let reset = until.as_secs() + u64::from(until.subsec_nanos() > 0);
        let allowed = if *used < limit {
            *used += 1;
            Ok(())
        } else {
            let error = documented(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequestsPerOperation);
            Err(error.retry_after(reset))
        };
        Some((RateLeft { limit, left: limit - *used, reset }, allowed))
    }

    pub(super) fn reset(&mut self) {
        self.minutes.clear();
    }
}

impl RateLeft {
    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(constants::HEADER_X_RATELIMIT_LIMIT, self.limit.into());
        headers.insert(constants::HEADER_X_RATELIMIT_REMAINING, self.left.into());
        headers.insert(constants::HEADER_X_RATELIMIT_RESET, self.reset.into());
    }
}
