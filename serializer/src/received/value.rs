//! A JSON value as Python reads it.

mod object;

use std::borrow::Cow;

pub use object::JsonObject;

use super::string::JsonString;

/// A JSON value, as Python's `json.loads` reads it: with `NaN` and infinities, integers of any size and text with
/// unpaired surrogates. It borrows from the text where it can.
#[derive(Debug, Clone, PartialEq)]
pub enum JsonValue<'text> {
    /// `null`, Python's `None`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Integer(i64),
    /// The decimal digits of a larger integer, with a minus if it is negative.
    BigInteger(Cow<'text, str>),
    /// A number with a fraction or an exponent; `NaN` and infinities.
    Float(f64),
    /// A string.
    Text(JsonString<'text>),
    /// A list.
    Array(Vec<JsonValue<'text>>),
    /// An object, Python's `dict`.
    Object(JsonObject<'text>),
}

impl<'text> JsonValue<'text> {
    /// The text of a string without unpaired surrogates.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_str(),
            _ => None,
        }
    }

    /// The object, if the value is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&JsonObject<'text>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items, if the value is a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[JsonValue<'text>]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns `true` for `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns `true` for the values that Django takes as missing: `null`, `""`, `[]` and `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Array(items) => items.is_empty(),
            Self::Object(object) => object.is_empty(),
            Self::Bool(_) | Self::Integer(_) | Self::BigInteger(_) | Self::Float(_) => false,
        }
    }

    /// Python's truth of the value: `false` for [empty](Self::is_empty) values, `false` and zero.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Bool(truth) => *truth,
            Self::Integer(integer) => *integer != 0,
            Self::Float(float) => *float != 0.0,
            other => !other.is_empty(),
        }
    }

    /// The name of the value's type in Python.
    #[must_use]
    pub fn python_type(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Integer(_) | Self::BigInteger(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "str",
            Self::Array(_) => "list",
            Self::Object(_) => "dict",
        }
    }

    /// Copies borrowed text.
    #[must_use]
    pub fn into_owned(self) -> JsonValue<'static> {
        match self {
            Self::Null => JsonValue::Null,
            Self::Bool(truth) => JsonValue::Bool(truth),
            Self::Integer(integer) => JsonValue::Integer(integer),
            Self::BigInteger(digits) => JsonValue::BigInteger(Cow::Owned(digits.into_owned())),
            Self::Float(float) => JsonValue::Float(float),
            Self::Text(text) => JsonValue::Text(text.into_owned()),
            Self::Array(items) => JsonValue::Array(items.into_iter().map(JsonValue::into_owned).collect()),
            Self::Object(object) => JsonValue::Object(object.into_owned()),
        }
    }
}

impl<'text> JsonObject<'text> {
    /// The object as a value.
    #[must_use]
    pub fn into_value(self) -> JsonValue<'text> {
        JsonValue::Object(self)
    }
}

impl<'text> From<&'text str> for JsonValue<'text> {
    fn from(text: &'text str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for JsonValue<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for JsonValue<'_> {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<f64> for JsonValue<'_> {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<bool> for JsonValue<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl<'text> From<Vec<JsonValue<'text>>> for JsonValue<'text> {
    fn from(items: Vec<JsonValue<'text>>) -> Self {
        Self::Array(items)
    }
}

impl<'text> From<JsonObject<'text>> for JsonValue<'text> {
    fn from(object: JsonObject<'text>) -> Self {
        Self::Object(object)
    }
}

impl<'text, T: Into<JsonValue<'text>>> From<Option<T>> for JsonValue<'text> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
