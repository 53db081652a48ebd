//! Which addresses are public: reachable from the whole internet, and the same host from everywhere. The tables follow IANA's
//! registries of special-purpose addresses; `Ipv4Addr::is_global` is not stable yet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Every IPv4 network that is not public, with the length of its prefix.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 17] = [
    // "This network". Linux takes 0.0.0.0 for loopback.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared behind a carrier's NAT; Alibaba's metadata.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Azure's agent on the host. The address is a public one, but has this meaning within Azure.
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

/// All addresses that are assigned to public hosts. Loopback, unique-local, link-local, site-local, multicast, IPv4-mapped and
/// IPv4-compatible addresses lie outside.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// The networks within it that are not public.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 5] = [
    // Protocol assignments: Teredo, which embeds IPv4, benchmarks, identifiers that are no addresses.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which embeds IPv4; withdrawn.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // The 6bone, given back.
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// The prefix with which an IPv6-only network reaches an IPv4-only host: the last 32 bits are that host.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address leads to a public host.
pub(super) fn is_public(address: IpAddr) -> bool {
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
    fn every_network_ends_where_it_says() {
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
    fn of_ipv6_only_what_is_assigned_to_public_hosts_is_public() {
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
    fn what_is_translated_counts_for_what_it_is_translated_to() {
        for (address, is) in [("1.1.1.1", true), ("10.0.0.1", false), ("127.0.0.1", false), ("169.254.169.254", false)]
        {
            assert_eq!((public(address), public(&format!("64:ff9b::{address}"))), (is, is), "{address}");
        }
    }
}
