use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", renamed_from = "notes", retired("body", "page"))]
struct Note {
    id: RecordId,
    #[syncable(renamed_from = "heading")]
    title: String,
    #[syncable(renamed_from = "text", key = "text")]
    text: String,
    #[syncable(renamed_from = "title", key = "b")]
    body: String,
    #[syncable(renamed_from = "", key = "c")]
    footer: String,
    #[syncable(local)]
    page: i64,
    #[syncable(local, renamed_from = "scroll")]
    position: i64,
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "tag", table = "tags", renamed_from = "Tags", retired)]
struct Tag {
    #[syncable(renamed_from = "uuid")]
    id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Note, Tag } }

fn main() {}
