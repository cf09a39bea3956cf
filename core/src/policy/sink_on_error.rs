//! `on_error` and `on_error_split` of a sink.

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::policy::Policy;
use crate::policy::decider::Decider;
use crate::report::Tally;
use crate::run::RunContext;
use crate::sink::copy_item::{Cloned, CopyItem};
use crate::sink::delegate::delegate_sink;
use crate::sink::{Commit, Sink};

/// Sink of [`Runnable::on_error`](crate::Runnable::on_error): the policy gets whole items of the sink, including whole
/// chunks.
#[derive(Debug)]
#[must_use]
pub struct SinkOnError<K, P> {
    sink: K,
    decider: Decider<P>,
}

/// Sink of [`Runnable::on_error_split`](crate::Runnable::on_error_split): a chunk at which the sink fails is split
/// until the failing item is alone, and the policy gets that item. The others are written once each.
#[derive(Debug)]
#[must_use]
pub struct SplitOnError<K, P, C = Cloned> {
    sink: K,
    decider: Decider<P>,
    copies: C,
}

/// Offers `item`, packed as the sink takes it, until the sink takes it or the policy skips it. `is_first` is `false` for an
/// item of a chunk that the sink has rejected.
#[inline]
fn offer<T, K: Sink, P: Policy<T>>(
    sink: &mut K,
    decider: &mut Decider<P>,
    item: T,
    mut is_first: bool,
    pack: impl Fn(T) -> K::In,
) -> Result<(), Halt> {
    let offered = decider.offer(sink, item, K::name, |sink, item| {
        if !std::mem::take(&mut is_first) {
            sink.before_retry();
        }
        sink.consume(pack(item))
    });
    offered.map(|_| ())
}

impl<K: Sink, P> SinkOnError<K, P> {
    pub(crate) fn new(sink: K, policy: P) -> Self {
        Self { sink, decider: Decider::new(policy) }
    }
}

impl<K: Sink, P, C> SplitOnError<K, P, C> {
    pub(crate) fn new(sink: K, policy: P, copies: C) -> Self {
        Self { sink, decider: Decider::new(policy), copies }
    }
}

/// The methods of both sinks, except `consume`.
macro_rules! as_inside {
    () => {
        fn finish(mut self) -> Result<K::Output, Failure> {
            self.decider.policy.finish()?;
            self.sink.finish()
        }

        fn consume_all(&mut self, items: impl Items<Self::In>) -> Result<(), Halt> {
            items.each(|item| self.consume(item))
        }

        fn node(&self) -> Node {
            self.decider.policy.draw(self.sink.node())
        }

        fn start(&mut self, context: &RunContext<'_, '_>) {
            self.decider.attach(context.cancel_token());
            self.sink.start(context);
        }

        fn tally(&self) -> Tally {
            self.decider.tally.plus(self.sink.tally())
        }

        delegate_sink!(self.sink: before_retry, waited, name);
    };
}

#[deny(clippy::missing_trait_methods)]
impl<K: Sink, P: Policy<K::In>> Sink for SinkOnError<K, P> {
    type In = K::In;
    type Output = K::Output;

    fn consume(&mut self, item: K::In) -> Result<(), Halt> {
        offer(&mut self.sink, &mut self.decider, item, true, |item| item)
    }

    as_inside!();
}

#[deny(clippy::missing_trait_methods)]
impl<T, K: Sink<In = Vec<T>>, P: Policy<T>, C: CopyItem<T>> Sink for SplitOnError<K, P, C> {
    type In = Vec<T>;
    type Output = K::Output;

    fn consume(&mut self, chunk: Vec<T>) -> Result<(), Halt> {
        // The remaining parts, the next one last.
        let mut parts = vec![chunk];
        let mut is_first = true;
        while let Some(mut part) = parts.pop() {
            if !is_first {
                self.decider.cancel.check()?;
            }
            if part.len() == 1
                && let Some(item) = part.pop()
            {
                offer(&mut self.sink, &mut self.decider, item, is_first, |item| vec![item])?;
                continue;
            }
            let mut copy: Vec<T> = part.iter().map(|item| self.copies.copy(item)).collect();
            // All parts have the number of their chunk in a sink that numbers its chunks.
            if !std::mem::take(&mut is_first) {
                self.sink.before_retry();
            }
            match self.sink.consume(part) {
                Ok(()) => {}
                // An empty chunk has no item to split off, and a fatal failure belongs to no item.
                Err(Halt::Failed(failure)) if copy.is_empty() || failure.is_fatal() => {
                    return Err(failure.into());
                }
                Err(Halt::Failed(_)) => {
                    self.decider.tally.split += 1;
                    let second = copy.split_off(copy.len() / 2);
                    parts.extend([second, copy]);
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    as_inside!();
}

impl<K: Commit, P: Policy<K::In>> Commit for SinkOnError<K, P> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.decider.policy.commit()?;
        self.sink.commit()
    }
}

impl<T, K: Commit<In = Vec<T>>, P: Policy<T>, C: CopyItem<T>> Commit for SplitOnError<K, P, C> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.decider.policy.commit()?;
        self.sink.commit()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::time::Duration;

    use proptest::prelude::*;

    use crate::{
        CancelToken, Commit, Failure, Halt, Letter, Pipeline, Sink, dead_letter, for_each, from_iter, retry,
        size, skip,
    };

    /// A table that takes a whole chunk or nothing.
    #[derive(Default)]
    struct Table<'a> {
        rows: Vec<u32>,
        refused: &'a [u32],
    }

