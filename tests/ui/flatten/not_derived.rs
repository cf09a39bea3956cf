use syncline::{RecordId, Syncable, profile};

struct Stamped {
    created_at: i64,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
}

profile! { Notes = "notes" { Note } }

fn main() {}
