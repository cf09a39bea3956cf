//! A database is opened, and the feature for that is off.

use syncline::prelude::*;

fn main() {
    let db: Database = Database::open("notes.db").unwrap();
    drop(db);
}
