//! What operators and policies want of a closure or of a number, as rules.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::error::Halt;

/// A trait that one type alone has, the one that is wanted.
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

wanted! {
    /// What the closure of a [`filter`](crate::Pipeline::filter) or a [`take_while`](crate::Pipeline::take_while) gives is
    /// a `bool`.
    #[diagnostic::on_unimplemented(
        message = "whether an item passes is `true` or `false`, and this gives `{Made}`",
        label = "gives `{Made}`"
    )]
    Decides<Made> = bool
}

wanted! {
    /// What the `if:` of a `retry` gives is a `bool`.
    #[diagnostic::on_unimplemented(
        message = "whether an item is tried again is `true` or `false`, and this gives `{Made}`",
        label = "gives `{Made}`"
    )]
    Retries<Made> = bool
}

wanted! {
    /// What the closure of a [`filter_map`](crate::Pipeline::filter_map) makes is an `Option`.
    #[diagnostic::on_unimplemented(
        message = "`filter_map` makes an item or none, `Some(..)` or `None`, and this gives `{Made}`",
        label = "gives `{Made}`",
        note = "for one item out of each there is `map`, and `filter` for those that pass as they are"
    )]
    Picks<Made, Item> = Option<Item>
}

wanted! {
    /// What the closure of a [`try_map`](crate::Pipeline::try_map) makes is a `Result`, whose error is a [`Halt`].
    #[diagnostic::on_unimplemented(
        message = "`try_map` makes an item or fails, and this gives `{Made}`",
        label = "gives `{Made}`",
        note = "it gives back `Ok(item)` or an error: a `syncline::Halt`, which `?` makes of any error, as in `Ok(text.parse::<u64>()?)`"
    )]
    Tries<Made, Item> = Result<Item, Halt>
}

wanted! {
    /// What the closure of a [`lookup`](crate::Pipeline::lookup) gives is a `Result`, whose error is a [`Halt`].
    #[diagnostic::on_unimplemented(
        message = "`lookup` answers for a chunk or fails, and this gives `{Made}`",
        label = "gives `{Made}`",
        note = "it gives back `Ok(answers)` or an error: a `syncline::Halt`, which `?` makes of any error"
    )]
    Asks<Made, Answers> = Result<Answers, Halt>
}

wanted! {
    /// What the `of:` of a `buffer(bytes: .., of: ..)` gives is a `usize`.
    #[diagnostic::on_unimplemented(
        message = "how many bytes an item has is a `usize`, and this gives `{Made}`",
        label = "gives `{Made}`"
    )]
    Weighs<Made> = usize
}

wanted! {
    /// A number of items, bytes, threads or chunks of which there is at least one is a [`NonZeroUsize`].
    #[diagnostic::on_unimplemented(
        message = "a size is never zero, so it is a `NonZeroUsize`, and this is `{Number}`",
        label = "may be zero",
        note = "write the number itself, or `const {{ syncline::size(500) }}`; of one that is found out later `NonZeroUsize::new` makes one, or says that it is zero"
    )]
    IsSize<Number> = NonZeroUsize
}

wanted! {
    /// How long to wait is a [`Duration`].
    #[diagnostic::on_unimplemented(
        message = "how long to wait is a `Duration`, and this is `{Time}`",
        label = "no `Duration`",
        note = "write `std::time::Duration::from_millis(100)`, say"
    )]
    IsWait<Time> = Duration
}

wanted! {
    /// How many items may fail is a `u64`.
    #[diagnostic::on_unimplemented(
        message = "how many items may fail is a `u64`, and this is `{Number}`",
        label = "no `u64`"
    )]
    IsLimit<Number> = u64
}

wanted! {
    /// A number of items of which there may be none is a `usize`.
    #[diagnostic::on_unimplemented(
        message = "a number of items is a `usize`, and this is `{Number}`",
        label = "no `usize`"
    )]
    IsCount<Number> = usize
}

wanted! {
    /// How often an item is tried again is a `u32`.
    #[diagnostic::on_unimplemented(
        message = "how often to try again is a `u32`, and this is `{Number}`",
        label = "no `u32`"
    )]
    IsTimes<Number> = u32
}
