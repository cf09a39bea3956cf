//! Declarations in a module without the prelude, and beside types named like those of the prelude and the language.

#![no_implicit_prelude]

use ::syncline::{Collect, FieldValue, RecordId, Syncable, from_iter, pipeline, profile};

pub struct Result;
pub struct Option;
pub struct Some;
pub struct Ok;
pub struct Vec;
#[allow(non_camel_case_types)]
pub struct usize;
#[allow(non_camel_case_types)]
pub struct str;
pub mod core {}
pub mod std {}

#[derive(FieldValue)]
pub enum State {
    Todo,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "all")]
pub struct Note {
    pub id: RecordId,
    pub state: State,
}

profile! { pub Notes = "notes" { Note } }

pipeline! {
    Numbers(n: u64) -> ::std::vec::Vec<u64> {
        from_iter(0..n) => map(|n: u64| n + 1) => Collect::new()
    }
}

fn main() {
    ::core::assert_eq!(Numbers::run(2).unwrap().output, [1, 2]);
}
