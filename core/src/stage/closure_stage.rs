//! The macro that defines stages with one closure, such as `map` and `filter`.

/// Defines a stage that calls a closure for each item and holds no items.
///
/// The type of the stage contains the item type, which a closure's type alone does not: so the next stage can infer it.
macro_rules! closure_stage {
    // A stage that emits one item for each item need not count them again.
    (@emit One, $out:ident, $all:expr) => {
        $out.emit_one_for_each($all)
    };
    (@emit $yield:ident, $out:ident, $all:expr) => {
        $out.emit_items($all)
    };
    (
        $(#[$doc:meta])*
        $name:ident<$f:ident: FnMut($arg:ty) -> $ret:ty> $({where $($extra:tt)+})?, $label:literal $(.$shape:ident)?, $out:ty, yields $yield:ident, chunks $chunking:ident,
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

            const FACTS: StageFacts = StageFacts::new().yields(Yield::$yield).chunking(Chunking::$chunking);

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
                    closure_stage!(@emit $yield, out, $all)
                }
            )?

            fn name(&self) -> &'static str {
                $label
            }

            fn node(&self) -> Node {
                Node::operator($label)$(.$shape())?
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
