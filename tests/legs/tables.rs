//! The sync tables as JSON, in the form of the cases.

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};

/// A sync table: its name in a case, its name in the database, its columns, and whether its rows are objects or lists.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    sql_name: &'static str,
    columns: &'static [&'static str],
    is_object: bool,
}

pub(crate) const TABLES: [Table; 5] = [
    Table {
        name: "store",
        sql_name: "morango_store",
        columns: &[
            "id",
            "profile",
            "serialized",
            "deleted",
            "hard_deleted",
            "last_saved_instance",
            "last_saved_counter",
            "partition",
            "source_id",
            "model_name",
            "conflicting_serialized_data",
            "_self_ref_fk",
            "dirty_bit",
            "deserialization_error",
            "deserialization_exception",
            "last_transfer_session_id",
        ],
        is_object: true,
    },
    Table {
        name: "rmc",
        sql_name: "morango_recordmaxcounter",
        columns: &["store_model_id", "instance_id", "counter"],
        is_object: false,
    },
    Table {
        name: "dmc",
        sql_name: "morango_databasemaxcounter",
        columns: &["partition", "instance_id", "counter"],
        is_object: false,
    },
    Table {
        name: "buffer",
        sql_name: "morango_buffer",
        columns: &[
            "transfer_session_id",
            "model_uuid",
            "profile",
            "serialized",
            "deleted",
            "hard_deleted",
            "last_saved_instance",
            "last_saved_counter",
            "partition",
            "source_id",
            "model_name",
            "conflicting_serialized_data",
            "_self_ref_fk",
        ],
        is_object: true,
    },
    Table {
        name: "rmcb",
        sql_name: "morango_recordmaxcounterbuffer",
        columns: &["transfer_session_id", "model_uuid", "instance_id", "counter"],
        is_object: false,
    },
];

/// Writes the rows of `case` to the tables, which are empty.
pub(crate) fn fill(connection: &Connection, case: &Value) {
    let (id, counter) = (case["instance"][0].as_str().unwrap(), case["instance"][1].as_i64().unwrap());
    connection
        .execute("UPDATE morango_instanceidmodel SET id = ?1, counter = ?2 WHERE current", (id, counter))
        .unwrap();
    for session in case["sessions"].as_array().into_iter().flatten() {
        let text = |key: &str| session[key].as_str().unwrap();
        connection
            .execute(
                "INSERT INTO morango_transfersession (id, filter, push, active, sync_session_id, start_timestamp, \
                 last_activity_timestamp, client_fsic, server_fsic, records_transferred) \
                 VALUES (?1, ?2, ?3, 1, ?1, '2026-06-01 12:00:00', '2026-06-01 12:00:00', ?4, ?5, ?6)",
                (
                    text("id"),
                    text("filter"),
                    session["push"].as_bool().unwrap(),
                    text("client_fsic"),
                    text("server_fsic"),
                    session["records_transferred"].as_i64().unwrap_or(0),
                ),
            )
            .unwrap();
    }
    for table in &TABLES {
        for row in case[table.name].as_array().into_iter().flatten() {
            table.insert(connection, row);
        }
    }
}

impl Table {
    fn insert(&self, connection: &Connection, row: &Value) {
        let values = self.columns.iter().enumerate().map(|(index, column)| {
            let value = if self.is_object { row.get(*column) } else { row.get(index) };
            to_sql(value.unwrap_or(&default(column)))
        });
        let marks = vec!["?"; self.columns.len()].join(", ");
        let columns = self.columns.join(", ");
        connection
            .execute(
                &format!("INSERT INTO {} ({columns}) VALUES ({marks})", self.sql_name),
                params_from_iter(values),
            )
            .unwrap();
    }

    /// The rows of the table, sorted by their text.
    pub(crate) fn read(&self, connection: &Connection) -> Vec<Value> {
        let sql = format!("SELECT {} FROM {}", self.columns.join(", "), self.sql_name);
        let mut statement = connection.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| {
            let values = self.columns.iter().enumerate().map(|(index, column)| {
                let value = match row.get_ref(index)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(integer) => json!(integer),
                    ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                    other => json!(format!("{other:?}")),
                };
                Ok(((*column).to_owned(), value))
            });
            let values = values.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(if self.is_object {
                Value::Object(values.into_iter().collect::<Map<_, _>>())
            } else {
                Value::Array(values.into_iter().map(|(_, value)| value).collect())
            })
        });
        sorted(rows.unwrap().map(Result::unwrap).collect())
    }
}

pub(crate) fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(ToString::to_string);
    rows
}

/// The value of a column that a case does not name.
fn default(column: &str) -> Value {
    match column {
        "profile" => json!("facilitydata"),
        "serialized" => json!("{}"),
        "deleted" | "hard_deleted" | "dirty_bit" => json!(0),
        "source_id" => json!("s"),
        "model_name" => json!("m"),
        "conflicting_serialized_data" | "_self_ref_fk" => json!(""),
        _ => Value::Null,
    }
}

fn to_sql(value: &Value) -> SqlValue {
    match value {
        Value::Null => SqlValue::Null,
        Value::Bool(bit) => SqlValue::Integer(i64::from(*bit)),
        Value::Number(number) => SqlValue::Integer(number.as_i64().unwrap()),
        Value::String(text) => SqlValue::Text(text.clone()),
        other => unreachable!("no column holds {other}"),
    }
}
