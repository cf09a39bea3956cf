use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    title: String,
    #[syncable(column = "Title")]
    heading: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
