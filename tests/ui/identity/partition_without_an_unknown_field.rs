use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}", partition_without(user = "x"))]
struct Note {
    id: RecordId,
    notebook_id: RecordId,
    user_id: Option<RecordId>,
    #[syncable(local)]
    scroll_position: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
