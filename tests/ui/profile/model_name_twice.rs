use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Page {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Note, Page }
}

fn main() {}
