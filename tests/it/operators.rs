//! Operators of `pipeline!`, each in a declaration that is run.

#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "closures are the form that stands in most programs"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use syncline::prelude::*;

mod map_async;

mod sinks {
    use super::*;

    pipeline! {
        Counted(n: u64) -> u64 { from_iter(0..n) => filter(|n| n % 2 == 0) => count }
    }

    pipeline! {
        CountedChunks(n: u64) -> u64 { from_iter(0..n) => buffer(2) => count() }
    }

    pipeline! {
        Summed(numbers: Vec<u32>) -> u64 { from_iter(numbers) => sum }
    }

    pipeline! {
        SummedToTheRange(numbers: Vec<u8>) -> u8 { from_iter(numbers) => sum on_error skip(1) }
    }

    pipeline! {
        Product(n: u64) -> u64 { from_iter(1..=n) => fold(1, |product, n| product * n) }
    }

    pipeline! {
        Counts(words: Vec<&'static str>) -> BTreeMap<&'static str, usize> {
            from_iter(words) => fold(BTreeMap::new(), |mut counts, word| {
                *counts.entry(word).or_insert(0) += 1;
                counts
            })
        }
    }

    pipeline! {
        Wrapped(n: u64) -> u64 { from_iter(1..=n) => fold(0, u64::wrapping_add) }
    }

    pipeline! {
        Longest(words: Vec<&'static str>) -> usize {
            from_iter(words) => fold(0, |most: usize, word: &str| most.max(word.len()))
        }
    }

    pipeline! {
        Lengths(words: Vec<&'static str>) -> BTreeMap<&'static str, usize> {
            from_iter(words) => map(|word| (word, word.len())) => collect
        }
    }

    pipeline! {
        Text<'a>(words: &'a [&'a str]) -> String { from_iter(words) => map(|word| *word) => collect }
    }

    pipeline! {
        Parsed(words: Vec<&'static str>) -> Result<Vec<u8>, std::num::ParseIntError> {
            from_iter(words) => map(str::parse) => collect()
        }
    }

    #[test]
    fn items_are_counted() {
        assert_eq!(Counted::run(9).unwrap().output, 5);
        assert_eq!(CountedChunks::run(9).unwrap().output, 5);
        assert_eq!(Counted::STAGES, ["from_iter(0..n)", "filter(..)", "count"]);
    }

    #[test]
    fn a_sum_has_the_declared_type_and_stays_in_its_range() {
        assert_eq!(Summed::run(vec![u32::MAX, 1]).unwrap().output, u64::from(u32::MAX) + 1);
        assert_eq!(SummedToTheRange::run(vec![200, 100, 55]).unwrap().output, 255);
        let error = SummedToTheRange::run(vec![200, 100, 100]).unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("sum"), Some("item 3")));
    }

    #[test]
    fn a_fold_begins_with_its_value() {
        assert_eq!(Product::run(5).unwrap().output, 120);
        assert_eq!(Product::run(0).unwrap().output, 1);
        assert_eq!(Counts::run(vec!["a", "b", "a"]).unwrap().output, BTreeMap::from([("a", 2), ("b", 1)]));
        assert_eq!(Wrapped::run(4).unwrap().output, 10);
        assert_eq!(Longest::run(vec!["a", "bcd", "ef"]).unwrap().output, 3);
    }

    #[test]
    fn items_are_collected_into_the_declared_type() {
        assert_eq!(Lengths::run(vec!["ab", "c"]).unwrap().output, BTreeMap::from([("ab", 2), ("c", 1)]));
        assert_eq!(Text::run(&["ab", "c"]).unwrap().output, "abc");
        assert_eq!(Parsed::run(vec!["1", "2"]).unwrap().output, Ok(vec![1, 2]));
        assert!(Parsed::run(vec!["1", "x"]).unwrap().output.is_err());
        let prepared = Lengths::prepare(vec!["ab"]);
        assert_eq!(prepared.run().unwrap().output, BTreeMap::from([("ab", 2)]));
    }
}

mod stages {
    use super::*;

