use syncline::{RecordId, Syncable};

#[derive(Syncable)]
struct Note {
    id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
