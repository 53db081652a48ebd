//! The hosts that a recording's link may lead to. The link comes from outside: its author must not be able to make this machine
//! connect to internal hosts.
//!
//! ```text
//! text ─▶ URL ─▶ https? ─▶ listed? ─▶ an address: public? ─────────────────────▶ ask it
//!                                └──▶ a name: public? ─▶ look up ─▶ public? ─▶ ask these addresses, and no other
//! ```
//!
//! For a client of a loopback environment (a test, or a gateway on the same machine) loopback is allowed, too.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::super::environment::is_loopback;
use super::addresses::is_public;
use super::error::DownloadError;
use crate::transport::ConfigError;

/// The longest name in DNS.
const LONGEST_NAME: usize = 253;

/// Last parts of names in private networks: reserved for that, or so widely used for it that the internet does not have them
/// (RFC 6761, 6762 and its appendix G, 8375; ICANN on `internal`).
const OWN_NAMES: [&str; 10] =
    ["localhost", "localdomain", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan"];

/// Which hosts a client fetches recordings from.
#[derive(Debug)]
pub(crate) struct Hosts {
    /// Whether this machine is allowed.
    loopback: bool,
    /// The only hosts, and with a dot in front the only domains. `None`: all public hosts.
    listed: Option<Vec<String>>,
}

/// Reads an entry of [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts), in the spelling of URLs.
fn entry(text: &str) -> Option<String> {
    let (dot, name) = text.strip_prefix('.').map_or(("", text), |name| (".", name));
    match Host::parse(name).ok()? {
        Host::Domain(name) => is_name(&name).then(|| format!("{dot}{}", undotted(&name))),
        address => dot.is_empty().then(|| address.to_string()),
    }
}

impl Hosts {
    pub(crate) fn new(loopback: bool, listed: Option<&[String]>) -> Result<Self, ConfigError> {
        if listed.is_some_and(<[String]>::is_empty) {
            let problem = "is empty; name a host, or leave it out for every public host";
            return Err(ConfigError::Value { what: "list of recording hosts", problem });
        }
        let problem = "cannot be read; write `bucket.s3.amazonaws.com` for a host, `.amazonaws.com` for all below";
        let refused = ConfigError::Value { what: "recording host", problem };
        let entries = |listed: &[String]| listed.iter().map(|text| entry(text)).collect::<Option<_>>().ok_or(refused);
        let listed = listed.map(entries).transpose()?;
        Ok(Self { loopback, listed })
    }

    /// Parses a link, and checks everything that can be checked without DNS.
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
        let name = undotted(url.host_str().unwrap_or_default());
        let is_this = |entry: &String| if entry.starts_with('.') { name.ends_with(entry) } else { name == entry };
        if self.listed.as_ref().is_some_and(|listed| !listed.iter().any(is_this)) {
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

    /// Keeps the public ones of the addresses that the host of a URL resolves to.
    pub(super) fn public(url: &Url, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, DownloadError> {
        let public: Vec<_> = found.into_iter().filter(|found| is_public(found.ip())).collect();
        if public.is_empty() { Err(refused(url, "which leads to no public address")) } else { Ok(public) }
    }
}

const NO_PUBLIC_ADDRESS: &str = "which is no public address";

fn refused(url: &Url, problem: &'static str) -> DownloadError {
    DownloadError::Host { host: url.host_str().unwrap_or_default().to_owned(), problem }
}

/// A name without the dot at its end, which is the root of DNS.
fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a name has only characters of host names; URLs allow more.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    undotted(name).split('.').all(is_label)
}

/// Whether a name has a meaning on the internet. A name without a dot would be resolved by the machine's search list.
fn is_public_name(name: &str) -> bool {
    let name = undotted(name);
    let is_below = |own: &&str| name.strip_suffix(*own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_name(name) && name.contains('.') && !OWN_NAMES.iter().any(is_below)
}
