//! Declarations inside a function, and in the expansion of a user's macro.

use std::time::Duration;

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

/// A user's macro that passes sizes, closures and policies on.
macro_rules! squares {
    ($name:ident, $size:expr, $square:expr, $limit:expr, $pause:expr) => {
        pipeline! {
            $name(texts: &[&'static str]) -> Vec<Vec<u64>> {
                from_iter(texts.iter().copied())
                    => try_map(|text| Ok(text.parse()?)) on_error retry($limit, $pause) on_error skip($limit)
                    => map($square) parallel($size, capacity: $size)
                    => buffer($size)
                    => Collect::new()
            }
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
    squares!(r#Pairs, 2, |n: u64| n * n, 1, Duration::ZERO);
    let outcome = Pairs::run(&["1", "two", "3", "4"]).unwrap();
    assert_eq!(outcome.output, [vec![1, 9], vec![16]]);
    assert_eq!(outcome.report.pipeline(), "Pairs");
    assert!(Pairs::graph().to_string().starts_with("Pairs: at most"));

    assert!(Note::MODEL.columns[4].nullable);
}
