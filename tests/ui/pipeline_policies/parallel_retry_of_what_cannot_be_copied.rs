use std::time::Duration;

use syncline::{Collect, Halt, from_iter, pipeline};

struct Page(u64);

fn load(page: Page) -> Result<u64, Halt> {
    Ok(page.0)
}

pipeline! {
    Pages() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Page(n))
            => try_map(|page| load(page)) parallel(2) on_error retry(3, Duration::ZERO)
            => Collect::new()
    }
}

fn main() {}
