use syncline::{Collect, from_iter, pipeline};

struct Page(u64);

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter([1_u64, 2])
            => map(Page)
            => buffer(2)
            => try_map(|pages: Vec<Page>| Ok(pages.iter().map(|page| page.0).sum::<u64>())) on_error split skip(1)
            => Collect::new()
    }
}

fn main() {}
