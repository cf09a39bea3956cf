//! `parallel` with a state for each thread, and by key.

use std::collections::HashMap;
use std::time::Duration;

use syncline::{Collect, Failure, for_each, from_iter, pipeline};

/// A connection that counts what it did.
struct Connection(u64);

impl Connection {
    fn open() -> Result<Self, Failure> {
        Ok(Self(0))
    }

    fn double(&mut self, n: u64) -> u64 {
        self.0 += 1;
        n * 2
    }
}

pipeline! {
    WithState(n: u64) -> Vec<u64> {
        from_iter(0..n)
            => map(|connection, n| connection.double(n)) parallel(2, with: || Connection::open())
            => map(|text, n| { text.push('a'); n }) parallel(2, capacity: 8, with: || Ok(String::new()))
            => try_map(|connection, n| Ok(connection.double(n).to_string().parse::<u64>()?))
                parallel(3, with: Connection::open, by: |n| *n % 3)
                on_error retry(2, Duration::ZERO)
            => map(|n| n + 1) parallel(2, by: |n| n / 10)
            => Collect::new()
    }
}

pipeline! {
    PerKey(words: Vec<(&'static str, u64)>, sums: &mut HashMap<&'static str, u64>) -> u64 {
        from_iter(words)
            => map(|(word, n)| (word, n + 1)) parallel(2, by: |(word, _)| *word)
            => for_each(|(word, n)| {
                *sums.entry(word).or_default() += n;
                Ok(())
            })
    }
}

fn main() {
    let outcome = WithState::run(5).unwrap();
    let mut output = outcome.output;
    output.sort_unstable();
    assert_eq!(output, [1, 5, 9, 13, 17]);
    let mut sums = HashMap::new();
    PerKey::run(vec![("a", 1), ("b", 2), ("a", 3)], &mut sums).unwrap();
    assert_eq!((sums["a"], sums["b"]), (6, 3));
    assert_eq!(
        PerKey::graph().one_line(),
        "from_iter(words) => map(..) parallel(2, by: ..) => for_each(..)"
    );
}
