//! Arguments of a `macro_rules!` in each place of the macros. Reported for another macro as jonasbb/serde_with#538.

use syncline::{Collect, FieldValue, Profile, RecordId, Syncable, from_iter, pipeline, profile};

macro_rules! models {
    ($profile:ident, $name:literal, $model:ident, $id:ty, $other:path, $default:literal, $text:literal) => {
        #[derive(Syncable)]
        #[syncable(profile = $profile, model = $name, partition = $name)]
        pub struct $model {
            pub id: $id,
            #[syncable(references = $other)]
            pub other_id: Option<$id>,
            #[syncable(default = $default)]
            pub count: i64,
            pub kind: Kind,
        }

        #[derive(FieldValue)]
        pub enum Kind {
            #[syncable(value = $text)]
            Plain,
        }

        profile! { pub $profile = $name { $model, $other } }
    };
}

models!(All, "all", Note, RecordId, Book, -1, "plain");

#[derive(Syncable)]
#[syncable(profile = All, model = "book", partition = "all")]
pub struct Book {
    pub id: RecordId,
}

pipeline! {
    Tidy(longest: usize): String -> String {
        filter(move |text| text.len() <= longest)
    }
}

fn twice(text: String) -> String {
    text.repeat(2)
}

macro_rules! texts {
    (
        $visibility:vis $name:ident, $argument:ident: $ty:ty, $output:ty, $source:expr, $stage:expr, $part:path, $size:literal,
        $function:path, $closure:expr, $sink:expr
    ) => {
        pipeline! {
            $visibility $name($argument: $ty) -> $output {
                $source => $stage => map($function) => through($part($size)) => filter($closure) => buffer($size) => $sink
            }
        }
    };
}

texts!(
    pub Texts, texts: Vec<String>, Vec<Vec<String>>, from_iter(texts), map(|text: String| text + "-"), Tidy, 6, twice,
    |text| !text.is_empty(), Collect::new()
);

macro_rules! sum_of {
    ($first:expr, $second:expr) => {
        pipeline! {
            Sums() -> Vec<u64> { from_iter(0..3_u64) => map(|n| n * $first * $second) => Collect::new() }
        }
    };
}

sum_of!(1 + 1, 2 + 1);

fn main() {
    assert_eq!(All::NAME, "all");
    assert_eq!(Note::MODEL.dependencies, ["book"]);
    let texts = ["a", "long text"].map(str::to_owned).to_vec();
    assert_eq!(Texts::run(texts).unwrap().output, [["a-a-"]]);
    assert_eq!(Sums::run().unwrap().output, [0, 6, 12]);
}
