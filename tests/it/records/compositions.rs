//! Flows that are composed of the public parts at random, right and wrong: none of them loses a record.

mod checks;
mod misuse;
mod parts;

use std::collections::BTreeMap;
use std::env;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rusqlite::TransactionBehavior;
use syncline::Database;
use syncline::filter::Filter;
use syncline::sqlite::flow::{DeletionList, SyncTransaction};

use super::Scratch;
use super::declarations::{Notes, note, notebook};
use checks::Before;
use parts::{Aside, Flow, flow};

/// A change of the app's tables. Numbers choose among the rows that are there.
#[derive(Debug, Clone)]
enum Edit {
    Add { notes: usize, parent: usize },
    Change { every: usize },
    ChangeOne { note: usize },
    Delete { note: usize },
    HardDelete { note: usize },
    MakeAgain { note: usize },
}

/// The place in which a sync transaction begins, and the end of a transaction around it.
#[derive(Debug, Clone, Copy)]
enum Scope {
    Database,
    Connection,
    Transaction { commits: bool, edits_before: bool },
    Savepoint { commits: bool },
}

/// A transaction, or a whole job.
#[derive(Debug, Clone)]
enum Step {
    Edit(Edit),
    Transaction {
        scope: Scope,
        filter: Option<usize>,
        flows: Vec<Flow>,
        commits: bool,
        spoils: Option<usize>,
    },
    Job {
        every: Option<usize>,
        filter: Option<usize>,
    },
}

