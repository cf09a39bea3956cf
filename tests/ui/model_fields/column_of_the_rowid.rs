use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    rowid: i64,
    #[syncable(column = "OID")]
    number: i64,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
