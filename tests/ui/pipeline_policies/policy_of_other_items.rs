use syncline::policy::BoxedPolicy;
use syncline::{Collect, from_iter};

syncline::pipeline! {
    pub Numbers(policy: BoxedPolicy<'static, String>) -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| Ok(n)) on_error with(policy)
            => map(|n| n + 1)
            => Collect::new()
    }
}

fn main() {}
