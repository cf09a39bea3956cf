use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(self_reference)]
    parent_id: Option<String>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
