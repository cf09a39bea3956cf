use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}", source_id = "{zoom|1}")]
struct Note {
    id: RecordId,
    notebook_id: RecordId,
    zoom: Option<f64>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
