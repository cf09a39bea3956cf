//! Record ids: 32 lower-case hex digits (morango.md §1.1 to §1.3).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::python::with_ascii_digits;
use crate::received::{ExceptionClass, FieldFault, JsonString, JsonValue};
use crate::value::{Check, ColumnType, ColumnValue, EmptyValues, FieldValue, InvalidValue, StoredValue};

const DIGITS: usize = 32;

/// The id of a record: a UUID, as 32 lower-case hex digits without hyphens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId([u8; DIGITS]);

impl RecordId {
    /// The placeholder for an id that is not set. `insert` replaces it by a new id.
    pub const NEW: Self = Self([b'0'; DIGITS]);

    /// Returns `true` for the placeholder [`NEW`](Self::NEW).
    #[must_use]
    pub fn is_new(&self) -> bool {
        *self == Self::NEW
    }

    /// Computes the id of a record from its partition, source id and model (morango.md §1.3): the first half of the
    /// SHA-256 of the three, joined by `::`.
    ///
    /// A partition may contain the record's own id. It then has the placeholder `${id}` in that position, which is
    /// hashed unchanged.
    ///
    /// ```
    /// use syncline_serializer::RecordId;
    ///
    /// let id = RecordId::derive("d1:user-ro:${id}", "src1", "facilityuser");
    /// assert_eq!(id.as_str(), "b52beb8b1b253efcae9319f3e52fd06f");
    /// ```
    #[must_use]
    pub fn derive(partition: &str, source_id: &str, model_name: &str) -> Self {
        Self::hash(&[partition, source_id, model_name])
    }

    /// The first half of the SHA-256 of `parts`, joined by `::` (morango.md §1.2).
    #[must_use]
    pub fn hash(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                hash.update("::");
            }
            hash.update(part);
        }
        let hash: [u8; 32] = hash.finalize().into();
        Self::from_bits(hash[..16].iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    }

    /// Returns a random id, for a record that no other data identifies.
    #[must_use]
    pub fn random() -> Self {
        Self::from_bits(Uuid::new_v4().as_u128())
    }

    fn from_bits(bits: u128) -> Self {
        let mut digits = [0; DIGITS];
        Uuid::from_u128(bits).simple().encode_lower(&mut digits);
        Self(digits)
    }

    /// The 32 hex digits.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "hex digits are UTF-8")]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a record id consists of hex digits")
    }

    /// Parses a UUID as Python's `uuid.UUID` does: hex digits in either case. Hyphens, enclosing braces, and any `urn:`
    /// or `uuid:` are removed.
    ///
    /// Python converts the remaining 32 characters as a number. So some of the 32 may be spaces around the number, a
    /// `+`, a `0x`, single underscores between digits, or digits of other scripts. They are accepted here as well.
    ///
    /// # Errors
    ///
    /// If the remaining characters are not such a number.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        Self::parse_canonical(text)
            .or_else(|| parse_as_python(text).map(Self::from_bits))
            .ok_or_else(|| InvalidValue::new(format!("`{text}` is not a UUID")))
    }

    /// Fast path: 32 hex digits and nothing else.
    fn parse_canonical(text: &str) -> Option<Self> {
        let mut digits: [u8; DIGITS] = text.as_bytes().try_into().ok()?;
        // The loop has no early exit, so that the compiler vectorizes it.
        let is_lower = |digit: &u8| digit.is_ascii_digit() | (b'a'..=b'f').contains(digit);
        if digits.iter().fold(true, |all, digit| all & is_lower(digit)) {
            return Some(Self(digits));
        }
        digits.make_ascii_lowercase();
        digits.iter().all(is_lower).then_some(Self(digits))
    }
}

