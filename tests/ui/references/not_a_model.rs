use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: RecordId,
}

struct Notebook {
    id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
