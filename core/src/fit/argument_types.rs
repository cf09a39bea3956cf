//! Rules on the type of an argument: a number, a duration, or the result of a closure.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::error::{Failure, Halt};

/// Declares a rule that a value is of one type, with a function that returns it.
macro_rules! wanted {
    ($(#[$attribute:meta])* $rule:ident<$made:ident> = $wanted:ty) => {
        $(#[$attribute])*
        pub trait $rule<$made> {
            #[doc(hidden)]
            fn fit(made: $made, joint: Self) -> $wanted;
        }

        #[diagnostic::do_not_recommend]
        impl<J> $rule<$wanted> for J {
            #[inline]
            fn fit(made: $wanted, _: J) -> $wanted {
                made
            }
        }
    };
    ($(#[$attribute:meta])* $rule:ident<$made:ident, $item:ident> = Result<_, $error:ty> by $fails:ident) => {
        $(#[$attribute])*
        pub trait $rule<$made, $item> {
            #[doc(hidden)]
            fn fit(made: $made, joint: Self) -> Result<$item, $error>;
        }

        impl<J: $fails<E>, $item, E> $rule<Result<$item, E>, $item> for J {
            #[inline]
            fn fit(made: Result<$item, E>, _: J) -> Result<$item, $error> {
                made.map_err(J::failed)
            }
        }
    };
    ($(#[$attribute:meta])* $rule:ident<$made:ident, $item:ident> = $wanted:ty) => {
        $(#[$attribute])*
        pub trait $rule<$made, $item> {
            #[doc(hidden)]
            fn fit(made: $made, joint: Self) -> $wanted;
        }

        #[diagnostic::do_not_recommend]
        impl<J, $item> $rule<$wanted, $item> for J {
            #[inline]
            fn fit(made: $wanted, _: J) -> $wanted {
                made
            }
        }
    };
}

/// The error of a closure that may fail is a [`Halt`].
//
// A rule of its own with one impl: a `Result` with another error is reported as that, and an error whose type is open, as in
// `|n| Ok(n)`, is inferred.
#[diagnostic::on_unimplemented(
    message = "this closure fails with `{E}`, and a stage fails with a `Halt`: end in `Ok(..?)`, which converts the error",
    label = "`Ok(..?)` converts the error `{E}`",
    note = "`.map_err(syncline::Halt::from)` converts it as well"
)]
pub trait Fails<E> {
    #[doc(hidden)]
    fn failed(error: E) -> Halt;
}

#[diagnostic::do_not_recommend]
impl<J> Fails<Halt> for J {
    #[inline]
    fn failed(error: Halt) -> Halt {
        error
    }
}

/// The error of a closure that makes the state of a thread is a [`Failure`].
#[diagnostic::on_unimplemented(
    message = "this closure fails with `{E}`, and the start of a thread fails with a `Failure`: end in `Ok(..?)`, which converts the error",
    label = "`Ok(..?)` converts the error `{E}`",
    note = "`.map_err(syncline::Failure::from)` converts it as well"
)]
pub trait FailsToStart<E> {
    #[doc(hidden)]
    fn failed(error: E) -> Failure;
}

#[diagnostic::do_not_recommend]
impl<J> FailsToStart<Failure> for J {
    #[inline]
    fn failed(error: Failure) -> Failure {
        error
    }
}

wanted! {
    /// The closure of a [`filter`](crate::Pipeline::filter), a [`take_while`](crate::Pipeline::take_while) or a
    /// [`chunk_while`](crate::Pipeline::chunk_while) returns a `bool`.
    #[diagnostic::on_unimplemented(
        message = "this closure answers yes or no, so it must return `bool`; it returns `{Made}`",
        label = "returns `{Made}`"
    )]
    Decides<Made> = bool
}

wanted! {
    /// The condition of a `when` is a `bool`.
    #[diagnostic::on_unimplemented(
        message = "`when` takes a condition, a `bool`, and is given `{Given}`",
        label = "expected `bool`"
    )]
    IsCondition<Given> = bool
}

wanted! {
    /// The closure of a [`route`](crate::route) returns a `usize`.
    #[diagnostic::on_unimplemented(
        message = "this closure names the sink of an item by its place, so it must return `usize`; it returns `{Made}`",
        label = "returns `{Made}`",
        note = "0 is the first sink"
    )]
    Names<Made> = usize
}

wanted! {
    /// The closure `if:` of a `retry` returns a `bool`.
    #[diagnostic::on_unimplemented(
        message = "this closure decides whether an item is tried again, so it must return `bool`; it returns `{Made}`",
        label = "returns `{Made}`"
    )]
    Retries<Made> = bool
}

