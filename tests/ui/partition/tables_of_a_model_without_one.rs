use syncline::{Database, RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "notes")]
struct Note {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Note, Notebook }
}

fn main() {
    let mut database = Database::open("notes.sqlite3").unwrap();
    database.create::<Notes>().unwrap();
    database.track::<Notes>().unwrap();
}
