//! `deserialize`: converts the fields of a record to an item by serde.

use std::fmt::Display;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::fields::Texts;
use super::invalid::names;
use super::{CsvFormat, InvalidCsv};

/// The facts about the columns that were found while records were read.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The columns whose type refuses an empty text: there a quoted empty field is a missing value.
    without_empty_text: Vec<usize>,
    /// The columns of a flattened struct that are texts, although they look like numbers or `true` and `false`.
    texts: Vec<usize>,
    /// A name that the header has twice.
    repeated: Option<String>,
}

impl Columns {
    /// The columns of `header`, of which nothing else is known.
    pub(super) fn of(header: &[String]) -> Self {
        let repeated = header.iter().enumerate().find(|(at, name)| header[..*at].contains(name));
        Self { repeated: repeated.map(|(_, name)| name.clone()), ..Self::default() }
    }
}

/// Converts `fields` to a `T`. `header` has the names of the fields, if there are any.
pub(super) fn deserialize<T: DeserializeOwned>(
    fields: Texts<'_>,
    header: Option<&[String]>,
    format: &CsvFormat,
    columns: &mut Columns,
) -> Result<T, InvalidCsv> {
    let attempt = |columns: &mut Columns| attempt(fields, header, format, columns);
    let known_texts = columns.texts.len();
    let first = match attempt(columns) {
        Ok(item) => return Ok(item),
        Err(refused) => refused,
    };
    // A flattened struct gets its fields without their types, so some texts are guessed to be numbers. If the type
    // expected a text instead, the column of such a number is one.
    let mut refused = first.clone();
    loop {
        let candidates = refused.candidates(fields, columns);
        let each = candidates.iter().map(std::slice::from_ref);
        let all = (candidates.len() > 1).then_some(&candidates[..]);
        let mut next = None;
        for some in each.chain(all) {
            let before = columns.texts.len();
            columns.texts.extend(some);
            match attempt(columns) {
                Ok(item) => return Ok(item),
                Err(other) if refused.is_settled_in(&other, fields, some) => {
                    next = Some(other);
                    break;
                }
                Err(_) => columns.texts.truncate(before),
            }
        }
        let Some(other) = next else {
            columns.texts.truncate(known_texts);
            return Err(first.named(fields, header));
        };
        refused = other;
    }
}

/// Converts `fields` with what is known of the columns.
fn attempt<T: DeserializeOwned>(
    fields: Texts<'_>,
    header: Option<&[String]>,
    format: &CsvFormat,
    columns: &mut Columns,
) -> Result<T, Refused> {
    loop {
        let mut record =
            Record { fields, header, format, columns, at: 0, ignored: 0, offered: None, guessed: Vec::new() };
        let mut error = match T::deserialize(&mut record) {
            Ok(item) => return Ok(item),
            Err(error) => error,
        };
        let Record { at, offered, guessed, .. } = record;
        // The type was offered an empty text, and refused it. So an empty field of this column is a missing value.
        match offered {
            Some(column) if at == column + 1 && !columns.without_empty_text.contains(&column) => {
                columns.without_empty_text.push(column);
            }
            _ => {
                error.0.guessed = guessed;
                return Err(error);
            }
        }
    }
}

/// The error of a type that refuses a field. Boxed, so that the results of values are small.
#[derive(Debug, Clone)]
struct Refused(Box<Reason>);

#[derive(Debug, Clone)]
struct Reason {
    error: InvalidCsv,
    /// The value that the type did not expect, as serde prints it.
    unexpected: Option<String>,
    /// The fields whose types were guessed.
    guessed: Vec<usize>,
}

impl Refused {
    fn new(reason: impl Into<String>) -> Self {
        Self(Box::new(Reason { error: InvalidCsv::new(reason), unexpected: None, guessed: Vec::new() }))
    }

    /// The error for a value that the type did not expect.
    fn unexpected(unexpected: Unexpected<'_>, reason: String) -> Self {
        let mut refused = Self::new(reason);
        refused.0.unexpected = Some(unexpected.to_string());
        refused
    }

    fn at_field(mut self, field: usize) -> Self {
        self.0.error = self.0.error.at_field(field);
        self
    }

    /// The columns that were guessed to be numbers, whose value is the one that the type did not expect.
    fn candidates(&self, fields: Texts<'_>, columns: &Columns) -> Vec<usize> {
        let Some(unexpected) = &self.0.unexpected else { return Vec::new() };
        let is_it = |field: &usize| {
            let is_guessed = |text| !matches!(guess(text), Guess::Text(_)) && guess(text).is(unexpected);
            !columns.texts.contains(field) && fields.get(*field).is_some_and(is_guessed)
        };
        self.0.guessed.iter().copied().filter(is_it).collect()
    }

