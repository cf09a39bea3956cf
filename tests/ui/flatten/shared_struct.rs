use syncline::{RecordId, SyncableFields};

#[derive(SyncableFields)]
#[syncable(model = "stamped", crat = syncline)]
struct Stamped {
    id: RecordId,
    #[syncable(self_reference)]
    parent_id: Option<RecordId>,
    tags: Vec<String>,
    #[syncable(default = 300)]
    small: u8,
    #[syncable(locale)]
    draft: String,
}

#[derive(SyncableFields)]
enum Kind {
    One,
}

#[derive(SyncableFields)]
struct Generic<T> {
    value: T,
}

#[derive(SyncableFields)]
struct Unnamed(i64);

fn main() {}
