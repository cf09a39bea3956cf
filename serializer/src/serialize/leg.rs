//! `Leg`: the permission to change a store.

/// The permission to change a store, which only the stages of this leg, and its closing acts, can give.
///
/// Every changing operation of [`SerializeStore`](super::SerializeStore) takes one, so a program cannot call it between the stages of a flow.
#[derive(Debug, Clone, Copy)]
pub struct Leg(());

impl Leg {
    pub(super) const fn new() -> Self {
        Self(())
    }
}
