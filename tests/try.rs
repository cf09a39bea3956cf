use syncline::*;
/// A note.
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: RecordId,
    title: String,
    body: Option<String>,
    #[syncable(references = Note)]
    parent_id: Option<RecordId>,
    #[syncable(local)]
    scroll_position: i64,
}
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
    name: String,
}
profile! { /// docs
pub Notes = "notes" { Note, Notebook } }
#[test]
fn main() {
    println!("{:#?}", Notes::MODELS);
}
