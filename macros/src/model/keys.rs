//! The keys of `#[syncable(..)]` on a model, on a struct of shared fields and on a field.

use crate::attribute::Entry;
use crate::errors::{Errors, closest, did_you_mean};

const MODEL_KEYS: [&str; 21] = [
    "profile",
    "model",
    "table",
    "discriminator",
    "partition",
    "partition_without",
    "source_id",
    "source_id_with",
    "id_with",
    "depends_on",
    "renamed_from",
    "retired",
    "unique",
    "validate",
    "blank",
    "verbose",
    "class",
    "received_with",
    "save_with",
    "deleted_with",
    "crate",
];
const FIELD_KEYS: [&str; 19] = [
    "references",
    "self_reference",
    "on_delete",
    "local",
    "column",
    "key",
    "nested",
    "default",
    "renamed_from",
    "flatten",
    "max_length",
    "min",
    "max",
    "choices",
    "blank",
    "editable",
    "validate",
    "unique",
    "verbose",
];

/// Reports the unknown key of `entry`. Returns the known key that it is likely a misspelling of, if there is one.
pub(super) fn unknown_key(entry: &Entry, place: Place, errors: &mut Errors) -> Option<&'static str> {
    let key = entry.key.to_string();
    let (what, keys, elsewhere, owner) = match place {
        Place::Model => ("a model", MODEL_KEYS.as_slice(), FIELD_KEYS.as_slice(), "a field"),
        Place::Field => ("a field", FIELD_KEYS.as_slice(), MODEL_KEYS.as_slice(), "the struct"),
        Place::Shared if MODEL_KEYS.contains(&key.as_str()) => {
            let message = "it belongs to the models that flatten this struct";
            errors.at(&entry.key, format_args!("unknown key `{key}`; {message}"));
            return None;
        }
        Place::Shared => {
            ("a struct of shared fields", &["blank", "crate"][..], FIELD_KEYS.as_slice(), "a field")
        }
    };
    if elsewhere.contains(&key.as_str()) {
        errors.at(&entry.key, format_args!("unknown key `{key}`; it belongs to {owner}"));
        return None;
    }
    let known: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    let hint = did_you_mean(&key, keys.iter().copied(), format_args!("{what} takes {}", known.join(", ")));
    errors.at(&entry.key, format_args!("unknown key `{key}`; {hint}"));
    closest(&key, keys.iter().copied())
}

/// The item that a `#[syncable(..)]` belongs to.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Model,
    /// A struct that derives `SyncableFields`.
    Shared,
    Field,
}
