//! Declarations inside a function, and by a macro of the user's own.

use syncline::{Collect, Profile, RecordId, Syncable, from_iter, pipeline, profile};

macro_rules! model {
    ($name:ident, $model:literal, $ty:ty) => {
        #[derive(Syncable)]
        #[syncable(profile = Notes, model = $model)]
        #[allow(dead_code)]
        struct $name {
            id: RecordId,
            #[syncable(self_reference)]
            parent_id: Option<RecordId>,
            value: $ty,
        }
    };
}

fn main() {
    model!(Note, "note", Option<String>);
    model!(Page, "page", i64);

    profile! {
        Notes = "notes" { Page, Note }
    }

    pipeline! {
        Names() -> Vec<&'static str> {
            from_iter(Notes::MODELS) => map(|model| model.name) => Collect::new()
        }
    }

    assert_eq!(Names::run().unwrap().output, ["page", "note"]);
    assert!(Note::MODEL.columns[4].nullable);
}
