use syncline::{for_each, from_iter, pipeline};

pipeline! {
    Numbers() -> () {
        from_iter(0..10_u64) => for_each(|_| Ok(()))
    }
}

fn main() {}
