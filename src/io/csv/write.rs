//! The CSV sink `to_csv`.

use std::fmt;
use std::io::Write;
use std::marker::PhantomData;

use serde::Serialize;
use syncline_core::{BoxError, Commit, Failure, Halt, SideSink, Sink};

use super::serialize::{Row, write_field};
use super::{CsvFormat, InvalidCsv};
use crate::io::writer::Records;

/// A sink that writes a CSV record for each item. Structs get a header with the names of their fields. Needs the
/// feature `csv`.
///
/// ```
/// use syncline::io::to_csv;
/// use syncline::prelude::*;
///
/// #[derive(serde::Serialize)]
/// struct Pupil { name: &'static str, age: u8 }
///
/// let mut file = Vec::new();
/// let pupils = [Pupil { name: "Ada", age: 9 }, Pupil { name: "Lovelace, Ida", age: 10 }];
/// assert_eq!(Pipeline::new("pupils", from_iter(pupils)).end(to_csv(&mut file)).run()?.output, 2);
/// assert_eq!(file, b"name,age\nAda,9\n\"Lovelace, Ida\",10\n");
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// The delimiter, a text for missing values and other settings are a [`CsvFormat`], set by [`ToCsv::format`].
///
/// # Values
///
/// Written values are read back as the same values:
///
/// * Items without names, such as tuples, have no header. They are read in a format with
///   [`no_header`](CsvFormat::no_header).
/// * `None` is an empty field, and `Some("")` is a quoted one, `""`.
/// * A field that `skip_serializing_if` leaves out is a missing value.
/// * Floats have as many digits as are needed to read the same float.
/// * Values that would be lost are errors: sequences and structs in a field of a struct, values of enum variants, maps, bytes
///   that are not UTF-8, and a `None` that is the only field of its record.
pub fn to_csv<T: Serialize, W: Write>(writer: W) -> ToCsv<T, W> {
    ToCsv {
        records: Records::new(writer),
        format: CsvFormat::new(),
        shape: None,
        names: Vec::new(),
        count: 0,
        items: PhantomData,
    }
}

/// Sink of [`to_csv`].
///
/// * Shape: each item becomes a record that ends in `\n`. The output is the number of records. The header is written
///   with the first item, so a run without items writes nothing. Tuples have no header.
/// * Memory: 64 KiB and one record. The writer needs no [`std::io::BufWriter`].
/// * End: writes the buffered records and flushes the writer. A failed run may have written some whole records.
/// * Commit: writes the buffered records and flushes the writer.
/// * Error: a write error, or an item that CSV cannot represent ([`InvalidCsv`]), with the number of the record. The
///   header is not counted. All records must have the fields of the header, in its order, or else the number of fields
///   of the first record.
#[must_use]
pub struct ToCsv<T, W> {
    records: Records<W>,
    format: CsvFormat,
    /// The header and the number of fields of the first record.
    shape: Option<Shape>,
    /// The names of the fields of the current record.
    names: Vec<&'static str>,
    count: u64,
    items: PhantomData<fn(T)>,
}

struct Shape {
    names: Vec<&'static str>,
    fields: usize,
}

impl<T, W> ToCsv<T, W> {
    /// Sets the format: see [`CsvFormat`].
    pub fn format(mut self, format: &CsvFormat) -> Self {
        self.format = format.clone();
        self
    }
}

impl<T: Serialize, W: Write> ToCsv<T, W> {
    fn add(&mut self, item: &T) -> Result<(), BoxError> {
        let Self { records, format, shape, names, .. } = self;
        let mut count = 0;
        records.add::<BoxError>(|bytes| {
            let start = bytes.len();
            let mut row = Row::new(bytes, format, names);
            item.serialize(&mut row)?;
            count = row.fields;
            row.end(start)?;
            if !format.has_header {
                names.clear();
            }
            match shape {
                Some(shape) => shape.check(names, count, format)?,
                None if names.is_empty() => {}
                None => {
                    if names.len() != count {
                        let reason =
                            format!("{count} fields, of which {} have a name for the header", names.len());
                        return Err(InvalidCsv::new(reason).into());
                    }
                    let header = header(names, format);
                    bytes.splice(start..start, header);
                }
            }
            bytes.extend_from_slice(line_end(format));
            Ok(())
        })?;
        if shape.is_none() {
            *shape = Some(Shape { names: names.clone(), fields: count });
        }
        Ok(())
    }
}

