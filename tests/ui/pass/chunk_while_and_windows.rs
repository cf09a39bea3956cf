//! `chunk_while` and `windows`, with closures, functions and sizes.

use std::num::NonZeroUsize;

use syncline::{Collect, from_iter, pipeline};

fn is_next(previous: &u64, next: &u64) -> bool {
    *next == previous + 1
}

pipeline! {
    Runs(numbers: Vec<u64>, most: NonZeroUsize) -> Vec<Vec<u64>> {
        from_iter(numbers)
            => chunk_while(500, |previous, next| *previous < *next)
            => unbuffer
            => chunk_while(most, is_next)
            => Collect::new()
    }
}

pipeline! {
    Sums(numbers: &[u64], width: NonZeroUsize) -> Vec<u64> {
        from_iter(numbers)
            => windows(2)
            => map(|pair| pair[0] + pair[1])
            => windows(width)
            => map(|window| window.into_iter().sum())
            => Collect::new()
    }
}

pipeline! {
    Pairs(): String -> (String, String) {
        windows(2) => filter_map(|pair| <[String; 2]>::try_from(pair).ok()) => map(|[first, second]| (first, second))
    }
}

fn main() {
    let three = NonZeroUsize::new(3).unwrap();
    let runs = Runs::run(vec![1, 2, 3, 4, 9, 10], three).unwrap().output;
    assert_eq!(runs, [vec![1, 2, 3], vec![4], vec![9, 10]]);
    assert_eq!(Sums::run(&[1, 2, 3, 4, 5], three).unwrap().output, [3 + 5 + 7, 5 + 7 + 9]);
    assert_eq!(Sums::graph().one_line(), "from_iter(numbers) => windows(2) => map(..) => windows(width) => map(..) => Collect::new()");
    assert_eq!(Pairs::graph().one_line(), "windows(2) => filter_map(..) => map(..)");
}
