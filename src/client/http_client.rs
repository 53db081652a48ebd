//! The underlying HTTP clients. The user's changes are applied first, then the settings that keep a call safe.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;

use crate::transport::{ConfigError, check_header_value};

const MAX_HEADERS: usize = 100;

/// The user's changes to an HTTP client, in order.
#[derive(Clone, Default)]
pub(super) struct HttpChanges(pub(super) Vec<Arc<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>>);

impl fmt::Debug for HttpChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes", self.0.len())
    }
}

/// The options of every HTTP client.
#[derive(Clone)]
pub(super) struct HttpOptions {
    pub(super) changes: HttpChanges,
    pub(super) user_agent: String,
    pub(super) environment_proxy: bool,
    pub(super) connect_timeout: Duration,
}

/// A host, and the only addresses that it resolves to.
pub(super) type Pin = (String, Vec<SocketAddr>);

impl HttpOptions {
    /// Creates a client for all calls. Without TLS, it connects only to this machine.
    pub(super) fn for_calls(&self, https: bool, keep_alive: bool) -> Result<reqwest::Client, ConfigError> {
        let http = self.safe(https)?;
        let http = if keep_alive { http } else { http.pool_max_idle_per_host(0) };
        built(if https { http } else { on_this_machine(http) })
    }

    /// Creates a client for one request of a recording, over https.
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
        // A proxy from the environment is not trusted by default.
        let http = if self.environment_proxy { http } else { http.no_proxy() };
        let http = self
            .changes
            .0
            .iter()
            .fold(http, |http, change| change(http))
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout)
            .https_only(https)
            // A redirect would send the credentials to the host that it names.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            // It would log every byte, including the credentials.
            .connection_verbose(false)
            // One protocol, even if another crate enables more in reqwest: the header limits are tested for this one.
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            // No compression is requested or decoded, even if another crate enables it in reqwest.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate();
        // Choosing the backend also replaces a preconfigured one.
        #[cfg(feature = "rustls")]
        let http = http.tls_backend_rustls().tls_sslkeylogfile(false);
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let http = http.tls_backend_native();
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let http = http
            .tls_danger_accept_invalid_certs(false)
            .tls_danger_accept_invalid_hostnames(false)
            .tls_version_min(reqwest::tls::Version::TLS_1_2);
        Ok(http)
    }
}

fn built(http: ClientBuilder) -> Result<reqwest::Client, ConfigError> {
    http.build().map_err(|error| ConfigError::HttpClient(Box::new(error.without_url())))
}

/// Removes proxies, and resolves `localhost` to loopback independent of any resolver. Reads no certificates, which would take longer
/// than all else, because the connection has no TLS.
fn on_this_machine(http: ClientBuilder) -> ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let http = http.tls_certs_only([]);
    let loopback = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    http.no_proxy().resolve_to_addrs("localhost", &loopback)
}
