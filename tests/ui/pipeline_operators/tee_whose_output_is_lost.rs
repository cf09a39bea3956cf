use syncline::sink::{Count, count, fold};
use syncline::{Collect, Pipeline, from_iter, pipeline};

pipeline! {
    Collected() -> Vec<u64> {
        from_iter(0..10_u64)
            => tee(Collect::new())
            => map(|n| n + 1)
            => Collect::new()
    }
}

pipeline! {
    Folded() -> Vec<u64> {
        from_iter(0..10_u64) => tee(fold(0_u64, |sum, n: u64| sum + n)) => Collect::new()
    }
}

pipeline! {
    Named(counted: Count<u64>) -> Vec<u64> {
        from_iter(0..10_u64) => tee(counted) => Collect::new()
    }
}

pipeline! {
    Routed() -> Vec<u64> {
        from_iter(0..10_u64)
            => tee(route([Collect::new(), Collect::new()], |n| (*n % 2) as usize))
            => Collect::new()
    }
}

fn main() {
    let numbers = Pipeline::new("collected", from_iter(0..10_u64)).tee(Collect::new());
    numbers.end(Collect::new()).run().unwrap();
    let numbers = Pipeline::new("counted", from_iter(0..10_u64)).tee(count());
    numbers.end(Collect::new()).run().unwrap();
}
