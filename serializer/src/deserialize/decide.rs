//! `Decide`: the stage that decides the outcome of received records.

use std::fmt;
use std::marker::PhantomData;

use syncline_core::{Halt, Transform};

use super::error_names;
use super::model_functions::{self, ModelFunctions};
use super::reference::Reference;
use super::states::{AppState, Failed, FailureKind, ParentState, Target, TargetState};
use super::tasks::{Content, Decided, LookedUp, Outcome, TextId, Waiting};
use crate::model::columns::ID;
use crate::model::{Model, OnDelete, Profile, ReceivedRow};
use crate::received::{ExceptionClass, Failure, Faults, FieldFault, ValidationErrors};
use crate::value::StoredValue;

/// Stage that decides the outcome of received records, by what was looked up. It uses no database.
///
/// * Shape: a chunk in, a chunk out.
/// * The first that holds: the app has changes of the record that are not serialised; it was deleted; its parent is not there; its
///   text or one of its fields is not valid; a record that it refers to is not in the store, was not valid, or is deleted.
pub struct Decide<P> {
    functions: Vec<ModelFunctions>,
    profile: PhantomData<fn() -> P>,
}

impl<P: Profile> Decide<P> {
    /// Creates the stage.
    #[must_use]
    pub fn new() -> Self {
        Self { functions: model_functions::of_profile::<P>(), profile: PhantomData }
    }
}

impl<P: Profile> Default for Decide<P> {
    fn default() -> Self {
        Self::new()
    }
}

fn outcome<P: Profile>(record: LookedUp, functions: &[ModelFunctions]) -> (Waiting, Outcome) {
    let LookedUp { waiting, content, is_deletion, targets, parent, app } = record;
    let model = P::MODELS[waiting.model_index];
    let outcome = if app == AppState::Dirty || (app == AppState::DeletedHere && !is_deletion) {
        Outcome::Unsaved
    } else if is_deletion {
        Outcome::Delete
    } else if let Some(failed) = parent.and_then(of_parent) {
        Outcome::Fail(failed)
    } else {
        match content {
            Err(failure) => Outcome::Fail(Failed::invalid(failure)),
            Ok(content) => {
                let check = functions[waiting.model_index].check_received;
                of_content::<P>(&waiting, model, content, &targets, app, check).unwrap_or_else(Outcome::Fail)
            }
        }
    };
    (waiting, outcome)
}

/// The failure of a record whose parent is not there.
fn of_parent(parent: ParentState) -> Option<Failed> {
    let (class, text) = match parent {
        ParentState::Clean => return None,
        ParentState::Dirty => (ExceptionClass::DIRTY_PARENT, "Parent is dirty; could not deserialize."),
        ParentState::Missing => {
            (ExceptionClass::MISSING_PARENT, "Parent does not exist in Store; could not deserialize.")
        }
    };
    let mut failed = Failed::not_saved(Failure::new(class, text));
    failed.may_be_order = parent == ParentState::Dirty;
    Some(failed)
}

fn of_content<P: Profile>(
    waiting: &Waiting,
    model: &'static Model,
    content: Content,
    targets: &[Target],
    app: AppState,
    check_received: fn(&ReceivedRow) -> Result<(), Failure>,
) -> Result<Outcome, Failed> {
    let Content { values, references, faults, id, unbound } = content;
    // What Django finds at the save comes behind the references.
    let (at_save, mut faults): (Vec<_>, Vec<_>) =
        faults.into_iter().partition(|(_, fault)| matches!(fault, FieldFault::AtSave(_)));
    let is_tree = model.self_reference.is_some();
    let referred = || references.iter().zip(targets.iter().copied());
    if is_tree && !faults.is_empty() {
        // The references of a tree are fields like others, which are looked up in the app.
        faults.extend(
            referred()
                .filter(|(_, target)| !target.is_in_app)
                .map(|(reference, _)| (reference.column, does_not_exist::<P>(model, reference))),
        );
    }
    of_faults(model, faults).map_err(Failed::invalid)?;
    let (source_id, partition) = (waiting.source_id.clone(), waiting.partition.clone());
    let mut row = ReceivedRow::new(model, waiting.id, source_id, partition, values);
    row.set_new(app == AppState::Missing);
    check_received(&row).map_err(Failed::invalid)?;
    if let Some(failure) = unbound {
        return Err(Failed::invalid(failure));
    }
    if id == TextId::Absent && !is_tree && model.columns.iter().any(|column| !column.references.is_empty()) {
        let text = "the text of the record has no id";
        return Err(Failed::invalid(Failure::new(ExceptionClass::INTEGRITY_ERROR, text)));
    }
    if !is_tree && let Err(failed) = must_exist::<P>(model, referred()) {
        // Morango leaves out the record by the id of its text. With an id that cannot be read it tries to save it all the same.
        let of_id = |(column, _): &(usize, FieldFault)| model.columns[*column].name == ID;
        let of_id: Vec<_> = at_save.into_iter().filter(of_id).collect();
        of_faults(model, of_id).map_err(Failed::invalid)?;
        return Err(failed);
    }
    let mut hard = None;
    for (reference, target) in referred() {
        let is_hard = match target.state {
            TargetState::Deleted => false,
            TargetState::HardDeleted => true,
            TargetState::Missing | TargetState::Alive | TargetState::Failed => continue,
        };
        let column = &model.columns[reference.column];
        if column.on_delete == OnDelete::SetNull && column.nullable {
            row.set(column.name, StoredValue::Null);
        } else {
            hard = Some(hard.unwrap_or(false) || is_hard);
        }
    }
    if let Some(hard) = hard {
        return Ok(Outcome::PassOn { hard });
    }
    if is_tree {
        let is_null =
            |reference: &Reference| *row.get(model.columns[reference.column].name) == StoredValue::Null;
        let missing = referred().filter(|(reference, target)| !target.is_in_app && !is_null(reference));
        let missing = missing.map(|(reference, _)| (reference.column, does_not_exist::<P>(model, reference)));
        of_faults(model, missing.collect()).map_err(|failure| Failed::invalid(failure).perhaps_by_order())?;
    }
    of_faults(model, at_save).map_err(|failure| {
        let kind = FailureKind::NotSaved;
        Failed { failure, kind, may_be_order: false }
    })?;
    Ok(Outcome::Save { row, id })
}

