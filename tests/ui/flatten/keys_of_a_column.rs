use syncline::{RecordId, Syncable, SyncableFields, profile};

#[derive(SyncableFields)]
struct Stamped {
    created_at: i64,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(flatten, local)]
    stamped: Stamped,
    #[syncable(flatten, column = "other", default = 0)]
    other: Stamped,
    #[syncable(flatten)]
    maybe: Option<Stamped>,
}

profile! { Notes = "notes" { Note } }

fn main() {}
