//! Which network addresses a connector may speak to. An admin writes a provider's address into the settings, and a
//! provider writes addresses of pictures into its requests: neither is to reach the services beside the hub.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The hub decides it for all channels; a connector asks it after a name has been resolved, for the very address that it
/// then connects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Only what is reachable from everywhere.
    #[default]
    Public,
    /// Also the hub's own machine and its private network: for a gateway or a Bot API server of one's own.
    Any,
}

impl Addresses {
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::Any => true,
        }
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The special blocks of RFC 6890 and its registry.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a >= 224 // multicast, reserved, broadcast
        || (a == 100 && (64..128).contains(&b)) // between a provider and its customers, RFC 6598
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)); // benchmarks, RFC 2544
    !special
}

/// Global unicast is `2000::/3`; of that, what carries an IPv4 address inside is as public as that one.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low), // NAT64, RFC 6052
        [0x2002, high, low, ..] => inner(high, low),               // 6to4
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] => false,            // Teredo; documentation
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::Addresses;

    #[test]
    fn what_lies_beside_the_hub_is_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            let parsed = address.parse().unwrap();
            assert!(!Addresses::Public.allows(parsed), "{address}");
            assert!(Addresses::Any.allows(parsed), "{address}");
        }
    }

    #[test]
    fn the_rest_is() {
        for address in
            ["1.1.1.1", "54.172.60.0", "100.63.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::101:101"]
        {
            assert!(Addresses::Public.allows(address.parse().unwrap()), "{address}");
        }
    }
}
