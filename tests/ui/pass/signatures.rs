//! What a pipeline's signature may hold: attributes, visibility, generics, bounds, elided lifetimes.

mod inner {
    use std::fmt::Display;

    use syncline::{Collect, from_iter, pipeline};

    pipeline! {
        /// Documented.
        #[allow(non_camel_case_types)]
        #[derive(PartialEq, Eq)]
        pub(crate) doubled<T: Clone>(items: &[T], times: usize) -> Vec<String>
        where
            T: Display,
        {
            from_iter(items) => map(|item| item.to_string().repeat(times)) => Collect::new()
        }
    }

    pipeline! {
        pub(super) Borrowed<'a>(text: &'a str, mut skip: usize) -> Vec<&'a str> {
            from_iter(text.split(' '))
                => filter(|_| {
                    skip = skip.saturating_sub(1);
                    skip == 0
                })
                => Collect::new()
        }
    }

    pipeline! {
        pub(super) Unnamed(n: u64) -> impl IntoIterator<Item = u64> {
            from_iter(0..n) => Collect::new()
        }
    }
}

fn main() {
    assert_eq!(inner::doubled::run(&[1, 2], 2).unwrap().output, ["11", "22"]);
    assert_eq!(inner::Borrowed::run("a b c", 2).unwrap().output, ["b", "c"]);
    assert_eq!(inner::Unnamed::run(3).unwrap().output.into_iter().sum::<u64>(), 3);
    assert!(inner::doubled == inner::doubled.clone());
}
