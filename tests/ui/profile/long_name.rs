use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "everything_that_anybody_wrote_in_a_notebook" { Note }
}

fn main() {}