wanted! {
    /// The closure of a [`filter_map`](crate::Pipeline::filter_map) returns an `Option`.
    #[diagnostic::on_unimplemented(
        message = "this closure makes an item or none, so it must return an `Option`; it returns `{Made}`",
        label = "returns `{Made}`",
        note = "use `map` for one item out of each, and `filter` to let items pass unchanged"
    )]
    Picks<Made, Item> = Option<Item>
}

wanted! {
    /// The closure of a [`try_map`](crate::Pipeline::try_map) returns a `Result` with a [`Halt`] as its error.
    #[diagnostic::on_unimplemented(
        message = "this closure makes an item or fails, so it must return a `Result` with a `syncline::Halt`: write `Ok(item)`, or `Ok(result?)` for a `Result` with another error",
        label = "returns `{Made}`",
        note = "`?` makes a `Halt` of any error, as in `Ok(text.parse::<u64>()?)`"
    )]
    Tries<Made, Item> = Result<_, Halt> by Fails
}

#[cfg(feature = "futures")]
wanted! {
    /// The future of a [`try_map_async`](crate::Pipeline::try_map_async) makes a `Result` with a [`Halt`] as its error.
    #[diagnostic::on_unimplemented(
        message = "this future makes an item or fails, so it must make a `Result` with a `syncline::Halt`: end in `Ok(item)`, or in `Ok(result?)` for a `Result` with another error",
        label = "makes `{Made}`",
        note = "`?` makes a `Halt` of any error; a future that cannot fail belongs to `map_async`"
    )]
    TriesLater<Made, Item> = Result<_, Halt> by Fails
}

wanted! {
    /// The closure `with:` of a `parallel` returns a `Result` with a [`Failure`] as its error.
    #[diagnostic::on_unimplemented(
        message = "this closure makes the state of a thread or fails, so it must return a `Result` with a `syncline::Failure`: write `Ok(state)`, or `Ok(result?)` for a `Result` with another error",
        label = "returns `{Made}`",
        note = "`?` makes a `Failure` of any error"
    )]
    Starts<Made, State> = Result<_, Failure> by FailsToStart
}

wanted! {
    /// The closure of a [`lookup`](crate::Pipeline::lookup) returns a `Result` with a [`Halt`] as its error.
    #[diagnostic::on_unimplemented(
        message = "this closure answers for a chunk or fails, so it must return a `Result` with a `syncline::Halt`: write `Ok(answers)`, or `Ok(result?)` for a `Result` with another error",
        label = "returns `{Made}`",
        note = "`?` makes a `Halt` of any error"
    )]
    Asks<Made, Answers> = Result<_, Halt> by Fails
}

wanted! {
    /// The closure `of:` of a `buffer(bytes: .., of: ..)` returns a `usize`.
    #[diagnostic::on_unimplemented(
        message = "this closure says how many bytes an item has, so it must return `usize`; it returns `{Made}`",
        label = "returns `{Made}`"
    )]
    Weighs<Made> = usize
}

wanted! {
    /// A number of items, bytes, threads or chunks that cannot be zero is a [`NonZeroUsize`].
    #[diagnostic::on_unimplemented(
        message = "expected a size that is never zero (`NonZeroUsize`), found `{Number}`",
        label = "may be zero",
        note = "write the number itself, or `const {{ syncline::size(500) }}`; for a size known only at run time use `NonZeroUsize::new`, which returns `None` for zero"
    )]
    IsSize<Number> = NonZeroUsize
}

wanted! {
    /// A time to wait is a [`Duration`].
    #[diagnostic::on_unimplemented(
        message = "expected a time to wait (`Duration`), found `{Time}`",
        label = "expected `Duration`",
        note = "write `std::time::Duration::from_millis(100)`, say"
    )]
    IsWait<Time> = Duration
}

wanted! {
    /// The number of items that may fail is a `u64`.
    #[diagnostic::on_unimplemented(
        message = "expected the number of items that may fail (`u64`), found `{Number}`",
        label = "expected `u64`"
    )]
    IsLimit<Number> = u64
}

wanted! {
    /// A number of items that can be zero is a `usize`.
    #[diagnostic::on_unimplemented(
        message = "expected a number of items (`usize`), found `{Number}`",
        label = "expected `usize`"
    )]
    IsCount<Number> = usize
}

wanted! {
    /// The number of further tries of an item is a `u32`.
    #[diagnostic::on_unimplemented(
        message = "expected the number of further tries (`u32`), found `{Number}`",
        label = "expected `u32`"
    )]
    IsTimes<Number> = u32
}
