use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(local)]
    open: std::cell::Cell<u8>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
