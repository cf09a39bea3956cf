//! `Row`: the serializer that turns an item into the fields of a CSV record.

use std::fmt::Display;
use std::io::Write;

use serde::Serialize;
use serde::ser::{
    Error, Impossible, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer,
};

use super::{CsvFormat, InvalidCsv};

/// One record: its fields are appended to `out`, in `format`.
pub(super) struct Row<'w> {
    pub(super) out: &'w mut Vec<u8>,
    pub(super) format: &'w CsvFormat,
    /// The names of the fields that are fields of a struct.
    pub(super) names: &'w mut Vec<&'static str>,
    /// The number of fields so far.
    pub(super) fields: usize,
    /// The name of the struct's field whose value comes next.
    name: Option<&'static str>,
    /// `true` for the value of an `Option`.
    is_some: bool,
    /// `true` if the last field is a missing value.
    is_missing: bool,
    scratch: Vec<u8>,
}

impl<'w> Row<'w> {
    pub(super) fn new(out: &'w mut Vec<u8>, format: &'w CsvFormat, names: &'w mut Vec<&'static str>) -> Self {
        names.clear();
        let scratch = Vec::new();
        Self { out, format, names, fields: 0, name: None, is_some: false, is_missing: false, scratch }
    }

    /// Ends a record that begins at `start` of `out`. Reading skips blank lines, so it must not be one.
    pub(super) fn end(self, start: usize) -> Result<(), InvalidCsv> {
        match self.fields {
            0 => Err(InvalidCsv::new("an item without fields would be a blank line, which reading skips")),
            1 if self.out.len() == start && self.is_missing => Err(InvalidCsv::new(
                "a missing value alone in its record would be a blank line, which reading skips: set a text for \
                 missing values with `CsvFormat::missing`",
            )),
            1 if self.out.len() == start => {
                self.out.extend([self.format.quote; 2]);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self) {
        if self.fields > 0 {
            self.out.push(self.format.delimiter);
        }
        self.fields += 1;
        self.is_missing = false;
        self.names.extend(self.name.take());
    }

    fn missing(&mut self) {
        self.begin();
        self.is_some = false;
        self.is_missing = true;
        self.out.extend_from_slice(self.format.missing.as_deref().unwrap_or_default().as_bytes());
    }

    fn text(&mut self, text: &str) -> Result<(), InvalidCsv> {
        let is_some = std::mem::take(&mut self.is_some);
        if is_some && text.is_empty() && self.format.quoted_empty_is_missing {
            return Err(self.refuse("an empty text would be read as missing, as the format says"));
        }
        self.begin();
        if is_some && text.is_empty() {
            // Nothing would be a missing value.
            self.out.extend([self.format.quote; 2]);
        } else {
            write_field(self.out, self.format, text);
        }
        Ok(())
    }

    /// Writes the text that `value` displays as.
    fn display(&mut self, value: impl Display) -> Result<(), InvalidCsv> {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let written = write!(scratch, "{value}");
        let text = std::str::from_utf8(&scratch).map_err(|error| self.refuse(error.to_string()))?;
        written.map_err(|error| self.refuse(error.to_string()))?;
        self.text(text)?;
        self.scratch = scratch;
        Ok(())
    }

    /// The error for the value of the current field.
    fn refuse(&self, reason: impl Into<String>) -> InvalidCsv {
        let error = InvalidCsv::new(reason).at_field(self.fields);
        match self.name {
            Some(name) => error.under(name),
            None => error,
        }
    }

    /// Several values: not in one field of a header.
    fn several(&mut self, kind: &str) -> Result<&mut Self, InvalidCsv> {
        if self.format.has_header && self.name.is_some() {
            return Err(self.refuse(format!("{kind} is not one value, and takes more than one column")));
        }
        self.name = None;
        self.is_some = false;
        Ok(self)
    }

    fn with_a_value(&self, variant: &str) -> InvalidCsv {
        self.refuse(format!(
            "the variant `{variant}` has a value, and a field has room for the name or the value only: use \
             `#[serde(untagged)]`, or two fields"
        ))
    }
}

/// Writes one field, in quotes if it needs them.
pub(super) fn write_field(out: &mut Vec<u8>, format: &CsvFormat, text: &str) {
    let bytes = text.as_bytes();
    let is_special =
        |&byte: &u8| byte == format.delimiter || byte == format.quote || matches!(byte, b'\n' | b'\r');
    let needs_quotes = match bytes.first() {
        None => false,
        // A byte order mark at the beginning of the text would be skipped, and so would `sep=,`.
        Some(&first) => {
            Some(first) == format.comment
                || text.starts_with('\u{feff}')
                || first.eq_ignore_ascii_case(&b's')
                    && text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="))
                || bytes.iter().any(is_special)
                || format.missing.as_deref() == Some(text)
                || (format.trims && text.trim().len() != text.len())
        }
    };
    if !needs_quotes && !format.quotes_all {
        out.extend_from_slice(bytes);
        return;
    }
    out.push(format.quote);
    for &byte in bytes {
        match format.escape {
            Some(escape) if byte == escape || byte == format.quote => out.push(escape),
            None if byte == format.quote => out.push(format.quote),
            _ => {}
        }
        out.push(byte);
    }
    out.push(format.quote);
}

impl Error for InvalidCsv {
    fn custom<M: Display>(message: M) -> Self {
        Self::new(message.to_string())
    }
}

macro_rules! integers {
    ($($method:ident $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<(), InvalidCsv> {
            self.text(itoa::Buffer::new().format(value))
        }
    )*};
}

impl Serializer for &mut Row<'_> {
    type Ok = ();
    type Error = InvalidCsv;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), InvalidCsv>;
    type SerializeMap = Impossible<(), InvalidCsv>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), InvalidCsv>;

    fn serialize_bool(self, value: bool) -> Result<(), InvalidCsv> {
        self.text(if value { "true" } else { "false" })
    }

    integers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_i128 i128, serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_u128 u128
    }

    // `Debug` of floats has the fewest digits that are read as the same float, and an exponent for large ones.
    fn serialize_f32(self, value: f32) -> Result<(), InvalidCsv> {
        self.display(format_args!("{value:?}"))
    }

    fn serialize_f64(self, value: f64) -> Result<(), InvalidCsv> {
        self.display(format_args!("{value:?}"))
    }

    fn serialize_char(self, value: char) -> Result<(), InvalidCsv> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), InvalidCsv> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), InvalidCsv> {
        match std::str::from_utf8(value) {
            Ok(text) => self.text(text),
            Err(_) => Err(self.refuse("bytes that are not UTF-8: write them as text, such as Base64")),
        }
    }

    fn serialize_none(self) -> Result<(), InvalidCsv> {
        self.missing();
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), InvalidCsv> {
        self.is_some = true;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), InvalidCsv> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), InvalidCsv> {
        self.text(name)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), InvalidCsv> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), InvalidCsv> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<(), InvalidCsv> {
        Err(self.with_a_value(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, InvalidCsv> {
        self.several("a sequence")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, InvalidCsv> {
        self.several("a tuple")
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Self, InvalidCsv> {
        self.several(name)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<(), InvalidCsv>, InvalidCsv> {
        Err(self.with_a_value(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Impossible<(), InvalidCsv>, InvalidCsv> {
        Err(self.refuse("a map has no order of columns: use a struct, without `#[serde(flatten)]`"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self, InvalidCsv> {
        self.several(name)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Impossible<(), InvalidCsv>, InvalidCsv> {
        Err(self.with_a_value(variant))
    }
}

impl SerializeSeq for &mut Row<'_> {
    type Ok = ();
    type Error = InvalidCsv;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), InvalidCsv> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), InvalidCsv> {
        Ok(())
    }
}

impl SerializeTuple for &mut Row<'_> {
    type Ok = ();
    type Error = InvalidCsv;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), InvalidCsv> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), InvalidCsv> {
        Ok(())
    }
}

impl SerializeTupleStruct for &mut Row<'_> {
    type Ok = ();
    type Error = InvalidCsv;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), InvalidCsv> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), InvalidCsv> {
        Ok(())
    }
}

impl SerializeStruct for &mut Row<'_> {
    type Ok = ();
    type Error = InvalidCsv;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), InvalidCsv> {
        self.name = Some(key);
        value.serialize(&mut **self)
    }

    /// A field that `skip_serializing_if` leaves out is a missing value: the other fields stay in their columns.
    fn skip_field(&mut self, key: &'static str) -> Result<(), InvalidCsv> {
        self.name = Some(key);
        self.missing();
        Ok(())
    }

    fn end(self) -> Result<(), InvalidCsv> {
        Ok(())
    }
}
