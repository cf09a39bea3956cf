//! `map_async`, `try_map_async` and their forms without an order.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use syncline::policy::Letter;
use syncline::prelude::*;

/// Pending once, and then ready.
async fn later<T>(value: T) -> T {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    })
    .await;
    value
}

async fn doubled(n: u64) -> u64 {
    later(n * 2).await
}

pipeline! {
    Doubled(n: u64, most: NonZeroUsize) -> Vec<u64> {
        from_iter(0..n) => map_async(most, doubled) => map(|n| n + 1) => collect
    }
}

pipeline! {
    Lengths(words: Vec<String>) -> Vec<usize> {
        from_iter(words)
            => map_async(2, |word| async move { later(word.len()).await })
            => map_async_unordered(8, async |length: usize| later(length).await)
            => collect
    }
}

#[test]
fn a_future_is_awaited_for_each_item() {
    for most in [1, 3, 100] {
        assert_eq!(Doubled::run(4, syncline::size(most)).unwrap().output, [1, 3, 5, 7]);
    }
    let words = ["a", "", "abc"].map(str::to_owned).to_vec();
    let mut lengths = Lengths::run(words).unwrap().output;
    lengths.sort_unstable();
    assert_eq!(lengths, [0, 1, 3]);
}

pipeline! {
    Parsed(words: Vec<&'static str>) -> Vec<u64> {
        from_iter(words) => try_map_async(4, |word| async move { Ok(later(word).await.parse::<u64>()?) }) => collect
    }
}

pipeline! {
    Lenient(words: Vec<&'static str>) -> Vec<u64> {
        from_iter(words)
            => try_map_async(4, |word: &str| async move { Ok(word.parse()?) }) named "parse" on_error skip(1)
            => collect
    }
}

pipeline! {
    PutAway(words: Vec<&'static str>, letters: &Mutex<Vec<&'static str>>) -> u64 {
        from_iter(words)
            => try_map_async_unordered(4, |word| async move { Ok(later(word).await.parse::<u64>()?) })
                on_error retry(1, Duration::ZERO)
                on_error dead_letter(for_each(|letter: Letter<&'static str>| {
                    letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter.item);
                    Ok(())
                }))
            => sum
    }
}

#[test]
fn an_error_of_a_future_is_one_of_its_item() {
    assert_eq!(Parsed::run(vec!["1", "2"]).unwrap().output, [1, 2]);
    let error = Parsed::run(vec!["1", "two"]).unwrap_err();
    assert_eq!(error.stage(), Some("try_map_async"));
    let lenient = Lenient::run(vec!["1", "two", "3"]).unwrap();
    assert_eq!(lenient.output, [1, 3]);
    assert_eq!(lenient.report.stage("parse").unwrap().skipped(), 1);
    assert_eq!(Lenient::run(vec!["1", "two", "three"]).unwrap_err().stage(), Some("parse"));
    let letters = Mutex::new(Vec::new());
    let put_away = PutAway::run(vec!["1", "two", "3"], &letters).unwrap();
    assert_eq!(put_away.output, 4);
    assert_eq!(put_away.report.stage("try_map_async_unordered").unwrap().retried(), 1);
    assert_eq!(letters.into_inner().unwrap(), ["two"]);
}

pipeline! {
    Fetch() : u64 -> String {
        map_async(4, |n| async move { later(n).await.to_string() })
    }
}

pipeline! {
    InAPart(n: u64) -> Vec<String> { from_iter(0..n) => through(Fetch) => collect }
}

pipeline! {
    Chunked(n: u64) -> u64 {
        from_iter(0..n)
            => buffer(2)
            => try_map_async(2, |chunk| async move { Ok(chunk.len() as u64) }) on_error skip(1)
            => sum
    }
}

#[test]
fn futures_are_in_parts_and_behind_chunks() {
    assert_eq!(InAPart::run(3).unwrap().output, ["0", "1", "2"]);
    assert_eq!(Chunked::run(5).unwrap().output, 5);
}

#[test]
fn the_graph_names_the_bound() {
    let graph = Doubled::graph().to_string();
    assert!(graph.contains("map_async(most, doubled)"), "{graph}");
    let graph = Lenient::graph();
    assert!(graph.to_string().contains('4'), "{graph}");
}
