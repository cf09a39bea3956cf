//! Every operator, with closures without written types.

use std::time::Duration;

use syncline::sink::{BoxedSink, discard_output};
use syncline::{Collect, for_each, from_iter, pipeline};

pipeline! {
    Everything(words: &[&'static str], seen: &mut usize) -> Vec<Vec<(usize, &'static str)>> {
        merge([from_iter(words.iter().copied()), from_iter(["m"].iter().copied())], by: |word| *word)
            => skip(1)
            => dedup(|word| word.len())
            => take_while(|word| word.len() < 5)
            => tee(for_each(|_| { *seen += 1; Ok(()) }))
            => buffer(bytes: 8, of: |word| word.len())
            => unbuffer
            => buffer(2, bytes: 8, of: |word| word.len())
            => lookup(|chunk| Ok(chunk.iter().map(|word| word.len()).collect::<Vec<_>>()))
            => unbuffer
            => scan(0, |total, (word, length)| { *total += length; (*total, word) })
            => buffer(10, within: Duration::MAX)
            => unbuffer
            => route([Collect::new(), Collect::new()], |(total, _)| usize::from(*total > 3))
    }
}

pipeline! {
    Routes(numbers: Vec<u64>, odd: &mut Vec<u64>) -> Vec<u64> {
        merge([from_iter(numbers), from_iter(vec![7])])
            => try_map(|n| Ok(n)) on_error dead_letter(route([discard_output(Collect::new()), discard_output(Collect::new())], |letter| {
                letter.error.to_string().len() % 2
            }))
            => tee(route([discard_output(Collect::new()), discard_output(Collect::new())], |n| (*n % 2) as usize))
            => route(
                [
                    BoxedSink::new(for_each(|_| Ok(()))),
                    BoxedSink::new(for_each(|n| { odd.push(n); Ok(()) })),
                ],
                |n| (*n % 2) as usize,
            )
    }
}

// Functions with the names of operators, called by path.
mod own {
    pub(super) fn merge(numbers: Vec<u64>) -> syncline::source::FromIter<std::vec::IntoIter<u64>> {
        syncline::from_iter(numbers)
    }
}

pipeline! {
    Own(numbers: Vec<u64>) -> Vec<Vec<u64>> {
        own::merge(numbers) => syncline::sink::route([Collect::new()], |_| 0)
    }
}

fn main() {
    let mut seen = 0;
    let outcome = Everything::run(&["a", "b", "cc", "dd", "zzz", "zzzzz"], &mut seen).unwrap();
    assert_eq!(outcome.output, [vec![(1, "b"), (3, "cc")], vec![(4, "m"), (7, "zzz")]]);
    assert_eq!(seen, 4);
    let mut odd = Vec::new();
    assert_eq!(Routes::run(vec![1, 2, 3], &mut odd).unwrap().output, [1, 3]);
    odd.sort_unstable();
    assert_eq!(odd, [1, 3, 7]);
    assert_eq!(Own::run(vec![4]).unwrap().output, [[4]]);
}
