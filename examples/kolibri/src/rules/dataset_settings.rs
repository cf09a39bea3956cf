//! The settings of a dataset: two columns of JSON with schemas, and settings that exclude each other.

use syncline::model::{AppTables, Effects, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, FieldFault, JsonObject, JsonValue, parse};
use syncline::value::{JsonText, StoredValue};

use super::schema::{Property, Schema};

const INCOMPATIBLE: ExceptionClass =
    ExceptionClass::new("kolibri.core.auth.errors.IncompatibleDeviceSettingError");

/// The languages of Kolibri.
const LANGUAGES: [&str; 33] = [
    "ar", "bg-bg", "bn-bd", "de", "el", "en", "es-419", "es-es", "fa", "ff-cm", "fr-fr", "gu-in", "ha",
    "hi-in", "ht", "id", "it", "ka", "km", "ko", "mr", "my", "ny", "pa", "pt-br", "pt-mz", "sw-tz", "te",
    "uk", "ur-pk", "vi", "yo", "zh-hans",
];

const PICTURE_PASSWORDS: Schema = Schema::Object(&[
    Property::required("icon_style", Schema::OneOf(&["standard", "colorful"])),
    Property::required("show_icon_text", Schema::Boolean),
]);

const TRANSLATIONS: Schema = Schema::Array(&Schema::Object(&[
    Property::required("language", Schema::OneOf(&LANGUAGES)),
    Property::required("message", Schema::Text),
]));

const POSSIBLE_VALUES: Schema = Schema::Array(&Schema::Object(&[
    Property::required("value", Schema::Text),
    Property::required("defaultLabel", Schema::Text),
    Property::optional("translations", TRANSLATIONS),
]));

const QUESTIONS: Schema = Schema::Array(&Schema::Object(&[
    Property::required("id", Schema::Text),
    Property::required("description", Schema::Text),
    Property::required("enumValues", POSSIBLE_VALUES),
    Property::optional("translations", TRANSLATIONS),
]));

const EXTRA_FIELDS: Schema = Schema::Object(&[
    Property::optional("facility", Schema::Object(&[])),
    Property::optional("on_my_own_setup", Schema::Boolean),
    Property::optional("pin_code", Schema::TextOrNull),
    Property::optional("demographic_fields", QUESTIONS),
]);

/// Checks the settings for signing in with pictures.
///
/// # Errors
///
/// If they do not have the shape.
#[expect(clippy::ref_option, reason = "the type of the field")]
pub(crate) fn check_picture_passwords(settings: &Option<JsonText>) -> Result<(), FieldFault> {
    let Some(settings) = settings else { return Ok(()) };
    PICTURE_PASSWORDS.check(&parse(settings.as_str())?).map_err(FieldFault::invalid)
}

/// Checks the extra fields: their shape, and the questions to users, whose ids, values and languages must be unique.
///
/// # Errors
///
/// With a text for each rule that fails. Fields that the rules cannot walk through raise what Kolibri raises.
#[expect(clippy::ref_option, reason = "the type of the field")]
pub(crate) fn check_extra_fields(fields: &Option<JsonText>) -> Result<(), FieldFault> {
    let Some(fields) = fields else { return Ok(()) };
    let fields = parse(fields.as_str())?;
    let mut texts: Vec<String> = EXTRA_FIELDS.check(&fields).err().into_iter().collect();
    let questions = as_object(&fields)?.get("demographic_fields");
    let none = JsonValue::Array(Vec::new());
    let questions = questions.unwrap_or(&none);
    let id_rule = match is_unique(questions, "id")? {
        Unique::Yes => None,
        Unique::No => Some("Array must contain unique values (demographic_fields)"),
        Unique::NoArray => Some("Value must be an array (demographic_fields)"),
    };
    texts.extend(id_rule.map(str::to_owned));
    texts.extend(first(questions, description_languages)?);
    texts.extend(first(questions, possible_values)?);
    texts.extend(first(questions, label_languages)?);
    if texts.is_empty() { Ok(()) } else { Err(FieldFault::Invalid(texts)) }
}

