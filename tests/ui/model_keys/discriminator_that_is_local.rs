use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", discriminator(kind = "note"))]
struct Note {
    id: RecordId,
    #[syncable(local)]
    kind: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