fn parse_as_python(text: &str) -> Option<u128> {
    let text = text.replace("urn:", "").replace("uuid:", "");
    let text = text.trim_matches(['{', '}']).replace('-', "");
    if text.chars().count() != DIGITS {
        return None;
    }
    let number = with_ascii_digits(text.trim());
    let number = number.strip_prefix('+').unwrap_or(&number);
    let number = match number.strip_prefix("0x").or_else(|| number.strip_prefix("0X")) {
        Some(digits) => digits.strip_prefix('_').unwrap_or(digits),
        None => number,
    };
    // An underscore that is not between two digits leaves an empty part.
    number.split('_').try_fold(0_u128, |bits, part| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits = is_number.then(|| u128::from_str_radix(part, 16).ok()).flatten()?;
        let shift = u32::try_from(4 * part.len()).ok()?;
        Some(bits.checked_shl(shift).unwrap_or(0) | digits)
    })
}

/// [`RecordId::NEW`].
impl Default for RecordId {
    fn default() -> Self {
        Self::NEW
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

impl FromStr for RecordId {
    type Err = InvalidValue;

    /// As [`RecordId::parse`].
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::parse(text)
    }
}

impl AsRef<str> for RecordId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<Uuid> for RecordId {
    fn from(uuid: Uuid) -> Self {
        Self::from_bits(uuid.as_u128())
    }
}

impl From<RecordId> for Uuid {
    fn from(id: RecordId) -> Self {
        let digit = |digit: &u8| match digit {
            b'0'..=b'9' => digit - b'0',
            // Only `a` to `f` are left.
            letter => letter - b'a' + 10,
        };
        Self::from_u128(id.0.iter().fold(0, |bits, byte| bits << 4 | u128::from(digit(byte))))
    }
}

/// Serializes the 32 digits as a string.
#[cfg(feature = "serde")]
impl serde::Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Deserializes a string as [`RecordId::parse`] does.
#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = RecordId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a record id: 32 hex digits")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RecordId, E> {
                RecordId::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Reads text only. A column declared `char(32)` converts numbers to text, and Morango rejects blobs.
impl FieldValue for RecordId {
    const COLUMN_TYPE: ColumnType = ColumnType::Uuid;
    const CHECKS: &'static [Check] = &[Check::Uuid];
    const EMPTY_VALUES: EmptyValues = EmptyValues::Any;

    fn read(value: ColumnValue<'_>) -> Result<Self, InvalidValue> {
        match value {
            ColumnValue::Text(text) => Self::parse(text),
            other => Err(InvalidValue::expected("a UUID", other)),
        }
    }

    fn write_json(value: ColumnValue<'_>, json: &mut String) -> Result<(), InvalidValue> {
        match value {
            ColumnValue::Null => json.push_str("null"),
            value => {
                // Hex digits need no escape.
                let id = Self::read(value)?;
                json.push('"');
                json.push_str(id.as_str());
                json.push('"');
            }
        }
        Ok(())
    }

