use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    notebook_id: RecordId,
    #[syncable(self_reference, on_delete = restrict)]
    user_id: Option<RecordId>,
    #[syncable(local)]
    scroll_position: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
