use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(references = Notebook)]
    notebook_id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "notebook")]
struct Notebook {
    id: RecordId,
    #[syncable(references = Note)]
    note_id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "shelf")]
struct Shelf {
    id: RecordId,
    #[syncable(references = Room)]
    room_id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "room")]
struct Room {
    id: RecordId,
    #[syncable(references = Shelf)]
    shelf_id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Shelf, Note, Room, Notebook }
}

fn main() {}
