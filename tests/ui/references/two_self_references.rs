use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(references = Note)]
    parent_id: Option<RecordId>,
    #[syncable(self_reference)]
    next_id: Option<RecordId>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
