use syncline::prelude::*;

struct Page(u32);

pipeline! {
    Sorted(pages: Vec<Page>) -> u64 {
        from_iter(pages)
            => sort(1000, |page| page.0)
            => filter(|page| page.0 > 1)
            => count
    }
}

fn main() {}
