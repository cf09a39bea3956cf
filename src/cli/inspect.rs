//! The command `inspect`.

use anstyle::Style;
use anyhow::{Context as _, bail};
use indicatif::HumanBytes;
use serde_json::{Value, json};

use super::arguments::InspectArguments;
use super::table::{DIFFERENT, HEADING, Table, printable, width_of_stdout};
use super::{database, output};
use crate::report::plural;
use crate::sqlite::{AppRow, BufferedVersion, Inspection, RecordCounter, StoreRow};
use crate::{Profile, json};

pub(super) fn run<P: Profile>(arguments: &InspectArguments) -> anyhow::Result<()> {
    let (path, id) = (arguments.record.path(), arguments.record.id());
    let inspection = database::read(path)
        .and_then(|database| database.inspect::<P>(id))
        .with_context(|| format!("cannot inspect {}", path.display()))?;
    let Some(inspection) = inspection else {
        bail!("there is no record {id} in {}, neither in the app's tables nor in the store", path.display());
    };
    if arguments.json {
        output::json(&object(&inspection))
    } else {
        output::text(&page(&inspection, width_of_stdout()))
    }
}

/// The object that `--json` prints. Records are strings, as in the database, because Python's JSON allows numbers that JSON
/// does not.
fn object(inspection: &Inspection) -> Value {
    json!({
        "id": inspection.id.as_str(),
        "model": model(inspection),
        "record": inspection.record.as_ref().map(|record| json!({
            "table": record.table,
            "dirty": record.dirty,
            "serialized": record.serialized.as_ref().ok(),
            "error": record.serialized.as_ref().err().map(|error| format!("{error}: {}", error.source)),
            "local": record.local.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        })),
        "store": inspection.stored.as_ref().map(|stored| json!({
            "profile": stored.profile,
            "model_name": stored.model,
            "serialized": stored.serialized,
            "partition": stored.partition,
            "source_id": stored.source_id,
            "deleted": stored.deleted,
            "hard_deleted": stored.hard_deleted,
            "dirty_bit": stored.dirty,
            "last_saved_instance": stored.last_saved_instance,
            "last_saved_counter": number(&stored.last_saved_counter),
            "self_ref_fk": stored.self_reference,
            "self_ref_order": stored.self_reference_order.as_deref().map(number),
            "last_transfer_session_id": stored.last_transfer_session,
            "received": stored.received,
            "deserialization_error": stored.error,
            "deserialization_exception": stored.exception,
        })),
        "counters": inspection.counters.iter().map(|RecordCounter { instance, counter, is_this_instance, .. }| json!({
            "instance": instance,
            "counter": number(counter),
            "this_instance": is_this_instance,
        })).collect::<Vec<_>>(),
        "conflicts": inspection.stored.as_ref().map_or(&[][..], |stored| &stored.conflicts),
        "buffered": inspection.buffered.iter().map(|version| json!({
            "transfer_session_id": version.session,
            "state": version.state.to_string(),
            "last_saved_instance": version.last_saved_instance,
            "last_saved_counter": number(&version.last_saved_counter),
            "deleted": version.deleted,
            "bytes": version.bytes,
        })).collect::<Vec<_>>(),
        "listed_as_deleted": inspection.listed_as_deleted,
        "listed_as_hard_deleted": inspection.listed_as_hard_deleted,
    })
}

/// A counter as a number, or as text if it is none.
fn number(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
}

fn model(inspection: &Inspection) -> Option<&str> {
    let stored = inspection.stored.as_ref().map(|stored| stored.model.as_str());
    inspection.record.as_ref().map(|record| record.model).or(stored)
}

/// The tables for people, in lines of at most `width` characters.
fn page(inspection: &Inspection, width: Option<usize>) -> String {
    let Inspection { id, record, stored, counters, buffered, .. } = inspection;
    let mut parts = vec![
        format!("{HEADING}{} {id}{HEADING:#}", printable(model(inspection).unwrap_or("deleted record"))),
        facts(inspection).text(width),
        fields(record.as_ref(), stored.as_ref()).text(width),
    ];
    if let Some(AppRow { serialized: Err(error), .. }) = record {
        parts.push(printable(&format!("it cannot be serialised: {error}: {}", error.source)));
    }
    if !counters.is_empty() {
        parts.push(counters_of(counters).text(width));
    }
    if !buffered.is_empty() {
        parts.push(versions(buffered).text(width));
    }
    if let Some(stored) = stored {
        parts.extend(conflicts(stored, width));
    }
    parts.join("\n\n")
}

