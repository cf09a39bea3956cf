#![allow(missing_docs)]
use syncline::*;
#[derive(Debug)] struct Loaded; #[derive(Debug)] struct LookedUp;
struct Task<S>(u64, S);
struct LookUp; struct Update;
impl Transform for LookUp { type In = Task<Loaded>; type Out = Task<LookedUp>; fn transform(&mut self, t: Self::In) -> Result<Option<Self::Out>, Halt> { Ok(Some(Task(t.0, LookedUp))) } }
impl Transform for Update { type In = Task<LookedUp>; type Out = u64; fn transform(&mut self, t: Self::In) -> Result<Option<u64>, Halt> { Ok(Some(t.0)) } }
pipeline! {
    /// Docs.
    pub Updates(n: u64) -> Vec<u64> {
        from_iter(0..n) => map(|n| Task(n, Loaded)) => filter(|t| t.0 % 2 == 0) => LookUp => Update
          => buffer(5) => unbuffer => buffer(3, by: |n| n / 10) => flat_map(|c| c) => Collect::new()
    }
}
#[test] fn main() { println!("{}", Updates::graph()); println!("{:?}", Updates::run(20).unwrap().output); }
