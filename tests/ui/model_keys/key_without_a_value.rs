use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model)]
struct Note {
    id: RecordId,
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
