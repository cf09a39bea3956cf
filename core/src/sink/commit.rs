//! The trait `Commit`: a sink that makes its work durable during a run.

use crate::error::Failure;
use crate::sink::Sink;

/// A sink that can make its work durable while more items are to come.
///
/// Without this trait a sink commits once, when it is [finished](Sink::finish). With it a run may commit
/// [after every `n` items that the sink consumes](crate::Runnable::commit_every). For a sink of chunks each chunk counts as
/// one. Committed work stays, even if the run fails later.
///
/// ```
/// use syncline_core::{Commit, Failure, Halt, Pipeline, Sink, from_iter, size};
///
/// /// Adds to a total that others see once it is committed.
/// struct Ledger<'a> { open: u64, total: &'a mut u64 }
///
/// impl Sink for Ledger<'_> {
///     type In = u64;
///     type Output = ();
///
///     fn consume(&mut self, n: u64) -> Result<(), Halt> {
///         if n == 5 { return Err(Failure::new("five").into()) }
///         self.open += n;
///         Ok(())
///     }
///
///     fn finish(mut self) -> Result<(), Failure> {
///         self.commit()
///     }
/// }
///
/// impl Commit for Ledger<'_> {
///     fn commit(&mut self) -> Result<(), Failure> {
///         *self.total += std::mem::take(&mut self.open);
///         Ok(())
///     }
/// }
///
/// let mut total = 0;
/// let ledger = Ledger { open: 0, total: &mut total };
/// let run = Pipeline::new("ledger", from_iter(1..9)).end(ledger).commit_every(const { size(3) }).run();
/// assert!(run.is_err());
/// assert_eq!(total, 1 + 2 + 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`commit every` needs a sink that can commit in the middle of a run",
    label = "commits once, at the end",
    note = "implement `syncline::Commit` for the sink"
)]
pub trait Commit: Sink {
    /// Makes the work so far durable. Called between two items, and never after a failure.
    ///
    /// # Errors
    ///
    /// If that fails: then the run fails.
    fn commit(&mut self) -> Result<(), Failure>;
}

#[cfg(test)]
mod tests {
    use super::Commit;
    use crate::{Failure, Halt, Pipeline, Sink, from_iter, size};

    /// Records the number of items at each commit.
    struct Noting<'a>(usize, &'a mut Vec<usize>);

    impl Sink for Noting<'_> {
        type In = usize;
        type Output = usize;

        fn consume(&mut self, _: usize) -> Result<(), Halt> {
            self.0 += 1;
            Ok(())
        }

        fn finish(self) -> Result<usize, Failure> {
            Ok(self.0)
        }
    }

    impl Commit for Noting<'_> {
        fn commit(&mut self) -> Result<(), Failure> {
            self.1.push(self.0);
            if self.0 < 12 { Ok(()) } else { Err(Failure::new("the disk is full")) }
        }
    }

    #[test]
    fn after_every_so_many_items_and_no_others() {
        for (n, wanted) in
            [(0, vec![]), (1, vec![]), (3, vec![]), (4, vec![4]), (5, vec![4]), (8, vec![4, 8])]
        {
            let mut commits = Vec::new();
            let run = Pipeline::new("commits", from_iter(0..n)).end(Noting(0, &mut commits));
            assert_eq!(run.commit_every(size(4)).run().unwrap().output, n);
            assert_eq!(commits, wanted);
        }
    }

    #[test]
    fn a_commit_that_fails_fails_the_run() {
        let mut commits = Vec::new();
        let run = Pipeline::new("commits", from_iter(0..99))
            .end(Noting(0, &mut commits))
            .commit_every(size(4))
            .run();
        assert_eq!(run.unwrap_err().stage(), Some("Noting"));
        assert_eq!(commits, [4, 8, 12]);
    }
}
