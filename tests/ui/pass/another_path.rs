//! Declarations with `#![syncline(crate = ..)]`, where syncline has another name.

mod vendored {
    pub mod records {
        pub use syncline::*;
    }
}

use vendored::records::{Collect, RecordId, Syncable, from_iter, pipeline, profile};

#[derive(Syncable)]
#[syncable(crate = crate::vendored::records, profile = Notes, model = "note")]
#[allow(dead_code)]
struct Note {
    id: RecordId,
}

profile! {
    #![syncline(crate = crate::vendored::records)]
    Notes = "notes" { Note }
}

pipeline! {
    #![syncline(crate = crate::vendored::records)]
    Numbers() -> Vec<u64> {
        from_iter(0..3) => Collect::new()
    }
}

fn main() {
    assert_eq!(Note::NAME, "note");
    assert_eq!(Numbers::run().unwrap().output, [0, 1, 2]);
}
