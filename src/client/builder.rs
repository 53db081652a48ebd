//! How a client is configured: every setting, what it defaults to, and what holds whatever the user sets.
//!
//! [`ClientBuilder::build`] checks everything and sends nothing. The user's changes to the HTTP client come first, the
//! settings that keep a call safe after them.

use std::fmt;
use std::time::Duration;

use http::HeaderValue;

use super::download::{Downloads, Hosts};
use super::environment::{Environment, is_loopback};
use super::handle::Client;
use super::http_client::{HttpOptions, HttpSetup};
use super::operations::{OPERATIONS, Operations};
use crate::model::constants;
use crate::transport::{
    ConfigError, Connections, Credentials, Limits, RateLimit, RetryPolicy, Settings, Transport, TwoFactorKey,
};
use crate::wire::sensitive::Redacted;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_MAX_CONNECTIONS: usize = 100;
const DEFAULT_MAX_RESPONSE_BYTES: usize = 1024 * 1024;
const DEFAULT_USER_AGENT: &str = concat!("cashfree-vkyc/", env!("CARGO_PKG_VERSION"));

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

/// Configures a [`Client`]. Environment and credentials are due; all else has a default.
#[derive(Clone, Default)]
#[must_use = "the builder does nothing until `build`"]
pub struct ClientBuilder {
    environment: Option<Environment>,
    credentials: Option<Credentials>,
    api_version: Option<String>,
    user_agent: Option<String>,
    two_factor: Option<TwoFactorKey>,
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    retry: RetryPolicy,
    rate_limit: Option<RateLimit>,
    max_connections: Option<usize>,
    max_response_bytes: Option<usize>,
    environment_proxy: bool,
    http: Option<HttpSetup>,
    download_http: Option<HttpSetup>,
    recording_hosts: Option<Vec<String>>,
}

impl ClientBuilder {
    /// Which host to talk to.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The key pair of the account.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The API version to ask for, `YYYY-MM-DD`. The default is the one that this crate's spec describes.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// What to send as `User-Agent`. The default is `cashfree-vkyc/<version>`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// The public key of an account whose two-factor method is "Public Key". Every attempt gets a fresh `x-cf-signature`.
    pub fn two_factor(mut self, key: TwoFactorKey) -> Self {
        self.two_factor = Some(key);
        self
    }

