//! The hosts that recordings may be downloaded from. A link comes from outside: it must not make this machine connect to internal
//! hosts.
//!
//! ```text
//! text ─▶ URL ─▶ https? ─▶ listed? ─▶ an address: public? ─────────────────────▶ request it
//!                                └──▶ a name: public? ─▶ resolve ─▶ public? ───▶ request only these addresses
//! ```
//!
//! A client of a loopback environment (a test, or a gateway on the same machine) may use loopback too.
//!
//! An address is public if it is reachable from the whole internet, and is the same host from everywhere. The tables follow
//! IANA's registries of special-purpose addresses; `Ipv4Addr::is_global` is not stable yet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use super::super::environment::is_loopback;
use super::DownloadError;
use crate::transport::ConfigError;

/// The longest name in DNS.
const LONGEST_NAME: usize = 253;

/// Last labels of names in private networks: reserved for that, or so widely used for it that the internet does not delegate them
/// (RFC 6761, 6762 and its appendix G, 8375; ICANN on `internal`).
const OWN_NAMES: [&str; 10] =
    ["localhost", "localdomain", "local", "internal", "home.arpa", "intranet", "private", "corp", "home", "lan"];

/// The hosts from which a client downloads recordings.
#[derive(Debug)]
pub(crate) struct Hosts {
    /// Whether loopback is allowed.
    loopback: bool,
    /// The only allowed hosts; with a leading dot, domains. `None`: all public hosts.
    listed: Option<Vec<String>>,
}

/// Parses an entry of [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts), and normalises it as URLs do.
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

    /// Parses a link, and checks everything that needs no DNS.
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
            Host::Domain(name) if !is_public_name(name) => Err(refused(&url, "which is not the name of a public host")),
            Host::Ipv4(address) if !is_public(IpAddr::V4(address)) => Err(refused(&url, NO_PUBLIC_ADDRESS)),
            Host::Ipv6(address) if !is_public(IpAddr::V6(address)) => Err(refused(&url, NO_PUBLIC_ADDRESS)),
            _ => Ok(url),
        }
    }

    /// Keeps the public ones among the addresses of a URL's host.
    pub(super) fn public(url: &Url, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, DownloadError> {
        let public: Vec<_> = found.into_iter().filter(|found| is_public(found.ip())).collect();
        if public.is_empty() { Err(refused(url, "which resolves to no public address")) } else { Ok(public) }
    }
}

const NO_PUBLIC_ADDRESS: &str = "which is not a public address";

fn refused(url: &Url, problem: &'static str) -> DownloadError {
    DownloadError::Host { host: url.host_str().unwrap_or_default().to_owned(), problem }
}

/// Removes the dot at the end of a name, which is the root of DNS.
fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Whether a name has only characters of host names. URLs allow more.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    undotted(name).split('.').all(is_label)
}

/// Whether a name belongs to the public DNS. A name without a dot would be resolved with the machine's search list.
fn is_public_name(name: &str) -> bool {
    let name = undotted(name);
    let is_below = |own: &&str| name.strip_suffix(*own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_name(name) && name.contains('.') && !OWN_NAMES.iter().any(is_below)
}

/// Every IPv4 network that is not public, with the length of its prefix.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 17] = [
    // "This network". Linux treats 0.0.0.0 as loopback.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared behind a carrier's NAT; Alibaba's metadata.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Azure's host agent. The address is public, but has this meaning within Azure.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local; the clouds' metadata.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Private.
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // Protocol assignments; Oracle's metadata.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // Relays of 6to4, withdrawn.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Private.
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Documentation.
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, including the part that IANA's table lists as reserved.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // Broadcast.
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

/// The range of all public addresses. Loopback, unique-local, link-local, site-local, multicast, IPv4-mapped and IPv4-compatible
/// addresses are outside.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The networks within it that are not public.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 5] = [
    // Protocol assignments: Teredo (embeds IPv4), benchmarks, identifiers that are not addresses.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4 (embeds IPv4); withdrawn.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // The 6bone; returned.
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// The prefix by which an IPv6-only network reaches an IPv4-only host, whose address is the last 32 bits.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address is a public host's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(network, bits): &(Ipv4Addr, u32)| (network.to_bits() ^ address.to_bits()).leading_zeros() >= *bits;
    !NOT_PUBLIC_V4.iter().any(within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |(network, bits): &(Ipv6Addr, u32)| (network.to_bits() ^ address.to_bits()).leading_zeros() >= *bits;
    if within(&NAT64) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    within(&GLOBAL_UNICAST) && !NOT_PUBLIC_V6.iter().any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn a_link_with_a_user_or_a_password_is_refused() {
        let hosts = Hosts { loopback: false, listed: None };
        assert!(hosts.check("https://a.example/r").is_ok());
        for link in ["https://user@a.example/r", "https://:password@a.example/r", "https://user:password@a.example/r"] {
            let error = hosts.check(link).unwrap_err().to_string();
            assert!(error.contains("holds a user or password"), "{error}");
        }
    }

    #[test]
    fn every_network_has_its_exact_bounds() {
        let step = |address: Ipv4Addr, by: i64| Ipv4Addr::from((i64::from(address.to_bits()) + by) as u32);
        for (network, bits) in NOT_PUBLIC_V4 {
            let last = step(network, (1_i64 << (32 - bits)) - 1);
            assert!(!is_public_v4(network) && !is_public_v4(last), "{network}/{bits}");
            assert!(network.to_bits().trailing_zeros() + bits >= 32, "{network}/{bits} has more bits");
        }
        for neighbour in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
        ] {
            assert!(public(neighbour), "{neighbour}");
        }
    }

    #[test]
    fn of_ipv6_only_global_unicast_is_public() {
        for address in ["2606:4700:4700::1111", "2a00:1450:4009::", "2001:200::1", "2001:4860:4860::8888", "2003::1"] {
            assert!(public(address), "{address}");
        }
        for address in [
            "::",
            "::1",
            "::ffff:1.1.1.1",
            "::1.1.1.1",
            "100::1",
            "64:ff9b:1::1.1.1.1",
            "1fff:ffff::",
            "4000::",
            "fc00::",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:1ff:ffff::",
            "2001:db8::",
            "2002:101:101::",
            "3ffe::1",
            "3fff:fff:ffff::",
            "5f00::1",
        ] {
            assert!(!public(address), "{address}");
        }
        assert!(public("3fff:1000::"));
    }

    #[test]
    fn a_translated_address_is_judged_by_its_ipv4_address() {
        for (address, is) in [("1.1.1.1", true), ("10.0.0.1", false), ("127.0.0.1", false), ("169.254.169.254", false)]
        {
            assert_eq!((public(address), public(&format!("64:ff9b::{address}"))), (is, is), "{address}");
        }
    }
}
