use syncline::{RecordId, Syncable, profile};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
}

profile! { Notes = "notes" (on_conflict = longest) { Note } }

fn main() {}
