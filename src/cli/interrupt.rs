//! Handling of Ctrl-C: a token that it cancels, and the error of a command that it ended.

use std::fmt;

use anyhow::Context as _;

use crate::report::plural;
use crate::{CancelToken, Serialized};

/// The exit status after Ctrl-C: 128 plus the number of the signal.
pub(super) const STATUS: u8 = 130;

/// Returns a token that the first Ctrl-C cancels. The second ends the process at once.
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
        // The application has a handler of its own, which takes precedence.
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(token),
        Err(error) => Err(error).context("cannot listen to Ctrl-C"),
    }
}

/// The error of a command that Ctrl-C ended.
#[derive(Debug)]
pub(super) struct Interrupted(String);

impl Interrupted {
    /// A run on the database at `path` ended early. `committed` is what earlier transactions of the run committed.
    pub(super) fn after(path: &impl fmt::Display, committed: Option<&Serialized>) -> Self {
        Self(match committed {
            None => format!("interrupted: {path} is as it was"),
            Some(done) => format!(
                "interrupted: {} and {} are in the store of {path}, in {}; run it again for the rest",
                plural(done.records(), "record"),
                plural(done.deleted, "deletion"),
                plural(done.commits, "commit")
            ),
        })
    }
}

impl Interrupted {
    /// A sync of the database at `path` ended early.
    pub(super) fn sync(path: &impl fmt::Display) -> Self {
        Self(format!("interrupted: the sync of {path} goes on where it was when it is run again"))
    }

    /// A cleanup of the database at `path` ended early.
    pub(super) fn between_sessions(path: &impl fmt::Display) -> Self {
        Self(format!("interrupted: some sessions of {path} may be done; run it again for the rest"))
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Interrupted {}
