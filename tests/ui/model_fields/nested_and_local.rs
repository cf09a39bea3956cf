use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(local, nested)]
    settings: syncline::value::JsonText,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
