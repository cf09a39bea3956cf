use syncline::{Collect, Halt, Transform, from_iter};

struct Load;

impl Transform for Load {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok(Some(n))
    }
}

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10_u64)
            => Load parallel(4)
            => Collect::new()
    }
}

fn main() {}
