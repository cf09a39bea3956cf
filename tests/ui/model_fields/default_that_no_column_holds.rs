use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(default = 9223372036854775808)]
    stars: u64,
    #[syncable(default = 1e400)]
    weight: f64,
    #[syncable(default = "a\0b")]
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
