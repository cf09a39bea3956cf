use syncline::Syncable;

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {
    title: String,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
