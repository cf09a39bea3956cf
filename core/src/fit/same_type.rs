//! Rules that compare two types: the items of two neighbours, a declared output, the members of a `merge`.

use std::marker::PhantomData;

/// The joint of two parts of a pipeline: the implementor of the rules that compare two types. The compiler names it when
/// they differ.
///
/// Each rule has one impl. If one of the two types is open, the compiler infers it from that impl; if both are known and differ,
/// the impl does not apply, and the message of the rule is shown.
//
// `Joint` is the `Self` of the rules and the last argument of their functions. Until the compiler reads it, `Self` is open, so
// that it does not select the impl yet, and by then the other types are known as far as they ever will be. An impl that is
// selected earlier would unify the two types, and a difference would be an E0308 at another place.
#[derive(Debug, Clone, Copy)]
pub struct Joint;

/// Declares a rule that two types are the same, with a function that turns a value of the first into one of the second.
macro_rules! same {
    ($(#[$attribute:meta])* $rule:ident<$given:ident, $wanted:ident>) => {
        $(#[$attribute])*
        pub trait $rule<$given, $wanted> {
            #[doc(hidden)]
            fn fit(wanted: PhantomData<$wanted>, given: $given, joint: Self) -> $wanted;
        }

        #[diagnostic::do_not_recommend]
        impl<J, T> $rule<T, T> for J {
            #[inline]
            fn fit(_: PhantomData<T>, given: T, _: J) -> T {
                given
            }
        }
    };
}

same! {
    /// The items that a stage is `Given` are of the type that it `Takes`.
    ///
    /// The compiler names this trait when two stages of a [`pipeline!`](https://docs.rs/syncline) do not fit: change what
    /// the first one hands on, what the second one takes, or put a `map` between them.
    #[diagnostic::on_unimplemented(
        message = "this stage takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Fits<Given, Takes>
}

same! {
    /// The items that a sink is `Given` are of the type that it `Takes`.
    ///
    /// The compiler names this trait when the sink of a [`pipeline!`](https://docs.rs/syncline), of a `tee` or of a
    /// `dead_letter` takes something else.
    #[diagnostic::on_unimplemented(
        message = "this sink takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    FitsSink<Given, Takes>
}

same! {
    /// The items that a part is `Given` are of the type that it `Takes`.
    ///
    /// The compiler names this trait when the stage before a part in a [`pipeline!`](https://docs.rs/syncline) hands on items of
    /// another type.
    #[diagnostic::on_unimplemented(
        message = "this part takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    FitsPart<Given, Takes>
}

same! {
    /// The argument that a closure is `Given` is of the type that its parameter `Takes`.
    ///
    /// The compiler names this trait when a closure of a [`pipeline!`](https://docs.rs/syncline) has a typed parameter, and its
    /// items are of another type.
    #[diagnostic::on_unimplemented(
        message = "this closure takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Accepts<Given, Takes>
}

same! {
    /// The argument that a function is `Given` is of the type that it `Takes`.
    ///
    /// The compiler names this trait when an operator of a [`pipeline!`](https://docs.rs/syncline) names a function for items
    /// of another type.
    #[diagnostic::on_unimplemented(
        message = "this function takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Suits<Given, Takes>
}

same! {
    /// The output of a sink is of the type that its pipeline declares.
    ///
    /// The compiler names this trait when the type behind the `->` of a `pipeline!` is not the output of its sink.
    #[diagnostic::on_unimplemented(
        message = "this pipeline declares `-> {Declared}`, and its sink gives `{Output}`",
        label = "the sink gives `{Output}`"
    )]
    Gives<Output, Declared>
}

same! {
    /// The sources of a `merge` or a `chain` are of one type.
    #[diagnostic::on_unimplemented(
        message = "the sources of a `merge` or a `chain` are of one type, and this is a `{Other}`, not a `{First}` as the first",
        label = "another type than the first",
        note = "sources of different types have one type as pipelines that are `boxed`"
    )]
    AlikeSources<Other, First>
}

same! {
    /// The sinks of a `route` are of one type.
    #[diagnostic::on_unimplemented(
        message = "the sinks of a `route` are of one type, and this is a `{Other}`, not a `{First}` as the first",
        label = "another type than the first",
        note = "sinks of different types, as of two closures, have one type once each is in a `syncline::BoxedSink`"
    )]
    AlikeSinks<Other, First>
}

same! {
    /// The items that leave the last stage of a part are of the type that the part declares.
    ///
    /// The compiler names this trait when the type behind the `->` of a part is not the type of these items.
    #[diagnostic::on_unimplemented(
        message = "this part declares `-> {Declared}`, and its last stage hands on `{Item}`",
        label = "the last stage hands on `{Item}`"
    )]
    HandsOn<Item, Declared>
}
