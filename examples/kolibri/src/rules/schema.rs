//! JSON schemas, as the draft that Kolibri uses reads them: a property that is listed must be there unless it is optional, and
//! other properties are allowed.

use syncline::received::JsonValue;

/// The shape that a JSON value must have.
#[derive(Debug)]
pub(crate) enum Schema {
    Object(&'static [Property]),
    Array(&'static Schema),
    Boolean,
    Text,
    TextOrNull,
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// A property of an object.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) is_optional: bool,
}

impl Property {
    pub(crate) const fn required(name: &'static str, schema: Schema) -> Self {
        Self { name, schema, is_optional: false }
    }

    pub(crate) const fn optional(name: &'static str, schema: Schema) -> Self {
        Self { name, schema, is_optional: true }
    }
}

impl Schema {
    /// Checks `value`.
    ///
    /// # Errors
    ///
    /// The text about the first part of it that has another shape.
    pub(crate) fn check(&self, value: &JsonValue<'_>) -> Result<(), String> {
        let wrong_type = |name: &str| Err(format!("{} does not match type '{name}'", value.python_repr()));
        match (self, value) {
            (Self::Object(properties), JsonValue::Object(object)) => {
                properties.iter().try_for_each(|property| match object.get(property.name) {
                    Some(value) => property.schema.check(value),
                    None if property.is_optional => Ok(()),
                    None => {
                        Err(format!("{} does not have property '{}'", value.python_repr(), property.name))
                    }
                })
            }
            (Self::Object(_), _) => wrong_type("object"),
            (Self::Array(schema), JsonValue::Array(items)) => {
                items.iter().try_for_each(|item| schema.check(item))
            }
            (Self::Array(_), _) => wrong_type("array"),
            (Self::Boolean, JsonValue::Bool(_))
            | (Self::Text, JsonValue::Text(_))
            | (Self::TextOrNull, JsonValue::Text(_) | JsonValue::Null) => Ok(()),
            (Self::Boolean, _) => wrong_type("boolean"),
            (Self::OneOf(texts), JsonValue::Text(text)) => {
                if text.as_str().is_some_and(|text| texts.contains(&text)) {
                    return Ok(());
                }
                let texts = texts.join("', '");
                Err(format!("{} does not match any value in enumeration ['{texts}']", value.python_repr()))
            }
            (Self::Text | Self::OneOf(_), _) => wrong_type("string"),
            (Self::TextOrNull, _) => {
                Err(format!("{} does not match any of the types in ['string', 'null']", value.python_repr()))
            }
        }
    }
}
