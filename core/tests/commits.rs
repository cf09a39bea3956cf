//! The durable items of a run that commits several times and is killed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use syncline_core::testing::{Fault, fail_every};
use syncline_core::{
    BoxError, Boxed, BoxedCommit, Chain, Collect, Commit, DeadLetter, Failure, Halt, Letter, Pipeline, Sink,
    dead_letter, for_each, from_iter, retry, route, size, skip,
};

/// The durable numbers, in the order in which they became durable.
#[derive(Debug, Default, PartialEq)]
struct Disk {
    rows: Vec<u32>,
    letters: Vec<u32>,
    commits: Vec<&'static str>,
    /// The number of the commit of dead letters that fails.
    broken: Option<usize>,
}

/// A sink whose items are durable once it commits.
struct Open<'a, T> {
    items: Vec<T>,
    disk: &'a RefCell<Disk>,
    save: fn(&mut Disk, Vec<T>) -> Result<(), Failure>,
}

impl<T> Sink for Open<'_, T> {
    type In = T;
    type Output = ();

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.items.push(item);
        Ok(())
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.commit()
    }
}

impl<T> Commit for Open<'_, T> {
    fn commit(&mut self) -> Result<(), Failure> {
        (self.save)(&mut self.disk.borrow_mut(), std::mem::take(&mut self.items))
    }
}

fn rows(disk: &RefCell<Disk>) -> Open<'_, u32> {
    let save = |disk: &mut Disk, rows: Vec<u32>| {
        disk.rows.extend(rows);
        disk.commits.push("rows");
        Ok(())
    };
    Open { items: Vec::new(), disk, save }
}

fn letters(disk: &RefCell<Disk>) -> DeadLetter<Open<'_, Letter<u32>>> {
    let save = |disk: &mut Disk, letters: Vec<Letter<u32>>| {
        if disk.broken == Some(disk.commits.iter().filter(|what| **what == "letters").count()) {
            return Err(Failure::new("the disk is full"));
        }
        disk.letters.extend(letters.into_iter().map(|letter| letter.item));
        disk.commits.push("letters");
        Ok(())
    };
    dead_letter(Open { items: Vec::new(), disk, save }).committing()
}

/// Returns an error for multiples of three.
fn not_threes(n: u32) -> Result<u32, Halt> {
    if n.is_multiple_of(3) { Err(Failure::new("a multiple of three").into()) } else { Ok(n) }
}

/// Stages over the numbers from `first` to 39. One of them sends multiples of three to a second sink.
type Stages = for<'a> fn(Pipeline<u32, Boxed<'a, u32>>, &'a RefCell<Disk>) -> Pipeline<u32, Boxed<'a, u32>>;

/// Runs `stages` repeatedly, each time behind the last durable row, until a run succeeds. In each run the sink fails after three
/// rows, of which two were committed. At the end each number is one row, or a dead letter; one dead letter if no items are `held`
/// by a stage.
#[track_caller]
fn check(held: bool, stages: Stages) {
    let three = NonZeroU64::new(3).expect("three is not zero");
    let run = |disk: &mut RefCell<Disk>, fault: &Fault| -> Result<(), BoxError> {
        let first = disk.borrow().rows.last().map_or(0, |last| last + 1);
        let numbers = Pipeline::new("numbers", from_iter(first..40)).boxed();
        stages(numbers, disk).end(fault.sink(rows(disk))).commit_every(size(2)).run()?;
        Ok(())
    };
    let look = |disk: &RefCell<Disk>| {
        let disk = disk.borrow();
        let once: BTreeSet<_> = disk.letters.iter().copied().collect();
        assert!(held || once.len() == disk.letters.len(), "{disk:?}");
        (disk.rows.clone(), once)
    };
    let runs = fail_every(three, RefCell::default, run, look);
    assert_eq!(runs, 12);
    let mut disk = RefCell::default();
    run(&mut disk, &Fault::never()).expect("nothing fails");
    let (good, bad): (Vec<_>, Vec<_>) = (0..40).partition(|n| n % 3 != 0);
    assert_eq!(look(&disk), (good, bad.into_iter().collect()));
}

