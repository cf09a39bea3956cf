use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<Vec<u64>> {
        from_iter([1_u64, 2])
            => buffer(2)
            => Collect::new() on_error split skip(1)
    }
}

fn main() {}
