//! The JSON lines sink `to_json_lines`.

use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;

use serde::Serialize;
use syncline_core::{Commit, Failure, Halt, SideSink, Sink};

use super::finite::Item;
use crate::io::writer::Records;

/// A sink that writes a line of JSON for each item. Needs the feature `json`.
///
/// ```
/// use syncline::io::to_json_lines;
/// use syncline::prelude::*;
///
/// let mut file = Vec::new();
/// let pipeline = Pipeline::new("pairs", from_iter(["Bread", "Milk"])).map(|title| (title, title.len()));
/// assert_eq!(pipeline.end(to_json_lines(&mut file)).run()?.output, 2);
/// assert_eq!(file, b"[\"Bread\",5]\n[\"Milk\",4]\n");
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// JSON has no NaN and no infinite numbers: they are errors. It has one `null`: `Some(None)` and `Some(())` are read as
/// `None`.
pub fn to_json_lines<T: Serialize, W: Write>(writer: W) -> ToJsonLines<T, W> {
    ToJsonLines { records: Records::new(writer), count: 0, items: PhantomData }
}

/// Sink of [`to_json_lines`].
///
/// * Shape: each item becomes a line that ends in `\n`. The output is the number of lines.
/// * Memory: 64 KiB and one line. The writer needs no [`std::io::BufWriter`].
/// * End: writes the buffered lines and flushes the writer. A failed run may have written some whole lines.
/// * Commit: writes the buffered lines and flushes the writer.
/// * Error: a write error, or an item that JSON cannot represent, such as a NaN, with the number of the line.
#[must_use]
pub struct ToJsonLines<T, W> {
    records: Records<W>,
    count: u64,
    items: PhantomData<fn(T)>,
}

impl<T: Serialize, W: Write> Sink for ToJsonLines<T, W> {
    type In = T;
    type Output = u64;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        let added = self.records.add::<io::Error>(|line| {
            serde_json::to_writer(&mut *line, &Item(&item))?;
            line.push(b'\n');
            Ok(())
        });
        added.map_err(|error| Failure::new(error).at(format_args!("line {}", self.count + 1)))?;
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.commit()?;
        Ok(self.count)
    }

    fn name(&self) -> &'static str {
        "to_json_lines"
    }
}

impl<T: Serialize, W: Write> Commit for ToJsonLines<T, W> {
    fn commit(&mut self) -> Result<(), Failure> {
        Ok(self.records.flush()?)
    }
}

#[diagnostic::do_not_recommend]
impl<T, W> SideSink<u64> for ToJsonLines<T, W> {}

impl<T, W> fmt::Debug for ToJsonLines<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToJsonLines").field("count", &self.count).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::num::NonZeroU64;

    use syncline_core::testing::{Script, fail_every};
    use syncline_core::{Collect, Pipeline, from_iter, size};

    use super::to_json_lines;
    use crate::io::from_json_lines;

    #[test]
    fn what_is_written_is_read_again() {
        for n in [0, 1, 255, 256, 257, 20_000] {
            let items: Vec<(u32, String)> = (0..n).map(|n| (n, format!("{n}\n\u{e9}"))).collect();
            let mut file = Vec::new();
            Pipeline::new("write", from_iter(items.clone())).end(to_json_lines(&mut file)).run().unwrap();
            let read = Pipeline::new("read", from_json_lines::<(u32, String), _>(&file[..]))
                .end(Collect::new())
                .run()
                .unwrap();
            assert_eq!(read.output, items);
        }
    }

    #[test]
    fn a_failed_run_leaves_whole_lines() {
        let mut file = Vec::new();
        let source = Script::new().items(0..50_000_u32).fail("torn");
        Pipeline::new("write", source).end(to_json_lines(&mut file)).run().unwrap_err();
        assert!(file.ends_with(b"\n"));
        let read =
            Pipeline::new("read", from_json_lines::<u32, _>(&file[..])).end(Collect::new()).run().unwrap();
        assert_eq!(read.output, (0..u32::try_from(read.output.len()).unwrap()).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_committed_is_written_and_the_next_run_goes_on_behind_it() {
        let runs = fail_every(
            NonZeroU64::new(5).unwrap(),
            Vec::new,
            |file, fault| {
                let there = file.split(|&byte| byte == b'\n').count() - 1;
                let pipeline = Pipeline::new("write", from_iter(there..20)).pipe(fault.stage());
                pipeline.end(to_json_lines(file)).commit_every(size(2)).run()?;
                Ok(())
            },
            Vec::clone,
        );
        assert_eq!(runs, 4);
    }

    #[test]
    fn what_is_no_json_has_its_line_and_leaves_no_half_of_one() {
        let keyed_by_a_list = BTreeMap::from([(vec![0_u8], 1)]);
        let mut file = Vec::new();
        let items = [BTreeMap::new(), keyed_by_a_list];
        let error = Pipeline::new("keys", from_iter(items)).end(to_json_lines(&mut file)).run().unwrap_err();
        assert_eq!(error.record(), Some("line 2"));
        assert_eq!(error.into_source().to_string(), "key must be a string");
    }

    #[derive(serde::Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Shape {
        Newtype(f64),
        Tuple(u8, f64),
        Struct { n: f64 },
    }

    /// `true` if `item` is refused.
    #[track_caller]
    fn is_refused(item: impl serde::Serialize) -> bool {
        let mut file = Vec::new();
        let run = Pipeline::new("numbers", from_iter([item])).end(to_json_lines(&mut file)).run();
        match run {
            Ok(_) => false,
            Err(error) => {
                assert_eq!(error.record(), Some("line 1"));
                assert!(file.is_empty());
                error.into_source().to_string().contains("no number of JSON")
            }
        }
    }

    #[test]
    fn a_float_that_is_no_number_of_json_is_an_error_wherever_it_is() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(is_refused(number));
            #[expect(clippy::cast_possible_truncation, reason = "neither is a number that could lose digits")]
            let single = number as f32;
            assert!(is_refused(single));
            assert!(is_refused(Some(number)));
            assert!(is_refused(vec![0.0, number]));
            assert!(is_refused((1, number)));
            assert!(is_refused(BTreeMap::from([("n", number)])));
            assert!(is_refused(Shape::Newtype(number)));
            assert!(is_refused(Shape::Tuple(1, number)));
            assert!(is_refused(Shape::Struct { n: number }));
        }
        for number in [0.0, -0.0, 1.5e300, f64::MIN_POSITIVE, f64::MAX] {
            assert!(!is_refused(Shape::Struct { n: number }));
        }
    }

    #[test]
    fn numbers_keep_all_digits() {
        fn same<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug + Clone>(
            items: &[T],
        ) {
            let mut file = Vec::new();
            Pipeline::new("write", from_iter(items.to_vec())).end(to_json_lines(&mut file)).run().unwrap();
            let read = Pipeline::new("read", from_json_lines::<T, _>(&file[..])).end(Collect::new()).run();
            assert_eq!(read.unwrap().output, items);
        }
        same(&[0, 1 << 53, (1 << 53) + 1, u64::MAX]);
        same(&[i64::MIN, -(1 << 53) - 1, i64::MAX]);
        same(&[u128::MAX, 0]);
        same(&[i128::MIN]);
        same(&[0.1 + 0.2, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e23, -0.0]);
        same(&[0.1_f32, f32::MAX, f32::MIN_POSITIVE, 16_777_217.0]);
        same(&[serde_json::json!({"n": u64::MAX, "f": 0.1, "s": "\u{0}\u{2028}"})]);
    }
}
