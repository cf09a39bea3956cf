//! The one way in which a source that wraps another passes methods on to it.
//!
//! An impl that uses the macro stands under `#[deny(clippy::missing_trait_methods)]`: a method that the trait gets later, and
//! that the wrapper neither writes nor passes on, is refused.

/// Passes methods of `Source` on to the source in a field: `delegate_source!(self.source: start, wait)`.
macro_rules! delegate_source {
    ($self:ident $(. $field:ident)+: $($method:ident),+ $(,)?) => {
        delegate_source!(@each $self, ($self $(. $field)+), $($method)+);
    };
    (@each $self:ident, $inner:tt, $($method:ident)+) => {
        $(delegate_source!(@$method $self, $inner);)+
    };
    (@start $self:ident, $inner:tt) => {
        fn start<'env>(&mut $self, context: &mut crate::run::RunContext<'_, 'env>)
        where
            Self: 'env,
        {
            crate::source::Source::start(&mut $inner, context);
        }
    };
    (@wait $self:ident, $inner:tt) => {
        fn wait(&mut $self, at_most: std::time::Duration) {
            crate::source::Source::wait(&mut $inner, at_most);
        }
    };
    (@remaining $self:ident, $inner:tt) => {
        fn remaining(&$self) -> Option<u64> {
            crate::source::Source::remaining(&$inner)
        }
    };
    (@stop $self:ident, $inner:tt) => {
        fn stop(&mut $self) -> Result<(), crate::error::Halt> {
            crate::source::Source::stop(&mut $inner)
        }
    };
    (@drain $self:ident, $inner:tt) => {
        fn drain(
            &mut $self,
            out: &mut impl crate::emit::Emit<Self::Item>,
        ) -> Result<(), crate::error::Halt> {
            crate::source::Source::drain(&mut $inner, out)
        }
    };
    (@close $self:ident, $inner:tt) => {
        fn close(&mut $self) -> Result<(), crate::error::Failure> {
            crate::source::Source::close(&mut $inner)
        }
    };
    (@waited $self:ident, $inner:tt) => {
        fn waited(&$self) -> std::time::Duration {
            crate::source::Source::waited(&$inner)
        }
    };
    (@tally $self:ident, $inner:tt) => {
        fn tally(&$self) -> crate::report::Tally {
            crate::source::Source::tally(&$inner)
        }
    };
    (@name $self:ident, $inner:tt) => {
        fn name(&$self) -> &'static str {
            crate::source::Source::name(&$inner)
        }
    };
    (@node $self:ident, $inner:tt) => {
        fn node(&$self) -> crate::graph::Node {
            crate::source::Source::node(&$inner)
        }
    };
}

pub(crate) use delegate_source;
