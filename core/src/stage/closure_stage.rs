//! What stages that are made of a closure have in common: all but what they do with an item.

/// Writes down a stage that calls a closure for each item, and keeps nothing.
///
/// Its type names what it takes, which a closure alone cannot: that is what lets the next stage infer.
macro_rules! closure_stage {
    // As many as were counted before it.
    (@hand_on One) => {
        #[inline]
        fn hand_on<I, O: Emit<I>, M: $crate::report::meter::Meter>(
            out: &mut O,
            items: impl $crate::emit::items::Items<I>,
            _: &mut u64,
        ) -> Result<(), Halt> {
            out.emit_items(items)
        }
    };
    (@hand_on $yield:ident) => {};
    (
        $(#[$doc:meta])*
        $name:ident<$f:ident: FnMut($arg:ty) -> $ret:ty> $({where $($extra:tt)+})?, $label:literal $(.$shape:ident)?, $out:ty, $yield:ident, $packing:ident,
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

            closure_stage!(@hand_on $yield);

            fn name(&self) -> &'static str {
                $label
            }

            fn node(&self) -> Node {
                Node::operator($label)$(.$shape())?
            }

            fn packing(&self) -> Packing {
                Packing::$packing
            }
        }

        impl<$f, T, U> fmt::Debug for $name<$f, T, U> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use closure_stage;