    impl Sink for Table<'_> {
        type In = Vec<u32>;
        type Output = Vec<u32>;

        fn consume(&mut self, rows: Vec<u32>) -> Result<(), Halt> {
            if let Some(bad) = rows.iter().find(|row| self.refused.contains(row)) {
                return Err(Failure::new("refused").at(bad).into());
            }
            self.rows.extend(rows);
            Ok(())
        }

        fn finish(self) -> Result<Vec<u32>, Failure> {
            Ok(self.rows)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn good_rows_are_written_once_and_bad_ones_are_found(
            refused in prop::collection::vec(0..40_u32, 0..6),
            chunk in 1..12_usize,
        ) {
            let mut letters = Vec::new();
            let outcome = Pipeline::new("rows", from_iter(0..40))
                .buffer(size(chunk))
                .end(Table { rows: Vec::new(), refused: &refused })
                .on_error_split(dead_letter(for_each(|letter: Letter<u32>| {
                    letters.push(letter.item);
                    Ok(())
                })))
                .run()
                .unwrap();
            prop_assert_eq!(outcome.output, (0..40).filter(|n| !refused.contains(n)).collect::<Vec<_>>());
            prop_assert_eq!(letters, (0..40).filter(|n| refused.contains(n)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn past_its_limit_it_fails_at_the_row() {
        let table = Table { rows: Vec::new(), refused: &[3, 17] };
        let error = Pipeline::new("rows", from_iter(0..40))
            .buffer(size(10))
            .end(table)
            .on_error_split(skip(1))
            .run()
            .unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("Table"), Some("17")));
        assert_eq!(error.report().stage("Table").unwrap().skipped(), 1);
    }

    #[test]
    fn a_sink_of_single_items_is_offered_each_again() {
        let mut failures = 2;
        let sink = for_each(|_| {
            if failures == 0 {
                return Ok(());
            }
            failures -= 1;
            Err(std::fmt::Error.into())
        });
        let outcome = Pipeline::new("items", from_iter(0..3))
            .end(sink)
            .on_error(retry(2, Duration::ZERO, |_| true))
            .run()
            .unwrap();
        assert_eq!(outcome.report.stage("for_each").unwrap().retried(), 2);
    }

    /// The durable numbers, and the durable letters of a policy.
    #[derive(Debug, Default, PartialEq)]
    struct Disk {
        rows: Vec<u32>,
        letters: Vec<u32>,
    }

    /// A sink that rejects sevens.
    struct Rows<'a>(Vec<u32>, &'a RefCell<Disk>);

    /// A sink of letters.
    struct Letters<'a>(Vec<u32>, &'a RefCell<Disk>);

    impl Sink for Rows<'_> {
        type In = Vec<u32>;
        type Output = ();

        fn consume(&mut self, rows: Vec<u32>) -> Result<(), Halt> {
            if rows.contains(&7) {
                return Err(Failure::new("a seven").into());
            }
            self.0.extend(rows);
            Ok(())
        }