/// Checks that the targets are in the store and valid, in Morango's order: the first one that failed ends the collection of
/// targets, and of the collected ones that are missing the last one is named, grouped by their kind.
fn must_exist<'a, P: Profile>(
    model: &'static Model,
    references: impl Iterator<Item = (&'a Reference, Target)>,
) -> Result<(), Failed> {
    let name = |reference: &Reference| error_names::target(&model.columns[reference.column], P::MODELS);
    let mut groups: Vec<(&str, Option<&Reference>)> = Vec::new();
    let mut failed = None;
    for (reference, target) in references {
        if target.state == TargetState::Failed {
            let text = format!("{} with id {} failed to deserialize", name(reference), reference.id);
            failed = Some(ValidationErrors::of_record(text));
            break;
        }
        let name = name(reference);
        let position = groups.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            groups.push((name, None));
            groups.len() - 1
        });
        if target.state == TargetState::Missing {
            groups[position].1 = Some(reference);
        }
    }
    if let Some(reference) = groups.iter().rev().find_map(|(_, missing)| *missing) {
        return Err(Failed::invalid(non_existent::<P>(model, reference.column, &reference.id)));
    }
    match failed {
        Some(errors) => Err(Failed::invalid(errors.into()).perhaps_by_order()),
        None => Ok(()),
    }
}

/// The failure of a reference to a record that does not exist.
pub(super) fn non_existent<P: Profile>(model: &'static Model, column: usize, id: &str) -> Failure {
    let column = &model.columns[column];
    let text = format!(
        "{}.{} references non-existent {} instance with id '{id}'",
        model.class_name,
        column.name,
        error_names::target(column, P::MODELS)
    );
    Failure::new(ExceptionClass::INTEGRITY_ERROR, text)
}

/// The text of a reference of a tree to a record that the app lacks.
fn does_not_exist<P: Profile>(model: &'static Model, reference: &Reference) -> FieldFault {
    let name = error_names::target(&model.columns[reference.column], P::MODELS);
    FieldFault::invalid(format!("{name} instance with id '{}' does not exist.", reference.spelt))
}

/// Checks that no field has a fault.
fn of_faults(model: &'static Model, mut faults: Vec<(usize, FieldFault)>) -> Result<(), Failure> {
    faults.sort_by_key(|(column, _)| *column);
    let mut collected = Faults::default();
    for (column, fault) in faults {
        collected.add(model.columns[column].error_key(), fault)?;
    }
    collected.finish()
}

impl<P: Profile> Transform for Decide<P> {
    type In = Vec<LookedUp>;
    type Out = Vec<Decided>;

    fn transform(&mut self, chunk: Vec<LookedUp>) -> Result<Option<Vec<Decided>>, Halt> {
        let decided = chunk.into_iter().map(|record| {
            let (waiting, outcome) = outcome::<P>(record, &self.functions);
            Decided { waiting, outcome }
        });
        Ok(Some(decided.collect()))
    }
}

impl<P> fmt::Debug for Decide<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decide").finish_non_exhaustive()
    }
}
