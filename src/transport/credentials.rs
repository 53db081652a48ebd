//! The credentials of a client: the key pair, validated before anything is sent and never printed; and the second factor, which
//! proves for every attempt that the caller has the account's public key.
//!
//! ```text
//! x-cf-signature = base64( RSA-OAEP-SHA1-MGF1-SHA1( client id "." unix seconds ) )
//! ```
//!
//! Cashfree calls it a signature. It is an encryption with Cashfree's public key, different each time and valid for about five
//! minutes. So it depends on this machine's clock, and every retry gets a new one.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::ConfigError;
use crate::webhook::secrets::sealed::Secrets;
use crate::wire::secrets;
use crate::wire::sensitive::Redacted;

const NO_HEADER: &str = "has a character that a header cannot carry; copy it again, plain ASCII without line breaks";

/// The key pair of a merchant account.
///
/// Both parts are wiped from memory when the last copy is dropped, except the copies that a client and the HTTP stack make for
/// requests. Neither is printed.
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

    /// Validates a client id and its secret.
    ///
    /// # Errors
    /// If one is empty, begins or ends with white space, or has a character that a header cannot carry.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Result<Self, ConfigError> {
        let (client_id, client_secret) =
            (SecretString::from(client_id.into()), SecretString::from(client_secret.into()));
        check_header_value("client id", client_id.expose_secret())?;
        check_header_value("client secret", client_secret.expose_secret())?;
        keep_from_print(client_id.expose_secret(), client_secret.expose_secret());
        Ok(Self(Arc::new(KeyPair { client_id, client_secret })))
    }

    /// Reads them from the variables `CASHFREE_CLIENT_ID` and `CASHFREE_CLIENT_SECRET`.
    ///
    /// # Errors
    /// If a variable is not set or empty (the error names all of them), or [`Credentials::new`] rejects its value.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let values =
            [Self::ID_VARIABLE, Self::SECRET_VARIABLE].map(|name| (name, get(name).filter(|value| !value.is_empty())));
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

    /// Returns the values of the two headers, marked so that no HTTP library prints or indexes them.
    pub(crate) fn header_values(&self) -> Result<[HeaderValue; 2], ConfigError> {
        let value = |what, secret: &SecretString| {
            let value = HeaderValue::from_str(secret.expose_secret());
            let mut value = value.map_err(|_| ConfigError::Value { what, problem: NO_HEADER })?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok([value("client id", &self.0.client_id)?, value("client secret", &self.0.client_secret)?])
    }

    /// Returns the hash of the client id and an environment.
    pub(crate) fn account(&self, base: &str) -> Sha256 {
        Sha256::new().chain_update(self.0.client_id.expose_secret()).chain_update("\n").chain_update(base)
    }

    /// Returns a new two-factor signature.
    pub(crate) fn sign(&self, key: &TwoFactorKey) -> Option<HeaderValue> {
        key.signature(self.0.client_id.expose_secret())
    }
}

