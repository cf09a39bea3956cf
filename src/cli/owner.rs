//! A warning about running as root on the database of another user.

use std::path::Path;

/// Warns on stderr if the process runs as root and the database belongs to another user.
///
/// SQLite itself gives the files that it makes beside the database to the database's owner.
#[cfg(unix)]
pub(super) fn warn(path: &Path) {
    use std::io::Write as _;
    use std::os::unix::fs::MetadataExt as _;

    let Ok(metadata) = std::fs::metadata(path) else { return };
    if rustix::process::geteuid().is_root() && metadata.uid() != 0 {
        // A closed stderr is no reason to stop.
        let _ = writeln!(
            std::io::stderr(),
            "warning: this runs as root, and {} belongs to the user {}; run it as that user",
            path.display(),
            metadata.uid(),
        );
    }
}

/// Other systems have no root.
#[cfg(not(unix))]
pub(super) fn warn(_: &Path) {}
