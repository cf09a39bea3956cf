use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    title: String,
    #[syncable(column = "title", locl)]
    heading: String,
    tags: Vec<String>,
    #[syncable(local, key = "k")]
    scroll_position: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
