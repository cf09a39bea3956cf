//! The system id and node id, which identify this machine (morango.md §1.8).
//!
//! Copies of a database on two machines must have different instances, and a file that is opened again must have the
//! same one. Morango uses an id of the system and an address of the network card, hashes each with a salt, and lets the
//! environment override both.

use std::fs;
use std::path::Path;

use sha1::{Digest, Sha1};

const SALT: &str = "::b88281f3-302c-4def-bb87-043f681e4183";

/// The minimum length of an override. A shorter one is regarded as a mistake and ignored.
const SHORTEST_OVERRIDE: usize = 3;

/// The salted hash of the system's id. Empty if there is none.
#[must_use]
pub fn system_id() -> String {
    salted(&overridden("MORANGO_SYSTEM_ID").or_else(read_machine_id).unwrap_or_default())
}

/// The salted hash of a network card's address. Empty if there is none.
#[must_use]
pub fn node_id() -> String {
    salted(&overridden("MORANGO_NODE_ID").or_else(mac_address).unwrap_or_default())
}

/// The host name of this machine, for display. Empty if it is unknown.
#[must_use]
pub fn hostname() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}

/// A salted hash as twenty hex digits. It shows whether two values are equal, but not the values.
fn salted(value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let digest: [u8; 20] = Sha1::digest(format!("{value}{SALT}").to_lowercase()).into();
    let [bits @ .., _, _, _, _] = digest;
    format!("{:032x}", u128::from_be_bytes(bits))[..20].to_owned()
}

fn overridden(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| value.trim().len() >= SHORTEST_OVERRIDE)
}

fn read_machine_id() -> Option<String> {
    fs::read_to_string("/etc/machine-id").ok().map(|id| id.trim().to_owned())
}

/// The MAC address of the first network card with an address from its manufacturer, or else of the first card with any
/// address.
fn mac_address() -> Option<String> {
    let mut cards: Vec<(u8, String, [u8; 6])> = fs::read_dir("/sys/class/net")
        .ok()?
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let address = fs::read_to_string(Path::new("/sys/class/net").join(&name).join("address")).ok()?;
            Some((rank(&name), name, octets(address.trim())?))
        })
        .filter(|(_, _, octets)| *octets != [0; 6] && octets[0] & MULTICAST == 0)
        .collect();
    cards.sort();
    let numbered = cards.iter().find(|(_, _, octets)| octets[0] & LOCALLY_ADMINISTERED == 0);
    let (_, _, octets) = numbered.or(cards.first())?;
    Some(octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":"))
}

const MULTICAST: u8 = 1;
const LOCALLY_ADMINISTERED: u8 = 2;

/// The sort order of network cards: wired, wireless, others.
fn rank(name: &str) -> u8 {
    match name {
        _ if name.starts_with("eth") || name.starts_with("en") => 0,
        _ if name.starts_with("wl") => 1,
        _ if name.starts_with(['e', 'w']) => 2,
        _ => 3,
    }
}

fn octets(address: &str) -> Option<[u8; 6]> {
    let octets: Result<Vec<u8>, _> = address.split(':').map(|octet| u8::from_str_radix(octet, 16)).collect();
    octets.ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{octets, rank, salted};

    #[test]
    fn salted_values_are_those_of_the_golden_vectors() {
        // Test vectors of morango.md §18.
        assert_eq!(salted("00:11:22:AA:bb:CC"), "573078654e923c5a6f20");
        assert_eq!(salted(""), "");
    }

    #[test]
    fn wired_cards_come_first() {
        let mut names = ["docker0", "wlan0", "eth1", "ebr", "enp3s0"];
        names.sort_by_key(|name| (rank(name), *name));
        assert_eq!(names, ["enp3s0", "eth1", "wlan0", "ebr", "docker0"]);
    }

    #[test]
    fn an_address_has_six_octets() {
        assert_eq!(octets("00:11:22:aa:bb:cc"), Some([0, 0x11, 0x22, 0xaa, 0xbb, 0xcc]));
        assert_eq!(octets("00:11:22"), None);
        assert_eq!(octets("00:11:22:aa:bb:xx"), None);
    }
}
