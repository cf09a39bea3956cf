//! `Database` is imported by name, and the feature for it is off.

use syncline::Database;

fn main() {
    drop(Database::open("notes.db"));
}
