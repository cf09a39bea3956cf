use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{picture}")]
struct Note {
    id: RecordId,
    picture: Vec<u8>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
