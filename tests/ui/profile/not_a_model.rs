use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
}

struct Shelf;

syncline::profile! {
    pub Notes = "notes" { Note, Shelf }
}

fn main() {}
