//! The deep check of the store: lost records, counters, old failures, dead buffers; and what mends them.

use syncline::sqlite::Difference;
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

fn id(name: &str) -> RecordId {
    RecordId::derive("notes", name, "note")
}

/// A device with two notes of its own and one that it received, all in its table and its store.
fn device() -> Device {
    let (mut here, mut there) = (Device::new::<Notes>(), Device::new::<Notes>());
    here.execute("INSERT INTO note (name, title) VALUES ('received', 'a')");
    there.execute("INSERT INTO note (name, title) VALUES ('n1', 'b'), ('n2', 'c')");
    here.send::<Notes>(&mut there);
    let done = there.database.deserialize::<Notes>().run().unwrap();
    assert_eq!(done.created() + done.updated(), 1);
    assert_eq!(found(&there), [], "nothing is wrong");
    there
}

fn found(device: &Device) -> Vec<Difference> {
    let mut found = device.database.check_deep::<Notes>().unwrap();
    found.extend(device.database.check_store::<Notes>().unwrap());
    found
}

#[test]
fn a_record_that_was_lost_is_restored() {
    let mut device = device();
    // As deserialising lost rows without an error.
    device.execute(&format!(
        "DELETE FROM note WHERE id = '{}'; DELETE FROM morango_deletedmodels",
        id("received")
    ));
    let differences = found(&device);
    assert!(
        matches!(&differences[..], [Difference::OnlyInStore { model: "note", records, .. }] if records.count == 1)
    );
    assert!(differences[0].to_string().contains("`mend --restore-only-in-store note`"), "{}", differences[0]);
    assert_eq!(device.database.restore_only_in_store::<Note>().unwrap(), 1);
    assert_eq!(found(&device), []);
    assert_eq!(device.database.status::<Notes>().unwrap()[0].waiting, 1);
    assert_eq!(device.database.deserialize::<Notes>().run().unwrap().created(), 1);
    assert_eq!(device.one::<String>("SELECT title FROM note WHERE name = 'received'"), "a");
    assert_eq!(device.database.restore_only_in_store::<Note>().unwrap(), 0);
}

#[test]
fn counters_that_are_missing_are_written() {
    let mut device = device();
    let counters = "SELECT group_concat(store_model_id || instance_id || counter) FROM (SELECT * FROM morango_recordmaxcounter ORDER BY 4, 2)";
    let before: String = device.one(counters);
    device.execute(&format!(
        "DELETE FROM morango_recordmaxcounter WHERE store_model_id = '{}'; \
         UPDATE morango_recordmaxcounter SET counter = counter - 1 WHERE store_model_id = '{}'",
        id("received"),
        id("n1")
    ));
    let differences = found(&device);
    let Some(Difference::NoCounter { model, records }) = differences.first() else {
        panic!("{differences:?}")
    };
    let mut expected = [id("received"), id("n1")].map(|id| id.to_string());
    expected.sort();
    assert_eq!((model.as_str(), records.count, &records.first[..]), ("note", 2, &expected[..]));
    assert_eq!(differences.len(), 1);
    assert_eq!(device.database.mend_counters::<Notes>().unwrap(), (2, false));
    assert_eq!(device.one::<String>(counters), before);
    assert_eq!(found(&device), []);
}

#[test]
fn a_counter_that_is_behind_is_raised() {
    let current = "SELECT counter FROM morango_instanceidmodel WHERE current";
    // Each of the three tables may be the only one that knows the higher counter.
    let set = [
        "UPDATE morango_recordmaxcounter SET counter = 100",
        "UPDATE morango_databasemaxcounter SET counter = 100",
        "UPDATE morango_store SET last_saved_counter = 100",
    ];
    for sql in set {
        let mut device = device();
        let before: i64 = device.one(current);
        let me: String = device.one("SELECT id FROM morango_instanceidmodel WHERE current");
        let column = if sql.contains("store") { "last_saved_instance" } else { "instance_id" };
        device.execute(&format!("{sql} WHERE {column} <> '{me}'"));
        let is_behind = |difference: &Difference| matches!(difference, Difference::CounterBehind { .. });
        assert!(!found(&device).iter().any(is_behind), "another instance has counters of its own");
        device.execute(&format!("{sql} WHERE {column} = '{me}'"));
        let expected = Difference::CounterBehind { instance: me, counter: before, known: 100 };
        assert!(found(&device).contains(&expected), "{sql}");
        assert!(device.database.mend_counters::<Notes>().unwrap().1);
        assert_eq!(device.one::<i64>(current), 100);
        assert!(!found(&device).iter().any(is_behind));
        assert!(!device.database.mend_counters::<Notes>().unwrap().1);
    }
}

#[test]
fn a_record_that_failed_long_ago() {
    let device = device();
    device.execute(&format!(
        "UPDATE morango_store SET dirty_bit = 1, deserialization_error = 'bad', deserialization_exception = 'E' WHERE id = '{}'",
        id("received")
    ));
    device
        .execute("UPDATE morango_transfersession SET last_activity_timestamp = datetime('now', '-364 days')");
    assert_eq!(found(&device), []);
    device
        .execute("UPDATE morango_transfersession SET last_activity_timestamp = datetime('now', '-366 days')");
    let differences = found(&device);
    assert!(
        matches!(&differences[..], [Difference::FailedLongAgo { model, records }] if model == "note" && records.count == 1)
    );
    assert!(differences[0].to_string().contains(id("received").as_str()), "{}", differences[0]);
}

#[test]
fn buffers_of_dead_sessions() {
    let mut device = device();
    device.execute(
        "INSERT INTO morango_buffer (serialized, deleted, last_saved_instance, last_saved_counter, model_name, profile, partition, \
         model_uuid, transfer_session_id, conflicting_serialized_data, _self_ref_fk, source_id, hard_deleted) \
         SELECT '{}', 0, last_saved_instance, 7, 'note', 'notes', '', id, last_transfer_session_id, '', '', '', 0 \
         FROM morango_store WHERE last_transfer_session_id IS NOT NULL",
    );
    assert_eq!(found(&device), [], "it can be resumed");
    device.execute("UPDATE morango_transfersession SET active = 0");
    let differences = found(&device);
    assert_eq!(differences, [Difference::DeadBuffers { sessions: 1, records: 1, bytes: 2 }]);
    assert!(differences[0].to_string().contains("`cleanup`"));
    device.database.cleanup().run().unwrap();
    assert_eq!(found(&device), []);
}
