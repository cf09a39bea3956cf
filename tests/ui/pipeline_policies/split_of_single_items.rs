use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(["1", "x"])
            => try_map(|text| Ok(text.parse::<u64>()?)) on_error split skip(1)
            => Collect::new()
    }
}

fn main() {}
