//! Inference: closures and literals without written types.

use std::num::NonZeroUsize;

use std::time::Duration;

use syncline::policy::Letter;
use syncline::{Collect, Failure, Halt, Sink, Transform, for_each, from_iter, pipeline};

struct Sum(u64);

impl Sink for Sum {
    type In = u64;
    type Output = u64;

    fn consume(&mut self, n: u64) -> Result<(), Halt> {
        self.0 += n;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.0)
    }
}

pipeline! {
    Lengths(lines: &[&str], size: NonZeroUsize) -> u64 {
        from_iter(lines)
            => filter_map(|line| line.strip_prefix("> "))
            => inspect(|line| assert!(!line.is_empty()))
            => buffer(size)
            => flat_map(|chunk| chunk.into_iter().map(|line| line.len() as u64))
            => buffer(500, by: |length| length / 10)
            => map(|mut chunk| { chunk.sort(); chunk })
            => unbuffer
            => take(5)
            => Sum(0)
    }
}

pipeline! {
    Counted(n: i64, seen: &mut Vec<i64>) -> u64 {
        from_iter(1..)
            => take(3)
            => map(|i| i + n)
            => for_each(|i| {
                seen.push(i);
                Ok(())
            })
    }
}

pipeline! {
    IntegerLiterals() -> u64 {
        from_iter(0..10) => map(|n| n * 2) => Sum(0)
    }
}

fn twice(n: u64) -> u64 {
    n * 2
}

fn is_short(text: &str) -> bool {
    text.len() < 3
}

fn add(sum: &mut u64, n: u64) -> u64 {
    *sum += n;
    *sum
}

/// A function whose parameter type the compiler coerces items to.
fn largest(numbers: &[u64]) -> Option<u64> {
    numbers.iter().max().copied()
}

fn shown(item: &dyn std::fmt::Display) -> bool {
    !item.to_string().is_empty()
}

fn called(function: fn(u64) -> u64) -> u64 {
    function(5)
}

pipeline! {
    /// Functions of the item type, or of a type that it coerces to.
    Functions(words: Vec<String>, longest: impl FnMut(&String) -> bool) -> Vec<u64> {
        from_iter(words)
            => filter(is_short)
            => filter(longest)
            => filter(shown)
            => filter(str::is_ascii)
            => map(|word| word.parse().unwrap())
            => map(twice)
            => scan(0, add)
            => map(Box::new)
            => map(|n: Box<u64>| [*n, 1])
            => filter_map(|numbers| largest(&numbers))
            => map(|_| twice)
            => map(called)
            => map(u128::from)
            => try_map(|n| Ok(u64::try_from(n)?))
            => Collect::new()
    }
}

pipeline! {
    /// A typed closure decides the result type of the closure before it.
    Named(words: &[&str]) -> u64 {
        from_iter(words)
            => map(|word| word.parse().unwrap())
            => filter(|n: &u64| *n > 1)
            => map((|mut n: u64| -> u64 {
                if n > 6 {
                    return 1;
                }
                n += 1;
                n
            }))
            => map(twice)
            => map(Some)
            => filter(Option::is_some)
            => scan(0, |sum: &mut u64, n: Option<u64>| {
                *sum += n.unwrap_or_default();
                *sum
            })
            => dedup(|sum: &u64| *sum)
            => Sum(0)
    }
}

/// A custom filter, made by an associated function.
struct Keep<T, F>(F, std::marker::PhantomData<fn(T)>);

impl<T, F: FnMut(&T) -> bool> Keep<T, F> {
    fn those(passes: F) -> Self {
        Self(passes, std::marker::PhantomData)
    }
}

impl<T, F: FnMut(&T) -> bool> Transform for Keep<T, F> {
    type In = T;
    type Out = T;

    fn transform(&mut self, item: T) -> Result<Option<T>, Halt> {
        Ok((self.0)(&item).then_some(item))
    }
}

/// A custom filter whose closure has no bound on its parameter.
struct KeepNumbers<F>(F);

impl<F: FnMut(u64) -> bool> Transform for KeepNumbers<F> {
    type In = u64;
    type Out = u64;

    fn transform(&mut self, n: u64) -> Result<Option<u64>, Halt> {
        Ok((self.0)(n).then_some(n))
    }
}

fn keep_named<T>(_: &str, passes: impl FnMut(&T) -> bool) -> Keep<T, impl FnMut(&T) -> bool> {
    Keep::those(passes)
}

pipeline! {
    /// A custom stage decides the result type of the closure before it, and a closure among its arguments takes its items.
    OnesOwn(n: u32) -> u64 {
        from_iter(0..n)
            => map(|n| n.into())
            => KeepNumbers(|n| n.is_power_of_two())
            => map(|n| n.to_string())
            => Keep::those(|text| text.len() < 3)
            => keep_named("short", |text| !text.starts_with('1'))
            => map(|text| text.parse().unwrap())
            => inspect(|n| assert!(*n > 1))
            => Sum(0)
    }
}