fn edit() -> impl Strategy<Value = Edit> {
    let note = any::<usize>();
    prop_oneof![
        3 => (1..40_usize, note).prop_map(|(notes, parent)| Edit::Add { notes, parent }),
        2 => (1..4_usize).prop_map(|every| Edit::Change { every }),
        3 => note.prop_map(|note| Edit::ChangeOne { note }),
        5 => note.prop_map(|note| Edit::Delete { note }),
        2 => note.prop_map(|note| Edit::HardDelete { note }),
        1 => note.prop_map(|note| Edit::MakeAgain { note }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let commits = || prop::bool::weighted(0.8);
    let scope = prop_oneof![
        4 => Just(Scope::Database),
        1 => Just(Scope::Connection),
        2 => (commits(), any::<bool>())
            .prop_map(|(commits, edits_before)| Scope::Transaction { commits, edits_before }),
        1 => commits().prop_map(|commits| Scope::Savepoint { commits }),
    ];
    let filter = || prop::option::weighted(0.3, any::<usize>());
    prop_oneof![
        4 => edit().prop_map(Step::Edit),
        6 => (
            scope,
            filter(),
            prop::collection::vec(flow(), 0..4),
            commits(),
            prop::option::weighted(0.15, any::<usize>()),
        )
            .prop_map(|(scope, filter, flows, commits, spoils)| Step::Transaction {
                scope,
                filter,
                flows,
                commits,
                spoils
            }),
        1 => (prop::option::of(1..3_usize), filter()).prop_map(|(every, filter)| Step::Job { every, filter }),
    ]
}

/// A database, and what a program kept that it read from it.
struct World {
    scratch: Scratch,
    aside: Aside,
    /// Written to every row that changes, so that no two versions of a record look alike.
    revision: i64,
    deleted: Vec<String>,
    happened: BTreeMap<&'static str, u64>,
}

impl World {
    fn new() -> Self {
        let scratch = Scratch::new();
        scratch.execute("PRAGMA synchronous = OFF");
        for title in ["Home", "Work"] {
            notebook(&scratch.database, title);
        }
        Self { scratch, aside: Aside::default(), revision: 0, deleted: Vec::new(), happened: BTreeMap::new() }
    }

    fn count(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Edit(edit) => self.edit(edit),
            Step::Transaction { scope, filter, flows, commits, spoils } => {
                if let Some(note) = spoils {
                    self.spoil(*note);
                }
                let before = Before::of(&self.scratch);
                let filter = self.filter(*filter);
                self.transaction(*scope, &filter, flows, *commits);
                before.check(&self.scratch);
                self.scratch.execute("UPDATE note SET body = 'mended' WHERE typeof(body) = 'blob'");
            }
            Step::Job { every, filter } => {
                let before = Before::of(&self.scratch);
                let filter = self.filter(*filter);
                let mut job = self.scratch.database.serialize::<Notes>();
                for prefix in filter.distinct_prefixes() {
                    job = job.filter(prefix);
                }
                if let Some(chunks) = every.and_then(std::num::NonZeroUsize::new) {
                    job = job.commit_every(chunks);
                }
                let done = job.run().unwrap();
                before.check(&self.scratch);
                self.count("jobs");
                if done.commits > 1 {
                    self.count("jobs of several commits");
                }
            }
        }
    }

    fn filter(&self, notebook: Option<usize>) -> Filter {
        let mut filter = Filter::everything();
        let notebooks: Vec<String> = self.scratch.all("SELECT id FROM notebook ORDER BY title");
        if let Some(notebook) = notebook {
            filter.add(&notebooks[notebook % notebooks.len()]);
        }
        filter
    }

    fn edit(&mut self, edit: &Edit) {
        let notes: Vec<String> = self.scratch.all("SELECT id FROM note ORDER BY title");
        let chosen = |note: usize| notes.get(note % notes.len().max(1)).cloned().unwrap_or_default();
        self.revision += 1;
        let revision = self.revision;
        let set = format!("UPDATE note SET stars = {revision}, body = 'revision {revision}'");
        match edit {
            Edit::Add { notes: count, parent } => {
                let notebooks: Vec<String> = self.scratch.all("SELECT id FROM notebook ORDER BY title");
                let mut parent = chosen(*parent).parse().ok();
                for number in 0..*count {
                    let notebook = notebooks[number % notebooks.len()].parse().unwrap();
                    let title = format!("note {revision}.{number}");
                    let id = note(&self.scratch.database, notebook, &title, parent);
                    parent = (number % 3 != 0).then_some(id);
                }
                self.scratch.execute(&format!("{set} WHERE title LIKE 'note {revision}.%'"));
            }
            Edit::Change { every } => self.scratch.execute(&format!("{set} WHERE rowid % {every} = 0")),
            Edit::ChangeOne { note } => {
                self.scratch.execute(&format!("{set} WHERE id = '{}'", chosen(*note)));
            }
            Edit::Delete { note } => {
                let id = chosen(*note);
                self.scratch
                    .execute(&format!("PRAGMA foreign_keys = ON; DELETE FROM note WHERE id = '{id}'"));
                self.deleted.push(id);
            }
            Edit::HardDelete { note } => {
                if let Ok(id) = chosen(*note).parse() {
                    use syncline::Access as _;
                    self.scratch.database.hard_delete::<super::declarations::Note>(id).unwrap();
                }
            }
            Edit::MakeAgain { note } => {
                let Some(id) = self.deleted.get(note % self.deleted.len().max(1)) else { return };
                self.scratch.execute(&format!(
                    "INSERT OR IGNORE INTO note (id, notebook_id, title, stars, scroll_position, _morango_source_id, \
                     _morango_partition) \
                     SELECT store.id, json_extract(serialized, '$.notebook_id'), 'again', {revision}, 0, source_id, partition \
                     FROM morango_store AS store WHERE store.id = '{id}' AND NOT hard_deleted"
                ));
            }
        }
    }

    /// Makes a row of a note that cannot be serialised.
    fn spoil(&mut self, note: usize) {
        let notes: Vec<String> = self.scratch.all("SELECT id FROM note ORDER BY title");
        let Some(id) = notes.get(note % notes.len().max(1)) else { return };
        self.scratch.execute_unchecked(&format!(
            "UPDATE note SET body = x'00', _morango_dirty_bit = 1 WHERE id = '{id}'"
        ));
        self.count("rows spoilt");
    }

    fn transaction(&mut self, scope: Scope, filter: &Filter, flows: &[Flow], commits: bool) {
        let stored: Vec<bool> = self.scratch.all("SELECT EXISTS (SELECT 1 FROM morango_store)");
        if commits && !stored[0] && matches!(flows, [Flow::WholeRecords { bulk: true }, ..]) {
            self.count("bulk loads");
        }
        let (mut fresh, earlier, happened) = (Aside::default(), &mut self.aside, &mut self.happened);
        let mut run = |transaction: Result<SyncTransaction<'_, Notes>, _>| {
            let transaction = transaction.unwrap();
            for flow in flows {
                let ended = flow.run(&transaction, earlier, &mut fresh);
                *happened.entry(ended).or_default() += 1;
            }
            if commits {
                let ended = match transaction.commit() {
                    Ok(_) => "commits",
                    Err(error) => {
                        let message = error.to_string();
                        assert!(message.contains("failed in the middle of a chunk"), "{message}");
                        "commits refused"
                    }
                };
                *happened.entry(ended).or_default() += 1;
            } else {
                drop(transaction);
                *happened.entry("commits forgotten").or_default() += 1;
            }
        };
        let database: &mut Database = &mut self.scratch.database;
        match scope {
            Scope::Database => run(SyncTransaction::begin(database, filter)),
            Scope::Connection => run(SyncTransaction::begin(database.connection_mut(), filter)),
            Scope::Transaction { commits, edits_before } => {
                let mut outer = database.connection_mut().transaction().unwrap();
                if edits_before {
                    // Nobody but this connection sees them before the commit.
                    outer.execute_batch("UPDATE note SET body = 'before', stars = stars + 1000").unwrap();
                }
                run(SyncTransaction::begin(&mut outer, filter));
                if commits { outer.commit().unwrap() } else { outer.rollback().unwrap() }
            }
            Scope::Savepoint { commits } => {
                let behavior = TransactionBehavior::Immediate;
                let mut outer = database.connection_mut().transaction_with_behavior(behavior).unwrap();
                let mut savepoint = outer.savepoint().unwrap();
                run(SyncTransaction::begin(&mut savepoint, filter));
                if commits {
                    savepoint.commit().unwrap();
                    outer.commit().unwrap();
                } else {
                    drop(savepoint);
                    outer.commit().unwrap();
                }
            }
        }
        self.aside.add(fresh);
    }
}

