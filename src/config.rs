//! Where the client talks to and as whom, checked before the first byte is sent.
//!
//! Every mistake is a [`ConfigError`] that names the cure. None of them, and no `Debug` here, shows a secret or the text of
//! a URL beyond its host.

use std::ffi::OsString;
use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use crate::generated::types::facts;
use crate::transport::two_factor::TwoFactorKey;

const CLIENT_ID: &str = "CASHFREE_CLIENT_ID";
const CLIENT_SECRET: &str = "CASHFREE_CLIENT_SECRET";

/// What is wrong with the configuration of a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No environment was chosen.
    #[error("no environment was chosen; call `.environment(Environment::Sandbox)` or `Environment::Production`")]
    EnvironmentMissing,
    /// No credentials were given.
    #[error("no credentials were given; call `.credentials(Credentials::from_env()?)` or `Credentials::new`")]
    CredentialsMissing,
    /// Environment variables are not set, or are empty.
    #[error("not set: {}; create a key pair in Cashfree's merchant dashboard and set the variables", .names.join(", "))]
    VariablesMissing {
        /// The variables that are missing.
        names: Vec<&'static str>,
    },
    /// A value is not one that a header can carry.
    #[error("the {what} {problem}")]
    Value {
        /// Which value: "client id", "client secret", …
        what: &'static str,
        /// What is wrong with it and what to do.
        problem: &'static str,
    },
    /// A custom URL cannot be used.
    #[error("the custom URL {problem}")]
    Url {
        /// What is wrong with it and what to do.
        problem: &'static str,
    },
    /// A duration or a size makes no sense.
    #[error("{what} is zero; leave it out for the default, or give it a value")]
    Zero {
        /// Which setting.
        what: &'static str,
    },
    /// The time limits contradict each other.
    #[error("{problem}")]
    Timeouts {
        /// Which, and what to do.
        problem: &'static str,
    },
    /// A file cannot be read.
    #[error("the file of the {what} cannot be read; check its path and permissions")]
    File {
        /// What the file is for.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The crate was built without TLS.
    #[error("this build has no TLS; enable the feature `rustls` (or `native-tls`) of cashfree-vkyc")]
    NoTls,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up; its source says why")]
    HttpClient(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Which of Cashfree's hosts to talk to. Keys belong to one of them: sandbox keys fail on production.
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
    /// Another host; made by [`Environment::custom`].
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
    /// Another host, such as a gateway of your own or a server in a test. A trailing slash makes no difference.
    ///
    /// # Errors
    /// When the URL is not absolute, is not `https` (or `http` to a loopback address), or has a user, query or fragment.
    pub fn custom(url: impl AsRef<str>) -> Result<Self, ConfigError> {
        let refuse = |problem| Err(ConfigError::Url { problem });
        let Ok(url) = Url::parse(url.as_ref()) else {
            return refuse("cannot be read; write it in full, as in https://host/path");
        };
        if url.host().is_none() {
            return refuse("names no host; write it in full, as in https://host/path");
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

    /// The URL that paths are added to, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        match self {
            Self::Sandbox => facts::SANDBOX_URL,
            Self::Production => facts::PRODUCTION_URL,
            Self::Custom(url) => &url.0,
        }
    }

    pub(crate) fn parsed(&self) -> Result<Url, ConfigError> {
        Url::parse(self.base_url()).map_err(|_| ConfigError::Url { problem: "cannot be read" })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.base_url().starts_with("https:")
    }
}

/// Whether a URL leads to this machine, whatever a resolver says.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The key pair of a merchant account.
///
/// Both halves are wiped from memory when the last copy is dropped (copies that the HTTP stack made for a request are
/// not), and neither prints.
///
/// ```
/// use cashfree_vkyc::Credentials;
///
/// let credentials = Credentials::new("CF123", "s3cret")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials { client_id: [redacted], client_secret: [redacted] }");
/// # Ok::<(), cashfree_vkyc::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    client_id: SecretString,
    client_secret: SecretString,
}

