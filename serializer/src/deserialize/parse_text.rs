//! `ParseText`: the stage that reads the values of a record's columns from its text.

use std::fmt;

use syncline_core::{Halt, Transform};

use super::model_functions::{self, ModelFunctions};
use super::reference::Reference;
use super::store::DeserializeStore;
use super::tasks::{Content, Parsed, StoreText, TextId, Waiting};
use crate::model::columns::{ID, PARTITION, SOURCE_ID};
use crate::model::{Model, Profile, ReceiveContext};
use crate::received::{ExceptionClass, Failure, FieldFault, JsonObject, JsonValue, parse, parse_bytes};
use crate::value::StoredValue;

/// Stage that reads the values of a record's columns from its text.
///
/// * Shape: one record in, one out.
/// * The keys of the text that the model does not have are ignored. A key that is absent is read as its field reads that.
/// * The source id and the partition are those of the store's row, and a discriminator is that of the model.
/// * A record that cannot be read has its failure in the place of its content.
pub struct ParseText<'s, S> {
    store: &'s S,
    models: &'static [&'static Model],
    functions: Vec<ModelFunctions>,
}

impl<'s, S: DeserializeStore> ParseText<'s, S> {
    /// Creates the stage for the transaction `store`.
    #[must_use]
    pub fn new(store: &'s S) -> Self {
        let functions = model_functions::of_profile::<S::Profile>();
        Self { store, models: <S::Profile as Profile>::MODELS, functions }
    }

    fn content(&self, waiting: &Waiting, text: &StoreText) -> Result<Content, Failure> {
        let model = self.models[waiting.model_index];
        let functions = self.functions[waiting.model_index];
        let value = match text {
            StoreText::Text(text) => parse(text)?,
            StoreText::Bytes(bytes) => parse_bytes(bytes)?,
        };
        let (mut object, other) = match value {
            JsonValue::Object(object) => (object, None),
            other => (JsonObject::default(), Some(other)),
        };
        let surroundings = ReceiveContext {
            id: &waiting.id,
            source_id: &waiting.source_id,
            partition: &waiting.partition,
            not_an_object: other.as_ref(),
            app: self.store,
        };
        (functions.received)(&mut object, &surroundings)?;
        if let Some(other) = &other {
            must_read_as_empty(other, model)?;
        }
        let mut content = Content {
            values: Vec::with_capacity(model.columns.len()),
            references: Vec::new(),
            faults: Vec::new(),
            id: TextId::Absent,
            unbound: None,
        };
        for (index, column) in model.columns.iter().enumerate() {
            let value = object.get(column.key);
            let read = match column.name {
                SOURCE_ID => Ok(StoredValue::Text(waiting.source_id.clone().into())),
                PARTITION => Ok(StoredValue::Text(waiting.partition.clone().into())),
                ID if is_unbound_id(value, model) => {
                    content.id = TextId::Unread;
                    content.unbound = Some(Failure::new(
                        ExceptionClass::PROGRAMMING_ERROR,
                        "the id is a list or an object, and no text",
                    ));
                    Ok(StoredValue::Null)
                }
                ID => {
                    let read = own_id(value, |value| (functions.receive)(index, Some(value)));
                    content.id = read.as_ref().map_or(TextId::Unread, TextId::clone);
                    read.map(|_| StoredValue::Text(waiting.id.to_string().into()))
                }
                name if model.discriminator.is_some_and(|own| own.column == name) => {
                    Ok(StoredValue::Text(model.discriminator.map_or("", |own| own.value).into()))
                }
                _ if !column.references.is_empty() && value.is_some_and(|value| !value.is_null()) => {
                    let is_of_tree = model.self_reference.is_some();
                    let value = value.unwrap_or(&JsonValue::Null);
                    Reference::read(index, value, is_of_tree).map(|read| match read {
                        Ok(reference) => {
                            let id = StoredValue::Text(reference.id.clone().into());
                            content.references.push(reference);
                            id
                        }
                        Err(failure) => {
                            content.unbound.get_or_insert(failure);
                            StoredValue::Null
                        }
                    })
                }
                _ => (functions.receive)(index, value),
            };
            content.values.push(read.unwrap_or_else(|fault| {
                content.faults.push((index, fault));
                StoredValue::Null
            }));
        }
        Ok(content)
    }
}

/// Checks a text that is no object. Python finds no keys in a list or a string that holds none of them, and reads it as empty.
fn must_read_as_empty(value: &JsonValue<'_>, model: &Model) -> Result<(), Failure> {
    let keys = || model.columns.iter().map(|column| column.key);
    let is_empty = match value {
        JsonValue::Object(_) => true,
        JsonValue::Array(items) => {
            !items.iter().filter_map(JsonValue::as_str).any(|text| keys().any(|key| key == text))
        }
        JsonValue::Text(text) => !keys().any(|key| text.to_str_lossy().contains(key)),
        _ => false,
    };
    if is_empty {
        return Ok(());
    }
    Err(Failure::new(
        ExceptionClass::TYPE_ERROR,
        "the text of a record is a JSON object, and this one is not",
    ))
}

/// Returns `true` for an id that Morango cannot bind to the query that looks up references.
fn is_unbound_id(value: Option<&JsonValue<'_>>, model: &Model) -> bool {
    matches!(value, Some(JsonValue::Array(_) | JsonValue::Object(_)))
        && model.self_reference.is_none()
        && model.columns.iter().any(|column| !column.references.is_empty())
}

/// The id in a text.
fn own_id(
    value: Option<&JsonValue<'_>>,
    receive: impl FnOnce(&JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault>,
) -> Result<TextId, FieldFault> {
    match value {
        None | Some(JsonValue::Null) => Ok(TextId::Absent),
        Some(JsonValue::Text(text)) if text.is_empty() => Ok(TextId::Empty),
        Some(value) => match receive(value)? {
            StoredValue::Text(id) => Ok(TextId::Text(id.into_owned())),
            _ => Err(FieldFault::raised(
                ExceptionClass::KEY_ERROR,
                format!("the id {} is no text", value.python_str()),
            )),
        },
    }
}

impl<S: DeserializeStore> Transform for ParseText<'_, S> {
    type In = Waiting;
    type Out = Parsed;

    fn transform(&mut self, waiting: Waiting) -> Result<Option<Parsed>, Halt> {
        let empty = || Content {
            values: Vec::new(),
            references: Vec::new(),
            faults: Vec::new(),
            id: TextId::Absent,
            unbound: None,
        };
        let content = match &waiting.text {
            Some(text) => self.content(&waiting, text),
            None => Ok(empty()),
        };
        self.store.look_up_error()?;
        let is_deletion = waiting.text.is_none();
        // The text is read, and a chunk of texts would take memory.
        let waiting = Waiting { text: None, ..waiting };
        Ok(Some(Parsed { waiting, content, is_deletion }))
    }
}

impl<S> fmt::Debug for ParseText<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseText").finish_non_exhaustive()
    }
}
