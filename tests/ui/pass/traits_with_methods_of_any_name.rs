//! A trait of the user for all types, with methods that are named like those in expansions, by value and by reference. Reported
//! for another macro as prometheus/client_rust#266.

use syncline::{Collect, RecordId, Syncable, for_each, from_iter, pipeline, profile};

macro_rules! everywhere {
    ($($by_ref:ident)*; $($by_value:ident)*) => {
        pub trait Everywhere: Sized {
            $(fn $by_ref(&self) {})*
            $(fn $by_value(self) {})*
        }

        impl<T> Everywhere for T {}
    };
}

everywhere! {
    get len is_empty run agree given letters against draw_part copies behind or;
    map filter buffer check check_model fit of into_item order in_order taken pipe map_err commit_every push_str push extend named when distinct dedup
    checks references on_delete default discriminator local_columns partition source_id computes_id computes_source_id
}

#[derive(Syncable)]
#[syncable(profile = Notes, model = "note", partition = "all")]
pub struct Note {
    pub id: RecordId,
    #[syncable(default = "none")]
    pub title: String,
}

profile! { pub Notes = "notes" { Note } }

pipeline! {
    Part(): u64 -> u64 { map(|n| n + 1) }
}

pipeline! {
    Numbers(n: u64) -> Vec<Vec<Vec<u64>>> {
        from_iter(0..n)
            => through(Part)
            => try_map(|n| Ok(n)) on_error dead_letter(for_each(|_| Ok(())))
            => tee(for_each(|_: u64| Ok(())))
            => dedup(|n| *n) named "once" when(n > 0)
            => distinct(9, |n| *n)
            => buffer(2)
            => route([Collect::new()], |_| 0) on_error skip(1)
    }
}

fn main() {
    assert_eq!(Numbers::run(3).unwrap().output, [[vec![1, 2], vec![3]]]);
}
