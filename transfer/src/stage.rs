//! `Stage` and `Status`: the progress of a transfer session (morango.md §14).

use std::fmt;

/// A stage of a transfer session. Stages are in the order in which a session passes them, and it never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The session is made on both sides.
    Initializing,
    /// The sender writes its changes to its store, and both sides exchange their counters.
    Serializing,
    /// The sender copies what the receiver lacks to the buffers.
    Queuing,
    /// The buffers are handed over in chunks.
    Transferring,
    /// The receiver merges the buffers into its store.
    Dequeuing,
    /// The receiver writes its store to the app's tables.
    Deserializing,
    /// The sender drops its buffers, and the session ends.
    Cleanup,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 7] = [
        Self::Initializing,
        Self::Serializing,
        Self::Queuing,
        Self::Transferring,
        Self::Dequeuing,
        Self::Deserializing,
        Self::Cleanup,
    ];

    /// Morango's name of the stage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Serializing => "serializing",
            Self::Queuing => "queuing",
            Self::Transferring => "transferring",
            Self::Dequeuing => "dequeuing",
            Self::Deserializing => "deserializing",
            Self::Cleanup => "cleanup",
        }
    }

    /// The stage with Morango's name `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// The stage after this one. `None` after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| *stage > self)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The status of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The stage waits for something, or for the next chunk.
    Pending,
    /// The work of the stage has begun.
    Started,
    /// The work of the stage is done.
    Completed,
    /// The session cannot go on, for good.
    Errored,
}

impl Status {
    /// Morango's name of the status.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Errored => "errored",
        }
    }

    /// The status with Morango's name `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Started, Self::Completed, Self::Errored]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Some(stage));
        }
        assert_eq!(Stage::Queuing.next(), Some(Stage::Transferring));
        assert_eq!(Stage::Cleanup.next(), None);
        assert_eq!(Stage::parse("resting"), None);
        assert_eq!(Status::parse("errored"), Some(Status::Errored));
        assert_eq!(Status::parse(""), None);
    }
}
