//! The value of a field in a received record: conversion, missing values and rules, in Django's order.

use super::column::{ColumnType, StoredValue};
use super::from_json::{EmptyValues, is_null_json, stored as stored_text, unencodable};
use super::rules::{Blank, Rules, cannot_be_blank, cannot_be_null, is_missing};
use super::{FieldValue, NestedValue};
use crate::received::{ExceptionClass, FieldFault, JsonString, JsonValue, ValidationErrors};
use crate::record_id::RecordId;

/// The declaration of a field, as far as its values depend on it.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Declared {
    /// The name of the field in errors.
    pub name: &'static str,
    pub nullable: bool,
    /// The default, as SQL.
    pub default: Option<&'static str>,
    pub rules: Rules,
}

type Converted = Result<StoredValue<'static>, FieldFault>;

/// The value of a field of type `T`. `validate` is the function of the app, which is given the converted value.
pub(super) fn receive<T: FieldValue>(
    declared: Declared,
    value: Option<&JsonValue<'_>>,
    validate: impl FnOnce(&T) -> Result<(), FieldFault>,
) -> Converted {
    receive_as(declared, value, T::EMPTY_VALUES, T::COLUMN_TYPE, T::from_json, validate)
}

/// The value of a `nested` field of type `T`.
pub(super) fn receive_nested<T: NestedValue>(
    declared: Declared,
    value: Option<&JsonValue<'_>>,
    validate: impl FnOnce(&T) -> Result<(), FieldFault>,
) -> Converted {
    // A nested value is JSON itself, and a string in it is not JSON text.
    let empty = match value {
        Some(JsonValue::Text(text)) if !text.is_empty() => EmptyValues::Null,
        _ => T::EMPTY_VALUES,
    };
    receive_as(declared, value, empty, T::COLUMN_TYPE, T::from_nested_json, validate)
}

