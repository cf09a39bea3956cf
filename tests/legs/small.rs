//! The small cases: a few rows in the sync tables, and one call.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Map, Value, json};
use syncline::counters::{Fsic, Role};
use syncline::filter::Filter;
use syncline::sqlite::transfer::{Format, counters_for, dequeue, queue, read_session};
use syncline::sqlite::{Database, TransferError};
use syncline::transfer_session::InvalidTransfer;
use syncline_kolibri::models::FacilityData;

use crate::cases::{Case, Outcome};
use crate::tables::{TABLES, fill, sorted};

const PROFILE: &str = "facilitydata";

pub(crate) fn replay(case: &Case) -> Outcome {
    // Opened as a database first, which makes the tables.
    let mut database = Database::from_connection(Connection::open_in_memory().unwrap()).unwrap();
    let connection = database.connection_mut();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    fill(connection, &case.given);
    let run = &case.given["run"];
    match run["call"].as_str().unwrap() {
        "fsic" => compare_counters(connection, case, run["filter"].as_str().unwrap()),
        "queue" => {
            let session = session(connection, run);
            let done = session.and_then(|session| queue(connection, PROFILE, &session));
            compare_tables(connection, case, done.map(|_| ()))
        }
        "dequeue" => {
            let transferred: i64 = connection
                .query_row(
                    "SELECT records_transferred FROM morango_transfersession WHERE id = ?1",
                    [run["session"].as_str().unwrap()],
                    |row| row.get(0),
                )
                .unwrap();
            let session = session(connection, run);
            // Morango does not dequeue where nothing was received.
            let done = session.and_then(|session| match transferred {
                0 => Ok(()),
                _ => dequeue::<FacilityData>(connection, &session).map(|_| ()),
            });
            compare_tables(connection, case, done)
        }
        other => unreachable!("no call {other}"),
    }
}

fn session(
    connection: &Connection,
    run: &Value,
) -> Result<syncline::transfer_session::TransferSession, TransferError> {
    let format = if run["v2"].as_bool().unwrap() { Format::ByPartition } else { Format::ByInstance };
    read_session(connection, run["session"].as_str().unwrap().parse().unwrap(), format)
}

fn compare_counters(connection: &Connection, case: &Case, prefixes: &str) -> Outcome {
    let mut filter = Filter::everything();
    filter.add(prefixes);
    let filter: Vec<&str> = filter.distinct_prefixes().collect();
    let mut ours = Map::new();
    for (version, format) in [("v1", Format::ByInstance), ("v2", Format::ByPartition)] {
        for (name, role) in [("producer", Role::Sender), ("receiver", Role::Receiver)] {
            let counters: Fsic = counters_for(connection, &filter, role, format).unwrap();
            let counters = serde_json::from_str(&counters.to_string()).unwrap();
            ours.insert(format!("{version}_{name}"), counters);
        }
    }
    same(case.expected().unwrap(), &Value::Object(ours))
}

fn same(expected: &Value, ours: &Value) -> Outcome {
    if expected == ours {
        Outcome::Equal
    } else {
        Outcome::Different(format!("expected {expected}\n     ours {ours}"))
    }
}

fn compare_tables(connection: &Connection, case: &Case, done: Result<(), TransferError>) -> Outcome {
    let Some(expected) = case.expected() else {
        let text =
            case.adjusted.as_ref().unwrap_or(&case.given)["aborted"]["text"].as_str().unwrap().to_owned();
        return match done {
            Err(TransferError::Invalid(InvalidTransfer::OutsideFilter { partition }))
                if text == format!("Partition '{partition}' is not in filter") =>
            {
                Outcome::Equal
            }
            // Morango fails with an error of SQL, so a rule changes the case.
            _ if case.adjusted.is_none() => Outcome::NotJudged,
            other => Outcome::Different(format!("expected `{text}`, ours {other:?}")),
        };
    };
    if let Err(error) = done {
        return Outcome::Different(format!("{error}"));
    }
    for table in &TABLES {
        let before = sorted(case.given[table.name].as_array().cloned().unwrap_or_default());
        let mut wanted =
            expected.get(table.name).map_or(before.clone(), |rows| rows.as_array().unwrap().clone());
        match table.name {
            "dmc" => raise(&mut wanted, &before),
            "rmc" => {
                let before = before.into_iter().filter(|row| !is_counter_of_a_conflict(row, case, expected));
                raise(&mut wanted, &before.collect::<Vec<_>>());
            }
            // Morango was asked without the buffers of other sessions, which stay.
            "buffer" | "rmcb" if case.adjusted.is_some() => others(case, table.name, &mut wanted),
            "store" => {
                for row in &mut wanted {
                    if row["serialized"] == json!("") && row["hard_deleted"] == json!(1) {
                        row["serialized"] = json!("{}");
                    }
                }
            }
            _ => {}
        }
        let ours = table.read(connection);
        if sorted(wanted.clone()) != ours {
            return Outcome::Different(format!(
                "{}\nexpected {}\n    ours {}",
                table.name,
                json!(sorted(wanted)),
                json!(ours)
            ));
        }
    }
    let counter: i64 = connection
        .query_row("SELECT counter FROM morango_instanceidmodel WHERE current", [], |row| row.get(0))
        .unwrap();
    same(&expected["counter"], &json!(counter))
}

/// Returns `true` for a counter of this instance of a record that was merged as a conflict. Step 6 sets it, and it may
/// become lower.
fn is_counter_of_a_conflict(row: &Value, case: &Case, expected: &Value) -> bool {
    let me = &case.given["instance"][0];
    let saved_now = |store: &Value| {
        store["id"] == row[0]
            && store["last_saved_instance"] == *me
            && store["last_saved_counter"] == expected["counter"]
    };
    row[1] == *me && expected["store"].as_array().into_iter().flatten().any(saved_now)
}

/// No counter is lowered (Q2, Q13).
fn raise(wanted: &mut Vec<Value>, before: &[Value]) {
    let mut counters: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in before.iter().chain(&*wanted) {
        let key = (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned());
        let counter = counters.entry(key).or_insert(0);
        *counter = (*counter).max(row[2].as_i64().unwrap());
    }
    *wanted =
        counters.into_iter().map(|((first, instance), counter)| json!([first, instance, counter])).collect();
}

fn others(case: &Case, table: &str, wanted: &mut Vec<Value>) {
    let session = &case.given["run"]["session"];
    let is_other = |row: &&Value| {
        let id = if row.is_array() { &row[0] } else { &row["transfer_session_id"] };
        id != session
    };
    wanted.retain(|row| !is_other(&row));
    wanted.extend(case.given[table].as_array().into_iter().flatten().filter(is_other).cloned());
}