    /// As Morango's `UUIDField`: text of 32 characters, in the forms of [`parse`](RecordId::parse).
    fn from_json(value: &JsonValue<'_>) -> Result<StoredValue<'static>, FieldFault> {
        let text = match value {
            JsonValue::Null => return Ok(StoredValue::Null),
            JsonValue::Text(text) => text,
            // Morango ends the record where it asks for the length or the digits of the value.
            JsonValue::Array(_) | JsonValue::Object(_) => {
                return Err(no_text(ExceptionClass::KEY_ERROR, value));
            }
            _ => return Err(no_text(ExceptionClass::TYPE_ERROR, value)),
        };
        let length = text.code_points();
        if length > DIGITS {
            return Err(FieldFault::invalid(format!(
                "Ensure this value has at most {DIGITS} characters (it has {length})."
            )));
        }
        let id = text.as_str().and_then(|text| Self::parse(text).ok());
        id.map(|id| StoredValue::Text(id.as_str().to_owned().into())).ok_or_else(|| badly_formed(text))
    }

    fn to_column(&self) -> Result<StoredValue<'_>, InvalidValue> {
        Ok(StoredValue::Text(Cow::Borrowed(self.as_str())))
    }
}

fn no_text(class: ExceptionClass, value: &JsonValue<'_>) -> FieldFault {
    FieldFault::raised(class, format!("expected the text of a UUID, found {}", value.python_type()))
}

/// The error of Python's `uuid.UUID`, which Morango finds when it saves.
fn badly_formed(text: &JsonString<'_>) -> FieldFault {
    let digits = text.to_str_lossy().replace("urn:", "").replace("uuid:", "");
    let digits = digits.trim_matches(['{', '}']).replace('-', "");
    let text = if digits.chars().count() == DIGITS {
        format!("invalid literal for int() with base 16: {}", JsonValue::from(digits).python_repr())
    } else {
        "badly formed hexadecimal UUID string".to_owned()
    };
    FieldFault::at_save(ExceptionClass::VALUE_ERROR, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(RecordId::parse(text).unwrap().as_str(), expected);
    }

    #[track_caller]
    fn check_error(text: &str) {
        let error = RecordId::parse(text).unwrap_err();
        assert_eq!(error.to_string(), format!("`{text}` is not a UUID"));
    }

    #[test]
    fn python_reads_more_than_digits() {
        check(ID, ID);
        check(&ID.to_uppercase(), ID);
        check("01234567-89ab-cdef-0123-456789abcdef", ID);
        check("{urn:uuid:01234567-89AB-CDEF-0123-456789ABCDEF}", ID);
        check(" +0x456789abcdef0123456789abcdef", "0000456789abcdef0123456789abcdef");
        check("01234567_9abcdef0123456789abcdef", "0012345679abcdef0123456789abcdef");
        check("٠١٢٣456789abcdef0123456789abcdef", ID);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        check_error("");
        check_error(&ID[1..]);
        check_error("01234567__abcdef0123456789abcdef");
        check_error("0123456789abcdef+123456789abcdef");
        check_error("²123456789abcdef0123456789abcdef");
        check_error("URN:UUID:0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn a_uuid_is_the_same_number() {
        let id = RecordId::parse(ID).unwrap();
        assert_eq!(Uuid::from(id).simple().to_string(), ID);
        assert_eq!(RecordId::from(Uuid::from(id)), id);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serde_has_it_as_text() {
        let id = RecordId::parse(ID).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{ID}\""));
        assert_eq!(serde_json::from_str::<RecordId>(&format!("\"{ID}\"")).unwrap(), id);
        let error = serde_json::from_str::<RecordId>("\"x\"").unwrap_err();
        assert!(error.to_string().starts_with("`x` is not a UUID"), "{error}");
        assert!(serde_json::from_str::<RecordId>("7").is_err());
    }

    #[test]
    fn a_received_id_is_read_as_morango_does() {
        let receive = |json: &str| RecordId::from_json(&crate::received::parse(json).unwrap());
        let text = |id: &str| Ok(StoredValue::Text(id.to_owned().into()));
        assert_eq!(receive(&format!("\"{}\"", ID.to_uppercase())), text(ID));
        assert_eq!(receive("null"), Ok(StoredValue::Null));
        let value_error = |text: &str| Err(FieldFault::at_save(ExceptionClass::VALUE_ERROR, text));
        assert_eq!(receive("\"x\""), value_error("badly formed hexadecimal UUID string"));
        assert_eq!(
            receive(&format!("\"{}\"", "x".repeat(32))),
            value_error("invalid literal for int() with base 16: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"),
        );
        assert_eq!(
            receive("\"01234567-89ab-cdef-0123-456789abcdef\""),
            Err(FieldFault::invalid("Ensure this value has at most 32 characters (it has 36).")),
        );
        for (json, class) in [
            ("5", ExceptionClass::TYPE_ERROR),
            ("true", ExceptionClass::TYPE_ERROR),
            ("[1]", ExceptionClass::KEY_ERROR),
        ] {
            assert!(matches!(receive(json), Err(FieldFault::Raised(failure)) if failure.class == class));
        }
    }

    #[test]
    fn random_ids_are_version_4() {
        let id = RecordId::random();
        assert_ne!(id, RecordId::random());
        assert_eq!(&id.as_str()[12..13], "4");
    }
}
