//! Texts that stand for an empty value: Kolibri sets them before it validates a record.

use syncline::model::ReceiveContext;
use syncline::received::{ExceptionClass, Failure, JsonObject, JsonValue};

/// Refuses a text that is no object, as Kolibri's own hooks do.
///
/// # Errors
///
/// If the text is no object.
pub(super) fn needs_object(context: &ReceiveContext<'_>) -> Result<(), Failure> {
    match context.not_an_object {
        None => Ok(()),
        Some(other) => Err(Failure::new(
            ExceptionClass::ATTRIBUTE_ERROR,
            format!("'{}' object has no attribute 'get'", other.python_type()),
        )),
    }
}

/// Sets the text at `key` to `marker` if it is missing or empty.
///
/// # Errors
///
/// If the value has no length, as a number.
pub(super) fn fill_empty(object: &mut JsonObject<'_>, key: &str, marker: &str) -> Result<(), Failure> {
    match object.get(key) {
        Some(
            number @ (JsonValue::Bool(true)
            | JsonValue::Integer(_)
            | JsonValue::BigInteger(_)
            | JsonValue::Float(_)),
        ) if number.is_true() => Err(Failure::new(
            ExceptionClass::TYPE_ERROR,
            format!("object of type '{}' has no len()", number.python_type()),
        )),
        Some(value) if value.is_true() => Ok(()),
        _ => {
            object.set(key, marker.to_owned());
            Ok(())
        }
    }
}
