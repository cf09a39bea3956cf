use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Note, Drawer }
}

fn main() {}
