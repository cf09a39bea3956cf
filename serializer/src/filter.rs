//! Filters: sets of partition prefixes that select the records of a run (morango.md §4).

use crate::python;

/// A set of partition prefixes. A filter without prefixes selects the whole profile.
///
/// Prefixes are compared byte by byte: case matters, and `%` and `_` have no special meaning (quirk Q10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    prefixes: Vec<String>,
}

impl Filter {
    /// A filter that selects the whole profile.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// Adds the prefixes in `text`, which are separated by white space. An empty text adds the empty prefix, which
    /// selects all partitions.
    pub fn add(&mut self, text: &str) {
        let before = self.prefixes.len();
        self.prefixes.extend(python::split(text).map(str::to_owned));
        if self.prefixes.len() == before {
            self.prefixes.push(String::new());
        }
    }

    /// The distinct prefixes as written, in the order of their first occurrence. Empty for the whole profile.
    pub fn distinct_prefixes(&self) -> impl Iterator<Item = &str> {
        let mut seen = std::collections::HashSet::new();
        self.prefixes.iter().map(String::as_str).filter(move |prefix| seen.insert(*prefix))
    }

    /// Returns `true` if the filter selects all partitions.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(String::is_empty)
    }

    /// The selected partitions, as disjoint ranges in ascending order. `None` if all partitions are selected.
    ///
    /// A prefix that begins with another prefix of the filter adds nothing (quirk Q18).
    #[must_use]
    pub fn ranges(&self) -> Option<Vec<PartitionRange>> {
        if self.is_everything() {
            return None;
        }
        Some(PartitionRange::of_all(self.prefixes.iter().map(String::as_str)))
    }
}

/// A half-open range of partitions: `from` is included, `to` is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionRange {
    /// The start of the range.
    pub from: String,
    /// The end of the range, or `None` if it has no upper bound.
    pub to: Option<String>,
}

impl PartitionRange {
    /// The ranges of the partitions that begin with any of `prefixes`: disjoint, and in ascending order.
    #[must_use]
    pub fn of_all<'a>(prefixes: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut prefixes: Vec<&str> = prefixes.into_iter().collect();
        prefixes.sort_unstable();
        // After sorting, a prefix stands directly behind the shorter prefix that covers it.
        prefixes.dedup_by(|prefix, shorter| prefix.starts_with(*shorter));
        prefixes.into_iter().map(Self::under).collect()
    }

    fn under(prefix: &str) -> Self {
        let mut to = prefix.to_owned();
        let next = loop {
            match to.pop() {
                None => break None,
                Some(last) => {
                    if let Some(next) = next_char(last) {
                        to.push(next);
                        break Some(to);
                    }
                }
            }
        };
        Self { from: prefix.to_owned(), to: next }
    }
}

/// The ranges of a filter, for tests of single values.
#[derive(Debug)]
pub struct PartitionRanges(Option<Vec<PartitionRange>>);

impl PartitionRanges {
    /// The ranges of `filter`.
    #[must_use]
    pub fn of(filter: &Filter) -> Self {
        Self(filter.ranges())
    }

    /// Returns `true` if the filter selects `partition`: the bytes of a text, or `None` for a value that is not text. Such
    /// a value has no prefix, so only a filter for all partitions selects it.
    #[must_use]
    pub fn contain(&self, partition: Option<&[u8]>) -> bool {
        let Some(ranges) = &self.0 else { return true };
        // The comparison is on bytes: text that is not UTF-8 is selected here, and rejected when it is read.
        let Some(partition) = partition else { return false };
        let behind = ranges.partition_point(|range| range.from.as_bytes() <= partition);
        let last = behind.checked_sub(1).and_then(|index| ranges.get(index));
        last.is_some_and(|range| range.to.as_ref().is_none_or(|to| partition < to.as_bytes()))
    }
}

/// The next Unicode scalar value, or `None` after the last. UTF-8 text sorts in the order of scalar values.
fn next_char(character: char) -> Option<char> {
    match character {
        '\u{d7ff}' => Some('\u{e000}'),
        other => char::from_u32(u32::from(other) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, PartitionRange, PartitionRanges};

    fn filter(texts: &[&str]) -> Filter {
        let mut filter = Filter::everything();
        for text in texts {
            filter.add(text);
        }
        filter
    }

    fn check(texts: &[&str], ranges: &[(&str, Option<&str>)]) {
        let expected = ranges
            .iter()
            .map(|(from, to)| PartitionRange { from: (*from).to_owned(), to: to.map(str::to_owned) })
            .collect::<Vec<_>>();
        assert_eq!(filter(texts).ranges(), Some(expected));
    }

    #[test]
    fn text_is_split_as_python_splits_it() {
        // Golden vector of morango.md §18, except for the duplicate.
        let filter = filter(&["a b\n c\ta\u{1f}d"]);
        assert_eq!(filter.distinct_prefixes().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_prefix_is_a_range() {
        check(&["a:b"], &[("a:b", Some("a:c"))]);
        check(&["a%_"], &[("a%_", Some("a%`"))]);
        check(&["é"], &[("é", Some("ê"))]);
        check(&["a\u{d7ff}"], &[("a\u{d7ff}", Some("a\u{e000}"))]);
        check(&["a\u{10ffff}"], &[("a\u{10ffff}", Some("b"))]);
        check(&["\u{10ffff}"], &[("\u{10ffff}", None)]);
    }

    #[test]
    fn covered_prefixes_are_dropped() {
        check(&["b:c b a b:d", "b"], &[("a", Some("b")), ("b", Some("c"))]);
        check(&["a!", "a", "a:x"], &[("a", Some("b"))]);
    }

    #[test]
    fn an_empty_prefix_is_everything_and_is_kept_as_written() {
        assert_eq!(filter(&[]).ranges(), None);
        assert_eq!(filter(&["a", ""]).ranges(), None);
        assert_eq!(filter(&["a", " \n"]).distinct_prefixes().collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(filter(&[]).distinct_prefixes().count(), 0);
    }

    #[test]
    fn a_partition_is_looked_up() {
        let ranges = PartitionRanges::of(&filter(&["b", "d:x", "\u{10ffff}"]));
        let contain = |text: &str| ranges.contain(Some(text.as_bytes()));
        for inside in ["b", "b:1", "b\u{10ffff}", "d:x", "d:xyz", "\u{10ffff}", "\u{10ffff}z"] {
            assert!(contain(inside), "{inside}");
        }
        for outside in ["", "a", "a\u{10ffff}", "c", "d", "d:", "d:w", "d:y", "e"] {
            assert!(!contain(outside), "{outside}");
        }
        assert!(ranges.contain(Some(b"b\xff")));
        assert!(!ranges.contain(None));
        assert!(PartitionRanges::of(&filter(&[""])).contain(None));
    }
}
