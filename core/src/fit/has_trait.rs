//! Rules that a type has a trait: a key that can be compared, a chunk, an iterator.

use crate::fit::members;
use crate::stage::Chunk;

/// Declares a rule that a type has a trait, with a function that returns a value of that type.
macro_rules! rule {
    ($(#[$attribute:meta])* $rule:ident: $asked:path) => {
        $(#[$attribute])*
        pub trait $rule<By> {
            #[doc(hidden)]
            type Itself: $asked;

            #[doc(hidden)]
            fn itself(self) -> Self::Itself;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $asked> $rule<Trait> for T {
            type Itself = T;

            #[inline]
            fn itself(self) -> T {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: $asked + Nothing> $rule<Nobody> for T {
            type Itself = T;

            fn itself(self) -> T {
                self
            }
        }
    };
}

rule! {
    /// The members of a [`merge`](crate::merge) or a [`chain`](crate::chain) are several sources of one type.
    #[diagnostic::on_unimplemented(
        message = "`merge` and `chain` take several sources, and `{Self}` is no collection of them",
        label = "not sources",
        note = "write `[first, second]`; sources of different types have one type once they are `boxed`"
    )]
    AreSources: members::Sources
}

rule! {
    /// The members of a [`route`](crate::route) are several sinks of one type.
    #[diagnostic::on_unimplemented(
        message = "`route` takes several sinks, and `{Self}` is no collection of them",
        label = "not sinks",
        note = "write `[first, second]`; sinks of different types have one type as `syncline::BoxedSink`"
    )]
    AreSinks: members::Sinks
}

rule! {
    /// The key of a [`merge_by`](crate::merge_by) has an order.
    #[diagnostic::on_unimplemented(
        message = "sources are merged in the order of their keys, and `{Self}` has no order",
        label = "`{Self}` is not `Ord`"
    )]
    IsOrdered: Ord
}

rule! {
    /// The key of a [`merge_join`](crate::Pipeline::merge_join) has an order.
    #[diagnostic::on_unimplemented(
        message = "`merge_join` joins items in the order of their keys, and `{Self}` has no order",
        label = "`{Self}` is not `Ord`"
    )]
    IsJoined: Ord
}

rule! {
    /// The result of the query of a [`lookup`](crate::Pipeline::lookup) is an iterator: one answer for each item.
    #[diagnostic::on_unimplemented(
        message = "`lookup` needs an answer for each item of a chunk, and its closure returns `{Self}`",
        label = "not an iterator",
        note = "return a `Vec` of answers, in the order of the items"
    )]
    IsAnswered: IntoIterator
}

rule! {
    /// The keys of [`dedup`](crate::Pipeline::dedup) and of `buffer(.., by: ..)` can be compared.
    #[diagnostic::on_unimplemented(
        message = "neighbours are compared by their keys, and `{Self}` cannot be compared",
        label = "`{Self}` is not `PartialEq`"
    )]
    IsKey: PartialEq
}

rule! {
    /// The key of a [`distinct`](crate::Pipeline::distinct) can be hashed and compared.
    #[diagnostic::on_unimplemented(
        message = "`distinct` remembers the keys of items in a set, and `{Self}` cannot be in one",
        label = "`{Self}` is not `Hash` and `Eq`"
    )]
    IsRemembered: InSets
}

rule! {
    /// The key of a [`sort`](crate::Pipeline::sort) has an order.
    #[diagnostic::on_unimplemented(
        message = "`sort` compares the keys of items, and `{Self}` has no order",
        label = "`{Self}` is not `Ord`"
    )]
    IsSorted: Ord
}

#[cfg(feature = "sort")]
rule! {
    /// The items of a [`sort`](crate::Pipeline::sort) can be written to a file and read again.
    #[diagnostic::on_unimplemented(
        message = "`sort` writes items to files and reads them again, and serde cannot do both with `{Self}`",
        label = "`{Self}` is not `Serialize` and `DeserializeOwned`",
        note = "derive `serde::Serialize` and `serde::Deserialize` for a type that owns its data"
    )]
    IsSpilled: Spilled
}

/// A type that serde writes and reads.
#[cfg(feature = "sort")]
#[doc(hidden)]
pub trait Spilled: serde::Serialize + serde::de::DeserializeOwned {}

#[cfg(feature = "sort")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> Spilled for T {}

/// A type whose values a hash set can hold.
#[doc(hidden)]
pub trait InSets: std::hash::Hash + Eq {}

impl<T: std::hash::Hash + Eq> InSets for T {}

rule! {
    /// The key of a `parallel(n, by: ..)` can be hashed.
    #[diagnostic::on_unimplemented(
        message = "`parallel` chooses the thread of an item by its key, and `{Self}` cannot be hashed",
        label = "`{Self}` is not `Hash`"
    )]
    IsHashed: std::hash::Hash
}

rule! {
    /// The items of an [`unbuffer`](crate::Pipeline::unbuffer) are chunks, or other collections.
    #[diagnostic::on_unimplemented(
        message = "`unbuffer` takes chunks apart, and is given `{Self}`",
        label = "not a chunk",
        note = "items become chunks in a `buffer`"
    )]
    IsChunk: IntoIterator
}

rule! {
    /// The result of the closure of a [`flat_map`](crate::Pipeline::flat_map) is an iterator.
    #[diagnostic::on_unimplemented(
        message = "the closure of a `flat_map` must return an iterator; it returns `{Self}`",
        label = "not an iterator",
        note = "use `map` for one item out of each, and `filter_map` for one or none"
    )]
    IsMany: IntoIterator
}

#[cfg(feature = "futures")]
rule! {
    /// The result of the closure of a [`map_async`](crate::Pipeline::map_async) is a future.
    #[diagnostic::on_unimplemented(
        message = "the closure of a `map_async` or a `try_map_async` must return a future; it returns `{Self}`",
        label = "not a future",
        note = "write `|item| async move {{ .. }}`; an item that needs no waiting is made by `map` or `try_map`"
    )]
    IsFuture: std::future::Future
}

rule! {
    /// The items of a [`lookup`](crate::Pipeline::lookup) are chunks.
    #[diagnostic::on_unimplemented(
        message = "`lookup` enriches chunks, and is given `{Self}`",
        label = "not a chunk",
        note = "items become chunks in a `buffer`"
    )]
    IsLookedUp: Chunk
}

/// The marker of the impls of a rule for every type that has its trait. If the compiler names this marker and a rule,
/// the trait is missing.
#[derive(Debug)]
pub enum Trait {}

/// The marker of a second impl, which applies to no type.
//
// The rules return an associated type. With a single impl the compiler would take it from that impl although the trait
// is missing, and report errors of the code behind it.
#[doc(hidden)]
#[derive(Debug)]
pub enum Nobody {}

/// A trait that no type has.
#[doc(hidden)]
pub trait Nothing {}
