//! As whom a client speaks: the key pair, checked before the first byte is sent, and never printed.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::config_error::ConfigError;
use super::two_factor::TwoFactorKey;
use crate::webhook::secrets::sealed::Secret;
use crate::wire::secrets;
use crate::wire::sensitive::Redacted;

const CLIENT_ID: &str = Credentials::ID_VARIABLE;
const CLIENT_SECRET: &str = Credentials::SECRET_VARIABLE;

const NO_HEADER: &str = "has a character that a header cannot carry; copy it again, plain ASCII without line breaks";

/// The key pair of a merchant account.
///
/// Both halves are wiped from memory when the last copy is dropped (copies that a client and
/// the HTTP stack make for its requests are not), and neither prints.
///
/// ```
/// use cashfree_vkyc::Credentials;
///
/// let credentials = Credentials::new("CF123", "s3cret")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials { client_id: [redacted], client_secret: [redacted] }");
/// # Ok::<(), cashfree_vkyc::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Credentials(Arc<KeyPair>);

struct KeyPair {
    client_id: SecretString,
    client_secret: SecretString,
}

impl Credentials {
    /// The environment variable of the client id.
    pub const ID_VARIABLE: &str = "CASHFREE_CLIENT_ID";
    /// The environment variable of the client secret.
    pub const SECRET_VARIABLE: &str = "CASHFREE_CLIENT_SECRET";

    /// Takes a client id and its secret.
    ///
    /// # Errors
    /// When one is empty, begins or ends with white space, or has a character that a header cannot carry.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Result<Self, ConfigError> {
        let (client_id, client_secret) =
            (SecretString::from(client_id.into()), SecretString::from(client_secret.into()));
        check_header_value("client id", client_id.expose_secret())?;
        check_header_value("client secret", client_secret.expose_secret())?;
        keep_from_print(client_id.expose_secret(), client_secret.expose_secret());
        Ok(Self(Arc::new(KeyPair { client_id, client_secret })))
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

    /// The two headers' values, marked so that no HTTP library prints or indexes them.
    pub(crate) fn header_values(&self) -> Result<[HeaderValue; 2], ConfigError> {
        let value = |what, secret: &SecretString| {
            let value = HeaderValue::from_str(secret.expose_secret());
            let mut value = value.map_err(|_| ConfigError::Value { what, problem: NO_HEADER })?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok([value("client id", &self.0.client_id)?, value("client secret", &self.0.client_secret)?])
    }

    /// A fresh two-factor signature.
    pub(crate) fn sign(&self, key: &TwoFactorKey) -> Option<HeaderValue> {
        key.signature(self.0.client_id.expose_secret())
    }
}

/// Keeps the two values from being printed as an echo of a server, also in base64: alone, or joined as for HTTP's basic
/// authentication.
fn keep_from_print(client_id: &str, client_secret: &str) {
    let joined = Zeroizing::new(format!("{client_id}:{client_secret}"));
    for text in [joined.as_str(), client_secret, client_id] {
        secrets::keep(text, false);
        // The last group depends on what follows.
        let mut encoded = Zeroizing::new(STANDARD.encode(text));
        encoded.truncate(text.len() / 3 * 4);
        secrets::keep(&encoded, true);
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &Redacted).field("client_secret", &Redacted).finish()
    }
}

/// The client secret signs webhooks.
impl Secret for Credentials {
    fn text(&self) -> &str {
        self.0.client_secret.expose_secret()
    }
}

pub(crate) fn check_header_value(what: &'static str, value: &str) -> Result<(), ConfigError> {
    let problem = if value.is_empty() {
        "is empty"
    } else if value.trim() != value {
        "begins or ends with white space or a line break; strip it"
    } else if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        // Not by a `HeaderValue`, which would be a copy of a secret that nobody wipes.
        NO_HEADER
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
    fn an_echo_is_not_printed_in_base64_either() {
        let credentials = Credentials::new("id-of-this-test", "secret-of-this-test").unwrap();
        drop(credentials);
        for echo in [
            "secret-of-this-test".to_owned(),
            STANDARD.encode("secret-of-this-test"),
            STANDARD.encode("id-of-this-test:secret-of-this-test"),
            STANDARD.encode("secret-of-this-test, and more"),
        ] {
            assert_eq!(secrets::without_secrets(&format!("request {echo}")), secrets::REDACTED, "{echo}");
        }
    }
}
