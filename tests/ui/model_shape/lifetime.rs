use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note<'a> {
    id: RecordId,
    title: &'a str,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Notebook } }

fn main() {}