    /// How long a call may take in all: waiting for a slot of the rate limit, connecting, every attempt, back-off, and the
    /// last byte of the body. The default is 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long each attempt may take. The default is 10 seconds, or the whole call's time where that is shorter.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long connecting may take, TLS included. The default is 5 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// When a call is tried again. The default is [`RetryPolicy::default`]: 3 attempts.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many requests a minute are sent at the most, by this client and all its clones. The default is no limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// How many requests may be under way at a time, and so how many connections are in use, by this client and all its
    /// clones; more wait their turn. The default is 100. Watches and bulk calls take at most three quarters of them. A call that
    /// was begun and is not polled keeps its connection until it is polled or dropped.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = Some(connections);
        self
    }

    /// Uses the proxy that the environment names (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`). The default is not to. Requests go
    /// through it by CONNECT, so that it sees no more than the host; a loopback server in clear is never asked through one.
    pub fn environment_proxy(mut self, wanted: bool) -> Self {
        self.environment_proxy = wanted;
        self
    }

    /// Changes the HTTP client of all calls: a proxy, root certificates, a client certificate, DNS. Downloads of recordings have
    /// [`download_http`](Self::download_http).
    ///
    /// What keeps a call safe is set after it and cannot be undone here: no redirects, `https` outside loopback, TLS 1.2 with
    /// verified certificates, the connect timeout, HTTP/1.1 with at most 100 headers, no retries below ours, no logging of
    /// bytes. Return the builder that was given, changed; a fresh one would lose what was set before.
    ///
    /// ```
    /// # fn example(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    /// let root = reqwest::Certificate::from_pem(pem)?;
    /// let builder = cashfree_vkyc::Client::builder()
    ///     .http(move |http| http.add_root_certificate(root.clone()))
    ///     .http(|http| http.pool_max_idle_per_host(4));
    /// # Ok(())
    /// # }
    /// ```
    pub fn http(
        mut self,
        change: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http = Some(HttpSetup::and(self.http.take(), change));
        self
    }

    /// The same for downloads of recordings, which have an HTTP client of their own: headers and client certificates that
    /// [`http`](Self::http) sets are for Cashfree, and must not reach whatever storage a link names. A proxy or root
    /// certificates that both need are set in both.
    ///
    /// What keeps a download safe is set after it as well: besides what holds for a call, nothing is decompressed, and the host
    /// of a link is looked up by the system and leads to its public addresses only. A resolver and addresses that are set here
    /// (`dns_resolver`, `resolve`) count for the host of a proxy alone. Through a proxy, the proxy looks a name up: which
    /// addresses it may lead to is for the proxy to say, while names and addresses that are not public, and those beyond
    /// [`recording_hosts`](Self::recording_hosts), are not asked of it. A Unix socket counts as a proxy.
    pub fn download_http(
        mut self,
        change: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.download_http = Some(HttpSetup::and(self.download_http.take(), change));
        self
    }

    /// Which hosts recordings are fetched from: `bucket.s3.ap-south-1.amazonaws.com` for that host, `.amazonaws.com` for every host
    /// below it. The default is every public host. This narrows it: a host that is not public is refused even when it is
    /// listed. Called again, it replaces the list.
    ///
    /// ```
    /// # use cashfree_vkyc::{Client, Credentials, Environment};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder()
    ///     .environment(Environment::Production)
    ///     .credentials(Credentials::new("id", "secret")?)
    ///     .recording_hosts([".amazonaws.com", "storage.cashfree.com"])
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn recording_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.recording_hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// The most bytes that the body of a response may have. The default is 1 MiB; a status has about one KiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Checks the configuration and makes the client. Nothing is sent.
    ///
    /// # Errors
    /// When environment or credentials are missing, a value makes no sense, or the HTTP client cannot be set up.
    pub fn build(self) -> Result<Client, ConfigError> {
        let environment = self.environment.clone().ok_or(ConfigError::EnvironmentMissing)?;
        let credentials = self.credentials.clone().ok_or(ConfigError::CredentialsMissing)?;
        if environment.is_https() && !cfg!(any(feature = "rustls", feature = "native-tls")) {
            return Err(ConfigError::NoTls);
        }
        let limits = Limits {
            timeout: self.timeout.unwrap_or(DEFAULT_TIMEOUT),
            attempt_timeout: self.attempt_timeout,
            retry: self.retry.clone(),
        };
        limits.check()?;
        let connect_timeout = positive("connect_timeout", self.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT))?;
        if self.connect_timeout.is_some() && connect_timeout > limits.attempt_timeout() {
            let problem = "connect_timeout is longer than an attempt may take; shorten it or lengthen attempt_timeout";
            return Err(ConfigError::Timeouts { problem });
        }
        let max_connections = positive("max_connections", self.max_connections.unwrap_or(DEFAULT_MAX_CONNECTIONS))?;
        let settings = Settings {
            credentials,
            api_version: api_version(self.api_version.as_deref())?,
            two_factor: self.two_factor.clone(),
            limiter: self.rate_limit.clone().map(RateLimit::into_limiter).transpose()?,
            rate_limit: self.rate_limit.clone(),
            max_response_bytes: positive(
                "max_response_bytes",
                self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES),
            )?,
            limits,
            connect_timeout,
            base: environment.parsed()?,
        };
        let https = environment.is_https();
        let http = HttpOptions {
            setup: self.http,
            user_agent: self.user_agent.unwrap_or_else(|| DEFAULT_USER_AGENT.into()),
            environment_proxy: self.environment_proxy,
            connect_timeout,
        };
        let hosts = Hosts::new(is_loopback(&environment.parsed()?), self.recording_hosts.as_deref())?;
        let downloads = Downloads::new(HttpOptions { setup: self.download_http, ..http.clone() }, hosts)?;
        let make = move |keep_alive| http.for_calls(https, keep_alive);
        let transport = Transport::new(settings, Connections::new(max_connections, Box::new(make))?, OPERATIONS)?;
        Ok(Client { operations: Operations(transport), downloads })
    }
}

