//! The rule that the argument of a `through` is a part.
//!
//! `pipeline!` calls a function of the part. No trait can declare it, because its parameters are the user's. For a type
//! that is not a part, the compiler finds a function of `NoPart..` instead, by the number of arguments. So the only
//! error is that of [`IsPart`].

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::fit::{Nobody, Nothing, Trait};
use crate::graph::Part;
use crate::pipeline::{Piped, Pipeline};
use crate::stage::Stage;

/// The rule that the argument of a `through` is a part: stages without a source and a sink, declared by a
/// [`pipeline!`](https://docs.rs/syncline).
#[diagnostic::on_unimplemented(
    message = "`through` takes a part that `pipeline!` declared, and `{Self}` is not one",
    label = "not a part",
    note = "a part says what it takes and what it hands on: `pipeline! {{ Tidy(): String -> String {{ .. }} }}`"
)]
pub trait IsPart {
    #[doc(hidden)]
    const TAKES: usize;

    #[doc(hidden)]
    fn check();
}

#[diagnostic::do_not_recommend]
impl<T: Part> IsPart for T {
    const TAKES: usize = T::TAKES;

    fn check() {}
}

/// The rule that a part in a `through` has as many arguments as it has parameters.
#[diagnostic::on_unimplemented(
    message = "number of arguments of this part: it takes {TAKES}, and is given {GIVEN}",
    label = "takes {TAKES}, and is given {GIVEN}"
)]
pub trait IsGiven<const TAKES: usize, const GIVEN: usize> {
    #[doc(hidden)]
    fn check();
}

#[diagnostic::do_not_recommend]
impl<J, const N: usize> IsGiven<N, N> for J {
    fn check() {}
}

/// The rule that the function of a `through` takes a pipeline and returns one.
#[diagnostic::on_unimplemented(
    message = "`through` takes a part, or a function from this pipeline to another, and `{Self}` is neither",
    label = "not a function of this pipeline",
    note = "a function of an item is written `map(f)`; a function of a pipeline is declared as `fn tidy<C: Chain<Item = String>, M: Meter>(pipeline: Pipeline<String, C, M>) -> Pipeline<String, impl Chain<Item = String>, M>`"
)]
pub trait IsExtension<P, By> {
    #[doc(hidden)]
    type Extended;

    #[doc(hidden)]
    fn extend(self, pipeline: P) -> Self::Extended;
}

#[diagnostic::do_not_recommend]
impl<T, C, M, U, D, F> IsExtension<Pipeline<T, C, M>, Trait> for F
where
    F: FnOnce(Pipeline<T, C, M>) -> Pipeline<U, D, M>,
{
    type Extended = Pipeline<U, D, M>;

    fn extend(self, pipeline: Pipeline<T, C, M>) -> Pipeline<U, D, M> {
        self(pipeline)
    }
}

#[diagnostic::do_not_recommend]
impl<T, C, M, U, D, F> IsExtension<Pipeline<T, C, M>, Nobody> for F
where
    F: FnOnce(Pipeline<T, C, M>) -> Pipeline<U, D, M> + Nothing,
{
    type Extended = Pipeline<U, D, M>;

    fn extend(self, pipeline: Pipeline<T, C, M>) -> Pipeline<U, D, M> {
        self(pipeline)
    }
}

/// The pipeline that a closure in a `through` returns.
#[doc(hidden)]
pub fn through_closure<T, C, M, U, D>(
    pipeline: Pipeline<T, C, M>,
    closure: impl FnOnce(Pipeline<T, C, M>) -> Pipeline<U, D, M>,
) -> Pipeline<U, D, M> {
    closure(pipeline)
}

/// The stages of a type that is not a part.
pub struct Lost<T, U>(PhantomData<fn(T) -> U>);

impl<T, U> Stage for Lost<T, U> {
    type In = T;
    type Out = U;

    fn push(&mut self, _: T, _: &mut impl Emit<U>) -> Result<(), Halt> {
        Ok(())
    }
}

impl<T, U> fmt::Debug for Lost<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lost")
    }
}

macro_rules! no_part {
    ($($name:ident: $extend:ident($($argument:ident),*),)*) => {$(
        /// A function that every type has, with the name of a part's function for this number of arguments. The
        /// function of a part has precedence.
        pub trait $name {
            /// Never called: code that calls it does not compile.
            fn $extend<T, U, C, M, F, $($argument),*>(
                pipeline: Pipeline<T, C, M>,
                _: F,
                $(_: $argument),*
            ) -> Piped<U, C, Lost<T, U>, M>
            where
                F: FnMut(PhantomData<T>, T) -> T,
            {
                pipeline.pipe(Lost(PhantomData))
            }
        }

        impl<T: ?Sized> $name for T {}
    )*};
}

no_part! {
    NoPart0: part_of_a_pipeline_0(),
    NoPart1: part_of_a_pipeline_1(A),
    NoPart2: part_of_a_pipeline_2(A, A1),
    NoPart3: part_of_a_pipeline_3(A, A1, A2),
    NoPart4: part_of_a_pipeline_4(A, A1, A2, A3),
    NoPart5: part_of_a_pipeline_5(A, A1, A2, A3, A4),
}
