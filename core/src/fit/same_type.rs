//! Rules that compare two types: the items of two neighbours, a declared output, the members of a `merge`.

use std::marker::PhantomData;

/// The joint of two parts of a pipeline: the implementor of the rules that compare two types. The compiler names it if
/// they differ.
///
/// Each rule has one impl. If one of the two types is open, the compiler infers it from that impl. If both are known
/// and differ, the impl does not apply, and the message of the rule is shown.
//
// `Joint` is the `Self` of the rules and the last argument of their functions. Before the compiler reads it, `Self` is
// open, so the compiler cannot select the impl yet. When it reads it, the other types are known as far as possible. If
// the impl were selected earlier, it would unify the two types, and a difference would be an E0308 at another place.
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
    /// Rule: the items that a stage is `Given` have the type that it `Takes`.
    ///
    /// The compiler names this trait if two stages of a [`pipeline!`](https://docs.rs/syncline) do not fit: change the
    /// items that the first one emits or that the second one accepts, or put a `map` between them.
    #[diagnostic::on_unimplemented(
        message = "this stage takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Fits<Given, Takes>
}

same! {
    /// Rule: the items that a sink is `Given` have the type that it `Takes`.
    ///
    /// The compiler names this trait if the sink of a [`pipeline!`](https://docs.rs/syncline), of a `tee` or of a
    /// `dead_letter` accepts other items.
    #[diagnostic::on_unimplemented(
        message = "this sink takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    FitsSink<Given, Takes>
}

same! {
    /// Rule: the items that a part is `Given` have the type that it `Takes`.
    ///
    /// The compiler names this trait if the stage before a part in a [`pipeline!`](https://docs.rs/syncline) emits
    /// items of another type.
    #[diagnostic::on_unimplemented(
        message = "this part takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    FitsPart<Given, Takes>
}

same! {
    /// Rule: the argument that a closure is `Given` has the type that its parameter `Takes`.
    ///
    /// The compiler names this trait if a closure of a [`pipeline!`](https://docs.rs/syncline) has a typed parameter,
    /// and its items are of another type.
    #[diagnostic::on_unimplemented(
        message = "this closure takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Accepts<Given, Takes>
}

same! {
    /// Rule: the argument that a function is `Given` has the type that it `Takes`.
    ///
    /// The compiler names this trait if an operator of a [`pipeline!`](https://docs.rs/syncline) names a function for
    /// items of another type.
    #[diagnostic::on_unimplemented(
        message = "this function takes `{Takes}`, and is given `{Given}`",
        label = "takes `{Takes}`, and is given `{Given}`"
    )]
    Suits<Given, Takes>
}

same! {
    /// Rule: the closure of a [`fold`](crate::fold()) returns a value of the type of the start value.
    #[diagnostic::on_unimplemented(
        message = "the closure of a `fold` returns the next value, a `{Value}` as the first; it returns `{Made}`",
        label = "not a `{Value}`"
    )]
    Folds<Made, Value>
}

same! {
    /// Rule: the two closures of a [`merge_join`](crate::Pipeline::merge_join) return keys of one type.
    #[diagnostic::on_unimplemented(
        message = "the two keys of a `merge_join` are of one type: the first closure returns `{First}`, and this one `{Second}`",
        label = "`{Second}`, and the first key is `{First}`",
        note = "return the same type in both closures"
    )]
    SameKey<Second, First>
}

same! {
    /// Rule: a stage that a `when` switches on or off emits items of the type that it takes.
    #[diagnostic::on_unimplemented(
        message = "a stage that `when` switches off passes its items on unchanged, so it must emit what it takes; this one takes \
                   `{Taken}` and emits `{Emitted}`",
        label = "takes `{Taken}`, and emits `{Emitted}`"
    )]
    Passes<Taken, Emitted>
}

same! {
    /// Rule: the output of a sink has the type that its pipeline declares.
    ///
    /// The compiler names this trait if the type behind the `->` of a `pipeline!` is not the output of its sink.
    #[diagnostic::on_unimplemented(
        message = "this pipeline declares `-> {Declared}`, and its sink gives `{Output}`",
        label = "the sink gives `{Output}`",
        note = "write the type of the sink's output: `-> {Output}`"
    )]
    Gives<Output, Declared>
}

/// Rule: the sink of a pipeline that declares no output gives `()`, or a number of items, which is not used then.
#[diagnostic::on_unimplemented(
    message = "this pipeline declares no output, and its sink gives `{Output}`",
    label = "the sink gives `{Output}`",
    note = "declare the output behind the parameters: `-> {Output}`"
)]
pub trait GivesUndeclared<Output> {
    #[doc(hidden)]
    fn fit(wanted: PhantomData<()>, given: Output, joint: Self);
}

#[diagnostic::do_not_recommend]
impl<J> GivesUndeclared<()> for J {
    fn fit(_: PhantomData<()>, (): (), _: J) {}
}

#[diagnostic::do_not_recommend]
impl<J> GivesUndeclared<u64> for J {
    fn fit(_: PhantomData<()>, _: u64, _: J) {}
}

same! {
    /// Rule: the sources of a `merge` or a `chain` are of one type.
    #[diagnostic::on_unimplemented(
        message = "the sources of a `merge` or a `chain` are of one type, and this is a `{Other}`, not a `{First}` as the first",
        label = "another type than the first",
        note = "sources of different types have one type as pipelines that are `boxed`"
    )]
    AlikeSources<Other, First>
}

same! {
    /// Rule: the sinks of a `route` are of one type.
    #[diagnostic::on_unimplemented(
        message = "the sinks of a `route` are of one type, and this is a `{Other}`, not a `{First}` as the first",
        label = "another type than the first",
        note = "sinks of different types, as of two closures, have one type once each is in a `syncline::BoxedSink`"
    )]
    AlikeSinks<Other, First>
}

same! {
    /// Rule: the items of the last stage of a part have the type that the part declares.
    ///
    /// The compiler names this trait if the type behind the `->` of a part is not the type of these items.
    #[diagnostic::on_unimplemented(
        message = "this part declares `-> {Declared}`, and its last stage hands on `{Item}`",
        label = "the last stage hands on `{Item}`"
    )]
    HandsOn<Item, Declared>
}
