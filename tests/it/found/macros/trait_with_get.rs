use syncline::prelude::*;
pub trait Shelf {
    fn get(&self) -> u8 {
        0
    }
}
impl<T: ?Sized> Shelf for T {}
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "all")]
pub struct Note {
    pub id: RecordId,
}
profile! { pub Notes = "notes" { Note } }
fn main() {
    println!("{}", 1.get());
}