/// Texts are not printed: whatever was pasted into the wrong setting would be.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &Option<String>| text.as_ref().map(|_| Redacted);
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .field("credentials", &self.credentials)
            .field("api_version", &text(&self.api_version))
            .field("user_agent", &text(&self.user_agent))
            .field("two_factor", &self.two_factor)
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("retry", &self.retry)
            .field("rate_limit", &self.rate_limit)
            .field("max_connections", &self.max_connections)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("environment_proxy", &self.environment_proxy)
            .field("recording_hosts", &self.recording_hosts)
            .finish_non_exhaustive()
    }
}

fn positive<T: Default + PartialEq>(what: &'static str, value: T) -> Result<T, ConfigError> {
    if value == T::default() { Err(ConfigError::Zero { what }) } else { Ok(value) }
}

fn api_version(version: Option<&str>) -> Result<HeaderValue, ConfigError> {
    let version = version.unwrap_or(constants::DEFAULT_X_API_VERSION);
    let is_date = version.len() == 10 && jiff::civil::Date::strptime("%Y-%m-%d", version).is_ok();
    match HeaderValue::from_str(version) {
        Ok(value) if is_date => Ok(value),
        _ => Err(ConfigError::Value { what: "API version", problem: "is not a date; write YYYY-MM-DD" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VideoKyc;

    fn builder() -> ClientBuilder {
        Client::builder().environment(Environment::Sandbox).credentials(Credentials::new("id", "secret").unwrap())
    }

    #[test]
    fn what_is_missing_or_makes_no_sense_is_named() {
        let environment_only = Client::builder().environment(Environment::Sandbox);
        for (builder, says) in [
            (Client::builder(), "no environment"),
            (environment_only, "no credentials"),
            (builder().timeout(Duration::ZERO), "timeout is zero"),
            (builder().connect_timeout(Duration::ZERO), "connect_timeout is zero"),
            (builder().attempt_timeout(Duration::ZERO), "attempt_timeout is zero"),
            (
                builder().timeout(Duration::from_secs(5)).attempt_timeout(Duration::from_secs(6)),
                "attempt_timeout is longer",
            ),
            (builder().connect_timeout(Duration::from_secs(11)), "connect_timeout is longer"),
            (builder().retry(RetryPolicy::default().max_attempts(0)), "max_attempts is zero"),
            (builder().rate_limit(RateLimit::per_minute(0)), "rate_limit is zero"),
            (builder().max_connections(0), "max_connections is zero"),
            (builder().max_response_bytes(0), "max_response_bytes is zero"),
            (builder().api_version("v2"), "API version is not a date"),
            (builder().api_version("2024-13-01"), "API version is not a date"),
            (builder().api_version("2024-12-01\r\nx: y"), "API version is not a date"),
            (builder().user_agent(""), "user agent is empty"),
            (builder().user_agent("a\nb"), "user agent has a character"),
            (builder().recording_hosts([""; 0]), "list of recording hosts is empty"),
            (builder().recording_hosts(["https://a.example"]), "recording host cannot be read"),
            (builder().recording_hosts(["a.example", "*.a.example"]), "recording host cannot be read"),
        ] {
            let error = builder.build().unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[test]
    fn the_defaults_build() {
        let client = format!("{:?}", builder().build().unwrap());
        for default in
            ["timeout: 30s", "attempt_timeout: 10s", "connect_timeout: 5s", "max_attempts: 3", "rate_limit: None"]
        {
            assert!(client.contains(default), "{client}");
        }
        assert!(builder().environment(Environment::Production).api_version("2025-11-01").build().is_ok());
    }

    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    #[test]
    fn without_tls_https_is_refused_when_building() {
        assert!(matches!(builder().build(), Err(ConfigError::NoTls)));
    }

    #[test]
    fn clients_and_requests_travel_between_threads() {
        fn check<T: Send + Sync + std::fmt::Debug + 'static>() {}
        check::<Client>();
        check::<ClientBuilder>();
        check::<crate::client::call::Call<VideoKyc>>();
        check::<crate::transport::Response<VideoKyc>>();
    }
}