    /// `true` if `other` is the error of another field, now that the columns `texts` are texts.
    fn is_settled_in(&self, other: &Self, fields: Texts<'_>, texts: &[usize]) -> bool {
        let is_of_them = |unexpected: &str| {
            texts.iter().any(|&field| fields.get(field).is_some_and(|text| Guess::Text(text).is(unexpected)))
        };
        other.0.unexpected != self.0.unexpected && !other.0.unexpected.as_deref().is_some_and(is_of_them)
    }

    /// The error for the user, with the name of the field.
    fn named(self, fields: Texts<'_>, header: Option<&[String]>) -> InvalidCsv {
        let is_it = |field: &usize| {
            fields.get(*field).zip(self.0.unexpected.as_deref()).is_some_and(|(text, unexpected)| {
                guess(text).is(unexpected) || Guess::Text(text).is(unexpected)
            })
        };
        let found: Vec<_> = self.0.guessed.iter().copied().filter(is_it).collect();
        let error = match found[..] {
            [field] => self.0.error.at_field(field),
            _ => self.0.error,
        };
        let error = error.named(header);
        // All of the header in one field: it has another delimiter.
        let only = header.and_then(|header| <&[String; 1]>::try_from(header).ok());
        match only.and_then(|[only]| only.chars().find(|c| matches!(c, ',' | ';' | '\t' | '|')).map(|c| (only, c))) {
            Some((only, delimiter)) => error.with(format_args!(
                "; the header is one field, `{only}`: is the delimiter {delimiter:?}? Set it with `CsvFormat::delimiter`"
            )),
            None => error.with_names(header),
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.error.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl Error for Refused {
    fn custom<M: Display>(message: M) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(unexpected, format!("invalid type: {unexpected}, expected {expected}"))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(unexpected, format!("invalid value: {unexpected}, expected {expected}"))
    }
}

/// The value of a field whose type is not known.
enum Guess<'r> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'r str),
}

/// A number only if nothing is lost: `00701`, `+5`, `12E5` and numbers of too many digits stay texts.
fn guess(text: &str) -> Guess<'_> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return match text {
            "true" => Guess::Bool(true),
            "false" => Guess::Bool(false),
            _ => Guess::Text(text),
        };
    }
    if text.contains('.') {
        // More digits than a float keeps.
        let is_exact = whole.len() + fraction.len() <= 15;
        return match text.parse() {
            Ok(number) if is_exact => Guess::Float(number),
            _ => Guess::Text(text),
        };
    }
    match (text.parse(), text.parse()) {
        _ if text == "-0" => Guess::Text(text),
        (Ok(number), _) => Guess::Unsigned(number),
        (_, Ok(number)) => Guess::Signed(number),
        _ => Guess::Text(text),
    }
}

impl Guess<'_> {
    /// `true` if serde prints the value as `unexpected`.
    fn is(&self, unexpected: &str) -> bool {
        self.unexpected().to_string() == unexpected
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match *self {
            Self::Bool(value) => Unexpected::Bool(value),
            Self::Unsigned(number) => Unexpected::Unsigned(number),
            Self::Signed(number) => Unexpected::Signed(number),
            Self::Float(number) => Unexpected::Float(number),
            Self::Text(text) => Unexpected::Str(text),
        }
    }
}

/// The deserializer of a record. Each value takes the next field.
struct Record<'de, 'c> {
    fields: Texts<'de>,
    header: Option<&'de [String]>,
    format: &'c CsvFormat,
    columns: &'c Columns,
    /// The index of the next field.
    at: usize,
    /// The number of fields that the type ignores.
    ignored: usize,
    /// The last field that was offered as an empty text inside of an `Option`.
    offered: Option<usize>,
    /// The fields whose types were guessed.
    guessed: Vec<usize>,
}

