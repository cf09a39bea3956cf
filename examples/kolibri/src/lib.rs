//! Kolibri's records, for Syncline.

pub mod fields;
