//! The requests of a client to a storage.
//!
//! Each request has its own HTTP client, in which the host of the link resolves only to the checked addresses. Neither another
//! DNS response nor the user's settings can redirect it.
//!
//! ```text
//! the host has no address ─▶ GET ─┬─ a proxy takes it, and resolves the name ─▶ response
//!                                 └─ not connected ─▶ resolve ─▶ public addresses only ─▶ GET ─▶ response
//! ```

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::HeaderMap;
use url::{Host, Url};

use super::super::environment::is_loopback;
use super::super::http_client::{HttpOptions, Pin};
use super::error::{DownloadError, Failure};
use super::hosts::Hosts;
use crate::transport::ConfigError;

/// Resolves a name and a port to addresses.
type LookUp = fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

/// Sends requests to storages. Clones share everything.
#[derive(Clone)]
pub(crate) struct Downloads(Arc<Shared>);

struct Shared {
    /// The HTTP client for a storage on this machine, if that is allowed.
    here: reqwest::Client,
    http: HttpOptions,
    hosts: Hosts,
    look_up: LookUp,
}

fn system(name: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, port)).await?.collect()) })
}

impl Downloads {
    /// # Errors
    /// If an HTTP client cannot be set up with these options.
    pub(crate) fn new(http: HttpOptions, hosts: Hosts) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(Shared { here: http.for_calls(false, true)?, http, hosts, look_up: system })))
    }

    /// Parses and checks a link.
    pub(super) fn check(&self, link: &str) -> Result<Url, DownloadError> {
        self.0.hosts.check(link)
    }

    /// Requests a checked URL.
    pub(super) async fn get(&self, url: &Url, headers: &HeaderMap) -> Result<reqwest::Response, Failure> {
        let send = |client: reqwest::Client| client.get(url.clone()).headers(headers.clone()).send();
        if is_loopback(url) {
            return Ok(send(self.0.here.clone()).await?);
        }
        let Some(Host::Domain(name)) = url.host() else {
            // An address, which `check` has checked.
            return Ok(send(self.client(None).await?).await?);
        };
        match send(self.client(Some((name.to_owned(), Vec::new()))).await?).await {
            Err(error) if leads_nowhere(&error) => {}
            outcome => return Ok(outcome?),
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let found = (self.0.look_up)(name.to_owned(), port).await;
        let found = found.map_err(|error| Failure::again(Some(Box::new(error))))?;
        let public = Hosts::public(url, found)?;
        Ok(send(self.client(Some((name.to_owned(), public))).await?).await?)
    }

    /// Creates a client for one request, on a blocking thread, because that reads the system's certificates.
    async fn client(&self, pin: Option<Pin>) -> Result<reqwest::Client, Failure> {
        let shared = Arc::clone(&self.0);
        let made = tokio::task::spawn_blocking(move || shared.http.for_download(pin)).await;
        let made = made.map_err(|error| Failure::again(Some(Box::new(error))))?;
        made.map_err(|error| Failure::Final(DownloadError::Interrupted(Some(Box::new(error)))))
    }
}

