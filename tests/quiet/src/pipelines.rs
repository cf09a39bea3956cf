//! Pipelines with every operator, each kind of closure, policies and threads.

use std::time::Duration;

use syncline::{Collect, Halt, Transform, for_each, from_iter, pipeline};

/// A stage of one's own.
#[derive(Debug, Clone, Copy)]
pub struct Double;

impl Transform for Double {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok(Some(n * 2))
    }
}

/// A stage with a closure.
#[derive(Debug)]
pub struct Keep<F>(F);

impl<F: FnMut(&u64) -> bool> Transform for Keep<F> {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok((self.0)(&n).then_some(n))
    }
}

/// Makes a [`Keep`].
pub const fn keep<F: FnMut(&u64) -> bool>(passes: F) -> Keep<F> {
    Keep(passes)
}

fn is_even<N: Copy + Into<u64>>(n: &N) -> bool {
    (*n).into().is_multiple_of(2)
}

const fn square(n: u64) -> u64 {
    n * n
}

pipeline! {
    /// Every operator of single items.
    pub Items(count: u64, given: u64, items: &[u64]) -> Vec<u64> {
        from_iter(0..count)
            => map(|n: u64| -> u64 { n + given })
            => map(|n: u64| n + 1)
            => map(square)
            => try_map(|n| Ok(n + 1)) on_error skip(10)
            => filter(|n| *n > 1)
            => filter(is_even)
            => keep(|n| *n > 2)
            => filter_map(|n| n.checked_sub(1))
            => flat_map(|n| [n, n])
            => inspect(|n| assert!(*n > 0))
            => scan(0_u64, |sum, n| { *sum += n; *sum })
            => skip(items.len())
            => take(100)
            => take_while(|n| *n < 1_000)
            => dedup(|n| *n)
            => tee(for_each(|_n: u64| Ok(())))
            => Double
            => Collect::new()
    }
}

pipeline! {
    /// Every operator of chunks.
    pub Chunks(count: u64, wait: Duration) -> Vec<u64> {
        merge([from_iter(0..count), from_iter(0..count)], by: |n| *n)
            => buffer(5)
            => unbuffer
            => buffer(5, by: |n| n / 10)
            => unbuffer
            => buffer(bytes: 64, of: |_n| 8)
            => unbuffer
            => buffer(5, within: wait)
            => lookup(|chunk| Ok(chunk.to_vec()))
            => unbuffer
            => map(|(n, _answer)| n)
            => chunk_while(5, |first, second| first == second)
            => unbuffer
            => windows(2)
            => unbuffer
            => Collect::new()
    }
}

pipeline! {
    /// Policies and threads.
    pub Parallel<T: Into<u64> + Send + 'static>(numbers: Vec<T>, wait: Duration) -> Vec<Vec<u64>> {
        from_iter(numbers)
            => map(T::into)
            => map(|n: u64| n + 1) parallel(2)
            => try_map(|n| Ok(n + 1)) parallel(2, by: |n| n % 2) on_error retry(3, wait, if: |_| true)
            => map(|seen: &mut u64, n| { *seen += n; n }) parallel(2, with: || Ok(0_u64))
            => try_map(|n: u64| Ok(n + 1)) on_error dead_letter(for_each(|_letter| Ok(())))
            => route([Collect::new(), Collect::new()], |n| usize::from(*n > 5))
    }
}

pipeline! {
    /// Names, parameters and stages under a condition.
    #[cfg(feature = "tags")]
    pub Conditional(
        /// A parameter.
        #[cfg(feature = "tags")] k: u64,
        #[cfg(not(feature = "tags"))] unknown: Unknown,
    ) -> Vec<u64> {
        /// The source.
        from_iter(0..3_u64)
            /// A stage.
            => #[cfg(feature = "tags")] map(|n| n + k)
            => #[cfg(not(feature = "tags"))] map(|n| unknown.add(n))
            => Collect::new()
    }
}

pipeline! {
    /// Members under a condition.
    pub Members() -> Vec<Vec<u64>> {
        chain([#[cfg(feature = "tags")] from_iter(0..3_u64), from_iter(0..5)])
            => route([Collect::new(), #[cfg(feature = "tags")] Collect::new()], |_| 0)
    }
}

pipeline! {
    /// A pipeline that is gone, and that nothing uses.
    #[deprecated]
    pub Past(k: u64) -> Vec<u64> {
        from_iter(0..3_u64) => map(|n| n + k) => Collect::new()
    }
}

pipeline! {
    /// As many parameters as clippy permits for `run_with`, and an output that is not used.
    pub Six(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) {
        from_iter([a, b, c, d, e, f]) => for_each(|n| { assert!(n > 0); Ok(()) })
    }
}

pipeline! {
    /// Stages with names and conditions, and those that keep items.
    pub Named(numbers: Vec<u64>, wait: Duration, only_even: bool) -> u64 {
        from_iter(numbers) named "numbers"
            => filter(is_even) named "even" when(only_even)
            => distinct(100, |n| *n)
            => distinct(last: 100, |n| *n)
            => throttle(2, per: wait)
            => timeout(wait)
            => sort(100, |n| *n) named "order"
            => try_map(|n| Ok(n + 1)) named "next" on_error skip(10)
            => count named "all"
    }
}

pipeline! {
    /// A sum.
    pub Sum(numbers: Vec<u64>) -> u64 {
        from_iter(numbers) => sum
    }
}

pipeline! {
    /// A value that is made step by step.
    pub(crate) Folded(numbers: Vec<u64>) -> u64 {
        from_iter(numbers) => fold(0, |largest: u64, n| largest.max(n))
    }
}

pipeline! {
    /// A chunk that fails is divided.
    pub Split(numbers: Vec<u64>) -> u64 {
        from_iter(numbers)
            => buffer(10)
            => try_map(|chunk: Vec<u64>| Ok(chunk)) on_error split skip(10)
            => unbuffer
            => for_each(|n| { assert!(n > 0); Ok(()) }) on_error retry(3, Duration::ZERO)
    }
}

pipeline! {
    /// Names that are keywords.
    pub r#Loop(r#type: u64) -> Vec<u64> {
        from_iter(0..r#type) => map(|r#in| r#in + 1) => Collect::new()
    }
}