pipeline! {
    /// The declared output decides a type as well, and a sink takes closures.
    Declared(n: u32, seen: &mut Vec<u32>, put_away: &mut Vec<String>) -> Vec<u64> {
        from_iter(0..n)
            => tee(for_each(|n| {
                seen.push(n.pow(2));
                Ok(())
            }))
            => map(|n| n.to_string())
            => try_map(|text| Ok(text.parse()?)) on_error dead_letter(for_each(|letter| {
                put_away.push(letter.item.to_uppercase());
                Ok(())
            }))
            => Collect::new()
    }
}

/// A type that converts to `bool`.
#[derive(Clone, Debug)]
struct Flag(bool);

impl From<&Flag> for bool {
    fn from(flag: &Flag) -> Self {
        flag.0
    }
}

pipeline! {
    /// The operator decides the result type of its closure.
    Wanted(flags: Vec<Flag>) -> Vec<u64> {
        from_iter(flags)
            => filter(|flag| flag.into())
            => filter(|flag| flag.0.to_string().parse().unwrap_or_default())
            => filter(|flag| {
                if flag.0 {
                    return true;
                }
                "false".parse().unwrap()
            })
            => filter(|flag| match flag {
                Flag(true) => true,
                Flag(false) => unreachable!(),
            })
            => take_while(|_| !bool::default())
            => try_map(|flag| {
                if !flag.0 {
                    return Err(Failure::new("it is not true").into());
                }
                Ok(flag.0.to_string())
            })
            => try_map(|text| Ok(text.len().to_string().parse()?)) on_error skip(10)
            => try_map(|n: u16| n.to_string().parse().map_err(|error: std::num::ParseIntError| error.into()))
            => try_map(|n: u32| n.to_string().parse::<u32>().map_err(Into::into)) parallel(2)
                on_error retry(3, Duration::ZERO, if: |error| error.is::<std::fmt::Error>())
                on_error dead_letter(for_each(|letter: Letter<u32>| {
                    drop(letter);
                    Ok(())
                }))
            => filter_map(|n| Some(n.checked_sub(1)? + 1))
            => filter_map(|n| n.try_into().ok())
            => filter_map(|n: u64| if n > 100 { None } else { Some(n) })
            => Collect::new()
    }
}

pipeline! {
    /// A closure that never returns fits any operator.
    Unwritten(n: u64) -> Vec<u64> {
        from_iter(0..n)
            => filter(|_| todo!())
            => filter_map(|_| todo!())
            => try_map(|n: u64| loop { assert!(n > 5) })
            => map(|n: u64| n)
            => Collect::new()
    }
}

pipeline! {
    /// Sizes and numbers that never return.
    Sizes(chunk: usize, first: u64) -> Vec<(u64, bool)> {
        from_iter(0..10_u64)
            => skip(first.try_into().unwrap())
            => buffer(chunk.try_into().unwrap(), bytes: 64, of: |_| 8)
            => unbuffer
            => buffer(5)
            => lookup(|chunk| {
                let answers = chunk.len().to_string().parse::<usize>()?;
                Ok(vec![true; answers])
            })
            => unbuffer
            => Collect::new()
    }
}

pipeline! {
    /// A key may borrow from data that the item borrows.
    Borrowed<'a>(notes: &'a [String]) -> Vec<&'a str> {
        from_iter(notes)
            => dedup(|note| &note[..1])
            => buffer(5, by: |note| note.as_str())
            => unbuffer
            => map(|note| note.as_str())
            => Collect::new()
    }
}

fn main() {
    assert_eq!(Named::run(&["1", "3", "7"]).unwrap().output, 8 + 10);
    assert_eq!(Lengths::run(&["> ab", "c", "> def"], NonZeroUsize::MIN).unwrap().output, 5);
    let mut seen = Vec::new();
    assert_eq!(Counted::run(10, &mut seen).unwrap().output, 3);
    assert_eq!(seen, [11, 12, 13]);
    assert_eq!(IntegerLiterals::run().unwrap().output, 90);
    assert_eq!(Functions::run(vec!["12".into(), "123".into()], |_| true).unwrap().output, [10]);
    assert_eq!(OnesOwn::run(20).unwrap().output, 2 + 4 + 8);
    let (mut seen, mut put_away) = (Vec::new(), Vec::new());
    assert_eq!(Declared::run(3, &mut seen, &mut put_away).unwrap().output, [0, 1, 2]);
    assert_eq!((seen, put_away), (vec![0, 1, 4], vec![]));
    assert_eq!(Wanted::run(vec![Flag(true), Flag(false)]).unwrap().output, [4]);
    assert!(Unwritten::run(0).unwrap().output.is_empty());
    assert_eq!(Sizes::run(5, 8).unwrap().output, [(8, true), (9, true)]);
    assert_eq!(Borrowed::run(&["ab".into(), "ac".into()]).unwrap().output, ["ab"]);
}
