use syncline::{for_each, from_iter};

syncline::pipeline! {
    pub Numbers(odd: &mut u64) -> Vec<u64> {
        from_iter(0..10_u64)
            => route(
                [for_each(|_| Ok(())), for_each(|n| { *odd += n; Ok(()) })],
                |n| usize::from(n % 2 == 1),
            )
    }
}

fn main() {}
