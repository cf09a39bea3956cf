use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter([1_u64, 2])
            => buffer(2)
            => try_map(|chunk: Vec<u64>| Ok(chunk[0])) on_error split
            => Collect::new()
    }
}

fn main() {}
