//! `on_error with`: custom policies, and policies that functions return.

use syncline::policy::{BoxedPolicy, Decision, Failed, Policy, Shared, SkipFailed, by_key, dead_letter, shared, skip};
use syncline::{CancelToken, Collect, Failure, Halt, for_each, from_iter, pipeline};

/// A policy that skips every failed item and counts them.
struct Count<'a>(&'a mut u64);

impl<T: Clone> Policy<T> for Count<'_> {
    type Kept = ();

    fn keep(&mut self, _: &T) {}

    fn decide(&mut self, _: Failed<()>, _: &CancelToken) -> Result<Decision<T>, Failure> {
        *self.0 += 1;
        Ok(Decision::LeaveOut)
    }
}

fn odd(n: u64) -> Result<u64, Halt> {
    if n % 2 == 1 { Ok(n) } else { Err(Failure::new("it is even").into()) }
}

pipeline! {
    Counted(n: u64, failed: &mut u64) -> Vec<u64> {
        from_iter(0..n)
            => try_map(odd) on_error with(Count(failed))
            => Collect::new()
    }
}

pipeline! {
    ByKey(words: Vec<&'static str>, keys: &mut Vec<usize>) -> Vec<u64> {
        from_iter(words)
            => try_map(|word| Ok(word.parse()?))
                on_error with(by_key(|word| word.len(), dead_letter(for_each(|letter: syncline::policy::Letter<usize>| {
                    keys.push(letter.item);
                    Ok(())
                }))))
            => Collect::new()
    }
}

pipeline! {
    Together(n: u64, policy: Shared<SkipFailed>) -> Vec<Vec<u64>> {
        from_iter(0..n)
            => try_map(odd) on_error with(policy.clone())
            => try_map(|n| if n > 1 { Ok(n) } else { Err(Halt::from(Failure::new("it is one"))) })
                on_error with(policy.clone())
            => buffer(2)
            => Collect::new() on_error with(policy)
    }
}

pipeline! {
    Boxed(n: u64, policy: BoxedPolicy<'static, u64>) -> Vec<u64> {
        from_iter(0..n)
            => map(|n| n) parallel(2)
            => try_map(odd) parallel(2) on_error skip(0) on_error with(policy)
            => Collect::new()
    }
}

pipeline! {
    Several(n: u64, letters: &mut Vec<u64>) -> Vec<u64> {
        from_iter(0..n)
            => try_map(odd)
                on_error with(by_key(|n| *n + 1, skip(1)))
                on_error with(by_key(|n| n.to_string(), skip(1)))
                on_error dead_letter(for_each(|letter| {
                    letters.push(letter.item);
                    Ok(())
                }))
            => Collect::new()
    }
}

fn main() {
    let mut letters = Vec::new();
    assert_eq!(Several::run(6, &mut letters).unwrap().output, [1, 3, 5]);
    assert_eq!(letters, [4]);
    let mut failed = 0;
    assert_eq!(Counted::run(5, &mut failed).unwrap().output, [1, 3]);
    assert_eq!(failed, 3);
    let mut keys = Vec::new();
    assert_eq!(ByKey::run(vec!["1", "two", "three"], &mut keys).unwrap().output, [1]);
    assert_eq!(keys, [3, 5]);
    assert_eq!(Together::run(4, shared(skip(3))).unwrap().output, [[3]]);
    assert!(Together::run(4, shared(skip(2))).is_err());
    assert_eq!(Boxed::run(4, BoxedPolicy::new(skip(2))).unwrap().output, [1, 3]);
    assert!(Counted::graph().to_string().contains("on_error with(Count(failed))"));
}
