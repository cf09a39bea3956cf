//! A file that the user of the program may read, and not write.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::fixtures::Scratch;
use crate::program::{PROGRAM, message};

/// Runs the program as somebody who may read `database` and write nothing. The superuser may write whatever the
/// permissions say, so then it is run as nobody; its copy lies where nobody can reach it.
fn run_without_permission(database: &Scratch, command: &str) -> std::process::Output {
    const NOBODY: u32 = 65534;
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let bin = Scratch::empty();
    let program = bin.folder().join("program");
    // Copied by another process: a file that this one has open for writing, another thread's child would keep open for
    // a moment, and it could not be run.
    assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
    mode(&program, 0o755);
    mode(bin.folder(), 0o755);
    mode(database.path(), 0o444);
    mode(database.folder(), 0o555);
    let mut command_line = Command::new(&program);
    command_line.arg(command).arg(database.path()).current_dir("/");
    if fs::write(database.folder().join("may-write"), "").is_ok() {
        fs::remove_file(database.folder().join("may-write")).unwrap();
        command_line.uid(NOBODY).gid(NOBODY);
    }
    // Another test that starts a program just now holds the copy open for writing, until its child has begun.
    let output = loop {
        match command_line.output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
            output => break output.unwrap(),
        }
    };
    mode(database.folder(), 0o755);
    output
}

#[test]
fn a_read_only_file() {
    for mode in ["wal", "delete"] {
        let database = Scratch::of("kolibri-30");
        let _: String = database.one(&format!("PRAGMA journal_mode = {mode}"));
        let (bytes, files) = (fs::read(database.path()).unwrap(), database.files());
        let output = run_without_permission(&database, "serialize");
        let message = message(&output);
        assert!(
            message.contains("read") && message.contains("only") || message.contains("permission"),
            "{message}"
        );
        assert!(fs::read(database.path()).unwrap() == bytes);
        assert_eq!(database.files(), files);
    }
}

#[test]
fn a_read_only_file_has_a_status() {
    for mode in ["wal", "delete"] {
        let database = Scratch::of("kolibri-30");
        let _: String = database.one(&format!("PRAGMA journal_mode = {mode}"));
        let output = run_without_permission(&database, "status");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(database.files(), ["db.sqlite3"]);
    }
}
