syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        => map(|n| n + 1)
            => take()
            => => buffer(0)
            => |n| n
    }
}

fn main() {}