impl Shape {
    /// Checks a later record: its values must stand in the columns of their names.
    fn check(&self, names: &[&str], fields: usize, format: &CsvFormat) -> Result<(), InvalidCsv> {
        if self.names.is_empty() && names.is_empty() {
            return if fields == self.fields || format.is_flexible {
                Ok(())
            } else {
                Err(InvalidCsv::other_length(fields, self.fields))
            };
        }
        let other = names.iter().zip(&self.names).find(|(name, expected)| name != expected);
        match other {
            Some((name, expected)) => {
                Err(InvalidCsv::new(format!("the field `{name}` where the header has `{expected}`")))
            }
            None if fields != self.names.len() => Err(InvalidCsv::other_length(fields, self.names.len())),
            None => Ok(()),
        }
    }
}

/// The header, with its line end.
fn header(names: &[&str], format: &CsvFormat) -> Vec<u8> {
    let mut header = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            header.push(format.delimiter);
        }
        write_field(&mut header, format, name);
    }
    header.extend_from_slice(line_end(format));
    header
}

fn line_end(format: &CsvFormat) -> &'static [u8] {
    if format.ends_in_crlf { b"\r\n" } else { b"\n" }
}

impl<T: Serialize, W: Write> Sink for ToCsv<T, W> {
    type In = T;
    type Output = u64;

    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.add(&item).map_err(|error| Failure::new(error).at(format_args!("record {}", self.count + 1)))?;
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, Failure> {
        self.commit()?;
        Ok(self.count)
    }

    fn name(&self) -> &'static str {
        "to_csv"
    }
}

impl<T: Serialize, W: Write> Commit for ToCsv<T, W> {
    fn commit(&mut self) -> Result<(), Failure> {
        Ok(self.records.flush()?)
    }
}

#[diagnostic::do_not_recommend]
impl<T, W> SideSink<u64> for ToCsv<T, W> {}

impl<T, W> fmt::Debug for ToCsv<T, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToCsv").field("count", &self.count).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::num::NonZeroU64;

    use syncline_core::testing::fail_every;
    use syncline_core::{Collect, Pipeline, from_iter, size};

    use super::to_csv;
    use crate::io::from_csv;

    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Row {
        n: u32,
        text: Option<String>,
    }

    #[test]
    fn what_is_written_is_read_again() {
        for n in [0, 1, 256, 20_000] {
            let rows: Vec<_> =
                (0..n).map(|n| Row { n, text: (n % 2 == 0).then(|| format!("{n},\"\n\u{e9}")) }).collect();
            let mut file = Vec::new();
            Pipeline::new("write", from_iter(rows.clone())).end(to_csv(&mut file)).run().unwrap();
            let read =
                Pipeline::new("read", from_csv::<Row, _>(&file[..])).end(Collect::new()).run().unwrap();
            assert_eq!(read.output, rows);
        }
    }

    #[test]
    fn what_was_committed_is_written_and_the_next_run_goes_on_behind_it() {
        let runs = fail_every(
            NonZeroU64::new(5).unwrap(),
            Vec::new,
            |file, fault| {
                let there = file.split(|&byte| byte == b'\n').count() - 1;
                // Tuples have no header, which each run would write again.
                let pipeline = Pipeline::new("write", from_iter(there..20)).map(|n| (n,)).pipe(fault.stage());
                pipeline.end(to_csv(file)).commit_every(size(2)).run()?;
                Ok(())
            },
            Vec::clone,
        );
        assert_eq!(runs, 4);
    }

    #[test]
    fn what_is_no_record_has_its_number() {
        let row = BTreeMap::from([("a map has no order of columns", 1)]);
        let error = Pipeline::new("write", from_iter([row])).end(to_csv(Vec::new())).run().unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("to_csv"), Some("record 1")));
    }
}
