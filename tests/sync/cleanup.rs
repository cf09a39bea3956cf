//! The buffers of broken transfers: which are dead, and their removal.

use std::collections::BTreeMap;
use std::time::Duration;

use syncline::run::CancelToken;
use syncline::sqlite::{BufferedSession, Cleaned, SessionState};
use syncline::{DatabaseError, RecordId, Syncable, profile};

use crate::devices::Device;

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "notes")]
struct Note {
    id: RecordId,
}

profile! { Notes = "notes" { Note } }

/// A session of a test: its letter, 32 times, is its id.
struct Session {
    letter: char,
    /// The days since its last activity.
    days: f64,
    active: bool,
    sync_active: bool,
    status: Option<&'static str>,
    process: Option<i64>,
}

const OLD: Session = Session {
    letter: ' ',
    days: 30.0,
    active: true,
    sync_active: true,
    status: Some("started"),
    process: None,
};

fn id(letter: char) -> RecordId {
    letter.to_string().repeat(32).parse().unwrap()
}

impl Device {
    fn add(&self, session: &Session) {
        let Session { letter, days, active, sync_active, status, process } = session;
        let time = format!("strftime('%Y-%m-%d %H:%M:%f', julianday('now') - {days})");
        self.connection()
            .execute(
                &format!(
                    "INSERT INTO morango_syncsession (id, start_timestamp, last_activity_timestamp, active, is_server, profile, \
                     connection_kind, connection_path, client_ip, server_ip, client_instance_json, server_instance_json, \
                     extra_fields, process_id) VALUES (?1, {time}, {time}, ?2, 0, 'notes', 'network', '', '', '', '{{}}', '{{}}', \
                     '{{}}', ?3)"
                ),
                (id(*letter), sync_active, process),
            )
            .unwrap();
        self.connection()
            .execute(
                &format!(
                    "INSERT INTO morango_transfersession (id, filter, push, active, records_transferred, sync_session_id, \
                     start_timestamp, last_activity_timestamp, client_fsic, server_fsic, transfer_stage, transfer_stage_status) \
                     VALUES (?1, '', 0, ?2, 1, ?1, {time}, {time}, '{{}}', '{{}}', 'dequeuing', ?3)"
                ),
                (id(*letter), active, status),
            )
            .unwrap();
        self.fill(*letter, 2);
    }

    /// Adds rows to the buffers of a session.
    fn fill(&self, letter: char, records: u32) {
        // As programs left it that do not enforce foreign keys.
        self.connection().pragma_update(None, "foreign_keys", false).unwrap();
        for record in 0..records {
            let model_uuid = format!("{record:032x}");
            self.connection()
                .execute(
                    "INSERT INTO morango_buffer (serialized, deleted, last_saved_instance, last_saved_counter, model_name, profile, \
                     partition, model_uuid, transfer_session_id, conflicting_serialized_data, _self_ref_fk, source_id, hard_deleted) \
                     VALUES ('{\"a\": \"é\"}', 0, ?1, 1, 'note', 'notes', '', ?2, ?1, 'x', '', '', 0)",
                    (id(letter), &model_uuid),
                )
                .unwrap();
            self.connection()
                .execute(
                    "INSERT INTO morango_recordmaxcounterbuffer (instance_id, counter, model_uuid, transfer_session_id) \
                     VALUES (?1, 1, ?2, ?1)",
                    (id(letter), model_uuid),
                )
                .unwrap();
        }
    }

    /// The letters of the sessions with buffers.
    fn left(&self) -> String {
        self.one(
            "SELECT ifnull(group_concat(letter, ''), '') FROM (SELECT DISTINCT substr(transfer_session_id, 1, 1) AS letter FROM \
             (SELECT transfer_session_id FROM morango_buffer UNION SELECT transfer_session_id FROM morango_recordmaxcounterbuffer) \
             ORDER BY letter)",
        )
    }
}

