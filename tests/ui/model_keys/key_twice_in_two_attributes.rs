use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
#[syncable(profile = Notes)]
struct Note {
    id: RecordId,
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
