//! Formats a row of a table as JSON.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use syncline::value::{ColumnValue, JsonText};
use syncline::{FieldValue, RecordId, json};
use syncline_kolibri::fields::DateTimeTz;
use uuid::Uuid;

use crate::models::{Kind, Model};

/// The format of a model's rows.
#[derive(Debug)]
pub(crate) struct Format {
    /// For each column: the text before its value, and the kind of value.
    columns: Vec<(String, Kind)>,
    pub(crate) id: usize,
    pub(crate) partition: usize,
    pub(crate) source_id: usize,
    pub(crate) parent: Option<usize>,
    /// Recently seen zones, with their parentheses.
    zones: Vec<Vec<u8>>,
}

impl Format {
    pub(crate) fn new(model: &Model) -> Self {
        let place = |name: &str| model.columns.iter().position(|(column, _)| *column == name);
        let before =
            |index: usize, name: &str| format!("{}\"{name}\": ", if index == 0 { "{" } else { ", " });
        Self {
            columns: (0..).zip(model.columns).map(|(at, (name, kind))| (before(at, name), *kind)).collect(),
            id: place("id").expect("every model has an id"),
            partition: place("_morango_partition").expect("every model has a partition"),
            source_id: place("_morango_source_id").expect("every model has a source id"),
            parent: model.parent.and_then(place),
            zones: Vec::new(),
        }
    }

    /// Appends a row. Its columns are in the model's order.
    pub(crate) fn write(&mut self, row: &Row<'_>, out: &mut String) -> anyhow::Result<()> {
        for (index, (before, kind)) in self.columns.iter().enumerate() {
            out.push_str(before);
            let value = row.get_ref_unwrap(index);
            match (kind, value) {
                (Kind::Id, ValueRef::Text(text)) if is_id(text) => quote(out, text),
                (Kind::DateTimeTz, ValueRef::Text(text)) if is_moment(text, &mut self.zones) => {
                    quote(out, text);
                }
                (Kind::Bool, ValueRef::Integer(integer)) => {
                    out.push_str(if integer == 1 { "true" } else { "false" });
                }
                (Kind::Json, ValueRef::Text(b"{}")) => out.push_str("\"{}\""),
                (Kind::Json, ValueRef::Null) => out.push_str("\"null\""),
                (_, ValueRef::Null) => out.push_str("null"),
                (Kind::Number, ValueRef::Integer(integer)) => json::write_integer(out, integer),
                (Kind::Number, ValueRef::Real(real)) => json::write_float(out, real),
                (kind, value) => by_type(*kind, value, out).with_context(|| before.clone())?,
            }
        }
        out.push('}');
        Ok(())
    }
}

fn by_type(kind: Kind, value: ValueRef<'_>, out: &mut String) -> anyhow::Result<()> {
    let value = match value {
        ValueRef::Null => ColumnValue::Null,
        ValueRef::Integer(integer) => ColumnValue::Integer(integer),
        ValueRef::Real(real) => ColumnValue::Real(real),
        ValueRef::Text(text) => ColumnValue::Text(std::str::from_utf8(text)?),
        ValueRef::Blob(blob) => ColumnValue::Blob(blob),
    };
    match kind {
        Kind::Text | Kind::Number => syncline::value::write_as_stored(value, out),
        Kind::Bool => bool::write_json(value, out),
        Kind::Id => RecordId::write_json(value, out),
        Kind::Uuid => Uuid::write_json(value, out),
        Kind::DateTime => DateTime::<Utc>::write_json(value, out),
        Kind::DateTimeTz => DateTimeTz::write_json(value, out),
        Kind::Json => JsonText::write_json(value, out),
    }?;
    Ok(())
}

fn quote(out: &mut String, ascii: &[u8]) {
    out.push('"');
    out.push_str(std::str::from_utf8(ascii).expect("it was looked at"));
    out.push('"');
}

fn is_id(text: &[u8]) -> bool {
    text.len() == 32 && text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `true` if a text is certainly in Kolibri's canonical form. Other texts go through the type `DateTimeTz`.
fn is_moment(text: &[u8], zones: &mut Vec<Vec<u8>>) -> bool {
    let Some((clock, zone)) = text.split_first_chunk::<26>() else { return false };
    let digits = |from: usize| {
        let (tens, ones) = (clock[from].wrapping_sub(b'0'), clock[from + 1].wrapping_sub(b'0'));
        if tens < 10 && ones < 10 { tens * 10 + ones } else { 0xff }
    };
    let signs = [clock[4], clock[7], clock[10], clock[13], clock[16], clock[19]];
    let in_range = &signs == b"-- ::."
        && matches!(digits(0), 11..=98)
        && digits(2) < 100
        && matches!(digits(5), 1..=12)
        && matches!(digits(8), 1..=28)
        && digits(11) < 24
        && digits(14) < 60
        && digits(17) < 60
        && digits(20) < 100
        && digits(22) < 100
        && digits(24) < 100;
    if !in_range {
        return false;
    }
    if zones.iter().any(|known| known == zone) {
        return true;
    }
    // The zone's name is canonical, so the next moments with this zone need no lookup.
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let mut written = String::new();
    if DateTimeTz::write_json(ColumnValue::Text(text), &mut written).is_err()
        || written.trim_matches('"') != text
    {
        return false;
    }
    if zones.len() < 64 {
        zones.push(zone.to_vec());
    }
    true
}
