//! The JSON lines sink `to_json_lines`.

use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;

use serde::Serialize;
use syncline_core::{Commit, Failure, Halt, Sink};

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
pub fn to_json_lines<T: Serialize, W: Write>(writer: W) -> ToJsonLines<T, W> {
    ToJsonLines { records: Records::new(writer), count: 0, items: PhantomData }
}

/// Sink of [`to_json_lines`].
///
/// * Shape: each item becomes a line that ends in `\n`. The output is the number of lines.
/// * Memory: 64 KiB and one line. The writer needs no [`std::io::BufWriter`].
/// * End: writes the buffered lines and flushes the writer. A failed run may have written some whole lines.
/// * Commit: writes the buffered lines and flushes the writer.
/// * Error: a write error, or an item that JSON cannot represent, with the number of the line.
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
            serde_json::to_writer(&mut *line, &item)?;
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
}
