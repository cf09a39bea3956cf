use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
union Note {
    id: RecordId,
    number: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
