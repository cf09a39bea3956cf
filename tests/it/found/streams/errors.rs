//! Errors of any kind by `?`, and the texts of errors that `main` prints.

use std::error::Error as StdError;
use std::num::NonZeroUsize;

use syncline::prelude::*;
use syncline::run::Steps;
use syncline::{BoxError, for_each, size};

/// Fails with an error of a kind that is no `std::error::Error`, or of one that is.
fn as_text(n: u32) -> Result<u32, &'static str> {
    if n == 3 { Err("three") } else { Ok(n) }
}

fn as_string(n: u32) -> Result<u32, String> {
    Ok(as_text(n)?)
}

fn as_box_error(n: u32) -> Result<u32, BoxError> {
    Ok(as_text(n)?)
}

fn as_box(n: u32) -> Result<u32, Box<dyn StdError + Send + Sync>> {
    Ok(as_text(n)?)
}

fn as_anyhow(n: u32) -> anyhow::Result<u32> {
    as_text(n).map_err(anyhow::Error::msg)
}

fn as_io(n: u32) -> std::io::Result<u32> {
    as_text(n).map_err(std::io::Error::other)
}

/// A stage of the user's own: its methods give a `Halt`.
struct Own<F>(F);

impl<E: Into<BoxError>, F: Fn(u32) -> Result<u32, E>> Transform for Own<F> {
    type In = u32;
    type Out = u32;

    fn transform(&mut self, n: u32) -> Result<Option<u32>, Halt> {
        Ok(Some((self.0)(n)?))
    }
}

/// Asserts that `?` on the error of `$fails` compiles in each kind of closure and method, and that the error arrives.
macro_rules! check {
    ($($fails:ident),+) => {$({
        pipeline! {
            TryMap(n: u32) -> Vec<u32> { from_iter(0..n) => try_map(|n: u32| Ok($fails(n)?)) => Collect::new() }
        }
        pipeline! {
            Parallel(n: u32, workers: NonZeroUsize) -> Vec<u32> {
                from_iter(0..n) => try_map(|n: u32| Ok($fails(n)?)) parallel(workers) => Collect::new()
            }
        }
        pipeline! {
            Lookup(n: u32) -> Vec<(u32, u32)> {
                from_iter(0..n)
                    => buffer(2)
                    => lookup(|chunk: &[u32]| Ok(chunk.iter().map(|n| $fails(*n)).collect::<Result<Vec<_>, _>>()?))
                    => unbuffer
                    => Collect::new()
            }
        }
        pipeline! {
            Stage(n: u32) -> Vec<u32> { from_iter(0..n) => Own($fails) => Collect::new() }
        }
        pipeline! {
            ForEach(n: u32) -> u64 { from_iter(0..n) => for_each(|n: u32| { $fails(n)?; Ok(()) }) }
        }
        let steps = Steps::new("Steps").run(|steps| steps.step("step", |_| Ok($fails(3)?)));
        let errors = [
            TryMap::run(5).unwrap_err(),
            Parallel::run(5, size(2)).unwrap_err(),
            Lookup::run(5).unwrap_err(),
            Stage::run(5).unwrap_err(),
            ForEach::run(5).unwrap_err(),
            steps.unwrap_err(),
        ];
        for error in errors {
            assert!(error.source().is_some_and(|source| source.to_string() == "three"), "{error:?}");
        }
    })+};
}

#[test]
fn the_question_mark_takes_errors_of_any_kind() {
    check!(as_text, as_string, as_box_error, as_box, as_anyhow, as_io);
}

#[test]
fn a_stop_and_a_failure_with_a_record_go_on_working() {
    pipeline! {
        Stops(n: u32) -> Vec<u32> {
            from_iter(0..n) => try_map(|n: u32| if n == 3 { Err(Halt::Stop) } else { Ok(n) }) => Collect::new()
        }
    }
    assert_eq!(Stops::run(5).unwrap().output, [0, 1, 2]);
    pipeline! {
        Fails(n: u32) -> Vec<u32> {
            from_iter(0..n)
                => try_map(|n: u32| Ok(as_anyhow(n).map_err(|error| Failure::new(error).at(n))?))
                => Collect::new()
        }
    }
    assert_eq!(Fails::run(5).unwrap_err().record(), Some("3"));
}

#[test]
fn the_error_of_a_pipeline_that_main_prints_is_a_few_lines() {
    pipeline! {
        Numbers(text: &str) -> Vec<u8> {
            from_iter(text.split(' ')) => try_map(|n: &str| Ok(n.parse::<u8>()?)) => Collect::new()
        }
    }
    fn main(text: &str) -> Result<(), Box<dyn StdError>> {
        Numbers::run(text)?;
        Ok(())
    }
    let printed = format!("{:?}", main("1 2 x").unwrap_err());
    assert_eq!(
        printed,
        "pipeline Numbers failed in stage try_map\n  caused by: invalid digit found in string"
    );
}

#[test]
fn the_errors_of_a_database_that_main_prints_are_a_few_lines() {
    /// A note.
    #[derive(Debug, Clone, Default, Syncable)]
    #[syncable(profile = Notes, model = "note", partition = "{user_id}")]
    struct Note {
        id: RecordId,
        user_id: RecordId,
    }
    profile! {
        /// Notes.
        Notes = "notes" { Note }
    }
    let folder = tempfile::tempdir().unwrap();
    let opened = Database::open(folder.path()).map(drop).unwrap_err();
    let mut db = Database::open(folder.path().join("notes.sqlite3")).unwrap();
    let uncreated = db.insert(&mut Note::default()).unwrap_err();
    db.create::<Notes>().unwrap();
    db.insert(&mut Note { user_id: RecordId::random(), ..Note::default() }).unwrap();
    let token = syncline::CancelToken::new();
    token.cancel();
    let cancelled = db.serialize::<Notes>().cancelled_by(&token).run().unwrap_err();
    db.connection()
        .execute_batch(
            "CREATE TRIGGER refuses BEFORE INSERT ON morango_store BEGIN SELECT RAISE(ABORT, 'no records'); END",
        )
        .unwrap();
    let failed = db.serialize::<Notes>().run().unwrap_err();
    let errors: [Box<dyn StdError>; 4] = [opened.into(), uncreated.into(), cancelled.into(), failed.into()];
    for error in errors {
        let printed = format!("{error:?}");
        assert!(printed.starts_with(&error.to_string()), "{printed}");
        assert!(printed.lines().count() <= 4 && printed.len() < 400, "{printed}");
        let mut deepest: &dyn StdError = &*error;
        while let Some(source) = deepest.source() {
            deepest = source;
        }
        assert!(printed.ends_with(&deepest.to_string()), "{printed}");
    }
}
