use syncline::{Collect, from_iter, pipeline};

struct Page(u64);

pipeline! {
    Pages() -> Vec<Vec<Page>> {
        from_iter(0..10_u64)
            => map(|n| Page(n))
            => buffer(5)
            => Collect::new() on_error skip(1)
    }
}

fn main() {
    println!("{}", Pages::run().unwrap().output[0][0].0);
}
