use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    #[syncable(local)]
    id: RecordId,
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
