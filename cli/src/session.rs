//! Builds clients and webhook verifiers from variables and options.
//!
//! Variables come from the environment, and from a file that only its owner can read: `NAME=value` lines, such as `cashfree-vkyc
//! sandbox` prints. No argument takes credentials, because every user of the machine can see arguments.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use cashfree_vkyc::webhook::Verifier;
use cashfree_vkyc::{Client, ClientBuilder, ConfigError, Credentials, Environment, RateLimit, TwoFactorKey};

use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::files::is_open_to_others;
use crate::input::{MAX_TEXT, bounded, open_regular};

/// The variables and options from which clients and verifiers are built.
pub(crate) struct Session {
    pub(crate) variables: Variables,
    environment: Option<String>,
    pub(crate) timeout: Option<Duration>,
}

impl Session {
    /// # Errors
    /// When the credentials file cannot be used.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let variables = Variables::read(global.credentials_file.as_deref())?;
        Ok(Self { variables, environment: global.env.clone(), timeout: global.timeout })
    }

    /// The chosen environment; the sandbox is the default.
    ///
    /// # Errors
    /// When it is neither a known name nor a valid URL.
    pub(crate) fn environment(&self) -> Result<Environment, Failure> {
        let chosen = self.environment.clone().or_else(|| self.variables.get(ENVIRONMENT));
        match chosen.as_deref() {
            None | Some("sandbox") => Ok(Environment::Sandbox),
            Some("production") => Ok(Environment::Production),
            Some(url) if url.contains(':') || url.contains('/') => Ok(Environment::custom(url)?),
            Some(_) => Err(Failure::usage("there is no such environment")
                .why("CASHFREE_ENVIRONMENT or --env is neither a known name nor a URL")
                .next("write `sandbox`, `production`, or a full URL, such as https://host/path")),
        }
    }

    /// Whether the server is on this machine and needs no limit. Only then the URL can be `http`.
    pub(crate) fn is_local(&self) -> bool {
        self.environment().is_ok_and(|environment| environment.base_url().starts_with("http://"))
    }

    /// # Errors
    /// When environment or credentials cannot be used.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        self.limited_client(None)
    }

    /// A client that sends no more than this many requests a minute.
    ///
    /// # Errors
    /// When environment or credentials cannot be used.
    pub(crate) fn limited_client(&self, per_minute: Option<u32>) -> Result<Client, Failure> {
        let builder = self.builder()?;
        Ok(match per_minute {
            Some(limit) => builder.rate_limit(RateLimit::per_minute(limit)),
            None => builder,
        }
        .build()?)
    }

    /// A client that a command configures further.
    ///
    /// # Errors
    /// When environment or credentials cannot be used.
    pub(crate) fn builder(&self) -> Result<ClientBuilder, Failure> {
        let mut builder = Client::builder()
            .environment(self.environment()?)
            .credentials(self.variables.credentials()?)
            .environment_proxy(true)
            .user_agent(USER_AGENT);
        if let Some(key) = self.variables.two_factor()? {
            builder = builder.two_factor(key);
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout).connect_timeout(timeout.min(Duration::from_secs(5)));
        }
        Ok(builder)
    }

    /// A verifier, which also signs, with the secret of the environment.
    ///
    /// # Errors
    /// When no secret is set.
    pub(crate) fn verifier(&self) -> Result<Verifier, Failure> {
        let secrets = [WEBHOOK_SECRET, Credentials::SECRET_VARIABLE];
        let secret = secrets.iter().find_map(|name| self.variables.get(name)).ok_or_else(|| {
            Failure::new(Exit::Authentication, "there is no secret to verify or sign with")
                .why(format!("neither {} is set", secrets.join(" nor ")))
                .next("set it to the client secret of the oldest active key pair of the account")
        })?;
        Verifier::new(secret)
            .map_err(|error| Failure::new(Exit::Authentication, "the webhook secret cannot be used").why(error))
    }
}

/// The program, as it names itself to servers.
pub(crate) const USER_AGENT: &str = concat!("cashfree-vkyc-cli/", env!("CARGO_PKG_VERSION"));
/// The environment to talk to.
pub(crate) const ENVIRONMENT: &str = "CASHFREE_ENVIRONMENT";
/// The secret of webhooks, if it is not the client secret.
pub(crate) const WEBHOOK_SECRET: &str = "CASHFREE_WEBHOOK_SECRET";

/// Variables by name. Those of the file take precedence over the environment.
#[derive(Default)]
pub(crate) struct Variables(HashMap<String, String>);

impl Variables {
    /// Reads the file.
    ///
    /// # Errors
    /// When the file cannot be read, can be read by others, or has a line that is not `NAME=value`.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(Self::default()) };
        let what = format!("the credentials file {} cannot be used", path.display());
        let failure = |why: &dyn fmt::Display| Failure::usage(what.as_str()).why(why);
        let unreadable = |error: io::Error| failure(&error).next("check the path and its permissions");
        let (file, about) = open_regular(path).map_err(unreadable)?;
        if is_open_to_others(&about) {
            let next = format!("chmod 600 {}", path.display());
            return Err(failure(&"others on this machine can read it").next(next));
        }
        let text = bounded(file, MAX_TEXT).map_err(unreadable)?;
        let text = String::from_utf8(text).map_err(|_| failure(&"it is not UTF-8 text"))?;
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        // The error does not show the line, because it may be a secret.
        let pairs = lines
            .map(|(number, line)| pair(line).ok_or_else(|| failure(&format_args!("line {number} is not NAME=value"))));
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// A variable that is set, and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let of_process = || Some(std::env::var_os(name)?.to_string_lossy().into_owned());
        self.0.get(name).cloned().or_else(of_process).filter(|value| !value.is_empty())
    }

    /// # Errors
    /// When half of the key pair is missing, or a half is not valid.
    pub(crate) fn credentials(&self) -> Result<Credentials, ConfigError> {
        let pair = [Credentials::ID_VARIABLE, Credentials::SECRET_VARIABLE].map(|name| (name, self.get(name)));
        match pair {
            [(_, Some(id)), (_, Some(secret))] => Credentials::new(id, secret),
            pair => {
                let missing = pair.iter().filter(|(_, value)| value.is_none());
                Err(ConfigError::VariablesMissing { names: missing.map(|(name, _)| *name).collect() })
            }
        }
    }

    /// The key of the second factor, if one is set.
    ///
    /// # Errors
    /// When the value is not such a key.
    pub(crate) fn two_factor(&self) -> Result<Option<TwoFactorKey>, Failure> {
        let pem = match (self.get(TwoFactorKey::VARIABLE), self.get(TwoFactorKey::PATH_VARIABLE)) {
            (Some(pem), _) => pem,
            (None, Some(path)) => {
                let text = open_regular(Path::new(&path)).and_then(|(file, _)| bounded(file, MAX_TEXT));
                let unreadable = |error| {
                    let what = format!("the file of {} cannot be read", TwoFactorKey::PATH_VARIABLE);
                    Failure::new(Exit::Authentication, what).why(error).next("check the path and its permissions")
                };
                String::from_utf8_lossy(&text.map_err(unreadable)?).into_owned()
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(TwoFactorKey::from_pem(pem)?))
    }
}

/// Reads a line in shell syntax. The value may be quoted. Unlike in `dotenvy`, nothing in it is expanded.
fn pair(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let unquoted = |mark| value.trim().strip_prefix(mark).and_then(|rest: &str| rest.strip_suffix(mark));
    let value = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(value.trim());
    Some((name.trim().to_owned(), value.to_owned()))
}