fn letters(sessions: &[BufferedSession]) -> String {
    let mut letters: Vec<_> = sessions.iter().map(|session| session.id.chars().next().unwrap()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// A device with a session in every state. `a` to `d` are dead.
fn device() -> Device {
    let device = Device::new::<Notes>();
    let this_process = Some(i64::from(std::process::id()));
    device.fill('a', 2); // There is no such session.
    device.add(&Session { letter: 'b', active: false, ..OLD });
    device.add(&Session { letter: 'c', sync_active: false, ..OLD });
    device.add(&Session { letter: 'd', status: Some("errored"), process: Some(i64::from(i32::MAX)), ..OLD });
    device.add(&Session { letter: 'e', ..OLD });
    device.add(&Session { letter: 'f', process: this_process, ..OLD });
    device.add(&Session { letter: '7', active: false, days: 6.9, ..OLD });
    device.add(&Session { letter: '8', status: Some("errored"), days: -2.0, ..OLD });
    device
}

#[test]
fn states() {
    let device = device();
    let sessions = device.database.buffers(Duration::from_hours(7 * 24)).unwrap();
    let states: BTreeMap<_, _> =
        sessions.iter().map(|session| (session.id.chars().next().unwrap(), session.state)).collect();
    let process = std::process::id().into();
    let expected = BTreeMap::from([
        ('a', SessionState::Unknown),
        ('b', SessionState::Ended),
        ('c', SessionState::Ended),
        ('d', SessionState::Failed),
        ('e', SessionState::Resumable),
        ('f', SessionState::Running { process }),
        ('7', SessionState::Recent),
        ('8', SessionState::Recent),
    ]);
    assert_eq!(states, expected);
    let failed = sessions.iter().find(|session| session.state == SessionState::Failed).unwrap();
    assert_eq!((failed.records, failed.counters, failed.bytes), (2, 2, 2 * (11 + 1)));
    assert_eq!((failed.stage.as_deref(), failed.is_receiver), (Some("dequeuing errored"), Some(true)));
}

#[test]
fn nothing_is_removed_by_looking() {
    let mut device = device();
    let found = device.database.cleanup().find().unwrap();
    assert_eq!((letters(&found.removed), letters(&found.kept)), ("abcd".to_owned(), "78ef".to_owned()));
    assert_eq!((found.records(), found.bytes()), (8, 8 * 12));
    assert_eq!(device.left(), "78abcdef");
}

#[test]
fn what_is_dead_is_removed() {
    let mut device = device();
    let cleaned = device.database.cleanup().run().unwrap();
    assert_eq!((letters(&cleaned.removed), letters(&cleaned.kept)), ("abcd".to_owned(), "78ef".to_owned()));
    assert_eq!(device.left(), "78ef");
    let active = "SELECT group_concat(substr(id, 1, 1), '') FROM (SELECT id FROM morango_transfersession WHERE active ORDER BY id)";
    assert_eq!(device.one::<String>(active), "8ef");
    let active = "SELECT group_concat(substr(id, 1, 1), '') FROM (SELECT id FROM morango_syncsession WHERE active ORDER BY id)";
    assert_eq!(device.one::<String>(active), "78ef");
    assert_eq!(device.database.cleanup().run().unwrap().removed, []);
}

#[test]
fn another_time() {
    let mut device = device();
    let cleaned = device.database.cleanup().older_than(Duration::from_hours(31 * 24)).run().unwrap();
    assert_eq!(letters(&cleaned.removed), "a");
    // A session that is active in the future, by a wrong clock, is never old.
    let cleaned = device.database.cleanup().older_than(Duration::ZERO).run().unwrap();
    assert_eq!((letters(&cleaned.removed), device.left()), ("7bcd".to_owned(), "8ef".to_owned()));
}

#[test]
fn a_session_that_is_named_goes_in_any_state() {
    for letter in ['e', 'f', '7', '8'] {
        let mut device = device();
        let cleaned = device.database.cleanup().session(id(letter)).run().unwrap();
        let mut expected: Vec<_> = format!("{letter}abcd").chars().collect();
        expected.sort_unstable();
        assert_eq!(letters(&cleaned.removed), expected.into_iter().collect::<String>());
        assert!(!device.left().contains(letter));
        let sql = format!("SELECT active FROM morango_transfersession WHERE id = '{}'", id(letter));
        assert!(!device.one::<bool>(&sql));
        // The sync session goes on if it is recent, or its process may begin another transfer.
        let sql = format!("SELECT active FROM morango_syncsession WHERE id = '{}'", id(letter));
        assert_eq!(device.one::<bool>(&sql), letter != 'e', "{letter}");
    }
}

#[test]
fn a_name_without_buffers_is_an_error() {
    let mut device = device();
    let error = device.database.cleanup().session(id('0')).run().unwrap_err();
    assert!(matches!(error, DatabaseError::NoBuffers { .. }), "{error}");
    assert_eq!(device.left(), "78abcdef");
}

#[test]
fn a_sync_session_with_another_active_transfer_stays_active() {
    let mut device = device();
    device.execute(&format!(
        "UPDATE morango_transfersession SET sync_session_id = '{}' WHERE id = '{}'",
        id('d'),
        id('e')
    ));
    device.database.cleanup().run().unwrap();
    assert!(device.one::<bool>(&format!("SELECT active FROM morango_syncsession WHERE id = '{}'", id('d'))));
}

#[test]
fn a_cancelled_cleanup_removes_nothing_more() {
    let mut device = device();
    let token = CancelToken::new();
    token.cancel();
    let error = device.database.cleanup().cancelled_by(&token).run().unwrap_err();
    assert!(error.is_cancelled(), "{error}");
    assert_eq!(device.left(), "78abcdef");
}

#[test]
fn the_space_is_given_back() {
    let mut device = Device::new::<Notes>();
    device.fill('a', 3);
    device.execute("UPDATE morango_buffer SET serialized = hex(zeroblob(3000000))");
    device.execute("INSERT INTO note DEFAULT VALUES");
    device.serialize::<Notes>();
    let Cleaned { removed, .. } = device.database.cleanup().run().unwrap();
    assert_eq!(removed[0].bytes, 3 * 6_000_001);
    assert!(device.database.free_bytes().unwrap() > 17_000_000);
    let vacuumed = device.database.vacuum().unwrap();
    assert!(vacuumed.freed() > 17_000_000 && vacuumed.after < 1_000_000, "{vacuumed:?}");
    assert_eq!(std::fs::metadata(device.path()).unwrap().len(), vacuumed.after);
    assert_eq!(device.database.free_bytes().unwrap(), 0);
    // The app goes on, with and without another `create`.
    device.execute("INSERT INTO note DEFAULT VALUES");
    assert_eq!(device.database.serialize::<Notes>().run().unwrap().created, 1);
    let status = device.database.status::<Notes>().unwrap();
    assert_eq!((status[0].rows, status[0].dirty, status[0].stored), (2, 0, 2));
    device.database.create::<Notes>().unwrap();
    assert_eq!(device.database.status::<Notes>().unwrap(), status);
}
