//! The memory of a run with one very large record.

use crate::fixtures::Scratch;
use crate::program;

/// The text of the record, in bytes.
const LARGE: i64 = 20_000_000;

/// The allowed number of copies of the text in memory. `SQLite` alone has four: the app's row and the store's as they are read,
/// the bound value, and the row that is written.
const TIMES: i64 = 5;

/// The memory of a run without the large record.
const REST: i64 = 24 << 20;

fn peak(database: &Scratch, what: &str) -> i64 {
    let outcome = program::serialize(database.path(), &[]);
    assert_eq!(outcome[what], 1, "{outcome}");
    outcome["peak_rss_bytes"].as_i64().unwrap()
}

#[test]
fn a_large_record_costs_a_few_times_itself() {
    let database = Scratch::of("kolibri-30-serialized");
    let user: String = database.one("SELECT min(id) FROM kolibriauth_facilityuser");
    database.execute(&format!(
        "UPDATE kolibriauth_facilityuser SET full_name = printf('%.{LARGE}c', 'x'), _morango_dirty_bit = 1
         WHERE id = '{user}';
         DELETE FROM morango_recordmaxcounter WHERE store_model_id = '{user}';
         DELETE FROM morango_store WHERE id = '{user}'"
    ));
    let creating = peak(&database, "created");
    database
        .execute(&format!("UPDATE kolibriauth_facilityuser SET _morango_dirty_bit = 1 WHERE id = '{user}'"));
    let updating = peak(&database, "updated");
    println!("{LARGE} bytes of text: {creating} bytes resident creating, {updating} updating");
    assert!(creating <= REST + TIMES * LARGE, "{creating}");
    assert!(updating <= REST + TIMES * LARGE, "{updating}");
    let stored: i64 = database.one(&format!(
        "SELECT length(json_extract(serialized, '$.full_name')) FROM morango_store WHERE id = '{user}'"
    ));
    assert_eq!(stored, LARGE);
}
