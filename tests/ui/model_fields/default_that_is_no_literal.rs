use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    notebook_id: RecordId,
    user_id: Option<RecordId>,
    #[syncable(local, default = i64::MAX)]
    scroll_position: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
