//! Devices: databases that hand records to each other through the buffers of a transfer session.

use std::path::PathBuf;

use rusqlite::Connection;
use syncline::counters::Role;
use syncline::dequeue::Dequeued;
use syncline::model::PartitionedProfile;
use syncline::sqlite::transfer::{Format, counters_for, dequeue, queue, read_session};
use syncline::{Database, RecordId};
use tempfile::TempDir;

/// A device with a database of the profile of the calls.
pub(crate) struct Device {
    folder: TempDir,
    pub(crate) database: Database,
}

impl Device {
    pub(crate) fn new<P: PartitionedProfile>() -> Self {
        let folder = TempDir::new().unwrap();
        let mut database = Database::open(folder.path().join("app.sqlite3")).unwrap();
        database.create::<P>().unwrap();
        Self { folder, database }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("app.sqlite3")
    }

    pub(crate) fn connection(&self) -> &Connection {
        self.database.connection()
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.connection().execute_batch(sql).unwrap();
    }

    pub(crate) fn one<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub(crate) fn serialize<P: PartitionedProfile>(&mut self) {
        self.database.serialize::<P>().run().unwrap();
    }

    /// Sends everything that `receiver` lacks to it: serialises on both sides, queues here, copies the buffers, dequeues there.
    pub(crate) fn send<P: PartitionedProfile>(&mut self, receiver: &mut Self) -> Dequeued {
        self.serialize::<P>();
        receiver.serialize::<P>();
        let id = RecordId::random();
        let fsic = |device: &Self, role| {
            counters_for(device.connection(), &[""], role, Format::ByInstance).unwrap().to_string()
        };
        let (mine, theirs) = (fsic(self, Role::Sender), fsic(receiver, Role::Receiver));
        for device in [&*self, receiver] {
            device.add_session(id, &mine, &theirs);
        }
        let session = read_session(self.connection(), id, Format::ByInstance).unwrap();
        queue(self.database.connection_mut(), P::NAME, &session).unwrap();
        receiver.take_buffers(self);
        dequeue::<P>(receiver.database.connection_mut(), &session).unwrap()
    }

    fn add_session(&self, id: RecordId, client: &str, server: &str) {
        self.connection()
            .execute(
                "INSERT INTO morango_syncsession (id, start_timestamp, last_activity_timestamp, active, is_server, profile, \
                 connection_kind, connection_path, client_ip, server_ip, client_instance_json, server_instance_json, extra_fields) \
                 VALUES (?1, '2026-01-01', '2026-01-01', 1, 0, '', 'network', '', '', '', '{}', '{}', '{}')",
                [id],
            )
            .unwrap();
        self.connection()
            .execute(
                "INSERT INTO morango_transfersession (id, filter, push, active, records_transferred, sync_session_id, \
                 start_timestamp, last_activity_timestamp, client_fsic, server_fsic) \
                 VALUES (?1, '', 1, 1, 1, ?1, '2026-01-01', '2026-01-01', ?2, ?3)",
                (id, client, server),
            )
            .unwrap();
    }

    /// Copies the buffers of `sender` to this device.
    fn take_buffers(&self, sender: &Self) {
        self.connection().execute("ATTACH ?1 AS sender", [sender.path().to_str().unwrap()]).unwrap();
        for table in ["morango_buffer", "morango_recordmaxcounterbuffer"] {
            let columns: String = self.one(&format!(
                "SELECT group_concat(name) FROM pragma_table_info('{table}') WHERE name <> 'id'"
            ));
            self.execute(&format!(
                "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM sender.{table} ORDER BY id; \
                 DELETE FROM sender.{table}"
            ));
        }
        self.execute("DETACH sender");
    }

    /// The text, the conflicting texts and the dirty bit of the record `id` in the store.
    pub(crate) fn stored(&self, id: RecordId) -> (String, String, bool) {
        let sql =
            "SELECT serialized, conflicting_serialized_data, dirty_bit FROM morango_store WHERE id = ?1";
        self.connection().query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
    }

    /// Writes the received records to the app's table, as far as the tests need it: the column `title` of `note`.
    pub(crate) fn receive_notes(&self) {
        self.execute(
            "UPDATE note SET title = (SELECT serialized ->> 'title' FROM morango_store AS s WHERE s.id = note.id), \
             _morango_dirty_bit = 0 WHERE id IN (SELECT id FROM morango_store WHERE dirty_bit); \
             UPDATE note SET _morango_dirty_bit = 0; UPDATE morango_store SET dirty_bit = 0",
        );
    }
}
