//! Boxed chains: `boxed` and `boxed_send`.

use std::fmt;
use std::time::Duration;

use super::Pipeline;
use super::chain::{Chain, sealed};
use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::report::meter::{Timed, Timing, Untimed};
use crate::report::{Meter, Rows};
use crate::run::RunContext;
use crate::source::Progress;

/// A boxed chain. It hides the types of its stages, and costs one dynamic call for each item that leaves it.
pub struct Boxed<'a, T>(Box<dyn DynChain<T> + 'a>);

/// Like [`Boxed`], for parts that are all `Send`.
pub struct BoxedSend<'a, T>(Box<dyn DynChain<T> + Send + 'a>);

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Boxes the source and the stages so far, so that different pipelines have one type.
    ///
    /// Each item costs an indirect call from here on, so the best place is one where items are chunks: behind a
    /// [`buffer`](Pipeline::buffer). A pipeline of more than about 100 stages does not compile without it.
    ///
    /// The result stays on its thread: [`boxed_send`](Pipeline::boxed_send) makes one that can be sent to another.
    pub fn boxed<'a>(self) -> Pipeline<T, Boxed<'a, T>, M>
    where
        Self: 'a,
    {
        self.with_chain(|chain| Boxed(Box::new(chain)))
    }

    /// Like [`boxed`](Pipeline::boxed), for a pipeline that can be sent to another thread.
    ///
    /// ```
    /// use std::thread;
    ///
    /// use syncline_core::{BoxedSend, Collect, Pipeline, from_iter, size};
    ///
    /// type Chunks = Pipeline<Vec<u32>, BoxedSend<'static, Vec<u32>>>;
    ///
    /// let numbers: Chunks = Pipeline::new("numbers", from_iter(0..5)).buffer(const { size(2) }).boxed_send();
    /// let run = thread::spawn(|| numbers.end(Collect::new()).run());
    /// assert_eq!(run.join().expect("it does not panic")?.output, [vec![0, 1], vec![2, 3], vec![4]]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn boxed_send<'a>(self) -> Pipeline<T, BoxedSend<'a, T>, M>
    where
        C: Send + 'a,
        Self: 'a,
    {
        self.with_chain(|chain| BoxedSend(Box::new(chain)))
    }
}

/// The methods of [`Chain`] for dynamic calls.
trait DynChain<T> {
    fn advance(&mut self, timed: bool, out: &mut dyn Emit<T>) -> Result<Progress, Halt>;
    fn stop(&mut self) -> Result<(), Halt>;
    fn close(&mut self) -> Result<(), Failure>;
    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env;
    fn wait(&mut self, at_most: Duration);
    fn describe(&self, rows: &mut Rows);
    fn draw(&self, nodes: &mut Vec<Node>);
    fn reading(&self) -> (u64, Option<u64>);
    fn remaining(&self) -> Option<u64>;
}

impl<C: Chain> DynChain<C::Item> for C {
    fn advance(&mut self, timed: bool, mut out: &mut dyn Emit<C::Item>) -> Result<Progress, Halt> {
        if timed {
            Chain::advance::<Timed>(self, &mut out)
        } else {
            Chain::advance::<Untimed>(self, &mut out)
        }
    }

    fn stop(&mut self) -> Result<(), Halt> {
        Chain::stop(self)
    }

    fn close(&mut self) -> Result<(), Failure> {
        Chain::close(self)
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        Chain::start(self, context);
    }

    fn wait(&mut self, at_most: Duration) {
        Chain::wait(self, at_most);
    }

    fn describe(&self, rows: &mut Rows) {
        Chain::describe(self, rows);
    }

    fn draw(&self, nodes: &mut Vec<Node>) {
        Chain::draw(self, nodes);
    }

    fn reading(&self) -> (u64, Option<u64>) {
        Chain::reading(self)
    }

    fn remaining(&self) -> Option<u64> {
        Chain::remaining(self)
    }
}

impl<T> Emit<T> for &mut dyn Emit<T> {
    #[inline]
    fn emit(&mut self, item: T) -> Result<(), Halt> {
        (**self).emit(item)
    }

    fn tick(&mut self) -> Result<(), Halt> {
        (**self).tick()
    }

    fn check(&mut self) -> Result<(), Halt> {
        (**self).check()
    }

    fn is_draining(&self) -> bool {
        (**self).is_draining()
    }

    fn before_blocking(&mut self) -> Result<(), Halt> {
        (**self).before_blocking()
    }

    fn wants_more(&self) -> bool {
        (**self).wants_more()
    }

    fn is_shut(&self) -> bool {
        (**self).is_shut()
    }
}

/// The common part of both.
macro_rules! behind_a_pointer {
    ($boxed:ident) => {
        impl<T> sealed::Sealed for $boxed<'_, T> {}

        impl<T> Chain for $boxed<'_, T> {
            type Item = T;

            fn advance<W: Timing>(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
                self.0.advance(W::ON, out)
            }

            fn stop(&mut self) -> Result<(), Halt> {
                self.0.stop()
            }

            fn close(&mut self) -> Result<(), Failure> {
                self.0.close()
            }

            fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
            where
                Self: 'env,
            {
                self.0.start(context);
            }

            fn wait(&mut self, at_most: Duration) {
                self.0.wait(at_most);
            }

            fn describe(&self, rows: &mut Rows) {
                self.0.describe(rows);
            }

            fn draw(&self, nodes: &mut Vec<Node>) {
                self.0.draw(nodes);
            }

            fn reading(&self) -> (u64, Option<u64>) {
                self.0.reading()
            }

            fn remaining(&self) -> Option<u64> {
                self.0.remaining()
            }
        }

        impl<T> fmt::Debug for $boxed<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($boxed))
            }
        }
    };
}

behind_a_pointer!(Boxed);
behind_a_pointer!(BoxedSend);
