use syncline::{RecordId, Syncable, profile};

profile!(Notes = "notes" { Note });

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", blank, unique(title), unique(titel, title), unique(id, seen))]
struct Note {
    #[syncable(max_length = 32)]
    id: RecordId,
    #[syncable(max_length = 0, max_lenght = 5)]
    title: String,
    #[syncable(min = 3, max = 1)]
    rating: i64,
    #[syncable(min = "3")]
    weight: f64,
    #[syncable(choices("a", 1))]
    kind: String,
    #[syncable(choices("a", "b", "a"), blank = "no")]
    state: String,
    #[syncable(local, max_length = 5)]
    seen: String,
    #[syncable(references = Note, max_length = 5)]
    above: Option<RecordId>,
    #[syncable(verbose = "text", validate = "check")]
    body: String,
}

fn main() {}
