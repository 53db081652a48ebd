//! The HTTP clients below ours: the user's changes first, then what must hold whatever they were.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;

use crate::transport::{ConfigError, check_header_value};

const MAX_HEADERS: usize = 100;

/// What a user does to the HTTP client.
#[derive(Clone)]
pub(super) struct HttpSetup(Arc<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>);

impl HttpSetup {
    /// What was set up before, then this change.
    pub(super) fn and(
        earlier: Option<Self>,
        change: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |http| match &earlier {
            Some(earlier) => change((earlier.0)(http)),
            None => change(http),
        }))
    }
}

impl fmt::Debug for HttpSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpSetup")
    }
}

/// How HTTP clients are set up, as often as one is made.
#[derive(Clone)]
pub(super) struct HttpOptions {
    pub(super) setup: Option<HttpSetup>,
    pub(super) user_agent: String,
    pub(super) environment_proxy: bool,
    pub(super) connect_timeout: Duration,
}

/// A host, and the addresses that it leads to, whatever a resolver or the user says.
pub(super) type Pin = (String, Vec<SocketAddr>);

impl HttpOptions {
    /// A client for all calls. In clear, they stay on this machine.
    pub(super) fn for_calls(&self, https: bool, keep_alive: bool) -> Result<reqwest::Client, ConfigError> {
        let http = self.safe(https)?;
        let http = if keep_alive { http } else { http.pool_max_idle_per_host(0) };
        built(if https { http } else { on_this_machine(http) })
    }

    /// A client for one request of a recording, over https.
    pub(super) fn for_download(&self, pin: Option<Pin>) -> Result<reqwest::Client, ConfigError> {
        let http = self.safe(true)?;
        built(match pin {
            Some((host, addresses)) => http.resolve_to_addrs(&host, &addresses),
            None => http,
        })
    }

    fn safe(&self, https: bool) -> Result<ClientBuilder, ConfigError> {
        check_header_value("user agent", &self.user_agent)?;
        let http = reqwest::Client::builder();
        // An HTTP proxy from the environment may be anybody's.
        let http = if self.environment_proxy { http } else { http.no_proxy() };
        let http = match &self.setup {
            Some(setup) => (setup.0)(http),
            None => http,
        };
        let http = http
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout)
            .https_only(https)
            // A redirect would carry the credentials to whoever it names.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            // It would log every byte, the credentials among them.
            .connection_verbose(false)
            // One protocol, whatever another crate turned on in reqwest; its limits on headers are those that are tested.
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            // A body is what came, and no coding is asked for, whatever another crate turned on in reqwest.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate();
        Ok(safe_tls(http))
    }
}

fn built(http: ClientBuilder) -> Result<reqwest::Client, ConfigError> {
    http.build().map_err(|error| ConfigError::HttpClient(Box::new(error.without_url())))
}

/// No proxy, and `localhost` is loopback whatever a resolver says.
fn on_this_machine(http: ClientBuilder) -> ClientBuilder {
    let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    http.no_proxy().resolve_to_addrs("localhost", &loopback)
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn safe_tls(http: ClientBuilder) -> ClientBuilder {
    // Choosing the backend also drops one that came with its own rules.
    #[cfg(feature = "rustls")]
    let http = http.tls_backend_rustls().tls_sslkeylogfile(false);
    #[cfg(not(feature = "rustls"))]
    let http = http.tls_backend_native();
    http.tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn safe_tls(http: ClientBuilder) -> ClientBuilder {
    http
}