/// Keeps the two values from being printed if a server echoes them, also in base64: separately, or joined as in HTTP basic
/// authentication.
fn keep_from_print(client_id: &str, client_secret: &str) {
    let joined = Zeroizing::new(format!("{client_id}:{client_secret}"));
    for text in [joined.as_str(), client_secret, client_id] {
        secrets::keep(text, false);
        // The last group depends on the following bytes.
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
impl Secrets for Credentials {
    fn each(&self, take: &mut dyn FnMut(&str)) {
        take(self.0.client_secret.expose_secret());
    }
}

pub(crate) fn check_header_value(what: &'static str, value: &str) -> Result<(), ConfigError> {
    let problem = if value.is_empty() {
        "is empty"
    } else if value.trim() != value {
        "begins or ends with white space or a line break; strip it"
    } else if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        // A `HeaderValue` would be a copy of the secret that is never wiped.
        NO_HEADER
    } else {
        return Ok(());
    };
    Err(ConfigError::Value { what, problem })
}

/// The start of a SubjectPublicKeyInfo for RSA: the algorithm, before the key as a bit string (RFC 8017, A.1).
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The public key of an account whose two-factor method is "Public Key", as downloaded from Cashfree's dashboard.
///
/// Sandbox and production have different keys. A new key replaces the old one at once. The key is not secret.
///
/// ```no_run
/// use cashfree_vkyc::{Client, Credentials, Environment, TwoFactorKey};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder()
///     .environment(Environment::Production)
///     .credentials(Credentials::from_env()?)
///     .two_factor(TwoFactorKey::from_file("accountId_public_key.pem")?)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TwoFactorKey {
    key: Arc<OaepPublicEncryptingKey>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl TwoFactorKey {
    /// The environment variable of the key's PEM text.
    pub const VARIABLE: &str = "CASHFREE_PUBLIC_KEY";
    /// The environment variable of the path to its PEM file.
    pub const PATH_VARIABLE: &str = "CASHFREE_PUBLIC_KEY_PATH";

    /// Returns the number of bits of the key.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.key_size_bits()
    }

    /// Reads a key from PEM text, SPKI (`BEGIN PUBLIC KEY`) or PKCS#1 (`BEGIN RSA PUBLIC KEY`). Quotes around the text, and
    /// newlines written as `\n`, are accepted, because environment variables often have them.
    ///
    /// # Errors
    /// If the text is something else; the error says what it seems to be.
    pub fn from_pem(pem: impl AsRef<str>) -> Result<Self, ConfigError> {
        let refuse = |problem| ConfigError::Value { what: "two-factor key", problem };
        let text = pem.as_ref().trim().trim_matches(['"', '\'']).replace("\\r", "").replace("\\n", "\n");
        let (label, der) = decode_pem(&text).ok_or_else(|| {
            refuse("is not PEM; pass the file from the dashboard as it is, from its BEGIN line to its END line")
        })?;
        let spki = match label {
            "PUBLIC KEY" => der,
            "RSA PUBLIC KEY" => spki_of_pkcs1(&der),
            "CERTIFICATE" => return Err(refuse("is a certificate; pass the public key from the dashboard")),
            label if label.ends_with("PRIVATE KEY") => {
                return Err(refuse("is a private key; pass the public key from the dashboard"));
            }
            _ => return Err(refuse("is PEM of another kind; pass the public key from the dashboard")),
        };
        let key = PublicEncryptingKey::from_der(&spki).map_err(|rejected| match rejected.description_() {
            "TooSmall" => refuse("has fewer than 2048 bits; create a new one in the dashboard"),
            _ => refuse("is not an RSA public key; pass the file from the dashboard as it is"),
        })?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| refuse("cannot be used for RSA-OAEP"))?;
        Ok(Self { key: Arc::new(key), clock: Arc::new(SystemTime::now) })
    }

    /// Reads a key from a PEM file.
    ///
    /// # Errors
    /// If the file cannot be read, or does not contain a key that [`from_pem`](Self::from_pem) accepts.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let bytes = std::fs::read(path).map_err(|error| ConfigError::File { what: "two-factor key", source: error })?;
        Self::from_pem(String::from_utf8_lossy(&bytes))
    }

    /// Reads a key from the variable `CASHFREE_PUBLIC_KEY`, or from the file that `CASHFREE_PUBLIC_KEY_PATH` names.
    ///
    /// # Errors
    /// If neither is set, or the value is not a key.
    pub fn from_env() -> Result<Self, ConfigError> {
        let get = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        match (get(Self::VARIABLE), get(Self::PATH_VARIABLE)) {
            (Some(key), _) => Self::from_pem(key.to_string_lossy()),
            (None, Some(path)) => Self::from_file(path),
            (None, None) => Err(ConfigError::Value {
                what: "two-factor key",
                problem: "is not set; put its PEM text into CASHFREE_PUBLIC_KEY, or its path into CASHFREE_PUBLIC_KEY_PATH",
            }),
        }
    }

    /// Returns the same key with another clock, for tests and for machines whose clock is known to be wrong.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Returns the header's value for one attempt, marked sensitive. `None` if the id is too long for the key, or encryption
    /// fails.
    pub(crate) fn signature(&self, client_id: &str) -> Option<HeaderValue> {
        let seconds = (self.clock)().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let text = format!("{client_id}.{seconds}");
        let mut encrypted = vec![0; self.key.ciphertext_size()];
        let encrypted = self.key.encrypt(&OAEP_SHA1_MGF1SHA1, text.as_bytes(), &mut encrypted, None).ok()?;
        let mut value = HeaderValue::from_str(&STANDARD.encode(encrypted)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for TwoFactorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoFactorKey").field("bits", &self.key.key_size_bits()).finish_non_exhaustive()
    }
}

/// Returns the label and the content of the first PEM block.
fn decode_pem(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let base64: String = body.chars().filter(|character| !character.is_whitespace()).collect();
    // Keys of other kinds may have headers before the base64. Only their label matters here.
    let content = STANDARD.decode(base64).ok();
    content.or_else(|| (!label.ends_with("PUBLIC KEY")).then(Vec::new)).map(|content| (label, content))
}

/// Encodes a DER value with a length of two bytes (X.690, definite form), as for a key of 2048 bits or more. Shorter keys are
/// rejected anyway.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    [&[tag, 0x82, high, low], content].concat()
}

/// Wraps a PKCS#1 key as a SubjectPublicKeyInfo.
fn spki_of_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    let bits = der(0x03, &[&[0], pkcs1].concat());
    der(0x30, &[&RSA_ALGORITHM[..], &bits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variables_are_all_named() {
        let error =
            |set: &[&str]| Credentials::from_variables(|name| set.contains(&name).then(|| "x".into())).unwrap_err();
        assert!(error(&[]).to_string().contains("CASHFREE_CLIENT_ID, CASHFREE_CLIENT_SECRET"));
        assert!(error(&[Credentials::ID_VARIABLE]).to_string().starts_with("not set: CASHFREE_CLIENT_SECRET;"));
        assert!(error(&[Credentials::SECRET_VARIABLE]).to_string().starts_with("not set: CASHFREE_CLIENT_ID;"));
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
