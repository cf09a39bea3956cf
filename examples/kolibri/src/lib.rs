//! Kolibri's models, and a command line that serialises a Kolibri database into its sync store, byte for byte as
//! Morango does.
//!
//! [Kolibri](https://learningequality.org/kolibri/) is a learning platform for places without internet. Its devices
//! exchange their records through Morango, whose store this fills:
//!
//! ```text
//! syncline-kolibri serialize ~/.kolibri/db.sqlite3
//! syncline-kolibri status ~/.kolibri/db.sqlite3
//! ```
//!
//! * [`models`] declares the tables with `derive(Syncable)`, and [`FacilityData`](models::FacilityData), their profile.
//! * [`fields`] holds what Kolibri's columns hold and Rust's own types do not.
//! * [`generate`] makes databases of any size to try it on.
//!
//! The command line is that of [`syncline::cli`], which any application has.

pub mod fields;
pub mod generate;
pub mod models;
