use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(default = "yesterday")]
    written: Option<chrono::NaiveDate>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