#[test]
fn a_run_that_goes_on_from_its_last_commit_loses_no_letter() {
    check(false, |numbers, disk| numbers.try_map(not_threes).on_error(letters(disk)).boxed());
}

#[test]
fn wherever_the_stage_is_and_whatever_stands_behind_it() {
    check(true, |numbers, disk| {
        numbers.try_map(not_threes).on_error(letters(disk)).buffer(size(4)).unbuffer().boxed()
    });
    check(true, |numbers, disk| {
        let chunks = numbers.buffer(size(5)).unbuffer().try_map(not_threes).on_error(letters(disk));
        chunks.flat_map(|n| [n, 0]).filter(|n| *n > 0).boxed()
    });
    check(true, |numbers, disk| {
        numbers.try_map_parallel(size(2), 4, not_threes).on_error(letters(disk)).boxed()
    });
    check(true, |numbers, disk| {
        let pair = (retry(1, Duration::ZERO, |_| true), letters(disk));
        numbers.try_map_parallel(size(2), 4, not_threes).on_error(pair).boxed()
    });
    check(false, |numbers, disk| {
        let again = numbers.try_map(not_threes).on_error(retry(1, Duration::ZERO, |_| true));
        again.on_error(letters(disk)).boxed()
    });
}

#[test]
fn in_a_part_and_in_a_source_that_is_a_pipeline() {
    fn part<'a, C: Chain<Item = u32> + 'a>(
        pipeline: Pipeline<u32, C>,
        disk: &'a RefCell<Disk>,
    ) -> Pipeline<u32, impl Chain<Item = u32> + 'a> {
        pipeline.try_map(not_threes).on_error(letters(disk))
    }
    check(false, |numbers, disk| numbers.through(|pipeline| part(pipeline, disk)).boxed());
    check(true, |numbers, disk| part(numbers, disk).merge_by(from_iter(0..0), |n| *n).boxed());
    check(false, |numbers, disk| part(numbers, disk).merge(from_iter(0..0)).boxed());
}

#[test]
fn letters_are_committed_right_before_the_sink_and_at_no_other_time() {
    let disk = RefCell::default();
    // Four items for each input, so that the stage is in the middle of its work at each commit.
    Pipeline::new("numbers", from_iter(0..5))
        .flat_map(|n| [n; 4])
        .try_map(not_threes)
        .on_error(letters(&disk))
        .end(rows(&disk))
        .commit_every(size(3))
        .run()
        .unwrap();
    let disk = disk.into_inner();
    assert_eq!(disk.rows, [[1; 4], [2; 4], [4; 4]].concat());
    assert_eq!(disk.commits, [["letters", "rows"]; 5].concat());
}

#[test]
fn letters_that_cannot_be_committed_fail_the_run_and_the_sink_does_not_commit() {
    let disk = RefCell::new(Disk { broken: Some(1), ..Disk::default() });
    let run = Pipeline::new("numbers", from_iter(0..40))
        .try_map(not_threes)
        .on_error(letters(&disk))
        .end(rows(&disk))
        .commit_every(size(2))
        .run();
    let error = run.unwrap_err();
    assert_eq!(error.stage(), Some("try_map"));
    assert_eq!(error.into_source().to_string(), "the disk is full");
    assert_eq!((disk.borrow().rows.as_slice(), disk.borrow().letters.as_slice()), (&[1, 2][..], &[0][..]));
}

#[test]
fn letters_of_several_stages_are_committed_in_their_order() {
    let disk = RefCell::default();
    let even = |n: u32| if n.is_multiple_of(2) { Err(Failure::new("even").into()) } else { Ok(n) };
    Pipeline::new("numbers", from_iter([3, 2, 1, 5, 4, 9]))
        .try_map(not_threes)
        .on_error(letters(&disk))
        .try_map(even)
        .on_error(skip(1))
        .on_error(letters(&disk))
        .end(rows(&disk))
        .commit_every(size(2))
        .run()
        .unwrap();
    let disk = disk.into_inner();
    assert_eq!((disk.rows, disk.letters), (vec![1, 5], vec![3, 9, 4]));
    assert_eq!(disk.commits, ["letters", "letters", "rows", "letters", "letters", "rows"]);
}

