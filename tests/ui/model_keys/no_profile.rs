use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(model = "note")]
struct Note {
    id: RecordId,
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