/// The default number of histories, of 20 steps each on average. `PROPTEST_CASES` asks for another.
const HISTORIES: u32 = 96;

#[test]
fn no_composition_of_parts_loses_a_record() {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let cases = if env::var_os("PROPTEST_CASES").is_some() { default.cases } else { HISTORIES };
    let mut runner = TestRunner::new(ProptestConfig { cases, ..default });
    let happened = std::cell::RefCell::new(BTreeMap::new());
    // Some histories begin with more notes than a job takes in one commit, and some with a bulk load.
    let begin = prop_oneof![7 => Just((30_usize, false)), 2 => Just((30, true)), 1 => Just((1_500, false))];
    let outcome = runner.run(&(begin, prop::collection::vec(step(), 1..40)), |((notes, is_bulk), steps)| {
        let mut world = World::new();
        world.edit(&Edit::Add { notes, parent: 0 });
        if notes > 1_000 {
            world.take(&Step::Job { every: Some(1), filter: None });
        }
        if is_bulk {
            let flows = vec![Flow::WholeRecords { bulk: true }];
            world.take(&Step::Transaction {
                scope: Scope::Database,
                filter: None,
                flows,
                commits: true,
                spoils: None,
            });
        }
        for step in &steps {
            world.take(step);
        }
        // All that is left goes to the store with the next whole job.
        let before = Before::of(&world.scratch);
        world.scratch.database.serialize::<Notes>().run().unwrap();
        before.check(&world.scratch);
        checks::nothing_is_left(&world.scratch);
        for (what, times) in world.happened {
            *happened.borrow_mut().entry(what).or_insert(0_u64) += times;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));

    let happened = happened.into_inner();
    println!("{cases} histories: {happened:#?}");
    if cases >= HISTORIES {
        for what in [
            "commits",
            "commits forgotten",
            "jobs",
            "jobs of several commits",
            "bulk loads",
            "rows spoilt",
            "sources that were run again after an error",
            "records written",
            "record flows that failed",
            "deletions marked",
            "deletion flows that failed",
            "records of another transaction refused",
            "records written later than others",
        ] {
            assert!(happened.contains_key(what), "no {what}: {happened:?}");
        }
    }
}

/// 5,000 dirty rows of two notebooks, and the parts of one flow.
fn of_5000(flow: impl FnOnce(&SyncTransaction<'_, Notes>), commits: bool) -> Scratch {
    let mut scratch = Scratch::new();
    let (home, work) = (notebook(&scratch.database, "Home"), notebook(&scratch.database, "Work"));
    scratch.execute(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4999) \
         INSERT INTO note (notebook_id, title, stars) \
         SELECT CASE n % 2 WHEN 0 THEN '{home}' ELSE '{work}' END, 'note ' || n, n FROM numbers"
    ));
    let before = Before::of(&scratch);
    let transaction = SyncTransaction::begin(&mut scratch.database, &Filter::everything()).unwrap();
    flow(&transaction);
    if commits {
        transaction.commit().unwrap();
    } else {
        drop(transaction);
    }
    before.check(&scratch);
    scratch
}

