use syncline::{RecordId, Syncable, SyncableFields, profile};

#[derive(SyncableFields)]
struct Stamped {
    created_at: i64,
    #[syncable(local)]
    is_read: bool,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "whole", partition = "{stamped}")]
struct Whole {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "misspelt", partition = "{created}")]
struct Misspelt {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "local", partition = "all", source_id = "{is_read}")]
struct Local {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "never", partition = "all", partition_without(created_at = "none"))]
struct Never {
    id: RecordId,
    #[syncable(flatten)]
    stamped: Stamped,
}

profile! { Notes = "notes" { Whole, Misspelt, Local, Never } }

fn main() {}
