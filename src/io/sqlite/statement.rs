//! The sink `to_statement`: it executes a statement for each item.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use rusqlite::{Connection, Statement, Transaction};
use syncline_core::{Commit, Failure, Halt, SideSink, Sink};

/// A sink that executes a statement for each item, all in one transaction.
///
/// The closure `execute` binds the item and executes the statement. It returns the number of changed rows, as
/// [`Statement::execute`] does. The sink's output is the sum of these numbers.
///
/// ```
/// use rusqlite::Statement;
/// use syncline::io::to_statement;
/// use syncline::prelude::*;
///
/// # let connection = rusqlite::Connection::open_in_memory()?;
/// connection.execute_batch("CREATE TABLE word (word TEXT PRIMARY KEY, length INTEGER)")?;
/// let insert = |statement: &mut Statement<'_>, word: &str| statement.execute((word, word.len()));
/// let sink = |sql| to_statement(&connection, sql, insert);
///
/// let words = from_iter(["bread", "milk"]);
/// let outcome = Pipeline::new("words", words).end(sink("INSERT INTO word VALUES (?1, ?2)")).run()?;
/// assert_eq!(outcome.output, 2);
///
/// let words = from_iter(["salt", "milk"]); // `milk` exists
/// let error = Pipeline::new("words", words).end(sink("INSERT INTO word VALUES (?1, ?2)")).run().unwrap_err();
/// assert_eq!(error.to_string(), "pipeline words failed in stage to_statement at item 2");
/// let count: u32 = connection.query_row("SELECT count(*) FROM word", [], |row| row.get(0))?;
/// assert_eq!(count, 2); // `salt` was rolled back
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_statement<T, F>(
    connection: &Connection,
    sql: impl Into<String>,
    execute: F,
) -> ToStatement<'_, T, F>
where
    F: FnMut(&mut Statement<'_>, T) -> rusqlite::Result<usize>,
{
    ToStatement {
        connection,
        transaction: None,
        is_over: false,
        sql: sql.into(),
        execute,
        taken: 0,
        changed: 0,
        items: PhantomData,
    }
}

/// Sink of [`to_statement`].
///
/// * Shape: any item. The output is the number of changed rows.
/// * Memory: none. The statement stays in the connection's cache of prepared statements.
/// * End: commits the transaction, which began with the first item. If a transaction was open before the first item,
///   the sink uses it and does not commit it: that is up to the code that opened it.
/// * Commit: commits the transaction; the next item begins another. A transaction that was open before is not
///   committed.
/// * Error: the error of SQLite, with the number of the item, from 1; a retry does not change the number. If the run
///   fails, the sink is dropped and its transaction is rolled back; a transaction that was open before is not. A
///   statement may roll back the whole transaction itself, as `INSERT OR ROLLBACK` does. The run then fails with
///   [`TransactionIsOver`], even if a policy skips that item, because the earlier writes are lost.
#[must_use]
pub struct ToStatement<'c, T, F> {
    connection: &'c Connection,
    transaction: Option<Transaction<'c>>,
    /// `true` after a statement ended its own transaction.
    is_over: bool,
    sql: String,
    execute: F,
    taken: u64,
    changed: u64,
    items: PhantomData<fn(T)>,
}

/// The error after a statement of [`to_statement`] ended its own transaction: everything written in that transaction is
/// lost.
#[derive(Debug)]
pub struct TransactionIsOver;

impl fmt::Display for TransactionIsOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an earlier statement ended the transaction, so what was written in it is gone")
    }
}

impl Error for TransactionIsOver {}

impl<T, F: FnMut(&mut Statement<'_>, T) -> rusqlite::Result<usize>> ToStatement<'_, T, F> {
    fn check(&self) -> Result<(), Failure> {
        if self.is_over { Err(TransactionIsOver.into()) } else { Ok(()) }
    }

    fn take(&mut self, item: T) -> rusqlite::Result<usize> {
        if self.transaction.is_none() && self.connection.is_autocommit() {
            self.transaction = Some(self.connection.unchecked_transaction()?);
        }
        let mut statement = self.connection.prepare_cached(&self.sql)?;
        let changed = (self.execute)(&mut statement, item);
        // Further items would be written outside of a transaction, and stay even if the run fails.
        self.is_over = self.connection.is_autocommit();
        changed
    }
}

impl<T, F: FnMut(&mut Statement<'_>, T) -> rusqlite::Result<usize>> Sink for ToStatement<'_, T, F> {
    type In = T;
    type Output = u64;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.taken += 1;
        self.check().map_err(|failure| failure.at(format_args!("item {}", self.taken)))?;
        match self.take(item) {
            Ok(changed) => {
                self.changed += u64::try_from(changed).unwrap_or(u64::MAX);
                Ok(())
            }
            Err(error) => Err(Failure::new(error).at(format_args!("item {}", self.taken)).into()),
        }
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.commit()?;
        Ok(self.changed)
    }

    fn name(&self) -> &'static str {
        "to_statement"
    }

    fn before_retry(&mut self) {
        self.taken = self.taken.saturating_sub(1);
    }
}

