//! The configuration of a client: every setting and its default. [`ClientBuilder::build`] checks everything and sends nothing.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::download::{Downloads, Hosts};
use super::environment::{Environment, is_loopback};
use super::handle::{Client, Running};
use super::http_client::{HttpChanges, HttpOptions};
use super::operations::{OPERATIONS, Operations};
use crate::model::constants;
use crate::transport::{
    ConfigError, Connections, Credentials, Limits, RateLimit, RetryPolicy, Settings, Transport, TwoFactorKey,
    is_api_version,
};
use crate::wire::Sensitive;

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

/// Configures a [`Client`]. Environment and credentials are required; everything else has a default.
#[derive(Clone, Debug, Default)]
#[must_use = "the builder does nothing until `build`"]
pub struct ClientBuilder {
    environment: Option<Environment>,
    credentials: Option<Credentials>,
    // Redacted, because a secret may be passed to the wrong setter.
    api_version: Option<Sensitive<String>>,
    user_agent: Option<Sensitive<String>>,
    two_factor: Option<TwoFactorKey>,
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    retry: RetryPolicy,
    rate_limit: Option<RateLimit>,
    max_connections: Option<usize>,
    max_response_bytes: Option<usize>,
    environment_proxy: bool,
    http: HttpChanges,
    download_http: HttpChanges,
    recording_hosts: Option<Vec<String>>,
}

