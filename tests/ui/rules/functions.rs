use syncline::{RecordId, Syncable, profile};

profile!(Notes = "notes" { Note });

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", validate = check_note)]
struct Note {
    id: RecordId,
    #[syncable(validate = check_rating)]
    rating: i64,
    #[syncable(validate = check_title)]
    title: String,
}

fn check_rating(_: &String) -> Result<(), String> {
    Ok(())
}

fn check_title(title: &str) -> Result<(), u8> {
    if title.is_empty() { Err(1) } else { Ok(()) }
}

fn check_note(_: &Note) -> bool {
    true
}

fn main() {}
