use syncline::prelude::*;
macro_rules! model {
    ($name:ident, $model:literal, $d:literal, $t:ty) => {
        #[derive(Debug, Clone, Syncable)]
        #[syncable(profile = All, model = $model, partition = "all")]
        pub struct $name {
            pub id: RecordId,
            #[syncable(default = $d)]
            pub x: $t,
        }
    };
}
model!(A, "a", 0, i64);
model!(B, "b", "none", String);
model!(C, "c", true, bool);
profile! { pub All = "all" { A, B, C } }
fn main() {}
