use syncline::{Access as _, Database, RecordId, Syncable};

#[derive(Default, Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Notebook }
}

fn main() {
    let database = Database::open("notes.sqlite3").unwrap();
    database.insert(&mut Notebook::default()).unwrap();
}