#[test]
fn nothing_is_committed_on_the_way_that_was_not_told_to() {
    let disk = RefCell::default();
    let mut kept = Vec::new();
    let keep = for_each(|letter: Letter<u32>| {
        kept.push(letter.item);
        Ok(())
    });
    let numbers = || Pipeline::new("numbers", from_iter(0..9)).try_map(not_threes);
    numbers().on_error(dead_letter(keep)).end(rows(&disk)).commit_every(size(2)).run().unwrap();
    numbers().on_error(letters(&disk)).end(Collect::new()).run().unwrap();
    assert_eq!(kept, [0, 3, 6]);
    assert_eq!(disk.into_inner().commits, ["rows", "rows", "rows", "rows", "letters"]);
}

/// A sink that fails at multiples of three.
struct NotThrees<'a>(Open<'a, u32>);

impl Sink for NotThrees<'_> {
    type In = u32;
    type Output = ();

    fn consume(&mut self, n: u32) -> Result<(), Halt> {
        self.0.consume(not_threes(n)?)
    }

    fn finish(self) -> Result<(), Failure> {
        self.0.finish()
    }
}

impl Commit for NotThrees<'_> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.0.commit()
    }
}

#[test]
fn a_policy_of_the_sink_commits_wherever_it_is_declared() {
    let disk = RefCell::default();
    Pipeline::new("numbers", from_iter(0..6))
        .end(NotThrees(rows(&disk)))
        .commit_every(size(2))
        .on_error(letters(&disk))
        .run()
        .unwrap();
    let disk = disk.into_inner();
    assert_eq!((disk.rows, disk.letters), (vec![1, 2, 4, 5], vec![0, 3]));
    assert_eq!(disk.commits[..4], ["letters", "rows", "letters", "rows"]);
}

#[test]
fn a_commit_that_fails_is_no_failure_of_an_item() {
    let disk = RefCell::new(Disk { broken: Some(0), ..Disk::default() });
    let run = Pipeline::new("numbers", from_iter(1..9))
        .end(rows(&disk))
        .on_error(letters(&disk))
        .commit_every(size(2))
        .on_error(skip(9))
        .run();
    assert_eq!(run.unwrap_err().into_source().to_string(), "the disk is full");
}

#[test]
fn the_copies_of_a_tee_are_committed_where_it_is_told_to() {
    let (disk, copies) = (RefCell::default(), RefCell::default());
    let numbers = |committing: bool| {
        let numbers = Pipeline::new("numbers", from_iter(0..5)).tee(rows(&copies));
        if committing { numbers.committing() } else { numbers }
    };
    numbers(true).end(rows(&disk)).commit_every(size(2)).run().unwrap();
    assert_eq!(
        copies.take(),
        Disk { rows: vec![0, 1, 2, 3, 4], commits: vec!["rows"; 3], ..Disk::default() }
    );
    numbers(false).end(rows(&disk)).commit_every(size(2)).run().unwrap();
    assert_eq!(copies.take().commits, ["rows"]);
    // Each row has a durable copy, whenever the run is killed.
    let run = numbers(true).end(Fault::after(4).sink(rows(&disk))).commit_every(size(2)).run();
    run.unwrap_err();
    assert_eq!(copies.take().rows, [0, 1, 2, 3]);
}

#[test]
fn sinks_of_different_make_in_a_route_commit() {
    let (disk, log) = (RefCell::default(), RefCell::default());
    let sinks = || [BoxedCommit::new(rows(&disk)), BoxedCommit::new(NotThrees(rows(&log)))];
    let by = |n: &u32| usize::from(n.is_multiple_of(5));
    let run = Pipeline::new("route", from_iter(1..11)).end(route(sinks(), by)).commit_every(size(9)).run();
    run.unwrap();
    assert_eq!((disk.take().commits.len(), log.take().commits.len()), (2, 2));
}