    pipeline! {
        Distinct(words: Vec<&'static str>, most: std::num::NonZeroUsize) -> Vec<&'static str> {
            from_iter(words) => distinct(most, |word| word.to_lowercase()) => collect
        }
    }

    pipeline! {
        DistinctLetters(words: Vec<String>) -> BTreeSet<String> {
            from_iter(words) => distinct(2, String::len) on_error skip(1) => collect
        }
    }

    pipeline! {
        DistinctOfTheLast(numbers: Vec<u8>) -> Vec<u8> {
            from_iter(numbers) => distinct(last: 2, |n| *n) => collect
        }
    }

    pipeline! {
        Sorted(words: &[&str], most: std::num::NonZeroUsize) -> Vec<String> {
            from_iter(words.iter().map(|word| (*word).to_owned()))
                => sort(most, |word| (word.len(), word.clone()))
                => collect
        }
    }

    pipeline! {
        LastFirst(numbers: Vec<i32>) -> Vec<i32> {
            from_iter(numbers) => sort(3, |n| std::cmp::Reverse(*n)) named "order" => collect
        }
    }

    #[test]
    fn items_are_sorted_in_memory_and_in_files() {
        for most in [1, 2, 100] {
            let run = Sorted::run(&["pear", "fig", "apple", "kiwi", "date"], syncline::size(most));
            assert_eq!(run.unwrap().output, ["fig", "date", "kiwi", "pear", "apple"]);
        }
        let run = LastFirst::run((0..100).map(|n| n * 37 % 100).collect()).unwrap();
        assert_eq!(run.output, (0..100).rev().collect::<Vec<_>>());
        assert!(run.report.stage("order").is_some());
        let graph = Sorted::graph().to_string();
        assert!(graph.contains("sort(most, ..)") || graph.contains("sort(most,"), "{graph}");
    }

    pipeline! {
        Slow(n: u64, period: Duration) -> u64 { from_iter(0..n) => throttle(2, per: period) => count }
    }

    pipeline! {
        InTime(limit: Duration) -> u64 {
            syncline::testing::Script::new().items([1_u64, 2]).then_wait() => timeout(limit) => sum
        }
    }

    #[test]
    fn the_first_item_of_each_key_passes() {
        let words = vec!["a", "A", "b", "B", "a"];
        assert_eq!(Distinct::run(words.clone(), syncline::size(2)).unwrap().output, ["a", "b"]);
        let error = Distinct::run(words, syncline::size(1)).unwrap_err();
        assert_eq!(error.stage(), Some("distinct"));
        let words = ["a", "b", "cd", "efg"].map(str::to_owned).to_vec();
        assert_eq!(DistinctLetters::run(words).unwrap().output, BTreeSet::from(["a".into(), "cd".into()]));
        assert_eq!(
            DistinctOfTheLast::run(vec![1, 2, 1, 3, 4, 5, 6, 1]).unwrap().output,
            [1, 2, 3, 4, 5, 6, 1]
        );
    }

    #[test]
    fn keys_and_sizes_are_in_the_graph() {
        let graph = DistinctOfTheLast::graph().to_string();
        assert!(graph.contains("2 keys"), "{graph}");
        let graph = Slow::graph();
        assert_eq!(graph.one_line(), "from_iter(0..n) => throttle(2, per: period) => count");
    }

    #[test]
    fn items_wait_for_their_period() {
        let start = Instant::now();
        assert_eq!(Slow::run(5, Duration::from_millis(20)).unwrap().output, 5);
        assert!(start.elapsed() >= Duration::from_millis(40));
    }

    #[test]
    fn a_silent_source_is_an_error() {
        let error = InTime::run(Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.stage(), Some("timeout"));
    }
}

mod second_sources {
    use syncline::Pipeline;
    use syncline::stage::Joined;
    use syncline::testing::Script;

    use super::*;

    pipeline! {
        Numbered(words: Vec<&'static str>) -> Vec<(u64, &'static str)> {
            from_iter(1..) => zip(from_iter(words)) => collect
        }
    }

    pipeline! {
        /// The second sources are a chain and a pipeline with a stage.
        Zipped(words: Vec<String>) -> Vec<(String, (u8, char))> {
            from_iter(words)
                => zip(chain([from_iter([1, 2]), from_iter([3, 4])]))
                => buffer(2)
                => unbuffer
                => zip(Pipeline::new("letters", from_iter("abc".chars())).map(|letter| letter.to_ascii_uppercase()))
                => map(|((word, n), letter)| (word, (n, letter)))
                => collect
        }
    }

