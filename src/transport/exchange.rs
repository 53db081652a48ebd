//! A whole response as it came: what a success and an error both have.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};

use crate::model::constants;
use crate::wire::secrets::without_secrets;

const REQUEST_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_REQUEST_ID);

/// Status, headers and body of a response.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) http_status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Exchange {
    /// The id of this exchange, for Cashfree's support.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID)?.to_str().ok().filter(|id| !id.is_empty()).map(without_secrets)
    }
}

/// How long the server asks to wait: `Retry-After` as seconds or as a date, else Cashfree's own headers. A date that has
/// passed asks for nothing; what cannot be read is not there.
pub(crate) fn retry_after(headers: &HeaderMap, http_status: StatusCode) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |name: &str| text(name).and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let date = || {
        let date = httpdate::parse_http_date(text(constants::HEADER_RETRY_AFTER)?).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    };
    let asked =
        seconds(constants::HEADER_RETRY_AFTER).or_else(date).or_else(|| seconds(constants::HEADER_X_RATELIMIT_RETRY));
    // The count of the minute is in every response; it asks to wait only when it is used up.
    asked.or_else(|| {
        (http_status == StatusCode::TOO_MANY_REQUESTS).then(|| seconds(constants::HEADER_X_RATELIMIT_RESET))?
    })
}
