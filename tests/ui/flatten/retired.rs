use syncline::{RecordId, Syncable, SyncableFields, profile};

#[derive(SyncableFields)]
struct Stamped {
    created_at: i64,
    #[syncable(key = "place", column = "Room")]
    at: String,
    #[syncable(local)]
    is_read: bool,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "all", retired("place", "room", "is_read", "colour"))]
struct Note {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
}

profile! { Notes = "notes" { Note } }

fn main() {}
