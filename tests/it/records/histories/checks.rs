//! The checks after every serialise.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::Value as Json;

use super::super::all;
use super::super::declarations::Notes;
use super::{Step, TABLES, World};
use syncline::RecordId;

/// The rows of a table.
type Rows = Vec<Vec<Value>>;

impl World {
    /// Serialises twice and checks the results.
    pub(super) fn serialize(&mut self, prefix: Option<&str>) {
        let before = self.counters();
        let outside_before = self.outside(prefix);
        let alive = self.alive();
        let saved = self.saved();
        let first = self.run(prefix);
        let received = self.peer.receive(&saved, &self.saved());
        if received > 0 {
            self.count(super::backups::COUNTED[4]);
        }
        self.check_wiped(prefix, &alive);
        for (which, counter) in self.counters() {
            assert!(before.get(&which).is_none_or(|before| *before <= counter), "{which} went back");
        }
        self.check(prefix, &first.instance, first.counter);
        assert_eq!(self.outside(prefix), outside_before, "what the filter does not let through has changed");

        let settled = self.everything();
        let second = self.run(prefix);
        assert_eq!(second.counter, first.counter + 1);
        assert_eq!((second.records(), second.deleted), (0, 0), "nothing was left to do");
        assert_eq!(self.everything(), settled, "a second run changed more than its counters");
    }

    /// Asserts that hard-deleted records have no text unless they exist again, and that all others have one.
    fn check_wiped(&mut self, prefix: Option<&str>, alive: &BTreeSet<String>) {
        let stored = self.stored();
        for (id, stored) in &stored {
            if alive.contains(id) {
                if prefix.is_none_or(|prefix| stored.partition.starts_with(prefix)) {
                    self.wiped.remove(id);
                }
            } else if self.forgotten.contains(id) && self.wiped.insert(id.clone()) {
                *self.happened.entry("store rows wiped").or_default() += 1;
            }
            assert_eq!(stored.hard_deleted, self.wiped.contains(id), "{id}");
            assert_eq!(
                stored.serialized == Json::Object(serde_json::Map::new()),
                stored.hard_deleted,
                "{id}"
            );
        }
        // The list applies to all partitions, whatever the filter. A record that was made again stays on it as long as the
        // filter leaves out its row.
        let listed: BTreeSet<String> =
            all(self.connection(), "SELECT id FROM morango_harddeletedmodels").into_iter().collect();
        for id in &listed {
            let is_left_out = prefix.is_some_and(|prefix| {
                stored.get(id).is_none_or(|stored| !stored.partition.starts_with(prefix))
            });
            assert!(is_left_out && alive.contains(id), "{id}");
        }
        self.forgotten.retain(|id| listed.contains(id));
    }

    /// Asserts that no placeholder id is left, and that rows inserted without an id have the hash that `insert` computes.
    pub(super) fn check_new(&self, step: &Step, new: &[String]) {
        let listed = all::<String>(self.connection(), "SELECT id FROM morango_deletedmodels");
        for id in self.alive().iter().chain(&listed) {
            assert!(RecordId::parse(id).is_ok(), "{id} is left");
        }
        let (table, model) = match step {
            Step::AddNotebook { .. } => ("notebook", "notebook"),
            Step::AddNote { .. } => ("note", "note"),
            Step::AddLabel { .. } => ("label", "label"),
            _ => return,
        };
        for id in new {
            let sql = format!(
                "SELECT replace(_morango_partition, id, '${{id}}'), _morango_source_id FROM {table} WHERE id = '{id}'"
            );
            // A trigger of the app may have made a record of another table.
            let Some(row) = rows(self.connection(), &sql).pop() else { continue };
            assert_eq!(RecordId::derive(&text(&row[0]), &text(&row[1]), model).as_str(), id);
        }
    }

    fn run(&mut self, prefix: Option<&str>) -> syncline::Serialized {
        let run = self.database.serialize::<Notes>();
        match prefix {
            Some(prefix) => run.filter(prefix),
            None => run,
        }
        .run()
        .unwrap()
    }

