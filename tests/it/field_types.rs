//! Fields of every type: from the struct to the column, to the store, and back to the struct.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::error::Error as _;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use rusqlite::config::DbConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use syncline::FieldValue;
use syncline::prelude::*;
use syncline::sqlite::RunError;
use syncline::value::{Json, JsonText};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, FieldValue)]
struct Title(String);

#[derive(Debug, Clone, PartialEq, FieldValue)]
struct Counted<T> {
    inner: T,
}

#[derive(Debug, Clone, Copy, PartialEq, FieldValue)]
#[syncable(rename_all = "snake_case")]
enum State {
    InProgress,
    #[syncable(value = "finished")]
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, FieldValue)]
#[syncable(integer)]
enum Urgency {
    Someday = -1,
    Now = 5,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Settings {
    owner: RecordId,
    tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Samples, model = "sample", partition = "samples", source_id = "{id}")]
struct Sample {
    id: RecordId,
    small: i8,
    large: u64,
    real: f64,
    flag: bool,
    text: String,
    maybe: Option<String>,
    bytes: Vec<u8>,
    key: [u8; 3],
    uuid: Uuid,
    title: Title,
    counted: Counted<Option<i64>>,
    state: State,
    urgency: Option<Urgency>,
    moment: DateTime<Utc>,
    naive: NaiveDateTime,
    date: NaiveDate,
    time: NaiveTime,
    span: TimeDelta,
    any: Value,
    settings: Json<Settings>,
    raw: JsonText,
    #[syncable(nested)]
    nested: Json<Settings>,
    #[syncable(nested)]
    nested_maybe: Option<Value>,
    #[syncable(local)]
    local: Option<Json<Settings>>,
}

profile! { Samples = "samples" { Sample } }

const ID: &str = "0123456789abcdef0123456789abcdef";

fn sample() -> Result<Sample, Box<dyn std::error::Error>> {
    let settings = Json(Settings { owner: ID.parse()?, tags: vec!["né\"".to_owned()] });
    let moment: DateTime<Utc> = "2025-01-02T03:04:05.678901234Z".parse()?;
    Ok(Sample {
        id: ID.parse()?,
        small: -128,
        large: 1 << 62,
        real: 0.1,
        flag: true,
        text: "naïve".to_owned(),
        maybe: None,
        bytes: b"\0\xff\xfe".to_vec(),
        key: *b"abc",
        uuid: ID.parse()?,
        title: Title("Bread".to_owned()),
        counted: Counted { inner: Some(7) },
        state: State::Done,
        urgency: Some(Urgency::Someday),
        moment,
        naive: moment.naive_utc(),
        date: moment.date_naive(),
        time: moment.time(),
        span: TimeDelta::microseconds(93_784_000_001),
        any: json!({"b": [1.5, null], "a": "\u{1f600}"}),
        settings: settings.clone(),
        raw: JsonText::new("[12345678901234567890123]")?,
        nested: settings,
        nested_maybe: None,
        local: None,
    })
}

/// Makes a database with one record.
fn database(folder: &tempfile::TempDir) -> Result<Database, Box<dyn std::error::Error>> {
    let mut database = Database::open(folder.path().join("samples.sqlite3"))?;
    database.create::<Samples>()?;
    database.insert(&mut sample()?)?;
    Ok(database)
}

#[test]
fn every_type_comes_back_and_syncs() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut database = database(&folder)?;
    let records = Pipeline::new("records", Sample::stream(&database)).end(Collect::new()).run()?;
    assert_eq!(records.output, [sample()?]);

    database.serialize::<Samples>().run()?;
    let serialized: String =
        database.connection().query_row("SELECT serialized FROM morango_store", [], |row| row.get(0))?;
    let expected = [
        r#"{"id": "0123456789abcdef0123456789abcdef", "_morango_source_id": "0123456789abcdef0123456789abcdef""#,
        r#""_morango_partition": "samples", "small": -128, "large": 4611686018427387904, "real": 0.1"#,
        r#""flag": true, "text": "na\u00efve", "maybe": null, "bytes": "AP/+", "key": "YWJj""#,
        r#""uuid": "01234567-89ab-cdef-0123-456789abcdef", "title": "Bread", "counted": 7, "state": "finished""#,
        r#""urgency": -1, "moment": "2025-01-02T03:04:05.678Z", "naive": "2025-01-02T03:04:05.678""#,
        r#""date": "2025-01-02", "time": "03:04:05.678", "span": "P1DT02H03M04.000001S""#,
        r#""any": "{\"a\": \"\\ud83d\\ude00\", \"b\": [1.5, null]}""#,
        r#""settings": "{\"owner\": \"0123456789abcdef0123456789abcdef\", \"tags\": [\"n\\u00e9\\\"\"]}""#,
        r#""raw": "[12345678901234567890123]""#,
        r#""nested": {"owner": "0123456789abcdef0123456789abcdef", "tags": ["n\u00e9\""]}, "nested_maybe": null}"#,
    ];
    assert_eq!(serialized, expected.join(", "));
    Ok(())
}

