use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", discriminator = kind)]
struct Note {
    id: RecordId,
    kind: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
