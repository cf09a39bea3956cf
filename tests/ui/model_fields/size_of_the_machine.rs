use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    pages: usize,
    offset: Option<isize>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
