//! Stages that make one item or none out of each.

use crate::error::Halt;
use crate::graph::Node;
use crate::report::short_name::short_name;
use crate::stage::{FlatMap, Yield};

/// A stage that makes one item, or none, out of each item.
///
/// * Shape: one in, at most one out, in order. `None` counts as filtered.
/// * Memory: nothing is held.
///
/// ```
/// use syncline_core::{Collect, Halt, Pipeline, Transform, from_iter};
///
/// /// Parses numbers, and passes over blank lines.
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
    /// What it takes.
    type In;

    /// What it makes.
    type Out;

    /// How many items it makes of each. Set it to [`Yield::One`] if it never filters an item out: the run then does not count
    /// the items behind it.
    const YIELD: Yield = Yield::AtMostOne;

    /// Makes an item of `item`, or `None` to filter it out.
    ///
    /// # Errors
    ///
    /// When that fails: `?` makes a [`Halt`] of any error.
    fn transform(&mut self, item: Self::In) -> Result<Option<Self::Out>, Halt>;

    /// Its name in reports and errors. By default that of its type.
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
