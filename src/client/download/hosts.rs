//! Where the link to a recording may lead. The link is somebody else's text: whoever writes it must not choose where a server
//! of ours knocks.
//!
//! ```text
//! text ─▶ URL ─▶ https? ─▶ listed? ─▶ an address: public? ─────────────────────▶ ask it
//!                                └──▶ a name: public? ─▶ look up ─▶ public? ─▶ ask these addresses, and no other
//! ```
//!
//! For a client of a loopback environment, which is a test or has a gateway on its own machine, loopback is allowed too.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::super::environment::is_loopback;
use super::addresses::is_public;
use super::error::DownloadError;
use crate::transport::ConfigError;

/// The longest name that DNS has.
const LONGEST_NAME: usize = 253;

/// Ends of names that lead into somebody's own network, or to their own machine: reserved for that, or so widely used for it
/// that the internet has none of them (RFC 6761, 6762 and its appendix G, 8375; ICANN on `internal`).
const OWN_NAMES: [&str; 10] =
    ["localhost", "localdomain", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan"];

/// Which hosts a client fetches recordings from.
#[derive(Debug)]
pub(crate) struct Hosts {
    /// Whether this machine is one of them.
    loopback: bool,
    /// No other than these. `None`: all that are public.
    listed: Option<Vec<Listed>>,
}

/// An entry of [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts).
#[derive(Debug)]
enum Listed {
    Host(Host<String>),
    /// A name with a dot in front, and so every name below it.
    Below(String),
}

impl Listed {
    fn read(entry: &str) -> Option<Self> {
        let (below, name) = entry.strip_prefix('.').map_or((false, entry), |name| (true, name));
        match Host::parse(name).ok()? {
            Host::Domain(name) if !is_name(&name) => None,
            Host::Domain(name) if below => Some(Self::Below(format!(".{}", undotted(&name)))),
            Host::Domain(name) => Some(Self::Host(Host::Domain(undotted(&name).to_owned()))),
            address => (!below).then_some(Self::Host(address)),
        }
    }

    fn holds(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (Self::Host(Host::Domain(listed)), Host::Domain(name)) => listed == undotted(name),
            (Self::Host(Host::Ipv4(listed)), Host::Ipv4(address)) => listed == address,
            (Self::Host(Host::Ipv6(listed)), Host::Ipv6(address)) => listed == address,
            (Self::Below(end), Host::Domain(name)) => undotted(name).ends_with(end.as_str()),
            _ => false,
        }
    }
}

impl Hosts {
    pub(crate) fn new(loopback: bool, listed: Option<&[String]>) -> Result<Self, ConfigError> {
        let listed = match listed {
            Some([]) => {
                let problem = "is empty; name a host, or leave it out for every public host";
                return Err(ConfigError::Value { what: "list of recording hosts", problem });
            }
            Some(entries) => {
                let problem =
                    "cannot be read; write `bucket.s3.amazonaws.com` for a host, `.amazonaws.com` for all below";
                let refused = ConfigError::Value { what: "recording host", problem };
                Some(entries.iter().map(|entry| Listed::read(entry)).collect::<Option<_>>().ok_or(refused)?)
            }
            None => None,
        };
        Ok(Self { loopback, listed })
    }

    /// The link as a URL that may be asked for, as far as its text tells.
    pub(super) fn check(&self, link: &str) -> Result<Url, DownloadError> {
        let refuse = |problem| Err(DownloadError::Link { problem });
        let Ok(url) = Url::parse(link) else { return refuse("cannot be read") };
        let Some(host) = url.host() else { return refuse("is not https") };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("holds a user or password");
        }
        if matches!(host, Host::Domain(name) if name.len() > LONGEST_NAME) {
            return refuse("names a host that is too long");
        }
        let ours = self.loopback && is_loopback(&url);
        match url.scheme() {
            "https" if cfg!(any(feature = "rustls", feature = "native-tls")) => {}
            "https" => return refuse("is https, and this build has no TLS; enable the feature `rustls`"),
            "http" if ours => {}
            _ => return refuse("is not https"),
        }
        if self.listed.as_ref().is_some_and(|listed| !listed.iter().any(|entry| entry.holds(&host))) {
            return Err(refused(&url, "which `recording_hosts` does not list"));
        }
        match host {
            _ if ours => Ok(url),
            Host::Domain(name) if !is_public_name(name) => Err(refused(&url, "which is no name of a public host")),
            Host::Ipv4(address) if !is_public(IpAddr::V4(address)) => Err(refused(&url, NO_PUBLIC_ADDRESS)),
            Host::Ipv6(address) if !is_public(IpAddr::V6(address)) => Err(refused(&url, NO_PUBLIC_ADDRESS)),
            _ => Ok(url),
        }
    }

    /// Of the addresses that the host of a URL leads to, those that may be connected to.
    pub(super) fn public(url: &Url, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, DownloadError> {
        let public: Vec<_> = found.into_iter().filter(|found| is_public(found.ip())).collect();
        if public.is_empty() { Err(refused(url, "which leads to no public address")) } else { Ok(public) }
    }
}

const NO_PUBLIC_ADDRESS: &str = "which is no public address";

fn refused(url: &Url, problem: &'static str) -> DownloadError {
    DownloadError::Host { host: url.host_str().unwrap_or_default().to_owned(), problem }
}

/// A name without the dot at its end, which stands for the root of DNS.
fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// URLs allow more in a name than DNS, HTTP and a log do.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    undotted(name).split('.').all(is_label)
}

/// A name that has a meaning on the internet. What is no name of its own leads wherever the machine's search list says.
fn is_public_name(name: &str) -> bool {
    let name = undotted(name);
    let is_below = |own: &&str| name.strip_suffix(*own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_name(name) && name.contains('.') && !OWN_NAMES.iter().any(is_below)
}
