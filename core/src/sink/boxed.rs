//! `BoxedSink` and `BoxedCommit`: sinks behind a dynamic type.

use std::fmt;
use std::time::Duration;

use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::Tally;
use crate::run::RunContext;
use crate::sink::Commit;
use crate::sink::Sink;

/// A boxed sink, so that sinks of different types have one type, for example for a [`route`](crate::route). Each item
/// costs one dynamic call. It commits only at the end; [`BoxedCommit`] also commits during the run.
///
/// ```
/// use syncline_core::{BoxedSink, Collect, Pipeline, for_each, from_iter, route};
///
/// let mut odd = 0;
/// let sinks = [
///     BoxedSink::new(for_each(|_: u64| Ok(()))),
///     BoxedSink::new(for_each(|n| { odd += n; Ok(()) })),
/// ];
/// let outcome = Pipeline::new("parity", from_iter(0..5)).end(route(sinks, |n| usize::from(n % 2 == 1))).run()?;
/// assert_eq!((outcome.output, odd), (vec![3, 2], 4));
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use]
pub struct BoxedSink<'a, T, O>(Box<dyn AnySink<T, O> + 'a>);

/// Like [`BoxedSink`], for sinks that implement [`Commit`], so that a `route` of them can commit as well.
///
/// ```
/// use syncline_core::{BoxedCommit, Commit, Failure, Halt, Pipeline, Sink, from_iter, route, size};
///
/// /// Writes numbers in lines, one for each commit.
/// struct Lines<'a> { line: Vec<u32>, text: &'a mut String }
///
/// impl Sink for Lines<'_> {
///     type In = u32;
///     type Output = ();
///
///     fn consume(&mut self, n: u32) -> Result<(), Halt> {
///         self.line.push(n);
///         Ok(())
///     }
///
///     fn finish(mut self) -> Result<(), Failure> {
///         self.commit()
///     }
/// }
///
/// impl Commit for Lines<'_> {
///     fn commit(&mut self) -> Result<(), Failure> {
///         *self.text += &format!("{:?}\n", std::mem::take(&mut self.line));
///         Ok(())
///     }
/// }
///
/// let (mut even, mut odd) = (String::new(), String::new());
/// let sinks = [
///     BoxedCommit::new(Lines { line: Vec::new(), text: &mut even }),
///     BoxedCommit::new(Lines { line: Vec::new(), text: &mut odd }),
/// ];
/// let parity = Pipeline::new("parity", from_iter(0..6)).end(route(sinks, |n| usize::from(n % 2 == 1)));
/// parity.commit_every(const { size(4) }).run()?;
/// assert_eq!((even.as_str(), odd.as_str()), ("[0, 2]\n[4]\n", "[1, 3]\n[5]\n"));
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[must_use]
pub struct BoxedCommit<'a, T, O>(Box<dyn AnyCommit<T, O> + 'a>);

impl<'a, T, O> BoxedSink<'a, T, O> {
    /// Boxes `sink`.
    pub fn new(sink: impl Sink<In = T, Output = O> + 'a) -> Self {
        Self(Box::new(sink))
    }
}

impl<'a, T, O> BoxedCommit<'a, T, O> {
    /// Boxes `sink`.
    pub fn new(sink: impl Commit<In = T, Output = O> + 'a) -> Self {
        Self(Box::new(sink))
    }
}

/// The methods of a sink for dynamic calls.
trait AnySink<T, O> {
    fn consume(&mut self, item: T) -> Result<(), Halt>;
    fn finish(self: Box<Self>) -> Result<O, Failure>;
    fn name(&self) -> &'static str;
    fn node(&self) -> Node;
    fn waited(&self) -> Duration;
    fn start(&mut self, context: &RunContext<'_, '_>);
    fn tally(&self) -> Tally;
    fn before_retry(&mut self);
}

impl<K: Sink> AnySink<K::In, K::Output> for K {
    fn consume(&mut self, item: K::In) -> Result<(), Halt> {
        Sink::consume(self, item)
    }

    fn finish(self: Box<Self>) -> Result<K::Output, Failure> {
        Sink::finish(*self)
    }

    fn name(&self) -> &'static str {
        Sink::name(self)
    }

    fn node(&self) -> Node {
        Sink::node(self)
    }

    fn waited(&self) -> Duration {
        Sink::waited(self)
    }

    fn start(&mut self, context: &RunContext<'_, '_>) {
        Sink::start(self, context);
    }

    fn tally(&self) -> Tally {
        Sink::tally(self)
    }

    fn before_retry(&mut self) {
        Sink::before_retry(self);
    }
}

/// The methods of a sink with [`Commit`] for dynamic calls.
trait AnyCommit<T, O>: AnySink<T, O> {
    fn commit(&mut self) -> Result<(), Failure>;
}

impl<K: Commit> AnyCommit<K::In, K::Output> for K {
    fn commit(&mut self) -> Result<(), Failure> {
        Commit::commit(self)
    }
}

/// The impls that both types share.
macro_rules! behind_a_pointer {
    ($boxed:ident) => {
        #[deny(clippy::missing_trait_methods)]
        impl<T, O> Sink for $boxed<'_, T, O> {
            type In = T;
            type Output = O;

            fn consume(&mut self, item: T) -> Result<(), Halt> {
                self.0.consume(item)
            }

            // One by one: a method with a type parameter cannot be called dynamically.
            fn consume_all(&mut self, items: impl Items<T>) -> Result<(), Halt> {
                items.each(|item| self.0.consume(item))
            }

            fn finish(self) -> Result<O, Failure> {
                self.0.finish()
            }

            fn name(&self) -> &'static str {
                self.0.name()
            }

            fn node(&self) -> Node {
                self.0.node()
            }

            fn waited(&self) -> Duration {
                self.0.waited()
            }

            fn start(&mut self, context: &RunContext<'_, '_>) {
                self.0.start(context);
            }

            fn tally(&self) -> Tally {
                self.0.tally()
            }

            fn before_retry(&mut self) {
                self.0.before_retry();
            }
        }

        impl<T, O> fmt::Debug for $boxed<'_, T, O> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($boxed)).field(&self.0.name()).finish()
            }
        }
    };
}

behind_a_pointer!(BoxedSink);
behind_a_pointer!(BoxedCommit);

impl<T, O> Commit for BoxedCommit<'_, T, O> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.0.commit()
    }
}
