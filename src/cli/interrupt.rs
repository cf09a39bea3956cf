//! Ctrl-C.

use std::fmt;

use anyhow::Context as _;

use crate::{CancelToken, Serialized, counted};

/// The exit status of a program that Ctrl-C has ended: 128, and the number of the signal.
pub(super) const STATUS: u8 = 130;

/// A token that a first Ctrl-C cancels. A second one ends the process at once.
pub(super) fn heed() -> anyhow::Result<CancelToken> {
    let token = CancelToken::new();
    let heard = token.clone();
    let set = ctrlc::try_set_handler(move || {
        if heard.is_cancelled() {
            std::process::exit(STATUS.into());
        }
        heard.cancel();
    });
    match set {
        // An application that has a handler of its own knows what it wants.
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(token),
        Err(error) => Err(error).context("cannot listen to Ctrl-C"),
    }
}

/// Ctrl-C has ended a command.
#[derive(Debug)]
pub(super) struct Interrupted(String);

impl Interrupted {
    /// The database at `path` was being serialised, and so much of that was committed.
    pub(super) fn after(path: &impl fmt::Display, committed: Option<&Serialized>) -> Self {
        Self(match committed {
            None => format!("interrupted: {path} is as it was"),
            Some(done) => format!(
                "interrupted: {} and {} are in the store of {path}, in {}; run it again for the rest",
                counted(done.records(), "record"),
                counted(done.deleted, "deletion"),
                counted(done.commits, "commit")
            ),
        })
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Interrupted {}
