//! The rules by which `pipeline!` joins a source, stages and a sink, as traits that the compiler names when one is broken.
//!
//! The methods of [`Pipeline`](crate::Pipeline) have the same rules as bounds. If a bound is broken, the compiler's
//! message talks of associated types, and it reports each stage behind the wrong one as well. The expansion of
//! `pipeline!` reports one error for one mistake, by four means:
//!
//! * **A rule in the body of a closure.** The items of each stage pass through a closure that calls a rule such as [`Fits::fit`].
//!   If the rule is broken, the body of the closure has an error, but its return type is still the type that the stage
//!   takes, so that nothing behind it is wrong. The results of the closures of operators are checked in the same way, by
//!   [`Decides`] and others. `same_type` and `argument_types` have these rules; [`Joint`] says when they are looked up.
//! * **An open type.** A source, a stage, a sink or a policy passes a rule such as [`IsStage`]. If it breaks the rule,
//!   a method such as `stage_or_unknown` returns a value of an open type, about which the compiler reports nothing. See
//!   `roles`. The rules of `has_trait` return an associated type for the same reason.
//! * **One place.** If several errors have the same cause at the same place, the compiler shows one of them. So all
//!   tokens that belong to a source, a stage or a sink are generated at the tokens of the user, or at the name of the
//!   function if one is called. A function in braces, as in `{ from_iter }(..)`, reports its bounds at its name and not
//!   at an argument.
//! * **Early types.** The compiler reads a closure with the types that are known at that point. [`Given`] carries the
//!   type of items to the functions of `closure_results` and `call_inference` before the closure is read.

mod argument_types;
mod borrowed_keys;
mod call_inference;
mod clone_rules;
mod closure_results;
mod coercions;
mod fitted;
#[cfg(feature = "futures")]
#[doc(hidden)]
pub mod futures;
mod given;
mod has_trait;
mod items;
#[doc(hidden)]
pub mod members;
mod part;
mod roles;
mod same_type;
mod send_rules;
#[doc(hidden)]
pub mod sinks;
pub(crate) mod split_or_whole;
pub(crate) mod split_stage;

#[cfg(feature = "futures")]
pub use argument_types::TriesLater;
pub use argument_types::{
    Asks, Decides, Fails, FailsToStart, IsCondition, IsCount, IsLimit, IsSize, IsTimes, IsWait, Names, Picks,
    Retries, Starts, Tries, Weighs,
};
pub use borrowed_keys::{OfItsItem, OutlivesItem};
#[doc(hidden)]
pub use clone_rules::{Copies, dead_letter, given, letters, retry};
pub use clone_rules::{IsInWindows, IsKept, IsSplit, IsSplitByStage, IsTeed};
#[doc(hidden)]
pub use closure_results::{
    Made, both_keys, closure_of_chunk, closure_of_error, closure_of_item, closure_of_item_ref,
    closure_of_neighbours, closure_of_second, closure_of_thread, items_as, items_from, items_of,
    shared_closure_of_item, shared_closure_of_state, state_of,
};
pub use coercions::IsFunction;
#[doc(hidden)]
pub use fitted::{Fitted, fit_sink, fit_stage, fitted_sink, when, with_second_sink};
pub use given::Given;
#[cfg(feature = "futures")]
pub use has_trait::IsFuture;
#[cfg(feature = "sort")]
pub use has_trait::IsSpilled;
#[cfg(feature = "sort")]
#[doc(hidden)]
pub use has_trait::Spilled;
pub use has_trait::{
    AreSinks, AreSources, IsAnswered, IsChunk, IsHashed, IsJoined, IsKey, IsLookedUp, IsMany, IsOrdered,
    IsRemembered, IsSorted, Trait,
};
#[doc(hidden)]
pub use has_trait::{InSets, Nobody, Nothing};
#[doc(hidden)]
pub use items::{FitItems, fit_items};
#[doc(hidden)]
pub use part::through_closure;
pub use part::{IsExtension, IsGiven, IsPart};
#[doc(hidden)]
pub use roles::{
    Checked, Ended, KnownCommittingSink, KnownPipeline, KnownPolicy, KnownRun, KnownSink, KnownSource,
    KnownStage, checked, with_output,
};
pub use roles::{IsCommitting, IsOtherSink, IsOtherSource, IsPolicy, IsSink, IsSource, IsStage};
pub use same_type::{
    Accepts, AlikeSinks, AlikeSources, Fits, FitsPart, FitsSink, Folds, Gives, GivesUndeclared, HandsOn,
    Joint, Passes, SameKey, Suits,
};
pub use send_rules::{AreItems, AreResults, IsWork, Threads};
#[doc(hidden)]
pub use send_rules::{
    keyed, map_parallel, map_parallel_with, on_threads, sent, try_map_parallel, try_map_parallel_with,
};
pub use split_stage::IsChunked;

/// The item types of the stage, sink or policy that a function makes. The compiler names these traits if the arguments
/// of the function do not match.
pub mod calls {
    pub use super::call_inference::{
        Called, Disagree, MakesNothing, MakesSink1, MakesSink2, MakesSink3, MakesSink4, MakesStage1,
        MakesStage2, MakesStage3, MakesStage4, Meeting, called,
    };
}

/// The traits whose methods an expansion calls. It imports all of them, without their names.
#[doc(hidden)]
pub mod methods {
    pub use super::borrowed_keys::{IsLong as _, IsShort as _};
    pub use super::call_inference::{Disagree as _, MakesNothing as _};
    pub use super::call_inference::{
        MakesPolicy1 as _, MakesPolicy2 as _, MakesPolicy3 as _, MakesPolicy4 as _,
    };
    pub use super::call_inference::{MakesSink1 as _, MakesSink2 as _, MakesSink3 as _, MakesSink4 as _};
    pub use super::call_inference::{MakesStage1 as _, MakesStage2 as _, MakesStage3 as _, MakesStage4 as _};
    pub use super::clone_rules::{CommitsAtTheEnd as _, CommitsToo as _};
    pub use super::coercions::Against as _;
    pub use super::part::{
        NoPart0 as _, NoPart1 as _, NoPart2 as _, NoPart3 as _, NoPart4 as _, NoPart5 as _,
    };
    pub use super::roles::{
        KnownCommittingSink as _, KnownPipeline as _, KnownPolicy as _, KnownRun as _, KnownSink as _,
    };
    pub use super::roles::{KnownSource as _, KnownStage as _, Unknown as _};
    pub use super::split_or_whole::{InChunks as _, OneByOne as _};
    pub use super::split_stage::{SplitsChunks as _, SplitsNothing as _};
}

/// The coercions of the argument of a function that an operator names.
#[doc(hidden)]
pub mod functions {
    pub use super::coercions::{Against, passing};
}

/// The commits of the second sinks: those of `dead_letter` and `tee`.
#[doc(hidden)]
pub mod away {
    pub use super::clone_rules::{copied, put_away};
}

/// The owners of borrowed keys.
#[doc(hidden)]
pub mod keys {
    pub use super::borrowed_keys::{look_at, place};
}

/// The number of items that a parallel stage holds in addition to those that its threads work on, if no `capacity` is
/// declared.
#[doc(hidden)]
pub const CAPACITY: usize = 64;
