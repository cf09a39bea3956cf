use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(key = "_morango_source_id")]
    source: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