/// The text of the first question that breaks `rule`.
fn first(
    questions: &JsonValue<'_>,
    rule: fn(&JsonObject<'_>) -> Result<Option<String>, Failure>,
) -> Result<Option<String>, Failure> {
    for question in walk(questions)? {
        if let Some(text) = rule(as_object(question)?)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn description_languages(question: &JsonObject<'_>) -> Result<Option<String>, Failure> {
    if is_unique_in(question, "translations", "language")? {
        return Ok(None);
    }
    let name = name_of(question)?;
    Ok(Some(format!("User facing description translations for {name} must be unique by language")))
}

fn possible_values(question: &JsonObject<'_>) -> Result<Option<String>, Failure> {
    if is_unique_in(question, "enumValues", "value")? {
        return Ok(None);
    }
    Ok(Some(format!("Possible values for {} must be unique", name_of(question)?)))
}

fn label_languages(question: &JsonObject<'_>) -> Result<Option<String>, Failure> {
    let none = JsonValue::Array(Vec::new());
    for value in walk(question.get("enumValues").unwrap_or(&none))? {
        let value = as_object(value)?;
        if !is_unique_in(value, "translations", "language")? {
            let label = format!("'{} ({})'", member(value, "defaultLabel")?, member(value, "value")?);
            let name = name_of(question)?;
            return Ok(Some(format!(
                "User facing label translations for value {label} in {name} must be unique by language"
            )));
        }
    }
    Ok(None)
}

/// The description and the id of a question: `'Height (h)'`.
fn name_of(question: &JsonObject<'_>) -> Result<String, Failure> {
    Ok(format!("'{} ({})'", member(question, "description")?, member(question, "id")?))
}

fn member(object: &JsonObject<'_>, key: &str) -> Result<String, Failure> {
    object.get(key).map(JsonValue::python_str).ok_or_else(|| no_key(key))
}

enum Unique {
    Yes,
    No,
    NoArray,
}

/// Returns `true` if the array at `key`, or none at all, has items with different values at `of`.
fn is_unique_in(object: &JsonObject<'_>, key: &str, of: &str) -> Result<bool, Failure> {
    object.get(key).map_or(Ok(true), |array| Ok(matches!(is_unique(array, of)?, Unique::Yes)))
}

fn is_unique(array: &JsonValue<'_>, of: &str) -> Result<Unique, Failure> {
    let JsonValue::Array(items) = array else { return Ok(Unique::NoArray) };
    let mut seen: Vec<&JsonValue<'_>> = Vec::new();
    for item in items {
        let JsonValue::Object(item) = item else {
            return Err(type_error(format!("'{}' object has no key '{of}'", item.python_type())));
        };
        let value = item.get(of).ok_or_else(|| no_key(of))?;
        if matches!(value, JsonValue::Array(_) | JsonValue::Object(_)) {
            return Err(type_error(format!("unhashable type: '{}'", value.python_type())));
        }
        seen.push(value);
    }
    let is_repeated = |index: usize| seen[..index].contains(&seen[index]);
    Ok(if (0..seen.len()).any(is_repeated) { Unique::No } else { Unique::Yes })
}

/// The items of a value that Python can walk through. Those of a text or an object are texts, which no rule accepts.
fn walk<'value, 'text>(value: &'value JsonValue<'text>) -> Result<&'value [JsonValue<'text>], Failure> {
    match value {
        JsonValue::Array(items) => Ok(items),
        JsonValue::Text(_) | JsonValue::Object(_) if value.is_empty() => Ok(&[]),
        JsonValue::Text(_) | JsonValue::Object(_) => Err(no_object("str")),
        other => Err(type_error(format!("'{}' object is not iterable", other.python_type()))),
    }
}

fn as_object<'value, 'text>(value: &'value JsonValue<'text>) -> Result<&'value JsonObject<'text>, Failure> {
    value.as_object().ok_or_else(|| no_object(value.python_type()))
}

fn no_object(python_type: &str) -> Failure {
    Failure::new(ExceptionClass::ATTRIBUTE_ERROR, format!("'{python_type}' object has no attribute 'get'"))
}

fn no_key(key: &str) -> Failure {
    Failure::new(ExceptionClass::KEY_ERROR, format!("'{key}'"))
}

fn type_error(text: String) -> Failure {
    Failure::new(ExceptionClass::TYPE_ERROR, text)
}

/// Checks at save that the dataset's settings do not exclude each other.
///
/// # Errors
///
/// If learners can edit a password that they do not sign in with.
pub(crate) fn save(
    row: &mut ReceivedRow,
    _app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    let is_on = |column: &str| *row.get(column) == StoredValue::Integer(1);
    let clash = if !is_on("learner_can_edit_password") {
        return Ok(());
    } else if is_on("learner_can_login_with_no_password") {
        "learner_can_login_with_no_password=True"
    } else if *row.get("picture_password_settings") != StoredValue::Null {
        "picture_password_settings is set"
    } else {
        return Ok(());
    };
    Err(Failure::new(
        INCOMPATIBLE,
        format!("Device Settings [{clash}] & [learner_can_edit_password=True] values incompatible together."),
    ))
}
