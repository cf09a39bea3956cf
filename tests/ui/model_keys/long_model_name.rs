use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "a_note_that_somebody_wrote_in_some_notebook")]
struct Note {
    id: RecordId,
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
