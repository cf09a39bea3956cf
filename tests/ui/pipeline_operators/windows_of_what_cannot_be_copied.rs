use syncline::{Collect, from_iter};

pub struct Page(u64);

syncline::pipeline! {
    pub Pages(pages: Vec<Page>) -> Vec<u64> {
        from_iter(pages)
            => windows(2)
            => map(|window| window[0].0 + window[1].0)
            => Collect::new()
    }
}

fn main() {}
