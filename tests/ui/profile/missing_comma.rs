use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Note Notebook }
}

fn main() {}