impl<'de> Record<'de, '_> {
    fn next(&mut self) -> Result<&'de str, Refused> {
        let Some(text) = self.fields.get(self.at) else {
            return Err(Refused::new("the record has fewer fields than the type"));
        };
        self.at += 1;
        Ok(text)
    }

    /// Parses the next field.
    fn parse<T: std::str::FromStr<Err: Display>>(&mut self) -> Result<T, Refused> {
        let field = self.at;
        self.next()?.parse().map_err(|error: T::Err| Refused::new(error.to_string()).at_field(field))
    }

    fn parse_float<T: std::str::FromStr<Err: Display> + Into<f64> + Copy>(&mut self) -> Result<T, Refused> {
        let field = self.at;
        let number: T = self.parse()?;
        let is_infinite = number.into().is_infinite();
        let says_so = |text: &str| text.trim_start_matches(['+', '-']).starts_with(['i', 'I']);
        if is_infinite && !self.fields.get(field).is_some_and(says_so) {
            return Err(Refused::new("number too large for a float").at_field(field));
        }
        Ok(number)
    }

    /// `true` if the field is a missing value.
    fn is_missing(&self, field: usize) -> bool {
        let (text, is_quoted) = (self.fields.get(field).unwrap_or_default(), self.fields.is_quoted(field));
        if self.format.quoted_empty_is_missing && text.is_empty() {
            return true;
        }
        match &self.format.missing {
            Some(missing) => !is_quoted && text == missing,
            None => text.is_empty() && (!is_quoted || self.columns.without_empty_text.contains(&field)),
        }
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            visitor.$visit(self.parse()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Record<'de, '_> {
    type Error = Refused;

    parsed! {
        deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
        deserialize_u128 visit_u128, deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32,
        deserialize_i64 visit_i64, deserialize_i128 visit_i128, deserialize_char visit_char
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let field = self.at;
        let text = self.next()?;
        self.guessed.push(field);
        if self.format.missing.is_some() && self.is_missing(field) {
            return visitor.visit_none();
        }
        if self.columns.texts.contains(&field) {
            return visitor.visit_str(text);
        }
        match guess(text) {
            Guess::Bool(value) => visitor.visit_bool(value),
            Guess::Unsigned(number) => visitor.visit_u64(number),
            Guess::Signed(number) => visitor.visit_i64(number),
            Guess::Float(number) => visitor.visit_f64(number),
            Guess::Text(text) => visitor.visit_str(text),
        }
    }

    /// Spreadsheets write `TRUE`.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let field = self.at;
        match self.next()? {
            text if text.eq_ignore_ascii_case("true") => visitor.visit_bool(true),
            text if text.eq_ignore_ascii_case("false") => visitor.visit_bool(false),
            _ => Err(Refused::new("provided string was not `true` or `false`").at_field(field)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_f32(self.parse_float()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_f64(self.parse_float()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_borrowed_str(self.next()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.next()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_borrowed_bytes(self.next()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_bytes(self.next()?.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Some(text) = self.fields.get(self.at) else { return visitor.visit_none() };
        if self.is_missing(self.at) {
            self.at += 1;
            return visitor.visit_none();
        }
        if text.is_empty() && self.format.missing.is_none() {
            self.offered = Some(self.at);
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.next()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(self)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_seq(self)
    }

    /// A map keeps one value for each key.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match &self.columns.repeated {
            _ if self.header.is_none() => visitor.visit_seq(self),
            Some(name) => Err(Refused::new(format!(
                "the header has `{name}` twice, and one of the values would be lost: read the record as a tuple or a \
                 `Vec`, or as a struct without that field"
            ))),
            None => visitor.visit_map(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        wanted: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Some(header) = self.header else { return visitor.visit_seq(self) };
        let item = visitor.visit_map(&mut *self)?;
        // Otherwise a struct of options would be empty, without an error.
        if self.ignored == self.at && self.at > 0 && !wanted.is_empty() {
            let (wanted, has) = (names(wanted), names(header));
            return Err(Refused::new(format!(
                "the header has {has}, and none of the fields {wanted}: if the file begins without a header, set \
                 `CsvFormat::no_header`"
            )));
        }
        Ok(item)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_enum(self)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.next()?;
        self.ignored += 1;
        visitor.visit_unit()
    }
}

impl<'de> MapAccess<'de> for &mut Record<'de, '_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        match self.header.and_then(|header| header.get(self.at)) {
            Some(name) if self.at < self.fields.len() => {
                seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn next_value_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<K::Value, Refused> {
        let field = self.at;
        seed.deserialize(&mut **self).map_err(|error| error.at_field(field))
    }
}

impl<'de> SeqAccess<'de> for &mut Record<'de, '_> {
    type Error = Refused;

    fn next_element_seed<U: DeserializeSeed<'de>>(&mut self, seed: U) -> Result<Option<U::Value>, Refused> {
        let field = self.at;
        if field >= self.fields.len() {
            return Ok(None);
        }
        seed.deserialize(&mut **self).map(Some).map_err(|error| error.at_field(field))
    }
}

impl<'de> EnumAccess<'de> for &mut Record<'de, '_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Refused> {
        let field = self.at;
        let name = IntoDeserializer::<Refused>::into_deserializer(self.next()?);
        let variant = seed.deserialize(name).map_err(|error| error.at_field(field))?;
        Ok((variant, self))
    }
}

/// A field has the name of a variant, and no room for the value of one.
impl<'de> VariantAccess<'de> for &mut Record<'de, '_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Ok(())
    }

    fn newtype_variant_seed<U: DeserializeSeed<'de>>(self, _: U) -> Result<U::Value, Refused> {
        Err(Refused::invalid_type(Unexpected::UnitVariant, &"newtype variant"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Refused> {
        Err(Refused::invalid_type(Unexpected::UnitVariant, &"tuple variant"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Refused> {
        Err(Refused::invalid_type(Unexpected::UnitVariant, &"struct variant"))
    }
}
