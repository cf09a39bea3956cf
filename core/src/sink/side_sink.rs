//! The rule that a second sink has no output that is lost.

use std::marker::PhantomData;

use super::{ForEach, Route, Sink};

/// A sink that can be the second sink of a pipeline: that of a [`tee`](crate::Pipeline::tee) or a
/// [`dead_letter`](crate::dead_letter()). A run drops the output of such a sink, so a sink whose output matters is
/// refused when the program is compiled. `Output` is its output.
///
/// It is implemented for
///
/// * every sink with the output `()`;
/// * every sink whose output is a `&mut` reference: the caller has the value;
/// * [`for_each`](crate::for_each), [`to_channel`](crate::to_channel) and sinks that write files or tables, whose output
///   is the number of items;
/// * a [`route`](crate::route) to such sinks.
///
/// [`discard_output`](crate::discard_output) makes such a sink of any other. A sink of your own whose output is only
/// the number of items may implement this trait:
///
/// ```
/// use syncline_core::sink::SideSink;
/// use syncline_core::{Failure, Halt, Sink};
///
/// struct Lines { written: u64 }
///
/// impl Sink for Lines {
///     type In = String;
///     type Output = u64;
///
///     fn consume(&mut self, line: String) -> Result<(), Halt> {
///         println!("{line}");
///         self.written += 1;
///         Ok(())
///     }
///
///     fn finish(self) -> Result<u64, Failure> {
///         Ok(self.written)
///     }
/// }
///
/// impl SideSink<u64> for Lines {}
/// ```
//
// The output is a parameter, so that the impls do not overlap.
#[diagnostic::on_unimplemented(
    message = "the output of a side sink is lost: `{Self}` gives `{Output}`",
    label = "nothing receives the `{Output}`",
    note = "`tee` and `dead_letter` have a side sink: keep its items with `for_each(|item| {{ items.push(item); Ok(()) }})`, or send them to a channel with `to_channel(sender)`; `discard_output(sink)` drops an output that nobody needs"
)]
pub trait SideSink<Output>: Sized {
    /// Does nothing. Generated code calls it, so that the compiler reports a sink that is none.
    #[doc(hidden)]
    fn check(_: PhantomData<Self>, _: PhantomData<Output>) {}
}

#[diagnostic::do_not_recommend]
impl<K: Sink<Output = ()>> SideSink<()> for K {}

#[diagnostic::do_not_recommend]
impl<'a, B: ?Sized, K: Sink<Output = &'a mut B>> SideSink<&'a mut B> for K {}

#[diagnostic::do_not_recommend]
impl<T, F> SideSink<u64> for ForEach<T, F> {}

#[diagnostic::do_not_recommend]
impl<U, K: SideSink<U>, F> SideSink<Vec<U>> for Route<K, F> {}
