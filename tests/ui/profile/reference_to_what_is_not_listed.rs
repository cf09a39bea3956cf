use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    id: RecordId,
    #[syncable(references = Shelf)]
    shelf_id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Furniture, model = "shelf")]
struct Shelf {
    id: RecordId,
}

syncline::profile! {
    pub Notes = "notes" { Note }
}

syncline::profile! {
    pub Furniture = "furniture" { Shelf }
}

fn main() {}