/// The state of the record: whether the app and the store have it, partition, source id, stamp, waiting deletions.
fn facts(inspection: &Inspection) -> Table {
    let Inspection { record, stored, .. } = inspection;
    let mut facts = Table::default();
    let mut fact = |name: &str, value: &str| facts.row(Style::new(), [name, value]);
    fact(
        "in the app",
        match record {
            None => "not there",
            Some(record) if record.dirty => "there, changed since it was last serialised",
            Some(_) => "there, not changed since it was last serialised",
        },
    );
    match stored {
        None => fact("in the store", "not there"),
        Some(stored) => {
            let mut state = "there".to_owned();
            for (is, what) in [
                (stored.deleted, ", deleted"),
                (stored.hard_deleted, ", hard deleted"),
                (stored.dirty, ", received and not yet given to the app"),
            ] {
                state.push_str(if is { what } else { "" });
            }
            fact("in the store", &state);
            fact("partition", &stored.partition);
            fact("source id", &stored.source_id);
            if !stored.self_reference.is_empty() {
                fact("refers to", &stored.self_reference);
            }
            if let Some(order) = &stored.self_reference_order {
                fact("depth", order);
            }
            let by =
                format!("instance {}, counter {}", stored.last_saved_instance, stored.last_saved_counter);
            fact("last saved by", &by);
            if let Some(session) = &stored.last_transfer_session {
                let time =
                    stored.received.as_ref().map(|time| format!(", active until {time}")).unwrap_or_default();
                fact("brought by", &format!("transfer {session}{time}"));
            }
            if let Some(error) = &stored.error {
                let class = stored.exception.as_ref().map(|class| format!(" ({class})")).unwrap_or_default();
                fact("error", &format!("{error}{class}"));
            }
            if !stored.conflicts.is_empty() {
                let bytes = stored.conflicts.iter().map(|text| text.len() as u64).sum();
                let texts = plural(stored.conflicts.len() as u64, "text");
                fact("in conflict", &format!("{texts}, {}", HumanBytes(bytes)));
            }
        }
    }
    match (inspection.listed_as_deleted, inspection.listed_as_hard_deleted) {
        (_, true) => fact("waiting", "to be noted as deleted, and wiped"),
        (true, false) => fact("waiting", "to be noted as deleted"),
        (false, false) => {}
    }
    facts
}

/// The fields as the app and the store have them. Differing fields are marked if both sides have the record.
fn fields(record: Option<&AppRow>, stored: Option<&StoreRow>) -> Table {
    let of_app = record.and_then(|record| record.serialized.as_deref().ok()).map(members);
    let of_store = stored.map(|stored| members(&stored.serialized));
    let are_comparable = of_app.is_some() && of_store.is_some();
    let (of_app, of_store) = (of_app.unwrap_or_default(), of_store.unwrap_or_default());
    let mut table = Table::new(&["", "field", "app", "store"]);
    let only_stored = of_store.iter().filter(|(key, _)| value_of(&of_app, key).is_none());
    for (key, _) in of_app.iter().chain(only_stored) {
        let (app, store) = (value_of(&of_app, key), value_of(&of_store, key));
        let differs = are_comparable && app != store;
        let (style, mark) = if differs { (DIFFERENT, "≠") } else { (Style::new(), "") };
        table.row(style, [mark, key, app.unwrap_or("-"), store.unwrap_or("-")]);
    }
    for (column, value) in record.map_or(&[][..], |record| &record.local) {
        table.row(Style::new(), ["", column, value, "(stays on this machine)"]);
    }
    table
}

fn counters_of(counters: &[RecordCounter]) -> Table {
    let mut table = Table::new(&["instance", "counter", ""]);
    for RecordCounter { instance, counter, is_this_instance, .. } in counters {
        let this = if *is_this_instance { "this instance" } else { "" };
        table.row(Style::new(), [instance, counter, this]);
    }
    table
}

/// The versions in the buffers of transfers.
fn versions(buffered: &[BufferedVersion]) -> Table {
    let mut table = Table::new(&["in the buffers of", "which", "saved by", "counter", ""]);
    for version in buffered {
        let state = version.state.to_string();
        let content =
            if version.deleted { "deleted".to_owned() } else { HumanBytes(version.bytes).to_string() };
        let (instance, counter) = (&version.last_saved_instance, &version.last_saved_counter);
        table.row(Style::new(), [&version.session, &state, instance, counter, &content]);
    }
    table
}

/// For each conflict of the record, the fields in which it differs from the store's text.
pub(super) fn conflicts(stored: &StoreRow, width: Option<usize>) -> Vec<String> {
    let of_store = members(&stored.serialized);
    let count = stored.conflicts.len();
    let conflicts = stored.conflicts.iter().enumerate().map(|(index, text)| {
        let of_text = members(text);
        let age = if index == 0 { ", the newest" } else { "" };
        let mut lines = vec![format!("conflict {} of {count}{age}", index + 1)];
        let differing: Vec<_> =
            of_text.iter().filter(|(key, value)| value_of(&of_store, key) != Some(value)).collect();
        if !differing.is_empty() {
            let mut table = Table::new(&["field", "store", "conflicting"]);
            for (key, value) in differing {
                table.row(DIFFERENT, [key, value_of(&of_store, key).unwrap_or("-"), value]);
            }
            lines.push(table.text(width));
        }
        let missing: Vec<_> = of_store
            .iter()
            .filter(|(key, _)| value_of(&of_text, key).is_none())
            .map(|(key, _)| printable(key))
            .collect();
        if !missing.is_empty() {
            lines.push(format!("it has no {}", missing.join(", ")));
        }
        if lines.len() == 1 {
            lines.push("it is as in the store".to_owned());
        }
        lines.join("\n")
    });
    conflicts.collect()
}

/// The members of a record's text. A text that is no object is one member without a name.
fn members(text: &str) -> Vec<(String, String)> {
    match json::members(text) {
        Ok(Some(members)) => members
            .into_iter()
            .map(|(key, value)| (serde_json::from_str(&key).unwrap_or(key), readable(value)))
            .collect(),
        Ok(None) | Err(_) if text.is_empty() => Vec::new(),
        Ok(None) | Err(_) => vec![(String::new(), text.to_owned())],
    }
}

/// A JSON string with its `\u` escapes replaced by characters. Other JSON, and unpaired surrogates, are unchanged.
fn readable(value: String) -> String {
    if !value.contains("\\u") {
        return value;
    }
    match serde_json::from_str::<Value>(&value) {
        Ok(Value::String(text)) => Value::String(text).to_string(),
        _ => value,
    }
}

fn value_of<'m>(members: &'m [(String, String)], key: &str) -> Option<&'m str> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
}
