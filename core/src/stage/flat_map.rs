//! The trait `FlatMap`, for stages that emit any number of items for each item.

use crate::emit::Emit;
use crate::emit::pieces::Pieces;
use crate::error::Halt;
use crate::graph::Node;
use crate::report::short_name::short_name;
use crate::stage::{Stage, StageFacts, Yield};

/// A stage that emits any number of items for each item.
///
/// * Shape: one in, any number out, in order.
/// * Memory: that of the returned iterator. Its items are emitted one by one. It is dropped early if later stages need
///   no more items, so it may be endless.
///
/// ```
/// use syncline_core::{Collect, FlatMap, Halt, Pipeline, from_iter};
///
/// struct Words;
///
/// impl FlatMap for Words {
///     type In = &'static str;
///     type Out = &'static str;
///
///     fn flat_map(&mut self, line: &'static str) -> Result<impl IntoIterator<Item = &'static str>, Halt> {
///         Ok(line.split_whitespace())
///     }
/// }
///
/// let outcome = Pipeline::new("words", from_iter(["to be", "or not"])).pipe(Words).end(Collect::new()).run()?;
/// assert_eq!(outcome.output, ["to", "be", "or", "not"]);
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub trait FlatMap {
    /// The items that the stage takes.
    type In;

    /// The items that the stage emits.
    type Out;

    /// The number of items for each item. By default any number.
    const YIELD: Yield = Yield::Any;

    /// Converts `item` to an iterator of items.
    ///
    /// # Errors
    ///
    /// If the conversion fails. `?` converts any error to a [`Halt`].
    fn flat_map(&mut self, item: Self::In) -> Result<impl IntoIterator<Item = Self::Out>, Halt>;

    /// The stage's name in reports and errors. By default the name of its type.
    fn name(&self) -> &'static str {
        short_name::<Self>()
    }

    /// The node of the stage in graphs. By default a node with its name.
    fn node(&self) -> Node {
        Node::stage(FlatMap::name(self))
    }
}

impl<T: FlatMap> Stage for T {
    type In = T::In;
    type Out = T::Out;

    const FACTS: StageFacts = StageFacts::new().yields(<T as FlatMap>::YIELD);

    #[inline]
    fn push(&mut self, item: T::In, out: &mut impl Emit<T::Out>) -> Result<(), Halt> {
        Pieces::once().emit_all(self.flat_map(item)?, out)
    }

    fn name(&self) -> &'static str {
        FlatMap::name(self)
    }

    fn node(&self) -> Node {
        FlatMap::node(self)
    }
}
