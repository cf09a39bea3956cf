use syncline::{Collect, for_each, from_iter, pipeline};

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..10_u64) => map(|n| Box::new(move || n)) => map(|f| f as Box<dyn Fn() -> u64>) => tee(for_each(|_| Ok(()))) => map(|f| f()) => Collect::new()
    }
}

fn main() {}
