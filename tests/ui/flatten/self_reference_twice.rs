use syncline::{RecordId, Syncable, SyncableFields, profile};

#[derive(SyncableFields)]
struct InTree {
    #[syncable(references = Note)]
    parent_id: Option<RecordId>,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(references = Note)]
    first_id: Option<RecordId>,
    #[syncable(flatten)]
    tree: InTree,
}

profile! { Notes = "notes" { Note } }

fn main() {}
