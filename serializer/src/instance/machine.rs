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

/// A reason why another machine may have the same ids as this one. `None` if no reason is known, or an id is set in the
/// environment.
///
/// Containers share the `/etc/machine-id` of their image, and container systems give out the same network addresses on
/// every machine.
#[must_use]
pub fn ambiguity() -> Option<&'static str> {
    if ["MORANGO_SYSTEM_ID", "MORANGO_NODE_ID"].into_iter().any(|variable| overridden(variable).is_some()) {
        return None;
    }
    ambiguity_below(Path::new("/"))
}

fn ambiguity_below(root: &Path) -> Option<&'static str> {
    let card = card_below(root);
    if read_machine_id_below(root).is_none_or(|id| id.is_empty()) && card.is_none() {
        return Some("it has neither an id nor a network card");
    }
    if is_container(root) {
        return Some("it is a container, and may share its ids with others of its image");
    }
    match card {
        Some(octets) if octets[0] & LOCALLY_ADMINISTERED != 0 => {
            Some("the address of its network card is not from a manufacturer")
        }
        _ => None,
    }
}

/// Returns `true` if a file of Docker, of Podman or of a container's control groups is there.
fn is_container(root: &Path) -> bool {
    /// Parts of the names of control groups that container systems make.
    const GROUPS: [&str; 5] = ["docker", "kubepods", "containerd", "libpod", "lxc"];

    let groups = fs::read_to_string(root.join("proc/1/cgroup")).unwrap_or_default();
    root.join(".dockerenv").exists()
        || root.join("run/.containerenv").exists()
        || GROUPS.iter().any(|group| groups.contains(group))
}

fn overridden(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| value.trim().len() >= SHORTEST_OVERRIDE)
}

fn read_machine_id() -> Option<String> {
    read_machine_id_below(Path::new("/"))
}

fn read_machine_id_below(root: &Path) -> Option<String> {
    fs::read_to_string(root.join("etc/machine-id")).ok().map(|id| id.trim().to_owned())
}

fn mac_address() -> Option<String> {
    let octets = card_below(Path::new("/"))?;
    Some(octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":"))
}

/// The MAC address of the first network card with an address from its manufacturer, or else of the first card with any
/// address.
fn card_below(root: &Path) -> Option<[u8; 6]> {
    let folder = root.join("sys/class/net");
    let mut cards: Vec<(u8, String, [u8; 6])> = fs::read_dir(&folder)
        .ok()?
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            let address = fs::read_to_string(folder.join(&name).join("address")).ok()?;
            Some((rank(&name), name, octets(address.trim())?))
        })
        .filter(|(_, _, octets)| *octets != [0; 6] && octets[0] & MULTICAST == 0)
        .collect();
    cards.sort();
    let numbered = cards.iter().find(|(_, _, octets)| octets[0] & LOCALLY_ADMINISTERED == 0);
    numbered.or(cards.first()).map(|(_, _, octets)| *octets)
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
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::fs;

    use super::{ambiguity_below, octets, rank, salted};

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
    fn a_machine_that_may_have_a_twin_is_noticed() {
        let machine = |files: &[(&str, &str)]| {
            let root = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = root.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            ambiguity_below(root.path())
        };
        let id = ("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        let card = ("sys/class/net/eth0/address", "00:11:22:aa:bb:cc\n");
        let given = ("sys/class/net/eth0/address", "02:42:ac:11:00:02\n");
        assert_eq!(machine(&[id, card]), None);
        assert_eq!(machine(&[id]), None);
        assert_eq!(machine(&[id, card, ("proc/1/cgroup", "0::/init.scope\n")]), None);
        for in_container in [
            (".dockerenv", ""),
            ("run/.containerenv", ""),
            ("proc/1/cgroup", "12:pids:/kubepods/besteffort/pod1\n"),
        ] {
            assert!(machine(&[id, card, in_container]).unwrap().contains("container"), "{in_container:?}");
        }
        assert!(machine(&[id, given]).unwrap().contains("network card"));
        let manufactured = ("sys/class/net/eth1/address", "00:11:22:aa:bb:cc\n");
        assert_eq!(machine(&[id, given, manufactured]), None);
        assert!(machine(&[]).unwrap().contains("neither"));
        assert!(machine(&[("etc/machine-id", "\n")]).unwrap().contains("neither"));
    }

    #[test]
    fn an_address_has_six_octets() {
        assert_eq!(octets("00:11:22:aa:bb:cc"), Some([0, 0x11, 0x22, 0xaa, 0xbb, 0xcc]));
        assert_eq!(octets("00:11:22"), None);
        assert_eq!(octets("00:11:22:aa:bb:xx"), None);
    }
}
