//! Records are read from a database, and the feature for that is off.

use syncline::prelude::*;
use syncline_without_sqlite::{Note, Notes};

fn main() {
    let db = "notes.db";
    let titles = Pipeline::new("titles", Note::stream(db).filter("work")).map(|note: Note| note.title);
    let _ = titles.end(Collect::new()).run();
    let _ = Pipeline::new("dirty", Note::dirty(db));
    let _ = Pipeline::new("store", Notes::store(db));
}
