use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note(RecordId, String);

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
