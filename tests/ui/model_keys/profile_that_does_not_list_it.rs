use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    title: String,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Notebook } }

fn main() {}
