//! Builds clients and webhook verifiers from variables and options.

use std::time::Duration;

use cashfree_vkyc::webhook::Verifier;
use cashfree_vkyc::{Client, ClientBuilder, Credentials, Environment, RateLimit};

use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::variables::{ENVIRONMENT, Variables, WEBHOOK_SECRET};

/// The variables and options from which clients and verifiers are built.
pub(crate) struct Session {
    pub(crate) variables: Variables,
    environment: Option<String>,
    timeout: Option<Duration>,
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
    /// When it is neither a name nor a URL that can be used.
    pub(crate) fn environment(&self) -> Result<Environment, Failure> {
        let chosen = self.environment.clone().or_else(|| self.variables.text(ENVIRONMENT));
        match chosen.as_deref() {
            None | Some("sandbox") => Ok(Environment::Sandbox),
            Some("production") => Ok(Environment::Production),
            Some(url) if url.contains(':') || url.contains('/') => Ok(Environment::custom(url)?),
            Some(_) => Err(Failure::usage("there is no such environment")
                .why("CASHFREE_ENVIRONMENT or --env is neither a name that is known nor a URL")
                .next("write `sandbox`, `production`, or a URL in full, as in https://host/path")),
        }
    }

    /// Whether the server is on this machine and needs no limit. Only such URLs can be `http`.
    pub(crate) fn is_local(&self) -> bool {
        self.environment().is_ok_and(|environment| environment.base_url().starts_with("http://"))
    }

    /// # Errors
    /// When environment or credentials cannot be used.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(self.builder()?.build()?)
    }

    /// A client for many calls. Without a limit of the user, it keeps the standard limit unless the server is local.
    ///
    /// # Errors
    /// When environment or credentials cannot be used.
    pub(crate) fn bulk_client(&self, per_minute: Option<u32>) -> Result<Client, Failure> {
        let builder = self.builder()?;
        let limit = per_minute.or_else(|| (!self.is_local()).then_some(RateLimit::STANDARD_PER_MINUTE));
        Ok(match limit {
            Some(limit) => builder.rate_limit(RateLimit::per_minute(limit)).build()?,
            None => builder.build()?,
        })
    }

    /// # Errors
    /// When environment or credentials cannot be used.
    pub(crate) fn builder(&self) -> Result<ClientBuilder, Failure> {
        let builder = Client::builder()
            .environment(self.environment()?)
            .credentials(self.variables.credentials()?)
            .environment_proxy(true)
            .user_agent(concat!("cashfree-vkyc-cli/", env!("CARGO_PKG_VERSION")));
        let builder = match self.variables.two_factor()? {
            Some(key) => builder.two_factor(key),
            None => builder,
        };
        Ok(match self.timeout {
            Some(timeout) => builder.timeout(timeout).connect_timeout(timeout.min(Duration::from_secs(5))),
            None => builder,
        })
    }

    /// A verifier, which also signs, with the secret of the environment.
    ///
    /// # Errors
    /// When no secret is set.
    pub(crate) fn verifier(&self) -> Result<Verifier, Failure> {
        let secrets = [WEBHOOK_SECRET, Credentials::SECRET_VARIABLE];
        let secret = secrets.iter().find_map(|name| self.variables.text(name)).ok_or_else(|| {
            Failure::new(Exit::Authentication, "there is no secret to verify or sign with")
                .why(format!("neither {} is set", secrets.join(" nor ")))
                .next("set it to the client secret of the oldest active key pair of the account")
        })?;
        Verifier::new(secret)
            .map_err(|error| Failure::new(Exit::Authentication, "the webhook secret is none").why(error))
    }
}