    struct Price {
        fruit: String,
        cents: u32,
    }

    pipeline! {
        Stock<'a>(prices: &'a [Price], stock: Vec<(String, u32)>) -> Vec<Joined<&'a Price, (String, u32)>> {
            from_iter(prices)
                => merge_join(from_iter(stock), |price| price.fruit.clone(), |(fruit, _): &(String, u32)| fruit.clone())
                => collect
        }
    }

    pipeline! {
        /// An inner join of borrowed items, by a function and a borrowed key.
        Values<'a>(prices: &'a [Price], stock: &'a [(&'a str, u32)]) -> u64 {
            from_iter(prices)
                => merge_join(from_iter(stock), |price| price.fruit.as_str(), name_of) on_error skip(1) named "prices"
                => filter_map(Joined::both)
                => map(|(price, (_, pieces))| price.cents * pieces)
                => sum
        }
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the closure of a key is called with a reference to an item"
    )]
    fn name_of<'a>(row: &&'a (&'a str, u32)) -> &'a str {
        row.0
    }

    fn prices(names: &[&str]) -> Vec<Price> {
        names.iter().zip(1..).map(|(name, cents)| Price { fruit: (*name).to_owned(), cents }).collect()
    }

    #[test]
    fn items_are_paired_with_those_of_a_second_source() {
        assert_eq!(Numbered::run(vec!["a", "b"]).unwrap().output, [(1, "a"), (2, "b")]);
        assert_eq!(Numbered::run(vec![]).unwrap().output, []);
        assert_eq!(Numbered::STAGES, ["from_iter(1..)", "zip(from_iter(words))", "collect"]);
        let words = ["x", "y", "z", "w"].map(str::to_owned).to_vec();
        let expected = [("x", (1, 'A')), ("y", (2, 'B')), ("z", (3, 'C'))];
        assert_eq!(Zipped::run(words).unwrap().output, expected.map(|(word, rest)| (word.to_owned(), rest)));
    }

    #[test]
    fn two_sorted_sources_are_joined_by_their_keys() {
        let prices = prices(&["apple", "pear", "plum"]);
        let stock = vec![("apple".to_owned(), 3), ("melon".to_owned(), 1), ("plum".to_owned(), 2)];
        let joined = Stock::run(&prices, stock.clone()).unwrap().output;
        let names: Vec<_> = joined
            .iter()
            .map(|joined| match joined {
                Joined::Left(price) => ("left", price.fruit.as_str()),
                Joined::Right((fruit, _)) => ("right", fruit.as_str()),
                Joined::Both(price, _) => ("both", price.fruit.as_str()),
            })
            .collect();
        assert_eq!(names, [("both", "apple"), ("right", "melon"), ("left", "pear"), ("both", "plum")]);
        assert_eq!(Stock::run(&[], stock).unwrap().output.len(), 3);
        assert_eq!(Stock::run(&prices, vec![]).unwrap().output.len(), 3);
        assert_eq!(Stock::run(&[], vec![]).unwrap().output.len(), 0);
    }

    #[test]
    fn an_item_out_of_order_goes_to_the_policy() {
        let stock = [("apple", 3), ("plum", 2)];
        let run = Values::run(&prices(&["apple", "plum", "a"]), &stock).unwrap();
        assert_eq!(run.output, 3 + 4);
        assert_eq!(run.report.stage("prices").unwrap().skipped(), 1);
        let error = Values::run(&prices(&["b", "a", "a"]), &stock).unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("prices"), Some("item 3")));
        // The other source is not the item's fault.
        let stock = [("plum", 2), ("apple", 3)];
        let error = Values::run(&prices(&["q"]), &stock).unwrap_err();
        assert!(error.into_source().to_string().contains("second source"));
    }

    #[test]
    fn the_second_source_is_in_the_graph() {
        let graph = Stock::graph().to_string();
        assert!(graph.contains("a chunk of the second source"), "{graph}");
        assert!(Numbered::graph().one_line().contains("zip(from_iter(words))"));
    }

    pipeline! {
        Waits() -> u64 { from_iter(0..3) => zip(Script::<u8>::new().items([1]).then_wait()) => count }
    }

    #[test]
    fn a_run_that_waits_for_its_second_source_is_cancelled() {
        let token = syncline::CancelToken::new();
        let canceller = token.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            canceller.cancel();
        });
        let run = Waits::run_with(syncline::RunOptions::new().cancelled_by(&token));
        assert!(run.unwrap_err().is_cancelled());
        thread.join().unwrap();
    }

    pipeline! {
        InAPart() : u8 -> (u8, char) { zip(from_iter('a'..)) }
    }

    pipeline! {
        WithThePart() -> Vec<(u8, char)> { from_iter([1, 2]) => through(InAPart) => collect }
    }

    #[test]
    fn a_part_has_a_second_source() {
        assert_eq!(WithThePart::run().unwrap().output, [(1, 'a'), (2, 'b')]);
    }
}

