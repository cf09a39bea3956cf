use syncline::{RecordId, Syncable, profile};

profile!(Notes = "notes" { Note });

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(max_length = 5)]
    rating: i64,
    #[syncable(min = 1)]
    title: String,
    #[syncable(choices("a", "b"))]
    weight: f64,
    #[syncable(max_length = 3, default = "long")]
    name: String,
}

fn main() {}
