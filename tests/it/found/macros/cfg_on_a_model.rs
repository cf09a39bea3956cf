use syncline::prelude::*;
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "all")]
pub struct Note {
    pub id: RecordId,
}
#[cfg(feature = "tags")]
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Notes, model = "tag", partition = "all")]
pub struct Tag {
    pub id: RecordId,
}
profile! { pub Notes = "notes" { Note, #[cfg(feature = "tags")] Tag } }
fn main() {}
