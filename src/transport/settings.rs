//! What all calls of a client share, made once: as whom and where, the limits, and the parts of a request that are always
//! the same.

use std::sync::Arc;
use std::time::Duration;

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::config_error::ConfigError;
use super::credentials::Credentials;
use super::limits::Limits;
use super::operation::Operation;
use super::rate_limit::RateLimit;
use super::slot::RateLimiter;
use super::two_factor::TwoFactorKey;
use crate::model::constants;

const CLIENT_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_CLIENT_ID);
const CLIENT_SECRET: HeaderName = HeaderName::from_static(constants::HEADER_X_CLIENT_SECRET);
const API_VERSION: HeaderName = HeaderName::from_static(constants::HEADER_X_API_VERSION);

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) credentials: Credentials,
    pub(crate) api_version: HeaderValue,
    pub(crate) two_factor: Option<TwoFactorKey>,
    pub(crate) limits: Limits,
    pub(crate) connect_timeout: Duration,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) limiter: Option<Arc<dyn RateLimiter>>,
    pub(crate) max_response_bytes: usize,
    pub(crate) base: Url,
}

impl Settings {
    pub(super) fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The same for another account. What belongs to an account begins anew: a limit that is not shared counts for itself.
    pub(super) fn for_account(
        &self,
        credentials: Credentials,
        two_factor: Option<TwoFactorKey>,
    ) -> Result<Self, ConfigError> {
        let limiter = self.rate_limit.clone().map(RateLimit::into_limiter).transpose()?;
        Ok(Self { credentials, two_factor, limiter, ..self.clone() })
    }

    /// The headers of every request. They are marked sensitive, so that no HTTP library prints or indexes the credentials.
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

    /// The URL of each operation, as far as it is the same for all calls.
    pub(crate) fn urls(&self, operations: &[&Operation]) -> Vec<Url> {
        operations.iter().map(|operation| self.url(operation.path)).collect()
    }

    /// The URL of a path below the base URL.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }
}
