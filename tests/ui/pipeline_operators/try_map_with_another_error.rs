use syncline::{Collect, from_iter, pipeline};

pipeline! {
    Numbers(texts: &[&str]) -> Vec<u64> {
        from_iter(texts) => try_map(|text| text.parse::<u64>()) parallel(2) => Collect::new()
    }
}

fn main() {}
