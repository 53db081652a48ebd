//! The settings that all calls of a client share: credentials, environment, limits, and the constant parts of a request.

use std::time::Duration;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::admission::SlotQueue;
use super::{ConfigError, Credentials, Limits, RateLimit, TwoFactorKey};
use crate::model::constants;

const CLIENT_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_CLIENT_ID);
const CLIENT_SECRET: HeaderName = HeaderName::from_static(constants::HEADER_X_CLIENT_SECRET);
const API_VERSION: HeaderName = HeaderName::from_static(constants::HEADER_X_API_VERSION);

/// Whether a text may be the version of an API, which is a date.
pub(crate) fn is_api_version(text: &str) -> bool {
    // `strptime` takes a sign.
    text.len() == 10
        && text.starts_with(|first: char| first.is_ascii_digit())
        && jiff::civil::Date::strptime("%Y-%m-%d", text).is_ok()
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) credentials: Credentials,
    pub(crate) api_version: HeaderValue,
    pub(crate) two_factor: Option<TwoFactorKey>,
    pub(crate) limits: Limits,
    pub(crate) connect_timeout: Duration,
    pub(crate) rate_limit: Option<RateLimit>,
    /// The queue of the limit. A transport sets it.
    pub(crate) slots: Option<SlotQueue>,
    pub(crate) max_response_bytes: usize,
    pub(crate) base: Url,
}

impl Settings {
    pub(super) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// Returns the headers of every request. They are marked sensitive, so that no HTTP library prints or indexes the
    /// credentials.
    pub(super) fn headers(&self) -> Result<HeaderMap, ConfigError> {
        if self.two_factor.as_ref().is_some_and(|key| self.credentials.sign(key).is_none()) {
            let problem =
                "cannot be signed with the two-factor key; it is too long for it, or the clock is before 1970";
            return Err(ConfigError::Value { what: "client id", problem });
        }
        let [client_id, client_secret] = self.credentials.header_values()?;
        Ok(HeaderMap::from_iter([
            (ACCEPT, HeaderValue::from_static("application/json")),
            (CLIENT_ID, client_id),
            (CLIENT_SECRET, client_secret),
            (API_VERSION, self.api_version.clone()),
        ]))
    }

    /// Returns the URL of a path below the base URL.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }
}