fn receive_as<T: FieldValue>(
    declared: Declared,
    value: Option<&JsonValue<'_>>,
    empty: EmptyValues,
    column_type: ColumnType,
    convert: impl FnOnce(&JsonValue<'_>) -> Converted,
    validate: impl FnOnce(&T) -> Result<(), FieldFault>,
) -> Converted {
    let Declared { nullable, rules, default, .. } = declared;
    let absent;
    let value = match (value, default) {
        (Some(value), _) => value,
        (None, Some(sql)) => {
            let stored = literal(sql);
            return match rules.blank {
                Blank::Allowed if is_missing(empty, &stored) => Ok(stored),
                Blank::Refused if rules.editable && is_missing(empty, &stored) => Err(cannot_be_blank()),
                _ => validated(rules, stored, validate),
            };
        }
        (None, None) => {
            absent = empty.absent(nullable);
            &absent
        }
    };
    let is_blank = value.is_empty() || empty == EmptyValues::Nested && empty.contain(value);
    if rules.blank == Blank::Allowed && is_blank {
        if empty == EmptyValues::Nested && is_null_json(value) {
            return Ok(StoredValue::Null);
        }
        return unvalidated(declared, value, column_type, convert);
    }
    if rules.editable && empty.contain(value) {
        missing(rules, nullable, empty, value)?;
    }
    let stored = convert(value)?;
    if rules.editable && stored == StoredValue::Null {
        // An optional boolean takes empty text and lists as `None`.
        present(rules, nullable)?;
    }
    validated(rules, stored, validate)
}

/// Refuses a missing value, unless the type itself does.
fn missing(
    rules: Rules,
    nullable: bool,
    empty: EmptyValues,
    value: &JsonValue<'_>,
) -> Result<(), FieldFault> {
    let is_null = value.is_null() || empty == EmptyValues::Nested && is_null_json(value);
    match empty {
        EmptyValues::Boolean if !nullable => Ok(()),
        EmptyValues::Nested if rules.blank == Blank::Unchecked => Ok(()),
        _ if is_null => present(rules, nullable),
        _ if rules.blank == Blank::Refused => Err(cannot_be_blank()),
        _ => Ok(()),
    }
}

/// Refuses `null` where the field cannot be missing.
fn present(rules: Rules, nullable: bool) -> Result<(), FieldFault> {
    if !nullable {
        Err(cannot_be_null())
    } else if rules.blank == Blank::Refused {
        Err(cannot_be_blank())
    } else {
        Ok(())
    }
}

/// Applies the declared rules and the function of the app to a converted value. All texts are collected, those of the function
/// before those of limits, as in Django.
fn validated<T: FieldValue>(
    rules: Rules,
    stored: StoredValue<'static>,
    validate: impl FnOnce(&T) -> Result<(), FieldFault>,
) -> Converted {
    // A database stores NaN as NULL.
    if matches!(stored, StoredValue::Real(real) if real.is_nan()) {
        return Ok(StoredValue::Null);
    }
    let of_limits = rules.failures(&stored)?;
    let mut texts = Vec::new();
    if let Ok(value) = T::read(stored.as_column()) {
        match validate(&value) {
            Err(FieldFault::Invalid(of_function)) => texts = of_function,
            other => other?,
        }
    }
    texts.extend(of_limits);
    if texts.is_empty() { Ok(stored) } else { Err(FieldFault::Invalid(texts)) }
}

/// A missing value of a `blank` field: it is not validated, and its conversion for the column fails when Django saves.
fn unvalidated(
    declared: Declared,
    value: &JsonValue<'_>,
    column_type: ColumnType,
    convert: impl FnOnce(&JsonValue<'_>) -> Converted,
) -> Converted {
    if value.is_null() {
        return Ok(StoredValue::Null);
    }
    if matches!(column_type, ColumnType::Integer | ColumnType::Real) {
        let is_text = matches!(value, JsonValue::Text(_));
        let class = if is_text { ExceptionClass::VALUE_ERROR } else { ExceptionClass::TYPE_ERROR };
        let (name, value) = (declared.name, value.python_repr());
        return Err(FieldFault::at_save(class, format!("Field '{name}' expected a number but got {value}.")));
    }
    convert(value).map_err(|fault| match fault {
        FieldFault::Invalid(texts) => FieldFault::AtSave(ValidationErrors::all_of_record(texts).into()),
        FieldFault::Raised(failure) | FieldFault::AtSave(failure) => FieldFault::AtSave(failure),
    })
}

/// Applies the rules of a field to its value in a record of the app, with the texts for received records.
pub(super) fn check_rules<T: FieldValue>(
    value: &T,
    declared: Declared,
    validate: impl FnOnce(&T) -> Result<(), FieldFault>,
) -> Result<(), FieldFault> {
    let rules = declared.rules;
    // A value that no column holds is reported when it is bound.
    let Ok(stored) = value.to_column() else { return Ok(()) };
    if is_missing(T::EMPTY_VALUES, &stored) {
        match rules.blank {
            Blank::Refused if rules.editable => return Err(cannot_be_blank()),
            Blank::Allowed => return Ok(()),
            _ => {}
        }
    }
    let mut texts = rules.failures(&stored)?;
    match validate(value) {
        Err(FieldFault::Invalid(more)) => texts.extend(more),
        other => other?,
    }
    if texts.is_empty() { Ok(()) } else { Err(FieldFault::Invalid(texts)) }
}

/// The id in a received record, or `NULL` if it has none. Called by derived code.
#[doc(hidden)]
pub fn receive_id(value: Option<&JsonValue<'_>>) -> Converted {
    match value {
        Some(value) if !value.is_empty() => RecordId::from_json(value),
        _ => Ok(StoredValue::Null),
    }
}

/// The id in a reference of a received record. Text is not converted: the record that it refers to is looked up by it.
/// Called by derived code.
#[doc(hidden)]
pub fn receive_reference(declared: Declared, value: Option<&JsonValue<'_>>) -> Converted {
    let Declared { rules, nullable, .. } = declared;
    let text = match value {
        None | Some(JsonValue::Null) => {
            if rules.editable && (rules.blank != Blank::Allowed || !nullable) {
                present(rules, nullable)?;
            }
            return Ok(StoredValue::Null);
        }
        Some(JsonValue::Text(JsonString::Text(text))) => return Ok(stored_text(text)),
        Some(JsonValue::Text(JsonString::Surrogates(points))) => return Err(unencodable(points)),
        // Numbers as SQLite converts them to text.
        Some(JsonValue::Bool(truth)) => u8::from(*truth).to_string(),
        Some(JsonValue::Integer(integer)) => integer.to_string(),
        Some(JsonValue::Float(float)) if float.is_nan() => {
            return Err(FieldFault::raised(
                ExceptionClass::INTEGRITY_ERROR,
                "NOT NULL constraint failed: t_fks.to_pk",
            ));
        }
        Some(JsonValue::Float(float)) if float.is_infinite() => {
            if *float > 0.0 {
                "Inf".to_owned()
            } else {
                "-Inf".to_owned()
            }
        }
        Some(value @ JsonValue::Float(_)) => {
            let text = value.python_repr();
            match text.split_once('e') {
                Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
                _ => text,
            }
        }
        Some(JsonValue::BigInteger(_)) => {
            return Err(FieldFault::raised(
                ExceptionClass::OVERFLOW_ERROR,
                "Python int too large to convert to SQLite INTEGER",
            ));
        }
        Some(value @ (JsonValue::Array(_) | JsonValue::Object(_))) => {
            return Err(FieldFault::raised(
                ExceptionClass::PROGRAMMING_ERROR,
                format!("Error binding parameter: type '{}' is not supported", value.python_type()),
            ));
        }
    };
    Ok(StoredValue::Text(text.into()))
}

/// The value of an SQL literal, as a declaration has it for a default.
fn literal(sql: &str) -> StoredValue<'static> {
    let text = sql.strip_prefix('\'').and_then(|sql| sql.strip_suffix('\''));
    match (text, sql.parse(), sql.parse()) {
        (Some(text), ..) => StoredValue::Text(text.replace("''", "'").into()),
        (None, Ok(integer), _) => StoredValue::Integer(integer),
        (None, Err(_), Ok(real)) => StoredValue::Real(real),
        (None, Err(_), Err(_)) => StoredValue::Null,
    }
}