        fn finish(mut self) -> Result<(), Failure> {
            self.commit()
        }
    }

    impl Commit for Rows<'_> {
        fn commit(&mut self) -> Result<(), Failure> {
            self.1.borrow_mut().rows.append(&mut self.0);
            Ok(())
        }
    }

    impl Sink for Letters<'_> {
        type In = Letter<u32>;
        type Output = ();

        fn consume(&mut self, letter: Letter<u32>) -> Result<(), Halt> {
            self.0.push(letter.item);
            Ok(())
        }

        fn finish(mut self) -> Result<(), Failure> {
            self.commit()
        }
    }

    impl Commit for Letters<'_> {
        fn commit(&mut self) -> Result<(), Failure> {
            self.1.borrow_mut().letters.append(&mut self.0);
            Ok(())
        }
    }

    #[test]
    fn letters_are_durable_once_what_follows_them_is() {
        let disk = RefCell::new(Disk::default());
        let run = |numbers: &[u32]| {
            let retry = retry(1, Duration::ZERO, |_| true);
            Pipeline::new("rows", from_iter(numbers.iter().copied()))
                .try_map(|n| if n == 9 { Err(Failure::new("the power goes").into()) } else { Ok(n) })
                .buffer(size(2))
                .end(Rows(Vec::new(), &disk))
                .on_error_split((retry, dead_letter(Letters(Vec::new(), &disk)).committing()))
                .commit_every(size(2))
                .run()
        };
        run(&[5, 6, 7, 8, 7, 4, 9]).unwrap_err();
        // Nothing of the third chunk is committed.
        assert_eq!(*disk.borrow(), Disk { rows: vec![5, 6, 8], letters: vec![7] });
        run(&[7, 4]).unwrap();
        assert_eq!(*disk.borrow(), Disk { rows: vec![5, 6, 8, 4], letters: vec![7, 7] });
    }

    #[test]
    fn the_letters_of_a_sink_that_takes_single_items_are_committed_too() {
        struct One<'a>(Rows<'a>);

        impl Sink for One<'_> {
            type In = u32;
            type Output = ();

            fn consume(&mut self, row: u32) -> Result<(), Halt> {
                self.0.consume(vec![row])
            }

            fn finish(self) -> Result<(), Failure> {
                self.0.finish()
            }
        }

        impl Commit for One<'_> {
            fn commit(&mut self) -> Result<(), Failure> {
                self.0.commit()
            }
        }

        let disk = RefCell::new(Disk::default());
        Pipeline::new("rows", from_iter([5, 7, 6, 9]))
            .try_map(|n| if n == 9 { Err(Failure::new("the power goes").into()) } else { Ok(n) })
            .end(One(Rows(Vec::new(), &disk)))
            .on_error(dead_letter(Letters(Vec::new(), &disk)).committing())
            .commit_every(size(2))
            .run()
            .unwrap_err();
        assert_eq!(*disk.borrow(), Disk { rows: vec![5], letters: vec![7] });
    }

    #[test]
    fn a_name_is_asked_for_failed_items_only() {
        /// Counts how often its name is asked for: the default name is computed each time.
        struct Named<'a>(&'a Cell<u32>);

        impl Sink for Named<'_> {
            type In = u32;
            type Output = ();

            fn consume(&mut self, _: u32) -> Result<(), Halt> {
                Ok(())
            }

            fn finish(self) -> Result<(), Failure> {
                Ok(())
            }

            fn name(&self) -> &'static str {
                self.0.set(self.0.get() + 1);
                "Named"
            }
        }

        let asked = |items| {
            let asked = Cell::new(0);
            Pipeline::new("rows", from_iter(0..items)).end(Named(&asked)).on_error(skip(9)).run().unwrap();
            asked.get()
        };
        assert_eq!(asked(1000), asked(0));
    }

    #[test]
    fn a_cancellation_ends_the_splitting() {
        let token = CancelToken::new();
        let mut chunks = Vec::new();
        let sink = for_each(|chunk: Vec<u32>| {
            chunks.push(chunk.len());
            token.cancel();
            Err(Failure::new("refused").into())
        });
        let rows = Pipeline::new("rows", from_iter(0..8)).buffer(size(8)).end(sink).on_error_split(skip(8));
        assert!(rows.cancelled_by(&token).run().unwrap_err().is_cancelled());
        assert_eq!(chunks, [8]);
    }

    #[test]
    fn the_parts_of_a_chunk_have_its_number() {
        /// Numbers its chunks.
        struct Numbered<'a> {
            taken: u32,
            seen: &'a mut Vec<(u32, Vec<u32>)>,
        }

        impl Sink for Numbered<'_> {
            type In = Vec<u32>;
            type Output = u32;

            fn consume(&mut self, chunk: Vec<u32>) -> Result<(), Halt> {
                self.taken += 1;
                self.seen.push((self.taken, chunk.clone()));
                if chunk.contains(&3) { Err(Failure::new("three").into()) } else { Ok(()) }
            }

            fn before_retry(&mut self) {
                self.taken -= 1;
            }

            fn finish(self) -> Result<u32, Failure> {
                Ok(self.taken)
            }
        }

        let mut seen = Vec::new();
        let outcome = Pipeline::new("rows", from_iter([1, 2, 3, 4, 3, 5]))
            .buffer(size(4))
            .end(Numbered { taken: 0, seen: &mut seen })
            .on_error_split((retry(1, Duration::ZERO, |_| true), skip(2)))
            .run()
            .unwrap();
        let expected: [(u32, &[u32]); 10] = [
            (1, &[1, 2, 3, 4]),
            (1, &[1, 2]),
            (1, &[3, 4]),
            (1, &[3]),
            (1, &[3]),
            (1, &[4]),
            (2, &[3, 5]),
            (2, &[3]),
            (2, &[3]),
            (2, &[5]),
        ];
        assert_eq!(seen.iter().map(|(n, chunk)| (*n, &chunk[..])).collect::<Vec<_>>(), expected);
        assert_eq!(outcome.output, 2);
    }
}
