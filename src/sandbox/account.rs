//! Whose sandbox it is: its credentials, its second factor, and how many requests it may send.

use std::collections::HashMap;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use tokio::time::Instant;

use super::refusal::Refusal;
use crate::model::{ErrorCode, constants};
use crate::transport::{ConfigError, Credentials};
use crate::wire::ProblemKind;

/// How far the time in a two-factor signature may be from now, in seconds.
const SIGNATURE_AGE: i64 = 5 * 60;
const MINUTE: Duration = Duration::from_secs(60);

pub(super) struct Account {
    pub(super) credentials: Credentials,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) newer_secret: String,
    headers: [HeaderValue; 2],
    second_factor: Option<SecondFactor>,
}

/// The key pair of which the account has the public half.
struct SecondFactor {
    private: OaepPrivateDecryptingKey,
    public_pem: String,
}

impl Account {
    pub(super) fn new(pair: Option<(String, String)>, two_factor: bool) -> Result<Self, ConfigError> {
        let random = || format!("{:032x}", fastrand::u128(..));
        let (client_id, client_secret) =
            pair.unwrap_or_else(|| (format!("sandbox-{:08x}", fastrand::u32(..)), format!("sandbox-{}", random())));
        let credentials = Credentials::new(&*client_id, &*client_secret)?;
        let headers = credentials.header_values()?;
        let second_factor = two_factor.then(SecondFactor::generate).transpose()?;
        let newer_secret = format!("newer-{}", random());
        Ok(Self { credentials, client_id, client_secret, newer_secret, headers, second_factor })
    }

    pub(super) fn public_pem(&self) -> Option<&str> {
        self.second_factor.as_ref().map(|factor| factor.public_pem.as_str())
    }

    /// Missing credentials are 400, wrong ones 401.
    pub(super) fn check_credentials(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        for (name, code) in [
            (constants::HEADER_X_CLIENT_ID, ErrorCode::XClientIdMissing),
            (constants::HEADER_X_CLIENT_SECRET, ErrorCode::XClientSecretMissing),
        ] {
            if headers.get(name).is_none_or(HeaderValue::is_empty) {
                return Err(Refusal::new(StatusCode::BAD_REQUEST, code).because(
                    name,
                    ProblemKind::Missing,
                    "is missing",
                ));
            }
        }
        let [id, secret] = &self.headers;
        if headers.get(constants::HEADER_X_CLIENT_ID) != Some(id) {
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, ErrorCode::AuthenticationFailed);
            return Err(refusal.because(
                constants::HEADER_X_CLIENT_ID,
                ProblemKind::NotAllowed,
                "is not this sandbox's",
            ));
        }
        if headers.get(constants::HEADER_X_CLIENT_SECRET) != Some(secret) {
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, ErrorCode::AuthenticationFailed);
            return Err(refusal.because(
                constants::HEADER_X_CLIENT_SECRET,
                ProblemKind::NotAllowed,
                "does not belong to the client id",
            ));
        }
        Ok(())
    }

    /// The version that the spec is of.
    pub(super) fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
        let (name, due) = (constants::HEADER_X_API_VERSION, constants::DEFAULT_X_API_VERSION);
        let refuse = |kind, rule: String| {
            Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::CheckApiDocumentation).because(name, kind, rule)
        };
        match headers.get(name) {
            None => Err(refuse(ProblemKind::Missing, "is missing".to_owned())),
            Some(version) if version.as_bytes() == due.as_bytes() => Ok(()),
            Some(_) => {
                Err(refuse(ProblemKind::NotAllowed, format!("must be {due}, the version that the sandbox speaks")))
            }
        }
    }

    /// The signature, where the account has a second factor.
    pub(super) fn check_signature(&self, headers: &HeaderMap, now: Timestamp) -> Result<(), Refusal> {
        let Some(factor) = &self.second_factor else { return Ok(()) };
        let name = constants::HEADER_X_CF_SIGNATURE;
        let refusal = || Refusal::new(StatusCode::FORBIDDEN, ErrorCode::AuthenticationFailed);
        let Some(signature) = headers.get(name) else {
            let missing = refusal().of_the_family_of(StatusCode::BAD_REQUEST, &ErrorCode::XClientIdMissing);
            return Err(missing.because(name, ProblemKind::Missing, "is missing"));
        };
        let rule = match factor.read(signature) {
            None => "is not encrypted with the sandbox's public key",
            Some((id, _)) if id != self.client_id => "is of another client id",
            Some((_, at)) if now.as_second().abs_diff(at) > SIGNATURE_AGE.unsigned_abs() => {
                "is of another time; the sandbox has a clock of its own"
            }
            Some(_) => return Ok(()),
        };
        let mismatch = refusal().of_the_family_of(StatusCode::UNAUTHORIZED, &ErrorCode::AuthenticationFailed);
        Err(mismatch.because(name, ProblemKind::NotAllowed, rule))
    }
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

/// Counts requests, by operation, in minutes that begin with the first.
pub(super) struct RateLimit {
    per_minute: Option<u32>,
    minutes: HashMap<&'static str, Minute>,
}

struct Minute {
    began: Instant,
    used: u32,
}

/// What the rate-limit headers say.
pub(super) struct RateLeft {
    limit: u32,
    left: u32,
    reset: u64,
    refused: bool,
}

impl RateLimit {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, minutes: HashMap::new() }
    }

    pub(super) fn take(&mut self, operation: &'static str) -> Option<RateLeft> {
        let limit = self.per_minute?;
        let now = Instant::now();
        let minute = self.minutes.entry(operation).or_insert(Minute { began: now, used: 0 });
        if now.duration_since(minute.began) >= MINUTE {
            *minute = Minute { began: now, used: 0 };
        }
        let refused = minute.used >= limit;
        minute.used = minute.used.saturating_add(u32::from(!refused));
        let until = MINUTE.saturating_sub(now.duration_since(minute.began));
        let reset = until.as_secs() + u64::from(until.subsec_nanos() > 0);
        Some(RateLeft { limit, left: limit.saturating_sub(minute.used), reset, refused })
    }

    pub(super) fn forget(&mut self) {
        self.minutes.clear();
    }
}

impl RateLeft {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.refused {
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequestsPerOperation);
            return Err(refusal.retry_after(self.reset));
        }
        Ok(())
    }

    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(constants::HEADER_X_RATELIMIT_LIMIT, self.limit.into());
        headers.insert(constants::HEADER_X_RATELIMIT_REMAINING, self.left.into());
        headers.insert(constants::HEADER_X_RATELIMIT_RESET, self.reset.into());
    }
}