impl ClientBuilder {
    /// Sets the host.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Sets the key pair of the account.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets the API version, `YYYY-MM-DD`. The default is the one in this crate's spec.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(Sensitive::new(version.into()));
        self
    }

    /// Sets the `User-Agent`. The default is `cashfree-vkyc/<version>`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(Sensitive::new(user_agent.into()));
        self
    }

    /// Sets the public key of an account whose two-factor method is "Public Key". Every attempt gets a fresh `x-cf-signature`.
    pub fn two_factor(mut self, key: TwoFactorKey) -> Self {
        self.two_factor = Some(key);
        self
    }

    /// Limits the time of a call: the wait for a slot of the rate limit, connecting, every attempt, back-off, and reading the
    /// body. The default is 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Limits the time of each attempt. The default is 10 seconds, or the time limit of the call if that is shorter.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Limits the time to connect, TLS included. The default is 5 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets when a call is tried again. The default is [`RetryPolicy::default`]: 3 attempts.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Limits the requests per minute of this client and all its clones. The default is no limit.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Limits the concurrent requests, and so the connections in use, of this client and all its clones. Further requests wait.
    /// The default is 100. Watches and bulk calls take at most three quarters of them. A call that was started but is not polled
    /// keeps its connection until it is polled or dropped.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = Some(connections);
        self
    }

    /// Uses the proxy of the environment (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`). Off by default. Requests go through it with
    /// CONNECT, so it sees only the host. Requests to a loopback server over `http` never use a proxy.
    pub fn environment_proxy(mut self, wanted: bool) -> Self {
        self.environment_proxy = wanted;
        self
    }

    /// Changes the HTTP client of all calls: a proxy, root certificates, a client certificate, DNS. For downloads of recordings,
    /// use [`download_http`](Self::download_http).
    ///
    /// The settings that keep a call safe are applied afterwards and cannot be undone here: no redirects, `https` outside
    /// loopback, TLS 1.2 or later with verified certificates, the connect timeout, HTTP/1.1 with at most 100 headers, no retries
    /// by the HTTP client, no logging of bytes. Return the builder that was passed in; a new one would lose earlier changes.
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
        self.http.0.push(Arc::new(change));
        self
    }

    /// Changes the HTTP client of downloads. It is separate, because the headers and client certificates of [`http`](Self::http)
    /// are for Cashfree and must not reach the storage of a recording. Set a proxy or root certificates that both need in both.
    ///
    /// The settings that keep a download safe are applied afterwards: those of a call, and the resolution of a link's host by the
    /// system, to public addresses only. A resolver and addresses that are set here (`dns_resolver`, `resolve`) apply only to the
    /// host of a proxy. A proxy resolves the name of a link itself, and decides which addresses it may reach. It is never asked
    /// for names and addresses that are not public, or not among [`recording_hosts`](Self::recording_hosts). A Unix socket counts
    /// as a proxy.
    pub fn download_http(
        mut self,
        change: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.download_http.0.push(Arc::new(change));
        self
    }

    /// Sets the hosts that recordings may be downloaded from: `bucket.s3.ap-south-1.amazonaws.com` for that host,
    /// `.amazonaws.com` for every host below it. The default is every public host. A host that is not public is rejected even if
    /// it is listed. A second call replaces the list.
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

    /// Limits the bytes of a response's body. The default is 1 MiB; a status has about one KiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Checks the configuration and returns the client. Nothing is sent.
    ///
    /// # Errors
    /// If environment or credentials are missing, a value is not valid, or the HTTP client cannot be set up.
    pub fn build(self) -> Result<Client, ConfigError> {
        let environment = self.environment.ok_or(ConfigError::EnvironmentMissing)?;
        let credentials = self.credentials.ok_or(ConfigError::CredentialsMissing)?;
        let base = environment.parsed()?;
        let https = base.scheme() == "https";
        if https && !cfg!(any(feature = "rustls", feature = "native-tls")) {
            return Err(ConfigError::NoTls);
        }
        let limits = Limits {
            timeout: self.timeout.unwrap_or(DEFAULT_TIMEOUT),
            attempt_timeout: self.attempt_timeout,
            retry: self.retry,
        };
        limits.check()?;
        let connect_timeout = positive("connect_timeout", self.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT))?;
        if self.connect_timeout.is_some() && connect_timeout > limits.attempt_timeout() {
            let problem = "connect_timeout is longer than an attempt may take; shorten it or lengthen attempt_timeout";
            return Err(ConfigError::Timeouts { problem });
        }
        let max_connections = positive("max_connections", self.max_connections.unwrap_or(DEFAULT_MAX_CONNECTIONS))?;
        let max_response_bytes = self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES);
        let hosts = Hosts::new(is_loopback(&base), self.recording_hosts.as_deref())?;
        let settings = Settings {
            credentials,
            api_version: api_version(self.api_version)?,
            two_factor: self.two_factor,
            slots: None,
            rate_limit: self.rate_limit,
            max_response_bytes: positive("max_response_bytes", max_response_bytes)?,
            limits,
            connect_timeout,
            base,
        };
        let http = HttpOptions {
            changes: self.http,
            user_agent: self.user_agent.map_or_else(|| DEFAULT_USER_AGENT.into(), Sensitive::into_inner),
            environment_proxy: self.environment_proxy,
            connect_timeout,
        };
        let downloads = Downloads::new(HttpOptions { changes: self.download_http, ..http.clone() }, hosts)?;
        let make = move |keep_alive| http.for_calls(https, keep_alive);
        let connections = Arc::new(Connections::new(max_connections, Box::new(make))?);
        let urls = OPERATIONS.iter().map(|operation| settings.url(operation.path)).collect();
        let transport = Transport::new(settings, connections, urls)?;
        Ok(Client { operations: Operations(transport), downloads, watches: Running::default() })
    }
}

fn positive<T: Default + PartialEq>(what: &'static str, value: T) -> Result<T, ConfigError> {
    if value == T::default() { Err(ConfigError::Zero { what }) } else { Ok(value) }
}

fn api_version(version: Option<Sensitive<String>>) -> Result<HeaderValue, ConfigError> {
    let version = version.map_or_else(|| constants::DEFAULT_X_API_VERSION.into(), Sensitive::into_inner);
    match HeaderValue::from_str(&version) {
        Ok(value) if is_api_version(&version) => Ok(value),
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
    fn missing_and_invalid_settings_are_named() {
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
            (builder().api_version("-024-12-01"), "API version is not a date"),
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
    fn clients_and_requests_can_be_sent_between_threads() {
        fn check<T: Send + Sync + std::fmt::Debug + 'static>() {}
        check::<Client>();
        check::<ClientBuilder>();
        check::<crate::client::call::Call<VideoKyc>>();
        check::<crate::transport::Response<VideoKyc>>();
    }
}
