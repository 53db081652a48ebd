//! The rate limit: requests of each operation, in minutes that begin with the first request.

use std::collections::HashMap;
use std::time::Duration;

use http::{HeaderMap, HeaderName, StatusCode};
use tokio::time::Instant;

use super::response::{ErrorResponse, documented};
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

    /// Counts a request, and adds the rate-limit headers of its response. Without a limit, there are none.
    pub(super) fn take(
        &mut self,
        operation: &'static str,
        now: Instant,
        headers: &mut HeaderMap,
    ) -> Result<(), ErrorResponse> {
        let Some(limit) = self.per_minute else { return Ok(()) };
        let (began, used) = self.minutes.entry(operation).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE {
            (*began, *used) = (now, 0);
        }
        let until = MINUTE.saturating_sub(now.duration_since(*began));
        let reset = until.as_secs() + u64::from(until.subsec_nanos() > 0);
        let is_allowed = *used < limit;
        *used += u32::from(is_allowed);
        headers.extend([(LIMIT, limit.into()), (REMAINING, (limit - *used).into()), (RESET, reset.into())]);
        if is_allowed {
            return Ok(());
        }
        Err(documented(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequestsPerOperation).retry_after(reset))
    }

    pub(super) fn reset(&mut self) {
        self.minutes.clear();
    }
}