/// Puts the value `sql` into `column`. Asserts that reading the record fails with the text `read`, and that serialising fails if
/// `refused`.
#[track_caller]
fn check_odd(column: &str, sql: &str, read: &str, refused: bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut database = database(&folder).unwrap();
    // The table refuses most of these values. A row that is older than its checks may hold them.
    let update = format!("UPDATE sample SET {column} = {sql}, _morango_dirty_bit = 1");
    database.connection().set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
    database.connection().pragma_update(None, "ignore_check_constraints", true).unwrap();
    database.connection().execute_batch(&update).unwrap();
    database.connection().set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).unwrap();
    let place = format!("column `{column}` of table `sample`, record `{ID}`");

    let error = Pipeline::new("records", Sample::stream(&database)).end(Collect::new()).run().unwrap_err();
    let source = error.source().unwrap();
    assert_eq!(source.to_string(), place);
    assert_eq!(source.source().unwrap().to_string(), read);

    match database.serialize::<Samples>().run() {
        Ok(_) => assert!(!refused, "{column} = {sql} is serialised"),
        Err(error @ RunError::Pipeline(_)) => {
            assert!(refused, "{error}");
            let chain = format!("{:#}", anyhow::Error::from(error));
            assert!(chain.contains(&place), "{chain}");
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn what_a_column_cannot_hold_is_refused_before_it_is_stored() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let database = database(&folder)?;
    for (wrong, expected) in [
        (Sample { large: u64::MAX, ..sample()? }, "18446744073709551615 is more than a column holds"),
        (Sample { real: f64::NAN, ..sample()? }, "NaN cannot be stored"),
        (Sample { span: TimeDelta::nanoseconds(1), ..sample()? }, "has digits below the microsecond"),
    ] {
        let error = format!("{:#}", anyhow::Error::from(database.update(&wrong).unwrap_err()));
        assert!(error.contains(expected) && error.contains(ID), "{error}");
    }
    assert_eq!(database.get(ID.parse()?)?, Some(sample()?));
    Ok(())
}

#[test]
fn what_a_column_holds_oddly_is_named() {
    check_odd("small", "300", "expected an integer from -128 to 127, found 300", true);
    check_odd("real", "'abc'", "expected a floating-point number, found text", true);
    check_odd("state", "'paused'", "`paused` is none of `in_progress`, `finished`", false);
    check_odd("urgency", "3", "3 is none of -1, 5", false);
    check_odd("bytes", "'text'", "expected a blob, found text", true);
    check_odd("key", "x'00'", "expected a blob of 3 bytes, found one of 1", true);
    check_odd("uuid", "'x'", "`x` is not a UUID", true);
    check_odd("moment", "'soon'", "`soon` is not a date and time", true);
    check_odd("moment", "'2025-02-30 00:00'", "`2025-02-30 00:00` is not in the calendar", true);
    check_odd("date", "'soon'", "`soon` is not a date", true);
    check_odd(
        "any",
        "'1e'",
        "not the JSON of a `serde_json::value::Value`: EOF while parsing a value at line 1 column 2",
        false,
    );
    check_odd("text", "CAST(x'ff' AS TEXT)", "`\u{fffd}` is text that is not UTF-8", true);
}

#[test]
fn a_record_id_goes_through_serde() -> Result<(), Box<dyn std::error::Error>> {
    let id: RecordId = ID.parse()?;
    assert_eq!(serde_json::to_value(id)?, json!(ID));
    assert_eq!(serde_json::from_value::<RecordId>(json!(format!("{{{ID}}}")))?, id);
    Ok(())
}
