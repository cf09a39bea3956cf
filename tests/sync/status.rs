//! The state of received records: what waits, what failed, what is in buffers.

use syncline::sqlite::SessionState;
use syncline::{RecordId, Syncable, profile};

use crate::devices::Device;

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "notes", source_id = "{name}")]
struct Note {
    id: RecordId,
    name: String,
    title: String,
}

profile! { Notes = "notes" { Note } }

/// A device that received five notes, `n1` to `n5`, and has none of them in its table.
fn received() -> Device {
    let (mut here, mut there) = (Device::new::<Notes>(), Device::new::<Notes>());
    here.execute(
        "INSERT INTO note (name, title) VALUES ('n1', ''), ('n2', ''), ('n3', ''), ('n4', ''), ('n5', '')",
    );
    assert_eq!(here.send::<Notes>(&mut there).written, 5);
    there
}

fn fail(device: &Device, name: &str, class: &str, text: &str) {
    let sql = "UPDATE morango_store SET deserialization_exception = ?2, deserialization_error = ?3 WHERE source_id = ?1";
    assert_eq!(device.connection().execute(sql, (name, class, text)).unwrap(), 1);
}

#[test]
fn what_waits_and_what_failed() {
    let device = received();
    let id = RecordId::random();
    fail(&device, "n1", "django.core.exceptions.ValidationError", &format!("['book with id {id} is gone']"));
    fail(
        &device,
        "n2",
        "django.core.exceptions.ValidationError",
        &format!("['book with id {} is gone']", RecordId::random()),
    );
    fail(&device, "n3", "builtins.ValueError", "bad title");
    fail(&device, "n4", "", "");
    // A row that the app has is no failure, whatever text an earlier version left.
    fail(&device, "n5", "builtins.ValueError", "bad title");
    device.execute("UPDATE morango_store SET dirty_bit = 0 WHERE source_id = 'n5'");

    let status = &device.database.status::<Notes>().unwrap()[0];
    assert_eq!((status.stored, status.waiting, status.failed), (5, 4, 3));
    let failures = device.database.failures::<Notes>().unwrap();
    let found: Vec<_> = failures
        .iter()
        .map(|group| (&*group.model, &*group.class, &*group.text, group.records.count))
        .collect();
    let expected = [
        ("note", "django.core.exceptions.ValidationError", "['book with id … is gone']", 2),
        ("note", "builtins.ValueError", "bad title", 1),
    ];
    assert_eq!(found, expected);
    assert_eq!(failures[1].records.first, [RecordId::derive("notes", "n3", "note").to_string()]);
    assert!(failures.iter().all(|group| !group.follows_another()));
}

/// Errors that are all different do not make a group of each record.
#[test]
fn many_different_errors() {
    let device = received();
    device.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) \
         INSERT INTO morango_store (id, serialized, deleted, hard_deleted, last_saved_instance, last_saved_counter, model_name, \
         profile, partition, source_id, conflicting_serialized_data, dirty_bit, _self_ref_fk, deserialization_exception, \
         deserialization_error) SELECT printf('%032x', i), '{}', 0, 0, '', 1, 'note', 'notes', '', '', '', 1, '', 'E', 'text ' || i FROM n",
    );
    let failures = device.database.failures::<Notes>().unwrap();
    assert_eq!(failures.len(), 51);
    assert_eq!((failures[0].text.as_str(), failures[0].records.count), ("", 350));
    assert_eq!(failures.iter().map(|group| group.records.count).sum::<u64>(), 400);
}

#[test]
fn a_record_on_its_whole_way() {
    let (mut here, mut there) = (Device::new::<Notes>(), Device::new::<Notes>());
    for (device, title) in [(&here, "here"), (&there, "there")] {
        device.execute(&format!("INSERT INTO note (name, title) VALUES ('n1', '{title}')"));
    }
    here.send::<Notes>(&mut there);
    fail(&there, "n1", "builtins.ValueError", "bad title");
    there.execute(
        "INSERT INTO morango_buffer (serialized, deleted, last_saved_instance, last_saved_counter, model_name, profile, partition, \
         model_uuid, transfer_session_id, conflicting_serialized_data, _self_ref_fk, source_id, hard_deleted) \
         SELECT '{\"a\": 1}', 1, last_saved_instance, 7, 'note', 'notes', '', id, last_transfer_session_id, '', '', '', 0 \
         FROM morango_store; \
         UPDATE morango_transfersession SET active = 0",
    );
    let id = RecordId::derive("notes", "n1", "note");
    let inspection = there.database.inspect::<Notes>(id).unwrap().unwrap();
    let stored = inspection.stored.unwrap();
    assert!(stored.dirty && inspection.record.is_some());
    assert_eq!(
        (stored.error.as_deref(), stored.exception.as_deref()),
        (Some("bad title"), Some("builtins.ValueError"))
    );
    assert_eq!(stored.received.as_deref(), Some("2026-01-01"));
    assert_eq!((stored.conflicts.len(), inspection.counters.len()), (1, 2));
    assert_eq!(inspection.buffered.len(), 1);
    let version = &inspection.buffered[0];
    assert_eq!((version.last_saved_counter.as_str(), version.deleted, version.bytes), ("7", true, 8));
    assert_eq!(
        (Some(&version.session), version.state),
        (stored.last_transfer_session.as_ref(), SessionState::Ended)
    );

    // A record that only a buffer has is found, too.
    there.execute("DELETE FROM note; DELETE FROM morango_deletedmodels; DELETE FROM morango_recordmaxcounter; DELETE FROM morango_store");
    let inspection = there.database.inspect::<Notes>(id).unwrap().unwrap();
    assert!(inspection.record.is_none() && inspection.stored.is_none());
    assert_eq!(inspection.buffered.len(), 1);
    assert_eq!(there.database.inspect::<Notes>(RecordId::random()).unwrap(), None);
}
