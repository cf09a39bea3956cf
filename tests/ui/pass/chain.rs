//! `chain`: sources one after the other, and a function of that name by its path.

use syncline::{Collect, from_iter, pipeline};

mod own {
    pub(super) fn chain(numbers: Vec<u64>) -> syncline::source::FromIter<std::vec::IntoIter<u64>> {
        syncline::from_iter(numbers)
    }
}

pipeline! {
    All(first: Vec<u64>, second: Vec<u64>) -> Vec<u64> {
        chain([from_iter(first), from_iter(second)]) => filter(|n| *n > 1) => Collect::new()
    }
}

pipeline! {
    Own(numbers: Vec<u64>) -> Vec<u64> {
        own::chain(numbers) => Collect::new()
    }
}

fn main() {
    assert_eq!(All::run(vec![1, 2], vec![3]).unwrap().output, [2, 3]);
    assert_eq!(Own::run(vec![4]).unwrap().output, [4]);
}
