use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
enum Note {
    Short { id: RecordId },
    Long { id: RecordId, body: String },
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
