//! A profile: the models that sync together, in dependency order.

use crate::model::definition::Model;
use crate::model::known_schema::KnownSchema;
use crate::model::on_conflict::OnConflict;
use crate::model::{Partitioned, Syncable};

/// A named set of models that sync together. Declare it with `profile! { pub Notes = "notes" { Note, Notebook } }`.
pub trait Profile: Sized + 'static {
    /// Morango's name of the profile, at most 40 characters.
    const NAME: &'static str;

    /// The models in dependency order: each after the models that it refers to (morango.md §3).
    const MODELS: &'static [&'static Model];

    /// The schema that the profile was written for, if another application makes the tables.
    const KNOWN: Option<&'static KnownSchema> = None;

    /// The rule for records that two devices changed independently.
    const ON_CONFLICT: OnConflict = OnConflict::Mine;

    /// Calls `visitor` with the type of `MODELS[index]`. Returns `None` if `index` is out of range.
    fn visit<V: ModelVisitor>(index: usize, visitor: V) -> Option<V::Output>;
}

/// A generic operation on a model. [`Profile::visit`] calls it with the model's type, which the caller knows only by
/// its position.
pub trait ModelVisitor {
    /// The result of the operation.
    type Output;

    /// Runs the operation for the model `M`.
    fn visit<M: Syncable>(self) -> Self::Output;
}

/// Marker trait: the profile lists the model `M`. `profile!` implements it for each model between its braces.
#[diagnostic::on_unimplemented(
    message = "profile `{Self}` does not list `{M}`, so it would never sync",
    label = "not listed by `{Self}`",
    note = "add `{M}` between the braces of `profile! {{ {Self} = .. {{ .. }} }}`"
)]
pub trait Lists<M>: Profile {}

/// The name of the profile `P`, which lists the model `M`. Called by derived code.
#[doc(hidden)]
#[must_use]
pub const fn name_of_profile<M, P: Lists<M>>() -> &'static str {
    P::NAME
}

/// A profile whose models all declare their partitions. Its records can be created and tracked by this crate.
/// `profile!` implements it for such a profile.
pub trait PartitionedProfile: Profile {}

/// A model that a profile lists under a condition, in the bounds of [`PartitionedProfile`]: it is [`Partitioned`], or the
/// condition does not hold and [`Unlisted`] is in its place.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "model `{Self}` does not declare how its partition is made",
    label = "`{Self}` has no `partition`",
    note = "add `partition = \"..\"` to its `#[syncable(..)]`; in tables of another application, `insert_as` does without"
)]
pub trait PartitionedIfListed {}

#[diagnostic::do_not_recommend]
impl<M: Partitioned> PartitionedIfListed for M {}

/// The type in the place of a model that a profile does not list.
#[doc(hidden)]
#[derive(Debug)]
pub struct Unlisted;

impl PartitionedIfListed for Unlisted {}

/// The profile of a model whose declaration did not compile. It lists every model, so that no further errors follow.
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
