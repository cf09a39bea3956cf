//! The macros of syncline: `derive(Syncable)`, `profile!` and `pipeline!`.
