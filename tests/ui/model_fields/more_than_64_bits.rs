use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    pages: u128,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
