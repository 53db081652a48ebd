//! The host of a client. Messages and `Debug` show only the host of a URL.

use std::fmt;

use url::{Host, Url};

use crate::model::constants;
use crate::transport::ConfigError;

/// One of Cashfree's hosts, or another one. Keys belong to one host: sandbox keys fail in production.
///
/// ```
/// use cashfree_vkyc::Environment;
///
/// assert_eq!(Environment::Sandbox.base_url(), "https://sandbox.cashfree.com/verification");
/// let local = Environment::custom("http://127.0.0.1:8080/verification/")?;
/// assert_eq!(local.base_url(), "http://127.0.0.1:8080/verification");
/// assert!(Environment::custom("http://example.com").is_err());
/// # Ok::<(), cashfree_vkyc::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// For tests: no SMS or WhatsApp message is sent.
    Sandbox,
    /// Live customers.
    Production,
    /// Another host; created by [`Environment::custom`].
    Custom(CustomUrl),
}

/// A URL that [`Environment::custom`] has checked. `Debug` shows its scheme and host, not its path.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CustomUrl(Box<str>);

impl fmt::Debug for CustomUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end_of_host = self.0.match_indices('/').nth(2).map_or(self.0.len(), |(end, _)| end);
        write!(f, "{}/…", self.0.get(..end_of_host).unwrap_or_default())
    }
}

impl Environment {
    /// Uses another host, such as a gateway of yours or a server in a test. A trailing slash makes no difference.
    ///
    /// # Errors
    /// If the URL is not absolute, is not `https` (or `http` to a loopback address), or has a user, query or fragment.
    pub fn custom(url: impl AsRef<str>) -> Result<Self, ConfigError> {
        let refuse = |problem| Err(ConfigError::Url { problem });
        let Ok(url) = Url::parse(url.as_ref()) else {
            return refuse("cannot be read; write it in full, as in https://host/path");
        };
        if url.host().is_none() {
            return refuse("has no host; write it in full, as in https://host/path");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return refuse("is not https; credentials are sent in clear to a loopback address only"),
            _ => return refuse("is neither https nor http"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("holds a user or password; remove it, and use `Credentials`");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("has a query or fragment; end it after the path");
        }
        Ok(Self::Custom(CustomUrl(url.as_str().trim_end_matches('/').into())))
    }

    /// Returns the URL that paths are added to, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        match self {
            Self::Sandbox => constants::SANDBOX_URL,
            Self::Production => constants::PRODUCTION_URL,
            Self::Custom(url) => &url.0,
        }
    }

    pub(crate) fn parsed(&self) -> Result<Url, ConfigError> {
        Url::parse(self.base_url()).map_err(|_| ConfigError::Url { problem: "cannot be read" })
    }
}

/// Whether the host of a URL is this machine, independent of any resolver.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_loopback_only() {
        for url in [
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://[::1]:8080/x",
            "http://localhost:3000",
            "https://example.com",
        ] {
            assert!(Environment::custom(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://0.0.0.0",
            "http://[::ffff:10.0.0.1]",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "example.com",
            "",
            "https://",
            "https://user@example.com",
            "https://:pw@example.com",
            "https://example.com/?a=1",
            "https://example.com/#a",
        ] {
            let error = Environment::custom(url).unwrap_err().to_string();
            assert!(error.starts_with("the custom URL ") && !error.contains("pw@"), "{url}: {error}");
        }
    }

    #[test]
    fn a_trailing_slash_makes_no_difference() {
        for url in ["https://h.example/v", "https://h.example/v/", "https://h.example/v//"] {
            assert_eq!(Environment::custom(url).unwrap().base_url(), "https://h.example/v");
        }
        assert_eq!(Environment::custom("https://h.example").unwrap().base_url(), "https://h.example");
    }
}
