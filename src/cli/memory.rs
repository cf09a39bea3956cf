//! The peak memory of the process.

/// The peak resident set of this process, in bytes. `None` off Linux.
pub(super) fn peak_rss_bytes() -> Option<u64> {
    peak_of(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Reads the peak from the text of Linux's `/proc/self/status`, where it is `VmHWM:     1234 kB`.
fn peak_of(status: &str) -> Option<u64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = peak.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(peak_of("VmPeak:\t   9000 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 1000 kB\n"), Some(1_263_616));
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        assert_eq!(peak_of("VmRSS:\t 1000 kB\n"), None);
        assert_eq!(peak_of("VmHWM:\t lots\n"), None);
    }
}
