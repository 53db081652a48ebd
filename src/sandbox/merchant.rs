//! The merchant: credentials, API version and second factor.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;

use super::response::{ErrorResponse, documented, documented_like};
use crate::model::{ErrorCode, constants};
use crate::transport::{ConfigError, Credentials, is_api_version};
use crate::wire::{Problem, ProblemKind};

const ID: &str = constants::HEADER_X_CLIENT_ID;
const SECRET: &str = constants::HEADER_X_CLIENT_SECRET;
const VERSION: &str = constants::HEADER_X_API_VERSION;
const SIGNATURE: &str = constants::HEADER_X_CF_SIGNATURE;

/// The largest difference between the time in a two-factor signature and now, in seconds.
const SIGNATURE_AGE: u64 = 5 * 60;

pub(super) struct Merchant {
    pub(super) credentials: Credentials,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) newer_secret: String,
    headers: [HeaderValue; 2],
    second_factor: Option<SecondFactor>,
    strict_version: bool,
}

/// The key pair of the second factor.
struct SecondFactor {
    private: OaepPrivateDecryptingKey,
    public_pem: String,
}

impl Merchant {
    pub(super) fn new(
        pair: Option<(String, String)>,
        two_factor: bool,
        strict_version: bool,
    ) -> Result<Self, ConfigError> {
        let random = |prefix: &str| format!("{prefix}-{:032x}", fastrand::u128(..));
        let (client_id, client_secret) = pair.unwrap_or_else(|| (random("sandbox"), random("sandbox")));
        let credentials = Credentials::new(&*client_id, &*client_secret)?;
        let headers = credentials.header_values()?;
        let second_factor = two_factor.then(SecondFactor::generate).transpose()?;
        let newer_secret = random("newer");
        Ok(Self { credentials, client_id, client_secret, newer_secret, headers, second_factor, strict_version })
    }

    pub(super) fn public_pem(&self) -> Option<&str> {
        self.second_factor.as_ref().map(|factor| factor.public_pem.as_str())
    }

    /// Checks credentials, version and signature, in the documented order.
    pub(super) fn check(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), ErrorResponse> {
        self.check_credentials(headers)?;
        self.check_version(headers)?;
        self.check_signature(headers, now)
    }

    /// The version must be a date. Cashfree serves older versions, and its own SDKs send them.
    fn check_version(&self, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        let error = || documented(StatusCode::BAD_REQUEST, ErrorCode::CheckApiDocumentation);
        let version = headers.get(VERSION).filter(|version| !version.is_empty());
        let Some(version) = version else {
            return Err(error().because(VERSION, ProblemKind::Missing, "is missing"));
        };
        if !version.to_str().is_ok_and(is_api_version) {
            return Err(error().because(VERSION, ProblemKind::Format, "must be a date as YYYY-MM-DD"));
        }
        match other_version(headers).filter(|_| self.strict_version) {
            Some(problem) => Err(error().because_of(problem)),
            None => Ok(()),
        }
    }

    /// Missing credentials are 400, wrong ones 401.
    fn check_credentials(&self, headers: &HeaderMap) -> Result<(), ErrorResponse> {
        for (name, code) in [(ID, ErrorCode::XClientIdMissing), (SECRET, ErrorCode::XClientSecretMissing)] {
            if headers.get(name).is_none_or(HeaderValue::is_empty) {
                let error = documented(StatusCode::BAD_REQUEST, code);
                return Err(error.because(name, ProblemKind::Missing, "is missing"));
            }
        }
        let rules = ["is not this sandbox's", "does not belong to the client id"];
        for ((name, value), rule) in [ID, SECRET].into_iter().zip(&self.headers).zip(rules) {
            if headers.get(name) != Some(value) {
                let error = documented(StatusCode::UNAUTHORIZED, ErrorCode::AuthenticationFailed);
                return Err(error.because(name, ProblemKind::NotAllowed, rule));
            }
        }
        Ok(())
    }

    /// Checks the signature, if the account has a second factor.
    fn check_signature(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), ErrorResponse> {
        let Some(factor) = &self.second_factor else { return Ok(()) };
        let failed = |like| documented_like(StatusCode::FORBIDDEN, ErrorCode::AuthenticationFailed, like);
        let Some(signature) = headers.get(SIGNATURE) else {
            let missing = failed((400, ErrorCode::XClientIdMissing));
            return Err(missing.because(SIGNATURE, ProblemKind::Missing, "is missing"));
        };
        let rule = match factor.read(signature) {
            None => "is not encrypted with the sandbox's public key",
            Some((id, _)) if id != self.client_id => "is for another client id",
            Some((_, at)) if now.as_second().abs_diff(at) > SIGNATURE_AGE => {
                "is too old or too new by the sandbox's clock"
            }
            Some(_) => return Ok(()),
        };
        let wrong = failed((401, ErrorCode::AuthenticationFailed));
        Err(wrong.because(SIGNATURE, ProblemKind::NotAllowed, rule))
    }
}

/// Returns a problem if the version is not the spec's.
pub(super) fn other_version(headers: &HeaderMap) -> Option<Problem> {
    let due = constants::DEFAULT_X_API_VERSION;
    headers.get(VERSION).filter(|version| *version != due)?;
    Some(Problem::new(VERSION, ProblemKind::NotAllowed, format!("must be {due}, the version of the sandbox")))
}

impl SecondFactor {
    fn generate() -> Result<Self, ConfigError> {
        let made = || {
            let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).ok()?;
            let public = key.public_key().as_der().ok()?;
            let text = STANDARD.encode(public.as_ref());
            let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
            let public_pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
            Some(Self { private: OaepPrivateDecryptingKey::new(key).ok()?, public_pem })
        };
        made().ok_or(ConfigError::Value { what: "two-factor key", problem: "cannot be generated" })
    }

    /// Client id and time.
    fn read(&self, signature: &HeaderValue) -> Option<(String, i64)> {
        let encrypted = STANDARD.decode(signature.as_bytes()).ok()?;
        let mut space = vec![0; self.private.min_output_size()];
        let text = self.private.decrypt(&OAEP_SHA1_MGF1SHA1, &encrypted, &mut space, None).ok()?;
        let (id, seconds) = std::str::from_utf8(text).ok()?.rsplit_once('.')?;
        Some((id.to_owned(), seconds.parse().ok()?))
    }
}
