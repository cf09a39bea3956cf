//! Kolibri's models, and a command-line program that serialises a Kolibri database to its sync store, byte for byte like Morango.
//!
//! [Kolibri](https://learningequality.org/kolibri/) is a learning platform for places without internet. Its devices exchange
//! records through Morango. This program fills Morango's store:
//!
//! ```text
//! syncline-kolibri serialize ~/.kolibri/db.sqlite3
//! syncline-kolibri status ~/.kolibri/db.sqlite3
//! ```
//!
//! * [`models`] declares the tables with `derive(Syncable)`, and [`FacilityData`](models::FacilityData), their profile.
//! * [`fields`] has the field types that Rust's own types cannot represent.
//! * [`known_failures`] has the errors of received records that need no attention.
//! * [`generate`] makes databases of any size for trials.
//!
//! The command line is that of [`syncline::cli`].

pub mod fields;
pub mod generate;
pub mod known_failures;
pub mod models;
mod rules;
