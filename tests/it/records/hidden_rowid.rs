//! A table with a column named `rowid`, which hides the row ids.

use syncline::filter::Filter;
use syncline::sqlite::flow::{DirtyRows, SyncTransaction};
use syncline::{RecordId, Syncable, profile};

use super::Scratch;

#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Things, model = "thing", partition = "things")]
struct Thing {
    id: RecordId,
    name: String,
}

profile! { Things = "things" { Thing } }

/// Serialises. Returns the numbers of created and updated records, and the new names in the store.
fn serialize(scratch: &mut Scratch) -> (u64, u64, Vec<String>) {
    let done = scratch.database.serialize::<Things>().run().unwrap();
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM thing WHERE _morango_dirty_bit"), [0]);
    let name = "serialized ->> 'name'";
    let names = format!("SELECT {name} FROM morango_store WHERE {name} LIKE 'new %' ORDER BY 1");
    (done.created, done.updated, scratch.all(&names))
}

#[test]
fn each_of_its_rows_is_serialised_and_cleaned() {
    let mut scratch = Scratch::empty();
    scratch.execute("CREATE TABLE thing (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, RowID)");
    scratch.database.track::<Things>().unwrap();
    scratch.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 40)
         INSERT INTO thing (id, name, rowid)
         SELECT lower(hex(randomblob(16))), n, CASE WHEN n > 20 THEN 5 END FROM n",
    );
    assert_eq!(serialize(&mut scratch), (40, 0, Vec::new()));
    // Few dirty rows. Other tables list them by row id; here they are read in the order of ids.
    scratch.execute("UPDATE thing SET name = 'new ' || name WHERE name IN ('3', '30', '31')");
    let transaction = SyncTransaction::<Things>::begin(&mut scratch.database, &Filter::everything()).unwrap();
    assert!(DirtyRows::new(&transaction).unwrap().is_bulk(), "a list of three rows is not bulk");
    drop(transaction);
    let names = ["new 3", "new 30", "new 31"].map(str::to_owned).to_vec();
    assert_eq!(serialize(&mut scratch), (0, 3, names));
}
