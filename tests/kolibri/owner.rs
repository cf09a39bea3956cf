//! The program run by root on the database of another user: it warns, and leaves no file that the user cannot write.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::crash::large;
use crate::fixtures::Scratch;
use crate::program::{PROGRAM, text};

/// The name that the list of skipped tests has for the tests of this file.
const FILES_OF_OTHERS: &str = "root on a database of another user";

/// The id of the user `nobody`.
const USER: u32 = 65534;

/// Makes a large database in a folder that belongs to the user. `None` if the test is not run by root.
fn of_the_user() -> Option<Scratch> {
    let database = large();
    if fs::metadata(database.path()).unwrap().uid() != 0 {
        skipped::skip(FILES_OF_OTHERS, "run it as root");
        return None;
    }
    skipped::ran(FILES_OF_OTHERS);
    for path in [database.folder(), database.path()] {
        chown(path, Some(USER), Some(USER)).unwrap();
    }
    Some(database)
}

/// The owners of the files in the folder, the program's copy left out.
fn owners(database: &Scratch) -> Vec<(String, u32, u32)> {
    let files = database.files().into_iter().filter(|name| name != "program");
    files
        .map(|name| {
            let metadata = fs::metadata(database.folder().join(&name)).unwrap();
            (name, metadata.uid(), metadata.gid())
        })
        .collect()
}

/// Runs a copy of the program as the user.
fn as_the_user(database: &Scratch, arguments: &[&str]) -> Output {
    let program = database.folder().join("program");
    fs::copy(PROGRAM, &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(program);
    command.args(arguments).arg(database.path()).uid(USER).gid(USER).current_dir(database.folder());
    command.output().unwrap()
}

fn as_root(command: &[&str], path: &Path) -> Output {
    Command::new(PROGRAM).args(command).arg(path).output().unwrap()
}

#[test]
fn root_is_warned_and_the_user_can_go_on() {
    let Some(database) = of_the_user() else { return };
    let mut child = Command::new(PROGRAM)
        .arg("serialize")
        .arg(database.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let wal = database.folder().join("db.sqlite3-wal");
    while fs::metadata(&wal).map_or(0, |metadata| metadata.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // The files beside the database are left over from the kill.
    let user = |name: &str| (name.to_owned(), USER, USER);
    let left = [user("db.sqlite3"), user("db.sqlite3-shm"), user("db.sqlite3-wal")];
    assert_eq!(owners(&database), left);

    let output = as_the_user(&database, &["serialize"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    assert_eq!(owners(&database), [user("db.sqlite3")]);

    database.execute("UPDATE lessons_lesson SET _morango_dirty_bit = 1");
    for command in [&["serialize"][..], &["conflicts", "clear", "--all"]] {
        let output = as_root(command, database.path());
        assert_eq!(output.status.code(), Some(0), "{command:?}");
        let warning = text(&output.stderr);
        assert!(warning.starts_with("warning: this runs as root, and "), "{warning}");
        assert!(warning.trim_end().ends_with("belongs to the user 65534; run it as that user"), "{warning}");
        assert_eq!(warning.lines().count(), 1);
        assert_eq!(owners(&database), [user("db.sqlite3")], "{command:?}");
    }
    for command in [&["status"][..], &["check"], &["conflicts", "list"]] {
        let output = as_root(command, database.path());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{command:?}");
        assert_eq!(owners(&database), [user("db.sqlite3")], "{command:?}");
    }

    database.execute("UPDATE lessons_lesson SET _morango_dirty_bit = 1");
    let output = as_the_user(&database, &["serialize"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    assert!(text(&output.stdout).starts_with("3 records "));
}
