use syncline::{for_each, from_iter, pipeline};

pipeline! {
    Printed() -> u64 {
        from_iter(0..10_u64) => for_each(|n| println!("{n}"))
    }
}

pipeline! {
    Added(total: &mut u64) -> u64 {
        from_iter(0..10_u64) => for_each(|n| *total += n)
    }
}

pipeline! {
    Kept(last: &mut u64) -> u64 {
        from_iter(0..10_u64) => for_each(|n| { println!("{n}"); *last = n; })
    }
}

pipeline! {
    Right(last: &mut u64) -> u64 {
        from_iter(0..10_u64) => for_each(|n| { *last = n; Ok(()) })
    }
}

fn main() {}
