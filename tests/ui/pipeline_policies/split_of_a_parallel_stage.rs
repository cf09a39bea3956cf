use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(["1", "x"])
            => buffer(2)
            => try_map(|texts: Vec<&str>| Ok(u64::try_from(texts.len())?)) parallel(2) on_error split skip(1)
            => Collect::new()
    }
}

fn main() {}