mod clauses {
    use super::*;

    pipeline! {
        /// Everything that can have a name has one.
        Named(texts: Vec<&'static str>) -> u64 {
            from_iter(texts) named "texts"
                => map(str::trim) named "trim"
                => try_map(|text| Ok(text.parse::<u64>()?)) named "parse" on_error skip(1)
                => map(|n| n + 1) parallel(2) named "work"
                => buffer(2) named "pairs"
                => unbuffer named "apart"
                => syncline::testing::fail_if(|n| *n == 9) on_error dead_letter(for_each(|_| Ok(()))) named "check"
                => sum named "total"
        }
    }

    pipeline! {
        NamedPart() : u64 -> u64 { map(|n| n + 1) named "one more" }
    }

    pipeline! {
        NamedMembers() -> Vec<Vec<u64>> {
            merge([from_iter(0..2_u64), from_iter(2..4)]) named "both"
                => through(NamedPart)
                => route([Collect::new(), Collect::new()], |n| usize::from(*n > 2)) named "halves"
        }
    }

    pipeline! {
        Switched(on: bool) -> Vec<u64> {
            from_iter(0..6_u64)
                => filter(|n| n % 2 == 0) when(on)
                => map(|n| n + 1) parallel(2) when(on)
                => take(2) when(!on)
                => try_map(|n| if n == 3 { Err("three")? } else { Ok(n) }) named "check" on_error skip(1) when(on)
                => collect
        }
    }

    pipeline! {
        SwitchedPart(on: bool) : u64 -> u64 { map(|n| n * 10) when(on) }
    }

    pipeline! {
        WithASwitchedPart(on: bool) -> Vec<u64> { from_iter(1..3_u64) => through(SwitchedPart(on)) => collect }
    }

    #[test]
    fn names_are_in_the_report_the_errors_and_the_graph() {
        let outcome = Named::run(vec!["1", " 2", "x"]).unwrap();
        assert_eq!(outcome.output, 5);
        let names: Vec<_> = outcome.report.stages().iter().map(|row| row.name().to_owned()).collect();
        assert_eq!(names, ["texts", "trim", "parse", "work", "pairs", "apart", "check", "total"]);
        assert_eq!(outcome.report.stage("parse").unwrap().skipped(), 1);
        let error = Named::run(vec!["x", "y"]).unwrap_err();
        assert_eq!(error.stage(), Some("parse"));
        assert_eq!(Named::STAGES[2], "try_map(..) named \"parse\" on_error skip(1)");
        let graph = Named::graph().to_string();
        assert!(graph.contains("named \"pairs\""), "{graph}");
        let outcome = NamedMembers::run().unwrap();
        let names: Vec<_> = outcome.report.stages().iter().map(|row| row.name().to_owned()).collect();
        assert_eq!(names, ["both", "one more", "halves"]);
        assert_eq!(outcome.output, [vec![1, 2], vec![3, 4]]);
    }

    #[test]
    fn a_condition_switches_a_stage_on_or_off() {
        assert_eq!(Switched::run(true).unwrap().output, [1, 5]);
        assert_eq!(Switched::run(false).unwrap().output, [0, 1]);
        assert_eq!(Switched::STAGES[1], "filter(..) when(on)");
        assert_eq!(WithASwitchedPart::run(true).unwrap().output, [10, 20]);
        assert_eq!(WithASwitchedPart::run(false).unwrap().output, [1, 2]);
    }
}
