use syncline::Syncable;

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note")]
struct Note {}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
