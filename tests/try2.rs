#![allow(missing_docs)]
use syncline::*;
struct Loaded; struct LookedUp;
struct Task<S>(u64, S);
struct LookUp; struct Update; struct NotAStage;
impl Transform for LookUp { type In = Task<Loaded>; type Out = Task<LookedUp>; fn transform(&mut self, t: Self::In) -> Result<Option<Self::Out>, Halt> { Ok(Some(Task(t.0, LookedUp))) } }
impl Transform for Update { type In = Task<LookedUp>; type Out = u64; fn transform(&mut self, t: Self::In) -> Result<Option<u64>, Halt> { Ok(Some(t.0)) } }
mod a { use super::*; pipeline! { pub Misfit(n: u64) -> Vec<u64> { 
        from_iter(0..n) => map(|n| Task(n, Loaded)) => Update => LookUp => map(|t| t.0) => Collect::new()
} } }
mod b { use super::*; pipeline! { pub NoSource(n: u64) -> Vec<u64> { 
        vec![n] => map(|n| Task(n, Loaded)) => LookUp => map(|t| t.0) => Collect::new()
} } }
mod c { use super::*; pipeline! { pub NoStage(n: u64) -> Vec<u64> { 
        from_iter(0..n) => map(|n| n + 1) => NotAStage => Collect::new()
} } }
mod d { use super::*; pipeline! { pub NoSink(n: u64) { 
        from_iter(0..n) => map(|n| Task(n, Loaded)) => LookUp
} } }
mod e { use super::*; pipeline! { pub WrongOut(n: u64) -> u64 { 
        from_iter(0..n) => Collect::new()
} } }
mod f { use super::*; pipeline! { pub WrongOut2(n: u64) { 
        from_iter(0..n) => Collect::new()
} } }
mod g { use super::*; pipeline! { pub NoStage2(n: u64) -> Vec<u64> { 
        from_iter(0..n) => map(|n| n + 1) => NotAStage => map(|n| n * 2) => filter(|n| *n > 1) => LookUp => map(|t| t.0) => Collect::new()
} } }
mod h { use super::*; pipeline! { pub SinkMisfit(n: u64) -> Vec<String> { 
        from_iter(0..n) => map(|n| n + 1) => Collect::<String>::new()
} } }
