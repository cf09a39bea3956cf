//! The progress bar, on a terminal.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use nix::pty::{Winsize, openpty};

use crate::fixtures::Scratch;
use crate::program::PROGRAM;

/// The text that a terminal of 100 columns receives on stderr while `command` runs on `database`.
fn sent(command: &str, database: &Path) -> String {
    let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None).unwrap();
    let mut screen = File::from(terminal.master);
    let reader = thread::spawn(move || {
        let (mut sent, mut bytes) = (Vec::new(), [0; 4096]);
        loop {
            match screen.read(&mut bytes) {
                Ok(0) => break,
                Ok(read) => sent.extend_from_slice(&bytes[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Linux reports an error when the last program has closed the terminal.
                Err(_) => break,
            }
        }
        String::from_utf8_lossy(&sent).into_owned()
    });
    let mut program = Command::new(PROGRAM);
    program.arg(command).arg(database).stdout(Stdio::null()).stderr(terminal.slave).env("TERM", "xterm");
    let mut child = program.spawn().unwrap();
    // The `Command` still has the terminal open.
    drop(program);
    child.wait().unwrap();
    reader.join().unwrap()
}

/// The last line on the screen. Each drawing of the bar clears the one before.
fn last_drawn(sent: &str) -> &str {
    sent.rsplit("\u{1b}[2K").next().unwrap_or_default()
}

#[test]
fn a_bar_shows_while_records_are_written_and_goes_away() {
    let database = Scratch::of("kolibri-30");
    let sent = sent("serialize", database.path());
    assert!(sent.contains("% 0 of 1,695 records, "), "{sent:?}");
    assert_eq!(last_drawn(&sent).trim(), "", "{sent:?}");
}

#[test]
fn a_bar_shows_while_received_records_are_written() {
    let database = Scratch::of("kolibri-30-serialized");
    database
        .execute("UPDATE morango_store SET dirty_bit = 1 WHERE model_name = 'attemptlog' AND NOT deleted");
    let sent = sent("deserialize", database.path());
    assert!(sent.contains("% 0 of 645 records, "), "{sent:?}");
    assert_eq!(last_drawn(&sent).trim(), "", "{sent:?}");
}

#[test]
fn a_run_that_failed_leaves_a_line_that_says_so_and_no_percentage() {
    let database = Scratch::of("kolibri-30");
    database.execute(
        "UPDATE logger_attemptlog SET item = x'ff' WHERE id = (SELECT max(id) FROM logger_attemptlog)",
    );
    let sent = sent("serialize", database.path());
    let left = last_drawn(&sent);
    assert!(left.contains("failed after ") && left.contains(" of 1,695 records, "), "{sent:?}");
    assert!(!left.contains('%') && !left.contains('\u{2588}'), "{sent:?}");
    assert!(left.contains("syncline-kolibri: cannot serialize"), "{sent:?}");
}
