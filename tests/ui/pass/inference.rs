//! Closures and literals whose types nobody wrote down.

use std::num::NonZeroUsize;

use syncline::{Failure, Halt, Sink, for_each, from_iter, pipeline};

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

pipeline! {
    /// A closure that names what it takes says what the one before it makes.
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

fn main() {
    assert_eq!(Named::run(&["1", "3", "7"]).unwrap().output, 8 + 10);
    assert_eq!(Lengths::run(&["> ab", "c", "> def"], NonZeroUsize::MIN).unwrap().output, 5);
    let mut seen = Vec::new();
    assert_eq!(Counted::run(10, &mut seen).unwrap().output, 3);
    assert_eq!(seen, [11, 12, 13]);
    assert_eq!(IntegerLiterals::run().unwrap().output, 90);
}
