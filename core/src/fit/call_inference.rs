//! What a function that makes a stage or a sink is to make, before it is called.
//!
//! A closure among its arguments is read with what is known then. What the pipeline hands on is known, and where the function
//! leaves open what its stage takes, that is it. Nothing is reported from here: where it does not fit, or is no function,
//! or none that makes a stage, nothing is said in advance, and what stands behind finds the fault.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::sink::Sink;
use crate::stage::Stage;

/// A function, and what its stage will be given.
#[derive(Debug)]
pub struct Called<T, F>(PhantomData<fn(T) -> F>);

/// `function`, of whose stage it is known what it will be given.
#[must_use]
pub fn called<T, F>(_: Given<T>, _: &mut F) -> Called<T, F> {
    Called(PhantomData)
}

/// What is given, and what is taken.
#[derive(Debug)]
pub struct Meeting<T, V>(PhantomData<fn(T) -> V>);

impl<T, V> Meeting<T, V> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<U> Meeting<U, U> {
    /// They are the same, or will be: what is not known of one is known of the other.
    pub fn agree(&self) {}
}

/// Any two, if they cannot be the same.
pub trait Disagree {
    /// They are left to themselves.
    fn agree(&self) {}
}

impl<T, V> Disagree for &Meeting<T, V> {}

/// What makes neither a stage nor a sink.
pub trait MakesNothing {
    /// Nothing is known of what it takes.
    fn with_1(&self) -> Meeting<(), ()> {
        Meeting::new()
    }

    /// As `with_1`.
    fn with_2(&self) -> Meeting<(), ()> {
        Meeting::new()
    }

    /// As `with_1`.
    fn with_3(&self) -> Meeting<(), ()> {
        Meeting::new()
    }

    /// As `with_1`.
    fn with_4(&self) -> Meeting<(), ()> {
        Meeting::new()
    }
}

impl<T, F> MakesNothing for &Called<T, F> {}

macro_rules! makes {
    ($($stage:ident, $sink:ident, $with:ident($($argument:ident),*);)*) => {$(
        /// A function of so many arguments, which makes a stage.
        pub trait $stage<T, S: Stage, $($argument),*> {
            /// What the stage is given, and what it takes.
            fn $with(&self) -> Meeting<T, S::In>;
        }

        impl<T, S: Stage, F: FnOnce($($argument),*) -> S, $($argument),*> $stage<T, S, $($argument),*> for Called<T, F> {
            fn $with(&self) -> Meeting<T, S::In> {
                Meeting::new()
            }
        }

        /// A function of so many arguments, which makes a sink.
        pub trait $sink<T, K: Sink, $($argument),*> {
            /// What the sink is given, and what it takes.
            fn $with(&self) -> Meeting<T, K::In>;
        }

        impl<T, K: Sink, F: FnOnce($($argument),*) -> K, $($argument),*> $sink<T, K, $($argument),*> for Called<T, F> {
            fn $with(&self) -> Meeting<T, K::In> {
                Meeting::new()
            }
        }
    )*};
}

makes! {
    MakesStage1, MakesSink1, with_1(A);
    MakesStage2, MakesSink2, with_2(A, B);
    MakesStage3, MakesSink3, with_3(A, B, C);
    MakesStage4, MakesSink4, with_4(A, B, C, D);
}
