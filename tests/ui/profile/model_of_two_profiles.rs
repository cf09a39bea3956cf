use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile(School, Home), model = "book")]
struct Book {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile(School, School), model = "page")]
struct Page {
    id: RecordId,
}

syncline::profile! { pub School = "school" { Book, Page } }
syncline::profile! { pub Home = "home" { Page } }

fn main() {}