fn dirty_and_stored(scratch: &Scratch) -> (i64, i64) {
    let one = |sql: &str| scratch.all::<i64>(sql)[0];
    (
        one(
            "SELECT CAST((SELECT total(_morango_dirty_bit) FROM note) + (SELECT total(_morango_dirty_bit) FROM notebook) AS INTEGER)",
        ),
        one("SELECT count(*) FROM morango_store"),
    )
}

/// Of the kind "rows that were read are not written": the source emits more rows than reach the writer.
#[test]
fn rows_that_are_not_taken_stay_dirty() {
    let scratch = of_5000(parts::first_seven, true);
    assert_eq!(dirty_and_stored(&scratch), (4995, 7));
}

/// Of the kind "rows that were read are not written": a filter by content, which the transaction does not know.
#[test]
fn rows_that_are_filtered_out_stay_dirty() {
    let scratch = of_5000(parts::every_second, true);
    assert_eq!(dirty_and_stored(&scratch), (2501, 2501));
}

/// Of the kind "a list of deletions that was not read": only the records were serialised.
#[test]
fn a_list_that_was_not_read_keeps_its_ids() {
    for hard in [false, true] {
        let mut scratch = of_5000(|run| parts::all(run, false).unwrap(), true);
        let listed: Vec<String> = scratch.all("SELECT id FROM note WHERE stars % 2");
        if hard {
            use syncline::Access as _;
            for id in listed.iter().take(10) {
                let id = id.parse().unwrap();
                scratch.database.hard_delete::<super::declarations::Note>(id).unwrap();
            }
        } else {
            scratch.execute("DELETE FROM note WHERE stars % 2");
        }
        let before = Before::of(&scratch);
        let listed = scratch.listed();
        let transaction =
            SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
        parts::all(&transaction, false).unwrap();
        transaction.commit().unwrap();
        before.check(&scratch);
        assert_eq!(scratch.listed(), listed);
        scratch.serialize();
        checks::nothing_is_left(&scratch);
        let deleted: Vec<i64> = scratch.all("SELECT sum(deleted) FROM morango_store");
        assert_eq!(deleted[0], i64::try_from(listed.len()).unwrap());
    }
}

/// Of the kind "a transaction that was not ended": in bulk, and nobody commits.
#[test]
fn a_bulk_load_without_an_end_leaves_nothing() {
    let scratch = of_5000(|run| parts::all(run, true).unwrap(), false);
    assert_eq!(dirty_and_stored(&scratch), (5002, 0));
}

/// Of the kind "an error that is caught": a stage failed in the middle of a bulk load, and it is committed all the same.
#[test]
fn a_bulk_load_that_failed_is_whole_up_to_there() {
    let scratch = of_5000(|run| drop(parts::fails_at_2500(run).unwrap_err()), true);
    assert_eq!(dirty_and_stored(&scratch), (3002, 2000));
}

/// Of the kind "a record is written in another transaction than the one that read it".
#[test]
fn a_record_of_another_transaction_is_refused_by_its_id() {
    let mut scratch = Scratch::new();
    notebook(&scratch.database, "Home");
    let ids: Vec<String> = scratch.all("SELECT id FROM notebook");
    let mut aside = Aside::default();
    let transaction = SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    parts::collect(&transaction, &mut aside);
    drop(transaction);
    let transaction = SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    let message = parts::write_aside(&transaction, &mut aside).unwrap_err();
    assert!(message.contains(&ids[0]) && message.contains("read in another transaction"), "{message}");
    transaction.commit().unwrap();
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM morango_store"), [0]);
    assert_eq!(scratch.all::<i64>("SELECT _morango_dirty_bit FROM notebook"), [1]);
}

/// Of the same kind, for a row that is to be marked as deleted.
#[test]
fn a_row_that_was_looked_up_in_another_transaction_is_refused() {
    let mut scratch = of_5000(|run| parts::all(run, false).unwrap(), true);
    scratch.execute("DELETE FROM note WHERE stars < 10");
    let listed = scratch.listed();
    let mut aside = Aside::default();
    let transaction = SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    parts::collect_deletions(&transaction, &mut aside);
    transaction.commit().unwrap();
    let transaction = SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    let message = parts::mark_aside(&transaction, DeletionList::Deleted, &mut aside).unwrap_err();
    assert!(
        message.contains(&listed[0]) && message.contains("looked up in another transaction"),
        "{message}"
    );
    transaction.commit().unwrap();
    assert_eq!(scratch.listed(), listed);
}

