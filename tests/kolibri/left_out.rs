//! Records that cannot be serialised, and that a policy skips.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use syncline::model::InvalidColumn;
use syncline::policy::{Letter, dead_letter, retry, skip};
use syncline::record::InvalidStored;
use syncline::{Database, for_each, size};
use syncline_kolibri::models::FacilityData;

use crate::compare::{assert_same, differences};
use crate::fixtures::Scratch;

/// A way to make a record invalid, with its table and the message.
struct Bad {
    sql: &'static str,
    table: &'static str,
    record: &'static str,
}

const LESSON: &str = "(SELECT min(id) FROM lessons_lesson)";
const SECOND_LESSON: &str = "(SELECT max(id) FROM lessons_lesson)";
const ATTEMPT: &str = "(SELECT id FROM logger_attemptlog ORDER BY id LIMIT 1 OFFSET 40)";
const VISIT: &str = "(SELECT max(id) FROM logger_usersessionlog)";

const BADS: [Bad; 6] = [
    // Found by the source, which reads the record.
    Bad {
        sql: "UPDATE lessons_lesson SET title = x'00ff' WHERE id = ",
        table: "lessons_lesson",
        record: LESSON,
    },
    Bad {
        sql: "UPDATE logger_usersessionlog SET start_timestamp = 'soon' WHERE id = ",
        table: "logger_usersessionlog",
        record: VISIT,
    },
    // Found by the lookup in the store.
    Bad {
        sql: "UPDATE morango_store SET serialized = CAST(x'7bff7d' AS TEXT) WHERE id = ",
        table: "kolibriauth_facilityuser",
        record: "(SELECT min(id) FROM kolibriauth_facilityuser)",
    },
    // Found by the merge with the stored text.
    Bad {
        sql: "UPDATE morango_store SET serialized = '[1]' WHERE id = ",
        table: "lessons_lesson",
        record: SECOND_LESSON,
    },
    // Found by the write to the store.
    Bad {
        sql: "CREATE TRIGGER refuse BEFORE UPDATE ON morango_store WHEN OLD.source_id = 'refused' \
              BEGIN SELECT RAISE(ABORT, 'refused'); END; \
              UPDATE morango_store SET source_id = 'refused' WHERE id = ",
        table: "logger_attemptlog",
        record: ATTEMPT,
    },
    Bad {
        sql: "UPDATE kolibriauth_collection SET parent_id = 'nowhere' WHERE id = ",
        table: "kolibriauth_collection",
        record: "(SELECT max(id) FROM kolibriauth_collection WHERE kind = 'learnergroup')",
    },
];

/// Makes a database with only dirty records, a copy with some invalid ones, and the tables and ids of these.
fn spoilt(fixture: &str) -> (Scratch, Scratch, Vec<(String, String)>) {
    let good = Scratch::of(fixture);
    let all_dirty: String = good
        .all::<String>(
            "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name = '_morango_dirty_bit'",
        )
        .iter()
        .map(|table| format!("UPDATE {table} SET _morango_dirty_bit = 1;"))
        .collect();
    good.execute(&all_dirty);
    let bad = good.copy();
    let mut records = Vec::new();
    for Bad { sql, table, record } in &BADS {
        let id: String = good.one(&format!("SELECT {record}"));
        bad.execute(&format!("{sql} '{id}'"));
        records.push(((*table).to_owned(), id));
    }
    records.sort();
    (good, bad, records)
}

