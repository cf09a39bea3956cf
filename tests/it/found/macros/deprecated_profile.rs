#![deny(warnings)]
use syncline::prelude::*;
#[allow(deprecated)]
#[derive(Debug, Clone, Syncable)]
#[syncable(profile = Old, model = "note", partition = "all")]
pub struct Note {
    pub id: RecordId,
}
profile! { #[deprecated] pub Old = "old" { Note } }
fn main() {}
