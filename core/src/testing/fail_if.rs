//! A stage that fails on cue.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::stage::{Stage, StageFacts, Yield};
use crate::testing::Planned;

/// A stage that fails at the items that pass `f`, and hands the others on. The record is named as `{:?}` prints it.
///
/// ```
/// use syncline_core::testing::fail_if;
/// use syncline_core::{Collect, Pipeline, from_iter};
///
/// let run = Pipeline::new("numbers", from_iter(0..9)).pipe(fail_if(|n| n % 4 == 3)).end(Collect::new()).run();
/// assert_eq!(run.unwrap_err().to_string(), "pipeline numbers failed in stage fail_if at item 3");
/// ```
pub fn fail_if<T: fmt::Debug, F: FnMut(&T) -> bool>(f: F) -> FailIf<T, F> {
    FailIf { fails: f, items: PhantomData }
}

/// Stage of [`fail_if`].
///
/// * Shape: the same items; an error at those that pass the closure.
/// * Memory: nothing is held.
#[must_use]
pub struct FailIf<T, F> {
    fails: F,
    items: PhantomData<fn(T)>,
}

impl<T: fmt::Debug, F: FnMut(&T) -> bool> Stage for FailIf<T, F> {
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::One);

    fn push(&mut self, item: T, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if (self.fails)(&item) {
            return Err(Failure::new(Planned::new("failed as told"))
                .at(format_args!("item {item:?}"))
                .into());
        }
        out.emit(item)
    }

    fn name(&self) -> &'static str {
        "fail_if"
    }
}

impl<T, F> fmt::Debug for FailIf<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailIf").finish_non_exhaustive()
    }
}