/// The rows of a query by their ids.
fn rows(database: &Scratch, sql: &str) -> BTreeMap<String, Vec<Value>> {
    let connection = database.connect();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let values = (0..columns).map(|column| match row.get_ref(column)? {
            rusqlite::types::ValueRef::Text(text) => Ok(Value::Blob(text.to_vec())),
            _ => row.get::<_, Value>(column),
        });
        Ok((row.get(0)?, values.collect::<rusqlite::Result<Vec<_>>>()?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// The SQL of the rows that a table of the store has for these records.
fn of_records(table: &str, key: &str, records: &[(String, String)]) -> String {
    let ids: Vec<_> = records.iter().map(|(_, id)| format!("'{id}'")).collect();
    format!("SELECT {key}, * FROM {table} WHERE {key} IN ({})", ids.join(", "))
}

#[test]
fn a_record_that_is_left_out_stays_as_it_is_and_all_others_are_written() {
    for commit_every in [None, Some(size(1)), Some(size(100))] {
        let (good, bad, records) = spoilt("kolibri-30-serialized");
        let store = of_records("morango_store", "id", &records);
        let counters = of_records("morango_recordmaxcounter", "store_model_id", &records);
        let before = (rows(&bad, &store), rows(&bad, &counters));
        assert_eq!(before.0.len(), records.len());

        let mut told = Vec::new();
        let tell = for_each(|letter: Letter<syncline::sqlite::FailedRow>| {
            assert_eq!(letter.record.as_ref(), Some(&letter.item.id));
            told.push((letter.item.table.to_owned(), letter.item.id));
            Ok(())
        });
        let mut open = Database::open_existing(bad.path()).unwrap();
        let mut run = open.serialize::<FacilityData>().on_invalid(dead_letter(tell));
        if let Some(chunks) = commit_every {
            run = run.commit_every(chunks);
        }
        let done = run.run().unwrap();
        drop(open);
        told.sort();
        assert_eq!(told, records, "commit every {commit_every:?}");
        assert_eq!(done.skipped, records.len() as u64);
        assert!(done.to_string().contains("6 skipped"), "{done}");
        assert_eq!(done.records(), 1695 - done.skipped);
        assert_eq!(
            (rows(&bad, &store), rows(&bad, &counters)),
            before,
            "their rows of the store are untouched"
        );

        // Only the skipped records are dirty.
        let dirty: Vec<String> = bad.all(
            "SELECT id FROM lessons_lesson WHERE _morango_dirty_bit
             UNION ALL SELECT id FROM logger_usersessionlog WHERE _morango_dirty_bit
             UNION ALL SELECT id FROM logger_attemptlog WHERE _morango_dirty_bit
             UNION ALL SELECT id FROM kolibriauth_facilityuser WHERE _morango_dirty_bit
             UNION ALL SELECT id FROM kolibriauth_collection WHERE _morango_dirty_bit ORDER BY 1",
        );
        let mut ids: Vec<_> = records.iter().map(|(_, id)| id.clone()).collect();
        ids.sort();
        assert_eq!(dirty, ids);

        bad.execute("DROP TRIGGER refuse");

        // All other records are as in the serialised valid database.
        if commit_every != Some(size(1)) {
            Database::open_existing(good.path()).unwrap().serialize::<FacilityData>().run().unwrap();
            let others: Vec<_> = differences(good.path(), bad.path())
                .into_iter()
                .filter(|difference| !ids.iter().any(|id| difference.record.contains(&**id)))
                .map(|difference| difference.to_string())
                .collect();
            assert_eq!(others, Vec::<String>::new());
        }

        // After a repair the next run serialises these records and no others.
        for (table, id) in &records {
            bad.execute(&format!(
                "ATTACH '{}' AS good;
                 DELETE FROM main.{table} WHERE id = '{id}';
                 INSERT INTO main.{table} SELECT * FROM good.{table} WHERE id = '{id}';
                 UPDATE main.{table} SET _morango_dirty_bit = 1 WHERE id = '{id}';
                 UPDATE main.morango_store SET serialized = '{{}}' WHERE id = '{id}'
                    AND (serialized = '[1]' OR serialized = CAST(x'7bff7d' AS TEXT));",
                good.path().display()
            ));
        }
        let mut open = Database::open_existing(bad.path()).unwrap();
        let mended = open.serialize::<FacilityData>().run().unwrap();
        assert_eq!(mended.records(), records.len() as u64);
    }
}

#[test]
fn in_a_first_run_too() {
    let (_, bad, _) = spoilt("kolibri-30");
    let mut open = Database::open_existing(bad.path()).unwrap();
    let done = open.serialize::<FacilityData>().on_invalid(skip(10)).run().unwrap();
    // In an empty store there is nothing to merge with, so fewer records fail.
    assert_eq!((done.created, done.skipped), (1695 - 3, 3));
    assert_eq!(bad.one::<i64>("SELECT count(*) FROM morango_store"), 1695 - 3);
    assert_eq!(bad.one::<i64>("SELECT count(*) FROM morango_recordmaxcounter"), 1695 - 3);
    let dirty = "SELECT (SELECT count(*) FROM lessons_lesson WHERE _morango_dirty_bit)
                      + (SELECT count(*) FROM logger_usersessionlog WHERE _morango_dirty_bit)
                      + (SELECT count(*) FROM kolibriauth_collection WHERE _morango_dirty_bit)
                      + (SELECT count(*) FROM logger_attemptlog WHERE _morango_dirty_bit)";
    assert_eq!(bad.one::<i64>(dirty), 3);
}

#[test]
fn one_more_than_the_limit_fails_the_run_and_leaves_the_database_as_it_was() {
    let (_, bad, records) = spoilt("kolibri-30-serialized");
    let before = bad.copy();
    let mut open = Database::open_existing(bad.path()).unwrap();
    let error =
        open.serialize::<FacilityData>().on_invalid(skip(records.len() as u64 - 1)).run().unwrap_err();
    let cause = std::error::Error::source(&error).unwrap();
    let record = cause.downcast_ref::<syncline::Error>().unwrap().record().unwrap();
    assert!(records.iter().any(|(_, id)| id == record), "{record}");
    drop(open);
    assert_same(before.path(), bad.path(), &[]);
}

#[test]
fn what_is_no_records_fault_is_not_left_out() {
    let database = Scratch::of("kolibri-30");
    let mut open = Database::open_existing(database.path()).unwrap();
    let pages: i64 = database.one("PRAGMA page_count");
    open.connection().pragma_update(None, "max_page_count", pages + 20).unwrap();
    let error = open.serialize::<FacilityData>().on_invalid(skip(u64::MAX)).run().unwrap_err();
    assert!(error.is_full(), "{error}");
    let error =
        open.serialize::<FacilityData>().on_invalid(retry(3, std::time::Duration::ZERO, |_| true)).run();
    assert!(error.unwrap_err().is_full());
}

#[test]
fn a_trigger_that_undoes_the_transaction_ends_the_run() {
    let (_, bad, _) = spoilt("kolibri-30-serialized");
    bad.execute(
        "DROP TRIGGER refuse;
         CREATE TRIGGER refuse BEFORE UPDATE ON morango_store WHEN OLD.source_id = 'refused'
             BEGIN SELECT RAISE(ROLLBACK, 'refused'); END;",
    );
    let before = bad.copy();
    let mut open = Database::open_existing(bad.path()).unwrap();
    let error = open.serialize::<FacilityData>().on_invalid(skip(u64::MAX)).run().unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().downcast_ref::<syncline::Error>().unwrap();
    assert_eq!(cause.stage(), Some("StoreWriter"));
    drop(open);
    assert_same(before.path(), bad.path(), &[]);
}

#[test]
fn errors_come_with_their_table_and_column() {
    let (_, bad, _) = spoilt("kolibri-30-serialized");
    let mut kinds = Vec::new();
    let tell = for_each(|letter: Letter<syncline::sqlite::FailedRow>| {
        let error = letter.error;
        kinds.push((
            letter.stage,
            error.is::<InvalidColumn>() || error.is::<InvalidStored>() || error.is::<rusqlite::Error>(),
        ));
        Ok(())
    });
    let mut open = Database::open_existing(bad.path()).unwrap();
    let done = open.serialize::<FacilityData>().on_invalid(dead_letter(tell)).run().unwrap();
    kinds.sort_unstable();
    let found = kinds.iter().map(|(stage, _)| *stage).collect::<Vec<_>>();
    assert_eq!(found, ["DirtyRows", "DirtyRows", "DirtyRows", "StoreLookup", "StoreUpdate", "StoreWriter"]);
    assert!(kinds.iter().all(|(_, is_known)| *is_known));
    for stage in ["StoreUpdate", "StoreWriter"] {
        assert_eq!(done.reports[0].stage(stage).unwrap().skipped(), 1, "{done}");
    }
}

#[test]
fn pages_full_of_bad_rows_hide_no_good_ones() {
    for is_few in [false, true] {
        let database = Scratch::of("kolibri-30");
        // More than a page of invalid records in a row, and invalid ids.
        database.execute(
            "UPDATE logger_attemptlog SET start_timestamp = x'00' WHERE id IN
                 (SELECT id FROM logger_attemptlog ORDER BY id LIMIT 130 OFFSET 20);
             UPDATE logger_usersessionlog SET id = CAST(x'ff' || CAST(rowid AS BLOB) AS TEXT) WHERE rowid % 2;
             UPDATE logger_usersessionlog SET id = x'00' WHERE rowid = 2;",
        );
        let bad: u64 = 130
            + database.one::<u64>("SELECT count(*) FROM logger_usersessionlog WHERE rowid % 2 OR rowid = 2");
        let mut expected = 1695 - bad;
        if is_few {
            let clean: String = database
                .all::<String>(
                    "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
                     AND c.name = '_morango_dirty_bit' AND m.name NOT IN ('logger_attemptlog', 'logger_usersessionlog')",
                )
                .iter()
                .map(|table| format!("UPDATE {table} SET _morango_dirty_bit = 0;"))
                .collect();
            database.execute(&format!(
                "{clean} UPDATE logger_attemptlog SET _morango_dirty_bit = id IN
                     (SELECT id FROM logger_attemptlog ORDER BY id LIMIT 40 OFFSET 115);
                 UPDATE logger_usersessionlog SET _morango_dirty_bit = rowid < 7"
            ));
            expected = 5 + 2;
        }
        let mut open = Database::open_existing(database.path()).unwrap();
        let done = open.serialize::<FacilityData>().on_invalid(skip(u64::MAX)).run().unwrap();
        assert_eq!(done.records(), expected, "{done}");
        if !is_few {
            assert_eq!(done.skipped, bad);
        }
        assert_eq!(database.one::<u64>("SELECT count(*) FROM morango_recordmaxcounter"), expected);
    }
}

#[test]
fn a_listed_id_that_is_none_stays_listed() {
    let database = Scratch::of("kolibri-30-serialized");
    database.execute(
        "INSERT INTO morango_deletedmodels VALUES ('nobody', 'facilitydata'), (x'00', 'facilitydata'),
             (CAST('0123456789abcdef0123456789abcdef' AS BLOB), 'facilitydata');
         INSERT INTO morango_deletedmodels SELECT id, 'facilitydata' FROM bookmarks_bookmark;
         DELETE FROM bookmarks_bookmark;",
    );
    let mut open = Database::open_existing(database.path()).unwrap();
    let done = open.serialize::<FacilityData>().on_invalid(skip(3)).run().unwrap();
    assert_eq!(done.skipped, 3);
    assert!(done.deleted > 0);
    assert_eq!(database.one::<i64>("SELECT count(*) FROM morango_deletedmodels"), 3);
}
