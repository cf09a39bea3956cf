use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(nested)]
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
