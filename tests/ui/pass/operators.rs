//! Every operator, with closures whose types nobody wrote down.

use std::time::Duration;

use syncline::{Collect, for_each, from_iter, merge_by, pipeline, route};

pipeline! {
    Everything(words: &[&'static str], seen: &mut usize) -> Vec<Vec<(usize, &'static str)>> {
        merge_by([from_iter(words.iter().copied()), from_iter(["m"].iter().copied())], |word| *word)
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

fn main() {
    let mut seen = 0;
    let outcome = Everything::run(&["a", "b", "cc", "dd", "zzz", "zzzzz"], &mut seen).unwrap();
    assert_eq!(outcome.output, [vec![(1, "b"), (3, "cc")], vec![(4, "m"), (7, "zzz")]]);
    assert_eq!(seen, 4);
}
