//! A profile: the models that sync together, in dependency order.

use crate::app::Access;
use crate::model::{Model, Syncable};
use crate::stored_records::StoredRecords;

/// A named set of models that sync together. Declare it: `profile! { pub Notes = "notes" { Note, Notebook } }`.
pub trait Profile: Sized + 'static {
    /// Morango's name of the profile, at most 40 characters.
    const NAME: &'static str;

    /// Its models, each after all that it depends on (morango.md §3).
    const MODELS: &'static [&'static Model];

    /// What the store of a database has of this profile, as the source of a pipeline.
    fn store(db: &impl Access) -> StoredRecords<'_> {
        StoredRecords::new(db.connection(), Self::NAME)
    }

    /// Calls `visitor` with the type of `MODELS[index]`, or returns `None` past the end.
    fn visit<V: ModelVisitor>(index: usize, visitor: V) -> Option<V::Output>;
}

/// Something to do with a model whose type is known only by its position in a [`Profile`].
pub trait ModelVisitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<M: Syncable>(self) -> Self::Output;
}

/// The profile lists the model `M`. Implemented by `profile!` for each model between its braces.
#[diagnostic::on_unimplemented(
    message = "profile `{Self}` does not list `{M}`, so it would never sync",
    label = "not listed by `{Self}`",
    note = "add `{M}` between the braces of `profile! {{ {Self} = .. {{ .. }} }}`"
)]
pub trait Lists<M>: Profile {}

/// A profile all of whose models declare their partitions, so that its records can be made here and tracked. `profile!`
/// implements it where they do.
pub trait PartitionedProfile: Profile {}

/// The profile of a model whose declaration did not compile. It lists whatever is asked, so that nobody else complains.
#[doc(hidden)]
#[derive(Debug)]
pub struct AnyProfile;

impl Profile for AnyProfile {
    const NAME: &'static str = "";
    const MODELS: &'static [&'static Model] = &[];

    fn visit<V: ModelVisitor>(_: usize, _: V) -> Option<V::Output> {
        None
    }
}

impl<M> Lists<M> for AnyProfile {}

impl PartitionedProfile for AnyProfile {}
