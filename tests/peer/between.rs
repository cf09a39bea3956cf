//! Morango serialises between two of our commits, and no record is lost to a third database that follows the counters.

use rusqlite::Connection;
use syncline::{Database, size};
use syncline_kolibri::models::FacilityData;

use crate::follower::Follower;
use crate::grown::{EDITS, dirty, grown};
use crate::morango::Morango;

/// Lets Morango serialise `connection`'s database while it is open here. Morango serialises a copy, whose sync tables and dirty bits
/// are then written to the database in one transaction, like the writes of another program.
fn serialize_beside_us(morango: &Morango, connection: &Connection, counter_before: i64) {
    let folder = tempfile::TempDir::new().unwrap();
    let copy = folder.path().join("copy.sqlite3");
    connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    morango.serialize(&copy, &[]);
    connection.execute("ATTACH ?1 AS morangos", [copy.to_str().unwrap()]).unwrap();
    let counter: i64 = connection
        .query_row("SELECT counter FROM morangos.morango_instanceidmodel WHERE current", [], |row| row.get(0))
        .unwrap();
    assert_eq!(counter, counter_before + 1, "Morango counts with the name that we count with");
    let names = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut sql = "BEGIN IMMEDIATE;".to_owned();
    for table in [
        "morango_store",
        "morango_recordmaxcounter",
        "morango_databasemaxcounter",
        "morango_deletedmodels",
        "morango_harddeletedmodels",
        "morango_instanceidmodel",
    ] {
        sql += &format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM morangos.{table};");
    }
    for table in names(
        "SELECT m.name FROM main.sqlite_master m, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name = '_morango_dirty_bit'",
    ) {
        sql += &format!(
            "UPDATE main.{table} SET _morango_dirty_bit = 0 WHERE _morango_dirty_bit AND id IN
                 (SELECT id FROM morangos.{table} WHERE NOT _morango_dirty_bit);"
        );
    }
    connection.execute_batch(&(sql + "COMMIT; DETACH morangos;")).unwrap();
}

/// Serialises with edits and a run of Morango between two commits.
pub(crate) fn check(morango: &Morango) -> Result<(), String> {
    for turn in [1, 3] {
        let database = grown("kolibri-30", 4);
        let mut open = Database::open_existing(database.path()).unwrap();
        let kolibri = database.connect();
        let mut follower = Follower::default();
        let serialized = open
            .serialize::<FacilityData>()
            .commit_every(size(1))
            .on_commit(|done| {
                follower.pull(&kolibri);
                if done.commits < turn {
                    kolibri.execute_batch(EDITS).unwrap();
                }
                if done.commits == turn {
                    serialize_beside_us(morango, &kolibri, done.counter);
                    follower.pull(&kolibri);
                    kolibri.execute_batch(EDITS).unwrap();
                }
            })
            .run()
            .map_err(|error| error.to_string())?;
        drop(open);
        assert!(serialized.commits > turn, "{serialized}");
        follower.pull(&kolibri);
        // Serialises the edits behind the position of the run, half here and the rest by Morango.
        let mut open = Database::open_existing(database.path()).unwrap();
        let filter = "SELECT substr(_morango_partition, 1, 32) FROM kolibriauth_collection LIMIT 1";
        let prefix = format!("{}:user-ro", database.one::<String>(filter));
        open.serialize::<FacilityData>().filter(&prefix).run().map_err(|error| error.to_string())?;
        drop(open);
        follower.pull(&kolibri);
        let counter = database.one("SELECT counter FROM morango_instanceidmodel WHERE current");
        serialize_beside_us(morango, &kolibri, counter);
        follower.pull(&kolibri);
        assert_eq!(dirty(&database), 0);
        let lost = follower.lacks_of(&kolibri);
        println!(
            "Morango after {turn} of our {} commits: {} of {} records are lost",
            serialized.commits,
            lost.len(),
            database.one::<i64>("SELECT count(*) FROM morango_store"),
        );
        if !lost.is_empty() {
            return Err(format!("lost to who follows the counters: {:?}", &lost[..lost.len().min(5)]));
        }
    }
    Ok(())
}
