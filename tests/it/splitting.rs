//! `on_error split` of `pipeline!`: the policies of a stage that takes chunks decide about single items.

use std::time::Duration;

use syncline::policy::Letter;
use syncline::{Collect, Halt, for_each, from_iter, pipeline};

/// Parses a whole chunk, or fails.
fn parse(chunk: &[&str]) -> Result<Vec<u64>, Halt> {
    chunk.iter().map(|text| Ok(text.parse::<u64>()?)).collect()
}

pipeline! {
    Numbers(texts: &[&'static str], letters: &mut Vec<&'static str>) -> Vec<u64> {
        from_iter(texts.iter().copied())
            => buffer(4)
            => try_map(|chunk: Vec<&'static str>| parse(&chunk))
                on_error split retry(1, Duration::ZERO, if: |_| true)
                on_error dead_letter(for_each(|letter: Letter<&'static str>| { letters.push(letter.item); Ok(()) }))
            => unbuffer
            => Collect::new()
    }
}

#[test]
fn the_bad_items_of_a_chunk_are_found_and_the_others_are_kept() {
    let mut letters = Vec::new();
    let outcome = Numbers::run(&["1", "x", "3", "4", "5", "6", "y"], &mut letters).unwrap();
    assert_eq!((outcome.output, letters), (vec![1, 3, 4, 5, 6], vec!["x", "y"]));
    let stage = outcome.report.stage("try_map").unwrap();
    // The first chunk is split twice. The second has three items, and its last one is found by two splits.
    assert_eq!((stage.split(), stage.retried(), stage.skipped()), (4, 2, 2));
    let table = outcome.report.to_string();
    assert!(table.lines().next().unwrap().contains("split"), "{table}");
    assert!(
        Numbers::graph().to_string().contains("on_error split retry(1, Duration::ZERO"),
        "{}",
        Numbers::graph()
    );
}

pipeline! {
    Limited(texts: &[&'static str]) -> Vec<u64> {
        from_iter(texts.iter().copied())
            => buffer(4)
            => try_map(|chunk: Vec<&'static str>| parse(&chunk)) on_error split skip(1)
            => unbuffer
            => Collect::new()
    }
}

#[test]
fn the_limit_counts_items_and_not_chunks() {
    assert_eq!(Limited::run(&["1", "x", "3"]).unwrap().output, [1, 3]);
    assert!(Limited::run(&["x", "y"]).is_err());
}
