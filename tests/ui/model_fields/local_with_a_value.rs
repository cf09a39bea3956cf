use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(local = true)]
    scroll_position: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
