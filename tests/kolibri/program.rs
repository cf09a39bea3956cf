//! Runs the program `syncline-kolibri`.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The path of the program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_syncline-kolibri");

/// Runs the program to its end.
pub(crate) fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

/// Serialises `database` and returns the object that `--json` prints.
pub(crate) fn serialize(database: &Path, filters: &[&str]) -> Value {
    let mut command = Command::new(PROGRAM);
    command.arg("serialize").arg(database).arg("--json");
    for prefix in filters {
        command.arg(format!("--filter={prefix}"));
    }
    parse(&command.output().unwrap())
}

/// Returns the array that `status --json` prints.
pub(crate) fn status(database: &Path) -> Vec<Value> {
    let output = run([OsStr::new("status"), database.as_os_str(), OsStr::new("--json")]);
    parse(&output).as_array().unwrap().clone()
}

fn parse(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "", "nothing is said on success");
    serde_json::from_str(&text(&output.stdout)).unwrap()
}

/// Converts output to text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Asserts exit status 1 and one line on stderr, and returns its message.
pub(crate) fn message(output: &Output) -> String {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(text(&output.stdout), "", "nothing is printed on failure");
    let line = stderr.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "more than one line: {stderr}");
    let message = line.strip_prefix("syncline-kolibri: ").unwrap();
    nothing_is_said_twice(message);
    message.to_owned()
}

/// Asserts that no part of the message repeats another.
fn nothing_is_said_twice(message: &str) {
    let parts: Vec<_> = message.split(": ").collect();
    for (position, part) in parts.iter().enumerate() {
        assert!(!parts[..position].contains(part), "`{part}` is said twice: {message}");
    }
}
