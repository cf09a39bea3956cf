use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: String,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Note, Notebook } }

fn main() {}
