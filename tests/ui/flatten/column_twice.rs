use syncline::{RecordId, Syncable, SyncableFields, profile};

#[derive(SyncableFields)]
struct Stamped {
    created_at: i64,
    #[syncable(column = "Title")]
    heading: String,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    title: String,
    #[syncable(flatten)]
    stamped: Stamped,
}

profile! { Notes = "notes" { Note } }

fn main() {}
