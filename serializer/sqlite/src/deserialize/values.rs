//! Values of the app's tables, as rules see them.

use syncline_serializer::value::{ColumnValue, StoredValue};

/// The value, owned. A text that is not UTF-8 has a replacement character in the place of the bytes that are not.
pub(super) fn stored(value: ColumnValue<'_>) -> StoredValue<'static> {
    match value {
        ColumnValue::Null => StoredValue::Null,
        ColumnValue::Integer(number) => StoredValue::Integer(number),
        ColumnValue::Real(number) => StoredValue::Real(number),
        ColumnValue::Text(text) => StoredValue::Text(text.to_owned().into()),
        ColumnValue::NotUtf8(bytes) => StoredValue::Text(String::from_utf8_lossy(bytes).into_owned().into()),
        ColumnValue::Blob(bytes) => StoredValue::Blob(bytes.to_vec().into()),
    }
}
