use syncline::{RecordId, Syncable, profile};

macro_rules! models {
    ($($model:ident: $profile:ident),*) => {$(
        #[derive(Syncable)]
        #[syncable(profile = $profile, model = "note")]
        struct $model {
            id: RecordId,
            #[syncable(local)]
            opened: i64,
        }
    )*};
}

models! { A: Text, B: Call, C: Last, D: LastOf, E: Field, F: Twice, G: Misspelt, H: NoField, I: Local, J: Signature, L: More }

fn longer(mine: &str, theirs: &str) -> bool {
    mine.len() > theirs.len()
}

profile! { Text = "notes" (on_conflict = "mine") { A } }
profile! { Call = "notes" (on_conflict = theirs(1)) { B } }
profile! { Last = "notes" (on_conflict = last) { C } }
profile! { LastOf = "notes" (on_conflict = last(edited)) { D } }
profile! { Field = "notes" (on_conflict = last(by = "edited")) { E } }
profile! { Twice = "notes" (on_conflict = mine, on_conflict = mine) { F } }
profile! { Misspelt = "notes" (on_conflicts = mine) { G } }
profile! { NoField = "notes" (on_conflict = last(by = edited)) { H } }
profile! { Local = "notes" (on_conflict = last(by = opened)) { I } }
profile! { Signature = "notes" (on_conflict = longer) { J } }
profile! { More = "notes" (on_conflict = mine theirs) { L } }

fn main() {}
