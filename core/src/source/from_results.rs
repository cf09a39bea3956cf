//! `from_results`: a source of the items of an iterator of results.

use std::fmt;

use crate::emit::Emit;
use crate::error::{BoxError, Failure, Halt};
use crate::source::{Progress, Source};

/// A source of the items of an iterator of [`Result`]s. The first error ends the run, with the number of the item, from
/// 1, as its record.
///
/// Use it for the lines of a file, the rows of a reader and other iterators that may fail, such as another pipeline.
///
/// ```
/// use std::io::BufRead;
/// use syncline_core::{Collect, Pipeline, from_results};
///
/// let text: &[u8] = b"first\nsecond\n\xff\n";
/// let run = Pipeline::new("lines", from_results(text.lines())).end(Collect::new()).run();
/// assert_eq!(run.unwrap_err().to_string(), "pipeline lines failed in stage from_results at item 3");
/// ```
pub fn from_results<I>(results: I) -> FromResults<I::IntoIter>
where
    I: IntoIterator<Item: ItemOrError>,
{
    FromResults { results: results.into_iter(), count: 0 }
}

/// A [`Result`] whose error can be the cause of an [`Error`](crate::Error).
#[diagnostic::on_unimplemented(
    message = "this source hands on what is `Ok` of results, and is given `{Self}`",
    label = "`{Self}` is not a `Result`",
    note = "items that cannot fail are a source by `from_iter` or `from_stream`"
)]
pub trait ItemOrError {
    /// The type of items.
    type Item;

    /// The type of errors.
    type Error: Into<BoxError>;

    /// Returns the result itself.
    ///
    /// # Errors
    ///
    /// If it is an error.
    fn into_result(self) -> Result<Self::Item, Self::Error>;
}

impl<T, E: Into<BoxError>> ItemOrError for Result<T, E> {
    type Item = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

/// Source of [`from_results`].
///
/// * Shape: the `Ok` items, in order.
/// * Memory: that of the iterator.
/// * Error: the first `Err`, with the number of the item.
#[must_use = "a source does nothing until a pipeline is run on it"]
pub struct FromResults<I> {
    results: I,
    count: u64,
}

impl<I: Iterator<Item: ItemOrError>> Source for FromResults<I> {
    type Item = <I::Item as ItemOrError>::Item;

    fn advance(&mut self, out: &mut impl Emit<Self::Item>) -> Result<Progress, Halt> {
        for _ in 0..out.chunk() {
            match self.results.next().map(ItemOrError::into_result) {
                Some(Ok(item)) => {
                    self.count += 1;
                    out.emit(item)?;
                }
                Some(Err(error)) => {
                    return Err(Failure::new(error).at(format_args!("item {}", self.count + 1)).into());
                }
                None => return Ok(Progress::Done),
            }
        }
        Ok(Progress::More)
    }

    fn remaining(&self) -> Option<u64> {
        let (least, most) = self.results.size_hint();
        (most == Some(least)).then_some(least as u64)
    }

    fn name(&self) -> &'static str {
        "from_results"
    }
}

impl<I> fmt::Debug for FromResults<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromResults").field("count", &self.count).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::from_results;
    use crate::testing::fail_if;
    use crate::{Collect, Error, Pipeline, Source, from_iter};

    #[test]
    fn all_items_come_through() {
        for n in [0, 1, 255, 256, 257, 1000] {
            let results = (0..n).map(Ok::<_, Error>);
            let outcome = Pipeline::new("ok", from_results(results)).end(Collect::new()).run().unwrap();
            assert_eq!(outcome.output, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn it_knows_how_much_is_to_come_where_the_iterator_does() {
        assert_eq!(from_results((0..3).map(Ok::<_, Error>)).remaining(), Some(3));
        assert_eq!(from_results((0..3).filter(|n| *n > 1).map(Ok::<_, Error>)).remaining(), None);
    }

    #[test]
    fn the_first_error_ends_the_run_and_has_its_number() {
        let results = ["1", "2", "x", "4", "y"].map(str::parse::<u32>);
        let mut items = Pipeline::new("numbers", from_results(results)).into_iter();
        assert_eq!(items.next().unwrap().unwrap(), 1);
        assert_eq!(items.next().unwrap().unwrap(), 2);
        assert_eq!(items.next().unwrap().unwrap_err().record(), Some("item 3"));
        assert!(items.next().is_none());
    }

    #[test]
    fn a_pipeline_can_be_the_source_of_another() {
        let inner = Pipeline::new("inner", from_iter(0..9)).pipe(fail_if(|n| *n == 4));
        let error = Pipeline::new("outer", from_results(inner)).end(Collect::new()).run().unwrap_err();
        assert_eq!(error.to_string(), "pipeline outer failed in stage from_results at item 5");
        let cause = error.into_source();
        assert_eq!(cause.to_string(), "pipeline inner failed in stage fail_if at item 4");
    }
}