    /// Compares the store with the tables.
    fn check(&self, prefix: Option<&str>, instance: &str, counter: i64) {
        let stored = self.stored();
        let mut alive = 0;
        for (model, table, columns) in [
            ("notebook", "notebook", "'title', title"),
            (
                "note",
                "note",
                "'notebook_id', notebook_id, 'title', title, 'body', body, 'stars', stars, 'parent_id', parent_id",
            ),
            (
                "label",
                "label",
                "'notebook_id', notebook_id, 'note_id', note_id, 'author_id', author_id, 'word', word",
            ),
            ("author", "people", "'name', name"),
        ] {
            let parent = if table == "note" { "ifnull(parent_id, '')" } else { "''" };
            let sql = format!(
                "SELECT id, _morango_partition, _morango_source_id, _morango_dirty_bit, {parent}, \
                 json_object('id', id, '_morango_source_id', _morango_source_id, \
                 '_morango_partition', _morango_partition, {columns}) FROM {table}"
            );
            for row in rows(self.connection(), &sql) {
                let id = text(&row[0]);
                if prefix.is_some_and(|prefix| !text(&row[1]).starts_with(prefix)) {
                    continue;
                }
                alive += 1;
                assert_eq!(row[3], Value::Integer(0), "{model} {id} is dirty");
                let found = stored.get(&id).unwrap_or_else(|| panic!("{model} {id} is not in the store"));
                let expected = Stored {
                    model: model.to_owned(),
                    partition: text(&row[1]),
                    source_id: text(&row[2]),
                    parent: text(&row[4]),
                    deleted: false,
                    hard_deleted: false,
                    serialized: serde_json::from_str(&text(&row[5])).unwrap(),
                };
                assert_eq!(*found, expected);
            }
        }
        if prefix.is_none() {
            let in_store = stored.values().filter(|stored| !stored.deleted).count();
            assert_eq!(in_store, alive, "the store has records that the tables do not have");
            let listed: Vec<String> = all(self.connection(), "SELECT id FROM morango_deletedmodels");
            assert_eq!(listed, [""; 0]);
        }
        // The last saving instance of a record has its counter. A file that was put back has several instances.
        let wrong: Vec<String> = all(
            self.connection(),
            &format!(
                "SELECT id FROM morango_store AS store \
                 WHERE last_saved_instance NOT IN (SELECT id FROM morango_instanceidmodel) \
                 OR last_saved_instance = '{instance}' AND last_saved_counter > {counter} \
                 OR last_saved_counter IS NOT (SELECT counter FROM morango_recordmaxcounter \
                 WHERE store_model_id = store.id AND instance_id = store.last_saved_instance)"
            ),
        );
        assert_eq!(wrong, [""; 0], "their counters are not those that they were saved with");
    }

    fn stored(&self) -> BTreeMap<String, Stored> {
        let sql = "SELECT id, model_name, partition, source_id, _self_ref_fk, deleted, hard_deleted, \
                   serialized FROM morango_store";
        let read = |row: Vec<Value>| {
            let stored = Stored {
                model: text(&row[1]),
                partition: text(&row[2]),
                source_id: text(&row[3]),
                parent: text(&row[4]),
                deleted: row[5] == Value::Integer(1),
                hard_deleted: row[6] == Value::Integer(1),
                serialized: serde_json::from_str(&text(&row[7])).unwrap(),
            };
            (text(&row[0]), stored)
        };
        rows(self.connection(), sql).into_iter().map(read).collect()
    }

    /// The rows of the tables and of the store that a filter does not select.
    fn outside(&self, prefix: Option<&str>) -> Rows {
        let Some(prefix) = prefix else { return Rows::new() };
        let mut outside = Rows::new();
        for (table, _) in TABLES {
            let sql = format!(
                "SELECT app.*, store.serialized, store.last_saved_counter FROM {table} AS app \
                 LEFT JOIN morango_store AS store ON store.id = app.id \
                 WHERE substr(app._morango_partition, 1, {}) <> '{prefix}' ORDER BY app.id",
                prefix.len()
            );
            outside.extend(rows(self.connection(), &sql));
        }
        outside
    }

    /// All tables, without the counters that every serialise raises, such as `sqlite_sequence`.
    fn everything(&self) -> BTreeMap<String, Rows> {
        let names: Vec<String> = all(
            self.connection(),
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence' ORDER BY name",
        );
        let select = |name: &str| match name {
            "morango_instanceidmodel" => "SELECT id, current FROM morango_instanceidmodel".to_owned(),
            "morango_databasemaxcounter" => {
                "SELECT instance_id, partition FROM morango_databasemaxcounter".to_owned()
            }
            name => format!("SELECT * FROM {name}"),
        };
        names.into_iter().map(|name| (name.clone(), rows(self.connection(), &select(&name)))).collect()
    }

    /// The instance and counter with which each record of the store was last saved.
    fn saved(&self) -> BTreeMap<String, (String, i64)> {
        let sql = "SELECT id, last_saved_instance, last_saved_counter FROM morango_store";
        let mut statement = self.connection().prepare(sql).unwrap();
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
        statement.query_map([], read).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// All counters.
    fn counters(&self) -> BTreeMap<String, i64> {
        let sql = "SELECT 'instance ' || id, counter FROM morango_instanceidmodel \
                   UNION ALL SELECT 'record ' || store_model_id || ' ' || instance_id, counter FROM morango_recordmaxcounter \
                   UNION ALL SELECT 'partition ' || partition || ' ' || instance_id, counter FROM morango_databasemaxcounter";
        rows(self.connection(), sql)
            .into_iter()
            .map(|row| match row[1] {
                Value::Integer(counter) => (text(&row[0]), counter),
                ref other => panic!("{other:?} is no counter"),
            })
            .collect()
    }
}

/// A store row.
#[derive(Debug, PartialEq)]
struct Stored {
    model: String,
    partition: String,
    source_id: String,
    parent: String,
    deleted: bool,
    hard_deleted: bool,
    serialized: Json,
}

fn rows(connection: &Connection, sql: &str) -> Rows {
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| (0..count).map(|index| row.get(index)).collect();
    statement.query_map([], read).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    }
}
