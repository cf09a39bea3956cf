//! Signatures of pipelines: attributes, visibility, generics, bounds, elided lifetimes.

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
        /// An elided lifetime of the output, which is that of the one borrowed parameter.
        pub(super) Elided(text: &str, call: fn(&str) -> &str, skip: usize) -> Vec<&str> {
            from_iter(text.split(' ')) => map(call) => skip(skip) => Collect::new()
        }
    }

    pipeline! {
        pub(super) NamedOnce<'a, T: Copy>(items: &'a [T], more: &'a [T], _times: usize) -> Vec<&T> {
            from_iter(items.iter().chain(more)) => Collect::new()
        }
    }

    pipeline! {
        pub(super) Underscored(text: std::str::Split<'_, char>) -> Vec<std::borrow::Cow<'_, str>> {
            from_iter(text) => map(|word| word.into()) => Collect::new()
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
    let text = String::from("a b c");
    assert_eq!(inner::Elided::run(&text, str::trim, 1).unwrap().output, ["b", "c"]);
    let prepared = inner::Elided::prepare(&text, str::trim, 2);
    assert_eq!(prepared.run().unwrap().output, ["c"]);
    assert_eq!(inner::NamedOnce::run(&[1], &[2], 1).unwrap().output, [&1, &2]);
    assert_eq!(inner::Underscored::run(text.split(' ')).unwrap().output, ["a", "b", "c"]);
    assert!(inner::doubled == inner::doubled.clone());
}
