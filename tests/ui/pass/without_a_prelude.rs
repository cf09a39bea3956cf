//! Declarations in a module without the prelude, and beside types named like those of the prelude and the language.

#![no_implicit_prelude]

use ::syncline::{Collect, FieldValue, RecordId, Syncable, for_each, from_iter, pipeline, profile};

pub struct Result;
pub struct Option;
pub struct Some;
pub struct Ok;
pub struct Vec;
pub struct Err;
pub struct None;
pub struct String;
pub struct Box;
pub struct Default;
pub trait Into {}
pub trait From {}
pub trait Iterator {}
pub trait Clone {}
pub trait Copy {}
pub trait Debug {}
pub trait FnOnce {}
pub trait Send {}
#[allow(non_camel_case_types)]
pub struct usize;
#[allow(non_camel_case_types)]
pub struct str;
#[allow(non_camel_case_types)]
pub struct bool;
#[allow(non_camel_case_types)]
pub struct i64;
#[allow(non_camel_case_types)]
pub struct u64;
pub mod core {}
pub mod std {}
pub mod syncline {}

#[derive(FieldValue)]
pub enum State {
    Todo,
}

#[derive(FieldValue)]
#[syncable(integer)]
pub enum Urgency {
    Someday = 1,
}

#[derive(FieldValue)]
pub struct Title(::std::string::String);

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "all")]
pub struct Note {
    pub id: RecordId,
    #[syncable(default = "Todo")]
    pub state: State,
}

#[derive(Syncable)]
#[syncable(
    profile(Notes, Others),
    model = "book",
    partition = "",
    source_id_with = Book::source,
    id_with = Book::computed
)]
pub struct Book {
    pub id: RecordId,
    #[syncable(references = Book, on_delete = set_null)]
    pub book_id: ::core::option::Option<RecordId>,
    pub title: Title,
    #[syncable(default = 1)]
    pub urgency: Urgency,
    #[syncable(local, default = 0.5)]
    pub share: ::core::primitive::f64,
}

impl Book {
    fn source(&self) -> ::std::string::String {
        ::core::clone::Clone::clone(&self.title.0)
    }

    fn computed(_: &::core::primitive::str, source: &::core::primitive::str) -> RecordId {
        RecordId::hash(&[source])
    }
}

profile! { pub Notes = "notes" { Note, #[cfg(not(miri))] Book } }
profile! { pub Others = "others" { Book } }

pipeline! {
    Numbers(n: ::core::primitive::u64) -> ::std::vec::Vec<::core::primitive::u64> {
        from_iter(0..n) => map(|n: ::core::primitive::u64| n + 1) => Collect::new()
    }
}

pipeline! {
    Tidy(least: ::core::primitive::u64): ::core::primitive::u64 -> ::core::primitive::u64 {
        filter(move |n| *n > least)
    }
}

pipeline! {
    Counted(n: ::core::primitive::u64, even: ::core::primitive::bool) -> ::core::primitive::u64 {
        merge([from_iter(0..n), from_iter(0..n)], by: |n| *n) named "numbers"
            => filter(|n| *n % 2 == 0) named "even" when(even)
            => try_map(|n| ::core::result::Result::Ok(n)) parallel(2) on_error skip(1)
            => dedup(|n| *n)
            => through(Tidy(0))
            => tee(for_each(|_n: ::core::primitive::u64| ::core::result::Result::Ok(())))
            => buffer(2, by: |n| *n)
            => unbuffer
            => fold(0, |sum: ::core::primitive::u64, n| sum + n)
    }
}

fn main() {
    ::core::assert_eq!(Numbers::run(2).unwrap().output, [1, 2]);
    ::core::assert_eq!(Counted::run(5, true).unwrap().output, 6);
}
