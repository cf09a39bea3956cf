//! Records of skipped tests, so that the end of `cargo test --workspace` can list them.
//!
//! A test that needs more than Rust and a C compiler calls [`skip`] where that is missing, and [`ran`] where it is not. Each
//! call replaces what the test's last run recorded. The records are files beside the compiled tests, since every test binary
//! is a process of its own.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Records that `test` was skipped, and prints it.
///
/// `test` says what is not tested, in a few words without punctuation. `reason` says what is missing and how to supply it.
///
/// # Panics
///
/// When the record cannot be written.
pub fn skip(test: &str, reason: &str) {
    eprintln!("skipped: {test}: {reason}");
    write(&folder(), test, Some(reason))
        .unwrap_or_else(|error| panic!("cannot record a skipped test: {error}"));
}

/// Records that `test` ran.
///
/// # Panics
///
/// When the record of an earlier run cannot be removed.
pub fn ran(test: &str) {
    write(&folder(), test, None)
        .unwrap_or_else(|error| panic!("cannot remove the record of a skipped test: {error}"));
}

/// The tests that their last runs skipped, and why, in order.
///
/// # Errors
///
/// When the records cannot be read.
pub fn all() -> io::Result<Vec<(String, String)>> {
    read(&folder())
}

/// The folder of the records: beside the folder `deps`, in which all test binaries of a profile are.
fn folder() -> PathBuf {
    let program = env::current_exe().expect("a test binary has a path");
    let profile = program.ancestors().nth(2).expect("it is in a folder of the profile");
    profile.join("skipped-tests")
}

fn write(folder: &Path, test: &str, reason: Option<&str>) -> io::Result<()> {
    let file = folder.join(test.replace(' ', "-"));
    if let Some(reason) = reason {
        fs::create_dir_all(folder)?;
        return fs::write(file, format!("{test}\n{reason}"));
    }
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read(folder: &Path) -> io::Result<Vec<(String, String)>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut skipped = Vec::new();
    for entry in fs::read_dir(folder)? {
        let record = fs::read_to_string(entry?.path())?;
        let (test, reason) = record.split_once('\n').unwrap_or((&record, ""));
        skipped.push((test.to_owned(), reason.to_owned()));
    }
    skipped.sort();
    Ok(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_listed_until_it_runs() {
        let folder = env::temp_dir().join(format!("skipped-tests-{}", std::process::id()));
        assert_eq!(read(&folder).unwrap(), []);
        write(&folder, "memory of a million rows", Some("slow")).unwrap();
        write(&folder, "a full disk", Some("no mount")).unwrap();
        write(&folder, "a full disk", Some("no tmpfs")).unwrap();
        let listed = read(&folder).unwrap();
        let names: Vec<_> = listed.iter().map(|(test, reason)| (test.as_str(), reason.as_str())).collect();
        assert_eq!(names, [("a full disk", "no tmpfs"), ("memory of a million rows", "slow")]);
        write(&folder, "a full disk", None).unwrap();
        write(&folder, "a full disk", None).unwrap();
        assert_eq!(read(&folder).unwrap().len(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