/// Of the kind "rows without their counters": the writer itself fails, and the error is caught.
#[test]
fn a_transaction_whose_writer_failed_is_not_committed() {
    let mut scratch = Scratch::new();
    notebook(&scratch.database, "Home");
    scratch.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON morango_store BEGIN SELECT RAISE(FAIL, 'refused'); END",
    );
    let before = Before::of(&scratch);
    let transaction = SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    parts::all(&transaction, false).unwrap_err();
    let message = transaction.commit().unwrap_err().to_string();
    assert!(message.contains("`StoreWriter` failed in the middle of a chunk"), "{message}");
    before.check(&scratch);
}

/// Of the kind "a source that failed and is run again": its rows are many, so bits are cleared by condition.
#[test]
fn a_source_that_failed_and_is_run_again_leaves_unwritten_rows_dirty() {
    for few in [false, true] {
        let mut scratch = Scratch::new();
        let home = notebook(&scratch.database, "Home");
        for number in 0..60 {
            note(&scratch.database, home, &format!("note {number}"), None);
        }
        if few {
            scratch.serialize();
            scratch.execute("UPDATE note SET stars = 7 WHERE rowid % 4 = 0");
        }
        scratch.execute_unchecked(
            "UPDATE note SET body = x'00' WHERE id = (SELECT min(id) FROM note WHERE _morango_dirty_bit)",
        );
        let before = Before::of(&scratch);
        let transaction =
            SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
        parts::twice_from_one_source(&transaction);
        transaction.commit().unwrap();
        before.check(&scratch);
        assert!(!scratch.dirty_notes().is_empty(), "the invalid row is dirty");
        scratch.execute("UPDATE note SET body = 'mended' WHERE body = x'00'");
        scratch.serialize();
        checks::nothing_is_left(&scratch);
    }
}

/// Of the kind "a transaction that was not ended": nobody ends it, and the transaction around it is committed.
#[test]
fn a_forgotten_bulk_load_in_an_outer_transaction_has_its_index_and_counters() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    note(&scratch.database, home, "Milk", None);
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name";
    let (before, indexes_before) = (Before::of(&scratch), scratch.all::<String>(indexes));
    let mut outer = scratch.database.connection_mut().transaction().unwrap();
    let transaction = SyncTransaction::<Notes>::begin(&mut outer, &Filter::everything()).unwrap();
    parts::all(&transaction, true).unwrap();
    std::mem::forget(transaction);
    outer.commit().unwrap();
    assert_eq!(scratch.all::<String>(indexes), indexes_before);
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM morango_recordmaxcounter"), [2]);
    // The next run drops the temporary tables that the forgotten one has left.
    scratch.serialize();
    before.check(&scratch);
    checks::nothing_is_left(&scratch);
}

/// Of the kind "SQLite ends the transaction by itself": what comes next is not committed statement by statement.
#[test]
fn a_transaction_that_sqlite_rolled_back_does_not_go_on() {
    let mut scratch = Scratch::new();
    notebook(&scratch.database, "Home");
    scratch.execute(
        "CREATE TRIGGER undo BEFORE INSERT ON morango_store BEGIN SELECT RAISE(ROLLBACK, 'undone'); END",
    );
    let before = Before::of(&scratch);
    let transaction = SyncTransaction::<Notes>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    parts::all(&transaction, false).unwrap_err();
    let message = parts::all(&transaction, false).unwrap_err();
    assert!(message.contains("no longer open"), "{message}");
    transaction.commit().unwrap_err();
    before.check(&scratch);
    assert_eq!(dirty_and_stored(&scratch), (1, 0));
}

/// Of the kind "a reader that sees less than the writer": the rows were written in the same, outer transaction.
#[test]
fn rows_of_the_outer_transaction_are_serialised_as_they_are() {
    let mut scratch = of_5000(|run| parts::all(run, false).unwrap(), true);
    let mut outer = scratch.database.connection_mut().transaction().unwrap();
    outer.execute_batch("UPDATE note SET title = 'edited'").unwrap();
    let transaction = SyncTransaction::<Notes>::begin(&mut outer, &Filter::everything()).unwrap();
    parts::all(&transaction, true).unwrap();
    parts::deletions(&transaction, DeletionList::Deleted);
    transaction.commit().unwrap();
    outer.commit().unwrap();
    let texts: Vec<i64> = scratch
        .all("SELECT count(*) FROM morango_store WHERE json_extract(serialized, '$.title') = 'edited'");
    assert_eq!(texts, [5000]);
    checks::nothing_is_left(&scratch);
}
