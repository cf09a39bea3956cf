//! Ids that the triggers compute for rows that plain SQL inserts without an id: Morango must compute the same.
//!
//! Kolibri's tables have no such triggers. So the rows are inserted in a separate database with the same models, and copied to
//! Kolibri's tables.

use syncline::{Database, RecordId, Syncable, profile};

use crate::fixtures::Scratch;

/// The fields of a Kolibri user that its id depends on.
#[derive(Debug, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "facilityuser",
    table = "kolibriauth_facilityuser",
    partition = "{dataset_id}:user-ro:{id}"
)]
struct User {
    id: RecordId,
    dataset_id: RecordId,
}

#[derive(Debug, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "bookmark",
    table = "bookmarks_bookmark",
    partition = "{dataset_id}:user-rw:{user_id}"
)]
struct Bookmark {
    id: RecordId,
    dataset_id: RecordId,
    user_id: RecordId,
}

#[derive(Debug, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "attemptlog",
    table = "logger_attemptlog",
    partition = "{dataset_id}:user-rw:{user_id}",
    partition_without(user_id = "{dataset_id}:anonymous")
)]
struct Attempt {
    id: RecordId,
    dataset_id: RecordId,
    user_id: Option<RecordId>,
}

#[derive(Debug, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "role",
    table = "kolibriauth_role",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{collection_id}:{kind}"
)]
struct Role {
    id: RecordId,
    dataset_id: RecordId,
    user_id: RecordId,
    collection_id: RecordId,
    kind: String,
}

#[derive(Debug, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "membership",
    table = "kolibriauth_membership",
    partition = "{dataset_id}:user-ro:{user_id}",
    source_id = "{collection_id}"
)]
struct Membership {
    id: RecordId,
    dataset_id: RecordId,
    user_id: RecordId,
    collection_id: RecordId,
}

#[derive(Debug, Syncable)]
#[syncable(
    profile = FacilityData,
    model = "masterylog",
    table = "logger_masterylog",
    partition = "{dataset_id}:user-rw:{user_id}",
    source_id = "{summarylog_id}:{mastery_level}"
)]
struct LevelReached {
    id: RecordId,
    dataset_id: RecordId,
    user_id: RecordId,
    summarylog_id: RecordId,
    mastery_level: i64,
}

profile! {
    FacilityData = "facilitydata" { User, Bookmark, Attempt, Role, Membership, LevelReached }
}

/// New records of models with random source ids: the table, the identifying columns, and the difference from the copied record.
const NEW: [(&str, &str, &str); 3] = [
    ("kolibriauth_facilityuser", "dataset_id", "username = username || '2'"),
    ("bookmarks_bookmark", "dataset_id, user_id", "contentnode_id = lower(hex(randomblob(16)))"),
    (
        "logger_attemptlog",
        "dataset_id, user_id",
        "user_id = CASE WHEN rowid % 2 THEN user_id END, masterylog_id = NULL",
    ),
];

/// Existing records of models whose source ids follow from columns.
const SAME: [(&str, &str); 3] = [
    ("kolibriauth_role", "dataset_id, user_id, collection_id, kind"),
    ("kolibriauth_membership", "dataset_id, user_id, collection_id"),
    ("logger_masterylog", "dataset_id, user_id, summarylog_id, mastery_level"),
];

/// Makes a database in which users, bookmarks and attempts have ids from the triggers. Roles, memberships and mastery logs are
/// inserted again without their ids, and must get the ids that they had.
pub(crate) fn by_plain_sql() -> Result<Scratch, String> {
    let scratch = Scratch::of("kolibri-30-serialized");
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::open(folder.path().join("ours.sqlite3")).unwrap();
    database.create::<FacilityData>().unwrap();
    let ours = database.connection();
    ours.execute("ATTACH ?1 AS kolibri", [scratch.path().to_str().unwrap()]).unwrap();
    // Their references are in the other database.
    ours.pragma_update(None, "foreign_keys", false).unwrap();

    for (table, columns) in SAME {
        let rows = ours
            .execute(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM kolibri.{table}"), [])
            .unwrap();
        let others = format!(
            "SELECT count(*) FROM {table} AS made LEFT JOIN kolibri.{table} AS morangos ON morangos.id = made.id \
             AND morangos._morango_source_id = made._morango_source_id \
             AND morangos._morango_partition = made._morango_partition WHERE morangos.id IS NULL"
        );
        let others: usize = ours.query_row(&others, [], |row| row.get(0)).unwrap();
        if rows == 0 || others > 0 {
            return Err(format!("{others} of {rows} ids in {table} are not those that Morango made"));
        }
        println!("{rows} ids in {table} that our triggers worked out are those that Morango made");
    }
    for (table, columns, change) in NEW {
        let sql = format!(
            "CREATE TEMP TABLE taken AS SELECT * FROM kolibri.{table} ORDER BY id LIMIT 20;
             UPDATE taken SET {change};
             INSERT INTO main.{table} ({columns}) SELECT {columns} FROM taken ORDER BY rowid;
             UPDATE taken SET (id, _morango_source_id, _morango_partition, _morango_dirty_bit) =
                 (SELECT id, _morango_source_id, _morango_partition, 1 FROM main.{table} AS made
                  WHERE made.rowid = taken.rowid);
             INSERT INTO kolibri.{table} SELECT * FROM taken;
             DROP TABLE taken"
        );
        ours.execute_batch(&sql).unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    ours.execute_batch("DETACH kolibri").unwrap();
    database.close().unwrap();
    Ok(scratch)
}
