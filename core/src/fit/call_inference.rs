//! Type inference for a function that makes a stage, a sink or a policy, before it is called.
//!
//! The compiler reads a closure among the arguments with the types that are known at that point. The type of the
//! pipeline's items is known; if the function leaves the items of its stage open, they are of this type. This module
//! reports no error: if the types differ, or the function makes no stage, nothing is inferred, and the call that
//! follows has the error.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::policy::Policy;
use crate::sink::Sink;
use crate::stage::Stage;

/// The type of a function, and the items of the stage that it makes.
#[derive(Debug)]
pub struct Called<T, F>(PhantomData<fn(T) -> F>);

/// The type of a function, whose stage will be given the items `_`.
#[must_use]
pub fn called<T, F>(_: Given<T>, _: &mut F) -> Called<T, F> {
    Called(PhantomData)
}

/// The items that a stage receives, and the items that it accepts.
#[derive(Debug)]
pub struct Meeting<T, V>(PhantomData<fn(T) -> V>);

impl<T, V> Clone for Meeting<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for Meeting<T, V> {}

impl<T, V> Meeting<T, V> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<U> Meeting<U, U> {
    /// Unifies the two types, if they are the same or one of them is open.
    pub fn agree_or_not(self) {}
}

/// Two types that differ.
pub trait Disagree: Sized {
    /// Does nothing.
    fn agree_or_not(self) {}
}

impl<T, V> Disagree for &Meeting<T, V> {}

macro_rules! makes {
    ($(
        $stage:ident($of_stage:ident), $sink:ident($of_sink:ident), $policy:ident($of_policy:ident): $($argument:ident),*;
    )*) => {
        /// A function that makes neither a stage nor a sink nor a policy: nothing is inferred.
        pub trait MakesNothing: Sized {
            $(
                /// No items of a stage.
                fn $of_stage(self) -> Meeting<(), ()> {
                    Meeting::new()
                }

                /// No items of a sink.
                fn $of_sink(self) -> Meeting<(), ()> {
                    Meeting::new()
                }

                /// No items of a policy.
                fn $of_policy(self) -> Meeting<(), ()> {
                    Meeting::new()
                }
            )*
        }

        impl<T, F> MakesNothing for &Called<T, F> {}

        $(
        /// A function that makes a stage, by its number of parameters.
        pub trait $stage<T, S: Stage, $($argument),*> {
            /// The items that the stage receives, and the items that it accepts.
            fn $of_stage(self) -> Meeting<T, S::In>;
        }

        impl<T, S: Stage, F: FnOnce($($argument),*) -> S, $($argument),*> $stage<T, S, $($argument),*> for Called<T, F> {
            fn $of_stage(self) -> Meeting<T, S::In> {
                Meeting::new()
            }
        }

        /// A function that makes a sink, by its number of parameters.
        pub trait $sink<T, K: Sink, $($argument),*> {
            /// The items that the sink receives, and the items that it accepts.
            fn $of_sink(self) -> Meeting<T, K::In>;
        }

        impl<T, K: Sink, F: FnOnce($($argument),*) -> K, $($argument),*> $sink<T, K, $($argument),*> for Called<T, F> {
            fn $of_sink(self) -> Meeting<T, K::In> {
                Meeting::new()
            }
        }

        /// A function that makes a policy, by its number of parameters.
        pub trait $policy<T, U, P: Policy<U>, $($argument),*> {
            /// The items that the policy receives, and the items that it accepts.
            fn $of_policy(self) -> Meeting<T, U>;
        }

        impl<T, U, P: Policy<U>, F: FnOnce($($argument),*) -> P, $($argument),*> $policy<T, U, P, $($argument),*>
            for Called<T, F>
        {
            fn $of_policy(self) -> Meeting<T, U> {
                Meeting::new()
            }
        }
    )*};
}

makes! {
    MakesStage1(stage_of_1), MakesSink1(sink_of_1), MakesPolicy1(policy_of_1): A;
    MakesStage2(stage_of_2), MakesSink2(sink_of_2), MakesPolicy2(policy_of_2): A, B;
    MakesStage3(stage_of_3), MakesSink3(sink_of_3), MakesPolicy3(policy_of_3): A, B, C;
    MakesStage4(stage_of_4), MakesSink4(sink_of_4), MakesPolicy4(policy_of_4): A, B, C, D;
}
