//! Whose the database is.

use std::path::Path;

/// Warns on stderr where this is root, and the database another user's: root should write to nobody's files but its own.
///
/// The files that SQLite makes beside the database are given to its owner by SQLite itself.
#[cfg(unix)]
pub(super) fn warn(path: &Path) {
    use std::io::Write as _;
    use std::os::unix::fs::MetadataExt as _;

    let Ok(metadata) = std::fs::metadata(path) else { return };
    if rustix::process::geteuid().is_root() && metadata.uid() != 0 {
        // Without a stderr there is nobody to warn.
        let _ = writeln!(
            std::io::stderr(),
            "warning: this runs as root, and {} belongs to the user {}: better run it as that user",
            path.display(),
            metadata.uid(),
        );
    }
}

/// Elsewhere there is no root.
#[cfg(not(unix))]
pub(super) fn warn(_: &Path) {}
