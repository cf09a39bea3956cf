use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    title: &'static str,
    label: Option<&'static str>,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
