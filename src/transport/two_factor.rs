//! The second factor: a proof, made for every attempt, that the caller holds the account's public key.
//!
//! ```text
//! x-cf-signature = base64( RSA-OAEP-SHA1-MGF1-SHA1( client id "." unix seconds ) )
//! ```
//!
//! Cashfree calls it a signature; it is an encryption with Cashfree's public key, different each time, and good for about
//! five minutes. So it depends on this machine's clock, and is made anew for every retry.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use super::config_error::ConfigError;

const KEY: &str = TwoFactorKey::VARIABLE;
const KEY_PATH: &str = TwoFactorKey::PATH_VARIABLE;

/// The head of a SubjectPublicKeyInfo for RSA: the algorithm, before the key as a bit string (RFC 8017, A.1).
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The public key of an account whose two-factor method is "Public Key", as downloaded from Cashfree's dashboard.
///
/// Sandbox and production have different keys; a new key replaces the old one at once. The key itself is no secret.
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

    /// How many bits the key has.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.key_size_bits()
    }

    /// Reads a key from PEM text, SPKI (`BEGIN PUBLIC KEY`) or PKCS#1 (`BEGIN RSA PUBLIC KEY`). Quotes around the text, and
    /// newlines written as `\n`, as environment variables often have them, are taken off.
    ///
    /// # Errors
    /// When it is something else; the error says what it seems to be.
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
                return Err(refuse(
                    "is a private key, which belongs nowhere near this; pass the public key from the dashboard",
                ));
            }
            _ => return Err(refuse("is PEM of another kind; pass the public key from the dashboard")),
        };
        Self::from_spki(&spki)
    }

    fn from_spki(spki: &[u8]) -> Result<Self, ConfigError> {
        let refuse = |problem| ConfigError::Value { what: "two-factor key", problem };
        let key = PublicEncryptingKey::from_der(spki).map_err(|rejected| match rejected.description_() {
            "TooSmall" => refuse("has fewer than 2048 bits; create a new one in the dashboard"),
            _ => refuse("is no RSA public key; pass the file from the dashboard as it is"),
        })?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| refuse("cannot be used for RSA-OAEP"))?;
        Ok(Self { key: Arc::new(key), clock: Arc::new(SystemTime::now) })
    }

    /// Reads a key from a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read, or does not hold a key as [`from_pem`](Self::from_pem) wants it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let bytes = std::fs::read(path).map_err(|error| ConfigError::File { what: "two-factor key", source: error })?;
        Self::from_pem(String::from_utf8_lossy(&bytes))
    }

    /// Reads a key from the variable `CASHFREE_PUBLIC_KEY`, or from the file that `CASHFREE_PUBLIC_KEY_PATH` names.
    ///
    /// # Errors
    /// When neither is set, or what is there is no key.
    pub fn from_env() -> Result<Self, ConfigError> {
        let get = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        match (get(KEY), get(KEY_PATH)) {
            (Some(key), _) => Self::from_pem(key.to_string_lossy()),
            (None, Some(path)) => Self::from_file(path),
            (None, None) => Err(ConfigError::Value {
                what: "two-factor key",
                problem: "is not set; put its PEM text into CASHFREE_PUBLIC_KEY, or its path into CASHFREE_PUBLIC_KEY_PATH",
            }),
        }
    }

    /// The same key with another clock, for tests and for machines whose own clock is known to be off.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The header's value for one attempt, marked sensitive. `None` when the id is too long for the key, or encryption fails.
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

/// Label and content of the first PEM block.
fn decode_pem(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let base64: String = body.chars().filter(|character| !character.is_whitespace()).collect();
    // Keys of other kinds may carry headers before the base64; their label is all that matters here.
    let content = STANDARD.decode(base64).ok();
    content.or_else(|| (!label.ends_with("PUBLIC KEY")).then(Vec::new)).map(|content| (label, content))
}

/// A DER value: its tag, length and content (X.690, definite form).
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut value = vec![tag];
    match length.as_slice() {
        [] => value.push(0),
        [short] if *short < 0x80 => value.push(*short),
        long => {
            value.push(0x80 | u8::try_from(long.len()).unwrap_or(0));
            value.extend_from_slice(long);
        }
    }
    value.extend_from_slice(content);
    value
}

/// Wraps a PKCS#1 key as a SubjectPublicKeyInfo.
fn spki_of_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    let bits: Vec<u8> = std::iter::once(0).chain(pkcs1.iter().copied()).collect();
    let parts: Vec<u8> = RSA_ALGORITHM.into_iter().chain(der(0x03, &bits)).collect();
    der(0x30, &parts)
}
