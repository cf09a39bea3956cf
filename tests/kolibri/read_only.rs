//! A database that the user may read but not write.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::fixtures::Scratch;
use crate::program::{PROGRAM, message};

/// Runs the program as a user without permission to write `database`. Root ignores permissions, so root runs a copy of the program
/// as `nobody`, in a folder that `nobody` can reach.
fn run_without_permission(database: &Scratch, command: &str) -> std::process::Output {
    const NOBODY: u32 = 65534;
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let bin = Scratch::empty();
    let program = bin.folder().join("program");
    // Copied by another process. If this process wrote the copy, a child that another thread starts could inherit the open file,
    // and the copy could not be executed.
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
    // A child of another test may hold the copy open for writing for a moment, so this is retried.
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
