//! What a function that makes a stage or a sink is to make, before it is called.
//!
//! A closure among its arguments is read with what is known then. What the pipeline hands on is known, and where the function
//! leaves open what its stage takes, that is it. Nothing is reported from here: where it does not fit, or is no function,
//! or none that makes a stage, nothing is said in advance, and what stands behind finds the fault.

use std::marker::PhantomData;

use crate::fit::Given;
use crate::policy::Policy;
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
    /// They are the same, or will be: what is not known of one is known of the other.
    pub fn agree(self) {}
}

/// Any two, if they cannot be the same.
pub trait Disagree: Sized {
    /// They are left to themselves.
    fn agree(self) {}
}

impl<T, V> Disagree for &Meeting<T, V> {}

macro_rules! makes {
    ($(
        $stage:ident($of_stage:ident), $sink:ident($of_sink:ident), $policy:ident($of_policy:ident): $($argument:ident),*;
    )*) => {
        /// What makes neither a stage nor a sink nor a policy: nothing is known of what it takes.
        pub trait MakesNothing: Sized {
            $(
                /// What a stage would be given, and what it would take.
                fn $of_stage(self) -> Meeting<(), ()> {
                    Meeting::new()
                }

                /// What a sink would be given, and what it would take.
                fn $of_sink(self) -> Meeting<(), ()> {
                    Meeting::new()
                }

                /// What a policy would be given, and what it would take.
                fn $of_policy(self) -> Meeting<(), ()> {
                    Meeting::new()
                }
            )*
        }

        impl<T, F> MakesNothing for &Called<T, F> {}

        $(
        /// A function of so many arguments, which makes a stage.
        pub trait $stage<T, S: Stage, $($argument),*> {
            /// What the stage is given, and what it takes.
            fn $of_stage(self) -> Meeting<T, S::In>;
        }

        impl<T, S: Stage, F: FnOnce($($argument),*) -> S, $($argument),*> $stage<T, S, $($argument),*> for Called<T, F> {
            fn $of_stage(self) -> Meeting<T, S::In> {
                Meeting::new()
            }
        }

        /// A function of so many arguments, which makes a sink.
        pub trait $sink<T, K: Sink, $($argument),*> {
            /// What the sink is given, and what it takes.
            fn $of_sink(self) -> Meeting<T, K::In>;
        }

        impl<T, K: Sink, F: FnOnce($($argument),*) -> K, $($argument),*> $sink<T, K, $($argument),*> for Called<T, F> {
            fn $of_sink(self) -> Meeting<T, K::In> {
                Meeting::new()
            }
        }

        /// A function of so many arguments, which makes a policy.
        pub trait $policy<T, U, P: Policy<U>, $($argument),*> {
            /// What the policy is given, and what it takes.
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
