use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    _morango_partition: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
