//! The trait `Transform`, for stages that emit at most one item for each item.

use crate::error::Halt;
use crate::graph::Node;
use crate::report::short_name::short_name;
use crate::stage::{FlatMap, Yield};

/// A stage that emits at most one item for each item.
///
/// * Shape: one in, at most one out, in order. `None` counts as filtered.
/// * Memory: no items.
///
/// ```
/// use syncline_core::{Collect, Halt, Pipeline, Transform, from_iter};
///
/// /// Parses numbers and skips blank lines.
/// struct Parse;
///
/// impl Transform for Parse {
///     type In = &'static str;
///     type Out = i64;
///
///     fn transform(&mut self, line: &'static str) -> Result<Option<i64>, Halt> {
///         if line.is_empty() { Ok(None) } else { Ok(Some(line.parse()?)) }
///     }
/// }
///
/// let run = |lines: Vec<&'static str>| Pipeline::new("numbers", from_iter(lines)).pipe(Parse).end(Collect::new()).run();
/// assert_eq!(run(vec!["4", "", "-2"])?.output, [4, -2]);
/// assert_eq!(run(vec!["four"]).unwrap_err().to_string(), "pipeline numbers failed in stage Parse");
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub trait Transform {
    /// The items that the stage takes.
    type In;

    /// The items that the stage emits.
    type Out;

    /// The number of items for each item. Set it to [`Yield::One`] if the stage never filters an item out: the run then
    /// does not count the items behind it.
    const YIELD: Yield = Yield::AtMostOne;

    /// Converts `item`, or returns `None` to filter it out.
    ///
    /// # Errors
    ///
    /// If the conversion fails. `?` converts any error to a [`Halt`].
    fn transform(&mut self, item: Self::In) -> Result<Option<Self::Out>, Halt>;

    /// The stage's name in reports and errors. By default the name of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }
}

impl<T: Transform> FlatMap for T {
    type In = T::In;
    type Out = T::Out;

    const YIELD: Yield = <T as Transform>::YIELD;

    #[inline]
    fn flat_map(&mut self, item: T::In) -> Result<impl IntoIterator<Item = T::Out>, Halt> {
        self.transform(item)
    }

    fn name(&self) -> &'static str {
        Transform::name(self)
    }

    fn node(&self) -> Node {
        Node::stage(Transform::name(self)).holding(0_u64)
    }
}
