//! The rate limit: requests of each operation, in minutes that begin with the first request.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, StatusCode};
use tokio::time::Instant;

use super::error_response::{ErrorResponse, documented};
use crate::model::{ErrorCode, constants};

const MINUTE: Duration = Duration::from_secs(60);

const LIMIT: HeaderName = HeaderName::from_static(constants::HEADER_X_RATELIMIT_LIMIT);
const REMAINING: HeaderName = HeaderName::from_static(constants::HEADER_X_RATELIMIT_REMAINING);
const RESET: HeaderName = HeaderName::from_static(constants::HEADER_X_RATELIMIT_RESET);

pub(super) struct RateLimit {
    per_minute: Option<u32>,
    minutes: HashMap<&'static str, (Instant, u32)>,
}

impl RateLimit {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, minutes: HashMap::new() }
    }

    /// Counts a request. Returns the rate-limit headers and whether it is allowed; without a limit, nothing.
    pub(super) fn take(
        &mut self,
        operation: &'static str,
        now: Instant,
    ) -> Option<(HeaderMap, Result<(), ErrorResponse>)> {
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
        let headers = [(LIMIT, limit.into()), (REMAINING, (limit - *used).into()), (RESET, reset.into())];
        Some((headers.into_iter().collect(), allowed))
    }

    pub(super) fn reset(&mut self) {
        self.minutes.clear();
    }
}
