use syncline::sink::DiscardOutput;
use syncline::{Collect, from_iter, pipeline};

struct Page(u64);

fn number(page: Page) -> u64 {
    page.0
}

pipeline! {
    Numbers(seen: DiscardOutput<Collect<Page>>) -> Vec<u64> {
        from_iter(0..10_u64) => map(|n| Page(n)) => tee(seen) => map(|page| number(page)) => Collect::new()
    }
}

fn main() {}
