//! Hygiene: declarations in scopes where the names that the macros use mean something else.

#![no_implicit_prelude]
#![allow(dead_code)]

struct Option;
struct Result;
struct String;
struct Vec;

#[derive(::syncline::Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: ::syncline::RecordId,
    r#type: ::std::string::String,
    row: i64,
    json: ::std::option::Option<i64>,
}

::syncline::profile! {
    Notes = "notes" { Note }
}

::syncline::pipeline! {
    /// Parameters named `pipeline`, `stage` and `item`.
    Numbers(pipeline: u64, stage: u64) -> ::std::vec::Vec<u64> {
        ::syncline::from_iter(0..pipeline)
            => map(|item| item * pipeline + stage)
            => ::syncline::Collect::new()
    }
}

struct Fit;
struct Chain;
struct M(u64);

::syncline::pipeline! {
    /// Type parameters with names that a macro might use.
    Passed<F, C, Given>(first: F, rest: C): Given -> Given
    where
        F: ::std::clone::Clone,
    {
        inspect(move |_| { let _ = (&first, &rest); })
    }
}

::syncline::pipeline! {
    /// A user's type with such a name.
    Wrapped(): u64 -> M {
        map(|n| M(n))
    }
}

::syncline::pipeline! {
    Unwrapped(numbers: ::std::vec::Vec<u64>) -> ::std::vec::Vec<u64> {
        ::syncline::from_iter(numbers)
            => through(Passed(1, 'c'))
            => through(Wrapped)
            => map(|m| m.0)
            => ::syncline::Collect::new()
    }
}

fn main() {
    ::std::assert_eq!(Unwrapped::run(::std::vec![1, 2]).unwrap().output, [1, 2]);
    ::std::assert_eq!(Numbers::run(2, 1).unwrap().output, [1, 3]);
    ::std::assert_eq!(<Note as ::syncline::Syncable>::MODEL.columns[3].name, "type");
}
