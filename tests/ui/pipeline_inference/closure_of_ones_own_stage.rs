use syncline::{Collect, Halt, Transform, from_iter, pipeline};

/// Lets through what passes.
struct Keep<F>(F);

impl<F: FnMut(&u64) -> bool> Transform for Keep<F> {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok((self.0)(&n).then_some(n))
    }
}

fn keep<F: FnMut(&u64) -> bool>(f: F) -> Keep<F> {
    Keep(f)
}

/// Lets through what passes, of any type.
struct KeepAny<T, F>(F, std::marker::PhantomData<T>);

impl<T, F: FnMut(&T) -> bool> Transform for KeepAny<T, F> {
    type In = T;
    type Out = T;

    fn transform(&mut self, item: T) -> Result<Option<T>, Halt> {
        Ok((self.0)(&item).then_some(item))
    }
}

fn keep_any<T, F: FnMut(&T) -> bool>(f: F) -> KeepAny<T, F> {
    KeepAny(f, std::marker::PhantomData)
}

pipeline! {
    /// This one is fine: the bound says what the closure is given.
    Fine() -> Vec<u64> {
        from_iter(0..10_u64) => keep(|n| n.is_power_of_two()) => Collect::new()
    }
}

pipeline! {
    /// And this one says it itself.
    Typed() -> Vec<u64> {
        from_iter(0..10_u64) => keep_any(|n: &u64| n.is_power_of_two()) => Collect::new()
    }
}

pipeline! {
    Untyped() -> Vec<u64> {
        from_iter(0..10_u64) => keep_any(|n| n.is_power_of_two()) => Collect::new()
    }
}

fn main() {}