impl Credentials {
    /// Takes a client id and its secret.
    ///
    /// # Errors
    /// When one is empty, begins or ends with white space, or has a character that a header cannot carry.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Result<Self, ConfigError> {
        let (client_id, client_secret) =
            (SecretString::from(client_id.into()), SecretString::from(client_secret.into()));
        check_header_value("client id", client_id.expose_secret())?;
        check_header_value("client secret", client_secret.expose_secret())?;
        Ok(Self { client_id, client_secret })
    }

    /// Takes them from the variables `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET`.
    ///
    /// # Errors
    /// When a variable is not set or empty (the error names all that are), or holds what [`Credentials::new`] refuses.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let values = [CLIENT_ID, CLIENT_SECRET].map(|name| (name, get(name).filter(|value| !value.is_empty())));
        match values {
            [(_, Some(id)), (_, Some(secret))] => {
                let text = |what, value: OsString| {
                    let problem = "is not UTF-8 text; copy it again from the dashboard";
                    value.into_string().map_err(|_| ConfigError::Value { what, problem })
                };
                Self::new(text("client id", id)?, text("client secret", secret)?)
            }
            values => {
                let missing = values.iter().filter(|(_, value)| value.is_none());
                Err(ConfigError::VariablesMissing { names: missing.map(|(name, _)| *name).collect() })
            }
        }
    }

    /// What webhooks are signed with.
    pub(crate) fn client_secret(&self) -> &str {
        self.client_secret.expose_secret()
    }

    /// The two headers' values, marked so that no HTTP library prints or indexes them.
    pub(crate) fn header_values(&self) -> Result<[HeaderValue; 2], http::header::InvalidHeaderValue> {
        let value = |secret: &SecretString| {
            let mut value = HeaderValue::from_str(secret.expose_secret())?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok([value(&self.client_id)?, value(&self.client_secret)?])
    }

    /// Takes an echo of the two values out of a header that may be printed.
    pub(crate) fn scrub_header(&self, headers: &mut HeaderMap, name: HeaderName) {
        let Some(value) = headers.get_mut(name) else { return };
        if let Some(clean) = value.to_str().ok().and_then(|text| self.scrub(text)) {
            *value = HeaderValue::from_str(&clean).unwrap_or(HeaderValue::from_static("[redacted]"));
        }
    }

    /// A fresh two-factor signature.
    pub(crate) fn sign(&self, key: &TwoFactorKey) -> Option<HeaderValue> {
        key.signature(self.client_id.expose_secret())
    }

    /// `text` without the two values, should a server echo them.
    pub(crate) fn scrub(&self, text: &str) -> Option<String> {
        let secrets = [self.client_secret.expose_secret(), self.client_id.expose_secret()];
        secrets
            .iter()
            .any(|secret| text.contains(*secret))
            .then(|| secrets.iter().fold(text.to_owned(), |text, secret| text.replace(*secret, "[redacted]")))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = crate::sensitive::Redacted;
        f.debug_struct("Credentials").field("client_id", &redacted).field("client_secret", &redacted).finish()
    }
}

pub(crate) fn check_header_value(what: &'static str, value: &str) -> Result<(), ConfigError> {
    let problem = if value.is_empty() {
        "is empty"
    } else if value.trim() != value {
        "begins or ends with white space or a line break; strip it"
    } else if !value.is_ascii() || HeaderValue::from_str(value).is_err() {
        "has a character that a header cannot carry; copy it again, plain ASCII without line breaks"
    } else {
        return Ok(());
    };
    Err(ConfigError::Value { what, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variables_are_all_named() {
        let error =
            |set: &[&str]| Credentials::from_variables(|name| set.contains(&name).then(|| "x".into())).unwrap_err();
        assert!(error(&[]).to_string().contains("CASHFREE_CLIENT_ID, CASHFREE_CLIENT_SECRET"));
        assert!(error(&[CLIENT_ID]).to_string().starts_with("not set: CASHFREE_CLIENT_SECRET;"));
        assert!(error(&[CLIENT_SECRET]).to_string().starts_with("not set: CASHFREE_CLIENT_ID;"));
        let empty = Credentials::from_variables(|_| Some(OsString::new())).unwrap_err();
        assert!(matches!(empty, ConfigError::VariablesMissing { names } if names.len() == 2));
    }

    #[test]
    fn bad_credentials_are_refused_without_being_shown() {
        for secret in ["", " canary", "canary\n", "can\nary", "canary\r\nx-injected: 1", "canäry", "canary\0"] {
            for error in [Credentials::new("id", secret).unwrap_err(), Credentials::new(secret, "s").unwrap_err()] {
                let printed = format!("{error} {error:?}");
                assert!(
                    printed.contains("client ") && !printed.contains("canary") && !printed.contains("canä"),
                    "{printed}"
                );
            }
        }
    }

    #[test]
    fn header_values_are_marked_sensitive() {
        let values = Credentials::new("id", "secret").unwrap().header_values().unwrap();
        assert!(values.iter().all(HeaderValue::is_sensitive));
    }

    #[test]
    fn an_echoed_secret_is_scrubbed() {
        let credentials = Credentials::new("the-id", "the-secret").unwrap();
        let scrubbed = credentials.scrub("bad the-secret for the-id");
        assert_eq!(scrubbed.as_deref(), Some("bad [redacted] for [redacted]"));
        assert_eq!(credentials.scrub("harmless"), None);
    }

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
