//! `commit every` also commits the dead letters and copies that the stages of a `pipeline!` have written.

use std::cell::RefCell;

use syncline::policy::Letter;
use syncline::{Collect, Commit, Failure, Halt, Sink, Transform, for_each, from_iter, pipeline};

/// A log of the items, commits and ends of sinks, in order.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn taken(self) -> String {
        self.0.into_inner().join(" ")
    }
}

/// A sink that logs its items, commits and end.
struct Noting<'a, T>(&'a Log, &'static str, fn(T) -> String);

impl<T> Sink for Noting<'_, T> {
    type In = T;
    type Output = ();

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.0.note((self.2)(item));
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        self.0.note(format!("{}:end", self.1));
        Ok(())
    }
}

impl<T> Commit for Noting<'_, T> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.0.note(format!("{}:commit", self.1));
        Ok(())
    }
}

fn rows(log: &Log) -> Noting<'_, u32> {
    Noting(log, "rows", |n| n.to_string())
}

fn letters<'a>(log: &'a Log, name: &'static str) -> Noting<'a, Letter<u32>> {
    Noting(log, name, |letter| format!("!{}", letter.item))
}

/// Stage that fails at even numbers.
struct Odd;

impl Transform for Odd {
    type In = u32;
    type Out = u32;

    fn transform(&mut self, n: u32) -> Result<Option<u32>, Halt> {
        if n.is_multiple_of(2) { Err(Failure::new("even").into()) } else { Ok(Some(n)) }
    }
}

/// Fails at multiples of `of`.
fn not_multiple(n: u32, of: u32) -> Result<u32, Failure> {
    if n.is_multiple_of(of) { Err(Failure::new("a multiple")) } else { Ok(n) }
}

pipeline! {
    Stages(numbers: Vec<u32>, log: &Log) -> () {
        from_iter(numbers)
            => Odd on_error dead_letter(letters(log, "even"))
            => try_map(|n| Ok(not_multiple(n, 3)?)) on_error skip(1) on_error dead_letter(letters(log, "threes"))
            => buffer(2)
            => unbuffer
            => rows(log) commit every(2)
    }
}

#[test]
fn the_letters_of_stages_are_committed_right_before_the_sink() {
    let log = Log::default();
    Stages::run(vec![1, 2, 3, 5, 9, 7, 11, 4], &log).unwrap();
    assert_eq!(
        log.taken(),
        "!2 1 5 even:commit threes:commit rows:commit !9 7 11 even:commit threes:commit rows:commit \
         !4 even:end threes:end rows:end"
    );
}

pipeline! {
    /// A part with a policy.
    Odds(log: &Log): u32 -> u32 {
        Odd on_error dead_letter(letters(log, "part"))
    }
}

pipeline! {
    Whole(numbers: Vec<u32>, log: &Log) -> () {
        from_iter(numbers)
            => through(Odds(log))
            => try_map(move |n| Ok(not_multiple(n, 5)?)) parallel(2, capacity: 0)
                on_error dead_letter(letters(log, "parallel"))
            => rows(log) on_error dead_letter(letters(log, "own")) commit every(1)
    }
}

pipeline! {
    Once(numbers: Vec<u32>, log: &Log) -> Vec<u32> {
        from_iter(numbers) => through(Odds(log)) => Collect::new()
    }
}

#[test]
fn so_are_those_of_parts_and_of_stages_on_several_threads() {
    let log = Log::default();
    Whole::run(vec![1, 2, 5, 3], &log).unwrap();
    let log = log.taken();
    // The item 3 is emitted at the end.
    assert_eq!(log.matches("part:commit parallel:commit own:commit rows:commit").count(), 2, "{log}");
    assert!(log.ends_with(" part:end parallel:end own:end rows:end"), "{log}");
    let log = Log::default();
    assert_eq!(Once::run(vec![1, 2], &log).unwrap().output, [1]);
    assert_eq!(log.taken(), "!2 part:end");
}

pipeline! {
    Copied(numbers: Vec<u32>, log: &Log) -> () {
        from_iter(numbers) => tee(copies(log)) => rows(log) commit every(2)
    }
}

pipeline! {
    CopiedInPart(log: &Log): u32 -> u32 {
        tee(copies(log)) => tee(for_each(|_| Ok(())))
    }
}

pipeline! {
    WithPart(numbers: Vec<u32>, log: &Log) -> () {
        from_iter(numbers) => through(CopiedInPart(log)) => rows(log) commit every(2)
    }
}

fn copies(log: &Log) -> Noting<'_, u32> {
    Noting(log, "copies", |n| format!("({n})"))
}

#[test]
fn copies_are_committed_with_what_they_are_of() {
    for run in [Copied::run, WithPart::run] {
        let log = Log::default();
        run(vec![1, 2, 3], &log).unwrap();
        assert_eq!(log.taken(), "(1) 1 (2) 2 copies:commit rows:commit (3) 3 copies:end rows:end");
    }
}

pipeline! {
    /// Neither a sink of an unknown type nor a closure commits.
    Unknown<K: Sink<In = Letter<u32>, Output = ()>>(letters: K, seen: &mut Vec<u32>, log: &Log) -> () {
        from_iter([1, 2, 3])
            => Odd on_error dead_letter(letters)
            => try_map(|n| Ok(not_multiple(n, 3)?)) on_error dead_letter(for_each(|letter| {
                seen.push(letter.item);
                Ok(())
            }))
            => rows(log) commit every(1)
    }
}

#[test]
fn a_sink_that_is_not_known_to_commit_does_not() {
    let (log, mut seen) = (Log::default(), Vec::new());
    Unknown::run(letters(&log, "letters"), &mut seen, &log).unwrap();
    assert_eq!(log.taken(), "1 rows:commit !2 letters:end rows:end");
    assert_eq!(seen, [3]);
}