/// Whether no connection was attempted because the host has no address. With a proxy, there would have been a connection.
fn leads_nowhere(error: &reqwest::Error) -> bool {
    let mut causes = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source());
    error.is_connect()
        && causes.any(|cause| {
            cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::NotConnected)
        })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use reqwest::dns::{Addrs, Name, Resolve, Resolving};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::super::super::http_client::HttpChanges;
    use super::*;

    /// A user's resolver that resolves every name to one address.
    struct Leads(SocketAddr);

    impl Resolve for Leads {
        fn resolve(&self, _: Name) -> Resolving {
            let addresses: Addrs = Box::new([self.0].into_iter());
            Box::pin(async move { Ok(addresses) })
        }
    }

    /// Downloads that a user configured. `look_up` resolves names.
    fn downloads(
        look_up: LookUp,
        change: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Downloads {
        let http = HttpOptions {
            changes: HttpChanges(vec![Arc::new(change)]),
            user_agent: "test".into(),
            environment_proxy: false,
            connect_timeout: Duration::from_millis(500),
        };
        let here = http.for_calls(false, true).unwrap();
        Downloads(Arc::new(Shared { here, http, hosts: Hosts::new(false, None).unwrap(), look_up }))
    }

    /// A server that must not be contacted, and the number of connections to it.
    async fn victim() -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, knocks) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&knocks);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        (address, knocks)
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    async fn outcome(downloads: &Downloads, address: SocketAddr) -> Failure {
        let url = downloads.check(&format!("https://storage.example:{}/r.mp4?canary", address.port())).unwrap();
        downloads.get(&url, &HeaderMap::new()).await.unwrap_err()
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[tokio::test]
    async fn a_name_that_leads_to_no_public_address_is_refused_whatever_the_user_set() {
        let (address, knocks) = victim().await;
        let inside: LookUp = |_, port| {
            let addresses = ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1"];
            let addresses = addresses.map(|address| SocketAddr::new(address.parse().unwrap(), port));
            Box::pin(async move { Ok(addresses.to_vec()) })
        };
        let nowhere: LookUp = |_, _| Box::pin(async { Ok(Vec::new()) });
        for look_up in [inside, nowhere] {
            for downloads in [
                downloads(look_up, |http| http),
                downloads(look_up, move |http| http.dns_resolver(Leads(address))),
                downloads(look_up, move |http| http.resolve("storage.example", address)),
                downloads(look_up, move |http| http.resolve_to_addrs("STORAGE.example", &[address])),
            ] {
                let failure = outcome(&downloads, address).await;
                let Failure::Final(error @ DownloadError::Host { .. }) = failure else { panic!("another outcome") };
                let says = "the recording's link leads to storage.example, which resolves to no public address";
                assert_eq!(error.to_string(), says);
            }
        }
        assert_eq!(knocks.load(Ordering::SeqCst), 0);
    }

    /// After a name has passed the check, it is not resolved again. The sockets are bound to loopback, so that nothing leaves
    /// this machine.
    #[cfg(all(target_os = "linux", any(feature = "rustls", feature = "native-tls")))]
    #[tokio::test]
    async fn a_checked_name_leads_only_to_the_checked_addresses() {
        let (address, knocks) = victim().await;
        let passes: LookUp = |_, port| Box::pin(async move { Ok(vec![SocketAddr::from(([1, 1, 1, 1], port))]) });
        for downloads in [
            downloads(passes, move |http| http.interface("lo").dns_resolver(Leads(address))),
            downloads(passes, move |http| http.interface("lo").resolve("storage.example", address)),
        ] {
            assert!(matches!(outcome(&downloads, address).await, Failure::Transient(Some(_), _)));
        }
        assert_eq!(knocks.load(Ordering::SeqCst), 0);
    }

    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[tokio::test]
    async fn a_name_that_is_not_found_may_be_found_the_next_time() {
        let (address, knocks) = victim().await;
        let fails: LookUp = |_, _| Box::pin(async { Err(io::ErrorKind::NotFound.into()) });
        let failure = outcome(&downloads(fails, move |http| http.dns_resolver(Leads(address))), address).await;
        assert!(matches!(failure, Failure::Transient(Some(_), Duration::ZERO)));
        assert_eq!(knocks.load(Ordering::SeqCst), 0);
    }

    /// The proxy's own name is resolved by the user's settings. The proxy resolves the link's name; this machine does not.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    #[tokio::test]
    async fn a_proxy_is_found_where_the_user_says_and_is_asked_for_the_name() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 48];
            stream.read_exact(&mut asked).await.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
            String::from_utf8_lossy(&asked).into_owned()
        });
        let never: LookUp = |_, _| panic!("a proxy looks names up");
        let downloads = downloads(never, move |http| {
            let proxy = reqwest::Proxy::all(format!("http://proxy.internal:{}", address.port())).unwrap();
            http.proxy(proxy).dns_resolver(Leads(address))
        });
        assert!(matches!(outcome(&downloads, address).await, Failure::Transient(Some(_), _)));
        let asked = proxy.await.unwrap();
        assert!(asked.starts_with(&format!("CONNECT storage.example:{} HTTP/1.1\r\n", address.port())), "{asked}");
    }

    #[test]
    fn of_the_addresses_of_a_name_only_public_ones_are_left() {
        let url = Url::parse("https://storage.example/").unwrap();
        let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 443);
        let found = ["10.0.0.1", "1.1.1.1", "::1", "2606:4700:4700::1111", "fd00::1"].map(address);
        let left = Hosts::public(&url, found.to_vec()).unwrap();
        assert_eq!(left, [address("1.1.1.1"), address("2606:4700:4700::1111")]);
    }
}
