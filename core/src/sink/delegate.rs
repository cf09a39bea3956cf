//! The macro with which a sink that wraps another delegates methods to it.
//!
//! Impls that use the macro have `#[deny(clippy::missing_trait_methods)]`: a new method of the trait that a wrapper
//! neither implements nor delegates is a lint error.

/// Delegates methods of `Sink` to the sink in a field: `delegate_sink!(self.sink: start, finish)`.
macro_rules! delegate_sink {
    ($self:ident $(. $field:ident)+: $($method:ident),+ $(,)?) => {
        delegate_sink!(@each $self, ($self $(. $field)+), $($method)+);
    };
    (@each $self:ident, $inner:tt, $($method:ident)+) => {
        $(delegate_sink!(@$method $self, $inner);)+
    };
    (@start $self:ident, $inner:tt) => {
        fn start(&mut $self, context: &crate::run::RunContext<'_, '_>) {
            crate::sink::Sink::start(&mut $inner, context);
        }
    };
    (@before_retry $self:ident, $inner:tt) => {
        fn before_retry(&mut $self) {
            crate::sink::Sink::before_retry(&mut $inner);
        }
    };
    (@finish $self:ident, $inner:tt) => {
        fn finish($self) -> Result<Self::Output, crate::error::Failure> {
            crate::sink::Sink::finish($inner)
        }
    };
    (@waited $self:ident, $inner:tt) => {
        fn waited(&$self) -> std::time::Duration {
            crate::sink::Sink::waited(&$inner)
        }
    };
    (@tally $self:ident, $inner:tt) => {
        fn tally(&$self) -> crate::report::Tally {
            crate::sink::Sink::tally(&$inner)
        }
    };
    (@name $self:ident, $inner:tt) => {
        fn name(&$self) -> &'static str {
            crate::sink::Sink::name(&$inner)
        }
    };
    (@node $self:ident, $inner:tt) => {
        fn node(&$self) -> crate::graph::Node {
            crate::sink::Sink::node(&$inner)
        }
    };
}

pub(crate) use delegate_sink;
