use syncline::{RecordId, Syncable, SyncableFields, profile};

#[derive(SyncableFields)]
struct Stamped {
    created_at: i64,
}

#[derive(SyncableFields)]
struct Signed {
    #[syncable(column = "signed_at", key = "created_at")]
    signed_at: i64,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
    #[syncable(flatten)]
    signed: Signed,
}

profile! { Notes = "notes" { Note } }

fn main() {}
