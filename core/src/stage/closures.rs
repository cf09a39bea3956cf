//! Stages made of a closure, behind the methods of [`Pipeline`](crate::Pipeline) that are named like them.
//!
//! Each holds nothing back, so nothing is left to hand on at the end or to lose on an error. Their types name what
//! they take, which a closure alone cannot: that is what lets the next stage infer.

use std::fmt;
use std::marker::PhantomData;

use crate::emit::Emit;
use crate::error::Halt;
use crate::graph::Node;
use crate::items::{Items, Kept, Mapped, those};
use crate::stage::{Packing, Stage, Yield};

macro_rules! closure_stage {
    (
        $(#[$doc:meta])*
        $name:ident<$f:ident: FnMut($arg:ty) -> $ret:ty> $({where $($extra:tt)+})?, $label:literal, $out:ty, $yield:ident,
        |$this:ident, $item:ident, $emit:ident| $body:expr
        $(, |$these:ident, $items:ident| $all:expr)?
    ) => {
        $(#[$doc])*
        #[must_use]
        pub struct $name<$f, T, U> {
            call: $f,
            items: PhantomData<fn(T) -> U>,
        }

        impl<$f, T, U> $name<$f, T, U> {
            pub(crate) fn new(call: $f) -> Self {
                Self { call, items: PhantomData }
            }
        }

        impl<$f: FnMut($arg) -> $ret, T, U> Stage for $name<$f, T, U> $(where $($extra)+)? {
            type In = T;
            type Out = $out;

            const YIELD: Yield = Yield::$yield;

            #[inline]
            fn push(&mut self, $item: T, $emit: &mut impl Emit<$out>) -> Result<(), Halt> {
                let $this = self;
                $body
            }

            $(
                #[inline]
                fn push_all(
                    &mut self,
                    $items: impl Items<T>,
                    out: &mut impl Emit<$out>,
                ) -> Result<(), Halt> {
                    let $these = self;
                    out.emit_items($all)
                }
            )?

            fn name(&self) -> &'static str {
                $label
            }

            fn node(&self) -> Node {
                Node::operator($label, $label)
            }

            fn packing(&self) -> Packing {
                if matches!($label, "filter" | "inspect") { Packing::Keeps } else { Packing::Other }
            }
        }

        impl<$f, T, U> fmt::Debug for $name<$f, T, U> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

closure_stage! {
    /// Stage of [`Pipeline::map`](crate::Pipeline::map): one item out of each.
    Map<F: FnMut(T) -> U>, "map", U, One,
    |this, item, out| out.emit((this.call)(item)),
    |this, items| Mapped::new(items, &mut this.call)
}

closure_stage! {
    /// Stage of [`Pipeline::try_map`](crate::Pipeline::try_map): one item out of each, or an error.
    TryMap<F: FnMut(T) -> Result<U, Halt>>, "try_map", U, One,
    |this, item, out| out.emit((this.call)(item)?)
}

closure_stage! {
    /// Stage of [`Pipeline::filter`](crate::Pipeline::filter): the items that pass.
    Filter<F: FnMut(&T) -> bool>, "filter", T, AtMostOne,
    |this, item, out| if (this.call)(&item) { out.emit(item) } else { Ok(()) },
    |this, items| Kept::new(items, those(&mut this.call))
}

closure_stage! {
    /// Stage of [`Pipeline::filter_map`](crate::Pipeline::filter_map): one item or none out of each.
    FilterMap<F: FnMut(T) -> Option<U>>, "filter_map", U, AtMostOne,
    |this, item, out| match (this.call)(item) {
        Some(item) => out.emit(item),
        None => Ok(()),
    },
    |this, items| Kept::new(items, &mut this.call)
}

closure_stage! {
    /// Stage of [`Pipeline::flat_map`](crate::Pipeline::flat_map): any number of items out of each.
    FlatMapWith<F: FnMut(T) -> U> {where U: IntoIterator}, "flat_map", U::Item, Any,
    |this, item, out| out.emit_all((this.call)(item))
}

closure_stage! {
    /// Stage of [`Pipeline::inspect`](crate::Pipeline::inspect): the same items, looked at on their way.
    Inspect<F: FnMut(&T) -> U>, "inspect", T, One,
    |this, item, out| {
        (this.call)(&item);
        out.emit(item)
    },
    |this, items| Mapped::new(items, showing(&mut this.call))
}

/// Shows each item on its way.
#[inline]
fn showing<T, U>(call: &mut impl FnMut(&T) -> U) -> impl FnMut(T) -> T {
    |item| {
        call(&item);
        item
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, FilterMap, FlatMapWith, Inspect, Map, TryMap};
    use crate::stage::tests::{outputs, passes_errors_on};
    use crate::{Collect, Failure, Halt, Pipeline, for_each, from_iter};

    #[test]
    fn each_operator_does_what_its_namesake_of_iterators_does() {
        for n in [0, 1, 2, 3, 100] {
            assert_eq!(outputs(Map::new(|i| i * 2), n), (0..n).map(|i| i * 2).collect::<Vec<_>>());
            assert_eq!(outputs(TryMap::new(|i| Ok(i * 2)), n), (0..n).map(|i| i * 2).collect::<Vec<_>>());
            assert_eq!(
                outputs(Filter::<_, _, bool>::new(|i: &usize| i.is_multiple_of(3)), n),
                (0..n).filter(|i| i.is_multiple_of(3)).collect::<Vec<_>>()
            );
            assert_eq!(
                outputs(FilterMap::new(|i: usize| i.is_multiple_of(3).then_some(i + 1)), n),
                (0..n).filter_map(|i| i.is_multiple_of(3).then_some(i + 1)).collect::<Vec<_>>()
            );
            assert_eq!(outputs(FlatMapWith::new(|i| 0..i), n), (0..n).flat_map(|i| 0..i).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_before_or_behind_them_ends_the_run() {
        passes_errors_on(|| Map::new(|i: usize| i));
        passes_errors_on(|| TryMap::new(|i: usize| Ok::<_, Halt>(i)));
        passes_errors_on(|| Filter::<_, _, bool>::new(|i: &usize| i.is_multiple_of(3)));
        passes_errors_on(|| FilterMap::new(|i: usize| i.is_multiple_of(3).then_some(i)));
        passes_errors_on(|| FlatMapWith::new(|i: usize| [i; 2]));
        passes_errors_on(|| Inspect::new(|_: &usize| ()));
    }

    /// What came before the item is handed on, and nothing behind it.
    #[test]
    fn an_item_that_a_try_map_fails_at_ends_the_run() {
        for at in [0, 1, 98, 99] {
            let mut seen = Vec::new();
            let error = Pipeline::new("try", from_iter(0..100))
                .try_map(|i| if i == at { Err(Failure::new("no").at(i).into()) } else { Ok(i) })
                .end(for_each(|i| {
                    seen.push(i);
                    Ok(())
                }))
                .run()
                .unwrap_err();
            assert_eq!((error.stage(), error.record()), ("try_map", Some(at.to_string().as_str())));
            assert_eq!(seen, (0..at).collect::<Vec<_>>());
        }
    }

    #[test]
    fn inspect_sees_each_item_and_changes_none() {
        let mut seen = Vec::new();
        assert_eq!(outputs(Inspect::new(|i: &usize| seen.push(*i)), 3), [0, 1, 2]);
        assert_eq!(seen, [0, 1, 2]);
    }

    #[test]
    fn an_endless_flat_map_ends_when_nobody_wants_more() {
        let outcome =
            Pipeline::new("endless", from_iter(1..)).flat_map(|n: u64| n..).take(3).end(Collect::new()).run();
        assert_eq!(outcome.unwrap().output, [1, 2, 3]);
    }
}