impl<T, F: FnMut(&mut Statement<'_>, T) -> rusqlite::Result<usize>> Commit for ToStatement<'_, T, F> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.check()?;
        if let Some(transaction) = self.transaction.take() {
            transaction.commit()?;
        }
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<T, F> SideSink<u64> for ToStatement<'_, T, F> {}

impl<T, F> fmt::Debug for ToStatement<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToStatement")
            .field("sql", &self.sql)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;
    use std::time::Duration;

    use rusqlite::{Connection, Statement};
    use syncline_core::testing::{fail_at_each_chunk, fail_every};
    use syncline_core::{
        Collect, Letter, Pipeline, dead_letter, for_each, from_iter, retry, route, size, skip,
    };

    use super::to_statement;
    use crate::io::from_rows;

    const INSERT: &str = "INSERT INTO number VALUES (?1)";

    fn insert(statement: &mut Statement<'_>, number: i64) -> rusqlite::Result<usize> {
        statement.execute([number])
    }

    fn empty() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE number (n INTEGER PRIMARY KEY)").unwrap();
        connection
    }

    fn numbers(connection: &Connection) -> Vec<i64> {
        let mut statement = connection.prepare("SELECT n FROM number ORDER BY n").unwrap();
        let rows = from_rows(statement.query([]).unwrap(), |row| row.get(0));
        Pipeline::new("numbers", rows).end(Collect::new()).run().unwrap().output
    }

    #[test]
    fn what_is_written_is_read_again() {
        for n in [0, 1, 255, 256, 257, 2000] {
            let connection = empty();
            let run =
                Pipeline::new("write", from_iter(0..n)).end(to_statement(&connection, INSERT, insert)).run();
            assert_eq!(run.unwrap().output, n.unsigned_abs());
            assert_eq!(numbers(&connection), (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_run_that_fails_anywhere_can_be_started_again() {
        let points = fail_at_each_chunk(
            empty,
            |connection, fault| {
                let pipeline = Pipeline::new("write", from_iter(0..10)).buffer(size(3)).pipe(fault.stage());
                pipeline.unbuffer().end(to_statement(connection, INSERT, insert)).run()?;
                Ok(())
            },
            numbers,
        );
        assert_eq!(points, 5);
    }

    #[test]
    fn what_was_committed_stays_and_the_next_run_goes_on_behind_it() {
        for (chunks, failed) in [(3, 9), (4, 5), (7, 3)] {
            let runs = fail_every(
                NonZeroU64::new(chunks).unwrap(),
                empty,
                |connection, fault| {
                    let there = i64::try_from(numbers(connection).len())?;
                    let pipeline = Pipeline::new("write", from_iter(there..20)).pipe(fault.stage());
                    let sink = to_statement(connection, INSERT, insert);
                    pipeline.end(sink).commit_every(size(2)).run()?;
                    Ok(())
                },
                numbers,
            );
            assert_eq!(runs, failed, "every {chunks}");
        }
    }

    #[test]
    fn an_item_has_one_number_however_often_it_is_tried() {
        let connection = empty();
        let mut letters = Vec::new();
        let sink = route([to_statement(&connection, INSERT, insert)], |_| 0);
        let policy = (
            retry(3, Duration::ZERO, |_| true),
            dead_letter(for_each(|letter: Letter<i64>| {
                letters.push((letter.record, letter.item));
                Ok(())
            })),
        );
        Pipeline::new("write", from_iter([1, 1, 2, 2])).end(sink).on_error(policy).run().unwrap();
        assert_eq!(letters, [(Some("item 2".to_owned()), 1), (Some("item 4".to_owned()), 2)]);
    }

    #[test]
    fn a_commit_leaves_a_transaction_of_somebody_else_open() {
        let connection = empty();
        let transaction = connection.unchecked_transaction().unwrap();
        let sink = to_statement(&connection, INSERT, insert);
        Pipeline::new("write", from_iter(0..3)).end(sink).commit_every(size(1)).run().unwrap();
        transaction.rollback().unwrap();
        assert_eq!(numbers(&connection), [0; 0]);
    }

    #[test]
    fn a_statement_that_rolls_everything_back_fails_the_run_whatever_the_policy() {
        for policy in [1, 99] {
            let connection = empty();
            let sink = to_statement(&connection, "INSERT OR ROLLBACK INTO number VALUES (?1)", insert);
            let run =
                Pipeline::new("write", from_iter([1, 2, 1, 3, 4])).end(sink).on_error(skip(policy)).run();
            let error = run.unwrap_err();
            assert_eq!(error.record(), (policy == 1).then_some("item 4"));
            assert!(error.into_source().is::<super::TransactionIsOver>());
            assert_eq!(numbers(&connection), [0; 0]);
        }
    }

    #[test]
    fn a_transaction_that_is_open_is_left_to_its_owner() {
        let connection = empty();
        let transaction = connection.unchecked_transaction().unwrap();
        Pipeline::new("write", from_iter(0..3)).end(to_statement(&connection, INSERT, insert)).run().unwrap();
        assert!(!connection.is_autocommit());
        transaction.rollback().unwrap();
        assert_eq!(numbers(&connection), [0; 0]);
    }

    #[test]
    fn a_bad_item_has_its_number_and_nothing_is_left() {
        let connection = empty();
        let run =
            Pipeline::new("write", from_iter([1, 2, 1])).end(to_statement(&connection, INSERT, insert)).run();
        assert_eq!(run.unwrap_err().record(), Some("item 3"));
        assert!(connection.is_autocommit());
        assert_eq!(numbers(&connection), [0; 0]);
    }
}
