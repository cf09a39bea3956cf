//! The one way in which a stage that wraps another passes methods on to it.
//!
//! An impl that uses the macro stands under `#[deny(clippy::missing_trait_methods)]`: a method that the trait gets later, and
//! that the wrapper neither writes nor passes on, is refused.

/// Passes methods of `Stage` on to the stage in a field: `delegate_stage!(FACTS = S::FACTS, self.stage: start, tick)`. The
/// facts stand there, too, since the lint does not ask for constants.
macro_rules! delegate_stage {
    (FACTS = $facts:expr, $self:ident $(. $field:ident)+: $($method:ident),+ $(,)?) => {
        const FACTS: crate::stage::StageFacts = $facts;

        delegate_stage!(@each $self, ($self $(. $field)+), $($method)+);
    };
    (@each $self:ident, $inner:tt, $($method:ident)+) => {
        $(delegate_stage!(@$method $self, $inner);)+
    };
    (@start $self:ident, $inner:tt) => {
        fn start<'env>(&mut $self, context: &mut crate::run::RunContext<'_, 'env>)
        where
            Self: 'env,
        {
            crate::stage::Stage::start(&mut $inner, context);
        }
    };
    (@tick $self:ident, $inner:tt) => {
        fn tick(&mut $self, out: &mut impl crate::emit::Emit<Self::Out>) -> Result<(), crate::error::Halt> {
            crate::stage::Stage::tick(&mut $inner, out)
        }
    };
    (@before_blocking $self:ident, $inner:tt) => {
        fn before_blocking(
            &mut $self,
            out: &mut impl crate::emit::Emit<Self::Out>,
        ) -> Result<(), crate::error::Halt> {
            crate::stage::Stage::before_blocking(&mut $inner, out)
        }
    };
    (@finish $self:ident, $inner:tt) => {
        fn finish(&mut $self, out: &mut impl crate::emit::Emit<Self::Out>) -> Result<(), crate::error::Halt> {
            crate::stage::Stage::finish(&mut $inner, out)
        }
    };
    (@close $self:ident, $inner:tt) => {
        fn close(&mut $self) -> Result<(), crate::error::Failure> {
            crate::stage::Stage::close(&mut $inner)
        }
    };
    (@is_shut $self:ident, $inner:tt) => {
        fn is_shut(&$self) -> bool {
            crate::stage::Stage::is_shut(&$inner)
        }
    };
    (@held $self:ident, $inner:tt) => {
        fn held(&$self) -> usize {
            crate::stage::Stage::held(&$inner)
        }
    };
    (@tally $self:ident, $inner:tt) => {
        fn tally(&$self) -> crate::report::Tally {
            crate::stage::Stage::tally(&$inner)
        }
    };
    (@name $self:ident, $inner:tt) => {
        fn name(&$self) -> &'static str {
            crate::stage::Stage::name(&$inner)
        }
    };
    (@node $self:ident, $inner:tt) => {
        fn node(&$self) -> crate::graph::Node {
            crate::stage::Stage::node(&$inner)
        }
    };
}

pub(crate) use delegate_stage;
