//! Functions of the user's own whose names are similar to those of operators.

use std::marker::PhantomData;

use syncline::{Collect, Halt, Transform, from_iter, pipeline};

struct Keep<T, F>(F, PhantomData<fn(T)>);

impl<T, F: FnMut(&T) -> bool> Transform for Keep<T, F> {
    type In = T;
    type Out = T;

    fn transform(&mut self, item: T) -> Result<Option<T>, Halt> {
        Ok((self.0)(&item).then_some(item))
    }
}

fn filters<T, F: FnMut(&T) -> bool>(passes: F) -> Keep<T, F> {
    Keep(passes, PhantomData)
}

fn tap<T>(_: u64) -> Keep<T, impl FnMut(&T) -> bool> {
    Keep(|_: &T| true, PhantomData)
}

fn filter(n: u64) -> bool {
    n > 1
}

pipeline! {
    Numbers() -> Vec<u64> {
        from_iter(0..5_u64)
            => filters(|n| filter(*n))
            => tap(3)
            => Collect::new()
    }
}

fn main() {
    assert_eq!(Numbers::run().unwrap().output, [2, 3, 4]);
}
