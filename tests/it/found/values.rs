//! Values that a field cannot hold: they are refused at every door, or named where no door can see them.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod doors;
mod ids;
mod mended;
mod partitions;

use std::error::Error;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use syncline::sqlite::Difference;
use syncline::value::{Check, JsonText, first_failed};
use syncline::{Access as _, FieldValue, Json, RecordId, Syncable, profile};

use crate::records::Scratch;

/// The app of the reports.
#[derive(Debug, Clone, Default, Syncable)]
#[syncable(profile = Flat, model = "item", partition = "{place}:items")]
struct Item {
    id: RecordId,
    place: String,
    title: String,
}

profile! { Flat = "flat" { Item } }

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Numbers, model = "num", partition = "all")]
struct Num {
    id: RecordId,
    small: i8,
    big: u64,
}

profile! { Numbers = "numbers" { Num } }

#[derive(Debug, Clone, Copy, Default, PartialEq, FieldValue)]
#[syncable(rename_all = "snake_case")]
enum State {
    #[default]
    Ordered,
    Paid,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, FieldValue)]
#[syncable(integer)]
enum Urgency {
    #[default]
    Someday = 1,
    Now = 5,
}

#[derive(Debug, Clone, Default, PartialEq, FieldValue)]
struct Title(String);

/// A model with every type of field, twice: as it is, and where it may be missing.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Everything, model = "every", partition = "all")]
struct Every {
    id: RecordId,
    byte: u8,
    small: i16,
    whole: i64,
    natural: u64,
    real: f64,
    single: f32,
    truth: bool,
    title: Title,
    bytes: Vec<u8>,
    four: [u8; 4],
    other: uuid::Uuid,
    state: State,
    urgency: Urgency,
    day: NaiveDate,
    clock: NaiveTime,
    moment: DateTime<Utc>,
    span: TimeDelta,
    text_json: JsonText,
    list: Json<Vec<u8>>,
    #[syncable(references = Every)]
    parent_id: Option<RecordId>,
    maybe: Option<u8>,
    #[syncable(local, default = 0)]
    local: u8,
}

profile! { Everything = "everything" { Every } }

fn every() -> Every {
    Every {
        id: RecordId::NEW,
        byte: 255,
        small: -32768,
        whole: i64::MIN,
        natural: i64::MAX.unsigned_abs(),
        real: f64::INFINITY,
        single: 0.5,
        truth: true,
        title: Title("a\0b".to_owned()),
        bytes: vec![0, 255],
        four: *b"four",
        other: uuid::Uuid::from_u128(7),
        state: State::Paid,
        urgency: Urgency::Now,
        day: NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(),
        clock: NaiveTime::from_hms_nano_opt(23, 59, 59, 1).unwrap(),
        moment: "2025-01-02T03:04:05.678901Z".parse().unwrap(),
        span: TimeDelta::microseconds(-1),
        text_json: JsonText::new("{}").unwrap(),
        list: Json(vec![1, 2]),
        parent_id: None,
        maybe: None,
        local: 3,
    }
}

/// Values that the fields cannot hold, as SQL, and the words of the table for each.
const WRONG: &[(&str, &str, &str)] = &[
    ("byte", "256", "byte is an integer from 0 to 255"),
    ("byte", "-1", "byte is an integer from 0 to 255"),
    ("byte", "'many'", "byte is an integer from 0 to 255"),
    ("byte", "1.5", "byte is an integer from 0 to 255"),
    ("byte", "x'01'", "byte is an integer from 0 to 255"),
    ("small", "32768", "small is an integer from -32768 to 32767"),
    ("whole", "9223372036854775808", "whole is an integer"),
    ("whole", "'twelve'", "whole is an integer"),
    ("natural", "-1", "natural is an integer from 0 to 9223372036854775807"),
    ("real", "'much'", "real is a floating-point number"),
    ("single", "'much'", "single is a floating-point number that an `f32` holds"),
    ("truth", "2", "truth is 0 or 1"),
    ("truth", "'yes'", "truth is 0 or 1"),
    ("title", "x'61'", "title is text"),
    ("bytes", "'text'", "bytes is a blob"),
    ("four", "x'00'", "four is a blob of 4 bytes"),
    ("other", "'abc'", "other is a UUID"),
    ("other", "'0123456789abcdef0123456789abcdeg'", "other is a UUID"),
    ("state", "'orderd'", "state is one of `ordered`, `paid`"),
    ("state", "'PAID'", "state is one of `ordered`, `paid`"),
    ("state", "''", "state is one of `ordered`, `paid`"),
    ("urgency", "2", "urgency is one of 1, 5"),
    ("urgency", "'now'", "urgency is one of 1, 5"),
    ("day", "'yesterday'", "day is a date"),
    ("day", "20250102", "day is a date"),
    ("clock", "'noon'", "clock is a time"),
    ("moment", "'soon'", "moment is a date and time"),
    ("moment", "1735787045", "moment is a date and time"),
    ("span", "'P1D'", "span is an integer"),
    ("text_json", "x'7b7d'", "text_json is no blob"),
    ("list", "x'5b5d'", "list is text"),
    ("parent_id", "'0'", "parent_id is 32 lower-case hex digits"),
    (
        "parent_id",
        "'00000000000000000000000000000000'",
        "parent_id is the id of a record, which is not all zeros",
    ),
    ("maybe", "256", "maybe is an integer from 0 to 255"),
    ("local", "-1", "local is an integer from 0 to 255"),
];

/// Makes `every` as a table of `create`, and as an existing one of the columns alone.
fn each_table(check: impl Fn(&mut Scratch)) {
    let mut made = Scratch::empty();
    made.database.create::<Everything>().unwrap();
    check(&mut made);
    let mut tracked = Scratch::empty();
    tracked.execute(
        "CREATE TABLE every (id TEXT PRIMARY KEY, byte INTEGER, small INTEGER, whole INTEGER, natural INTEGER, real REAL, \
         single REAL, truth bool, title TEXT COLLATE NOCASE, bytes BLOB, four BLOB, other TEXT, state TEXT COLLATE NOCASE, \
         urgency INTEGER, day date, clock time, moment datetime, span INTEGER, text_json TEXT, list TEXT, parent_id TEXT, \
         maybe INTEGER, local INTEGER NOT NULL DEFAULT 0)",
    );
    tracked.database.track::<Everything>().unwrap();
    check(&mut tracked);
}

/// All records of a model.
fn records<M: Syncable>(scratch: &Scratch) -> Vec<M> {
    let ids: Vec<String> = scratch.all(&format!("SELECT id FROM {}", M::MODEL.table));
    ids.iter().map(|id| scratch.database.get(RecordId::parse(id).unwrap()).unwrap().unwrap()).collect()
}

fn chain(error: &dyn Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        chain = format!("{chain}: {error}");
        source = error.source();
    }
    chain
}

/// Reported for another tool as rusqlite/rusqlite#1632: text behind a NUL passes checks of a text's length.
#[test]
fn a_partition_with_a_nul() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Flat>().unwrap();
    let refused = scratch.refused(include_str!("values/partition-with-a-nul.sql"));
    assert_eq!(refused, "syncline: _morango_partition is text of at most 128 characters without a NUL");
    let mut item = Item { place: format!("a\0{}", "0".repeat(4000)), ..Item::default() };
    let error = scratch.database.insert(&mut item).unwrap_err();
    assert_eq!(
        chain(&error),
        "a new record of model `item` cannot be written: its partition has 4008 characters, and at most 128 fit"
    );
    item.place = "a\0b".to_owned();
    let error = scratch.database.insert(&mut item).unwrap_err();
    assert_eq!(
        chain(&error),
        "a new record of model `item` cannot be written: its partition has a NUL character, which not every peer can store"
    );
    for column in ["_morango_partition", "_morango_source_id"] {
        let refused = scratch.refused(&format!(
            "INSERT INTO item (id, place, title, {column}) VALUES ('{}', 'a', 'x', 'a' || char(0))",
            RecordId::random()
        ));
        assert!(refused.contains(&format!("{column} is text of at most")), "{refused}");
    }
    assert_eq!(scratch.database.serialize::<Flat>().run().unwrap().records(), 0);
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM item"), [0]);
}

/// Reported for another tool as samschott/maestral#609: numbers outside of the range of their type.
#[test]
fn numbers_out_of_range() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Numbers>().unwrap();
    let inserts = include_str!("values/out-of-range.sql").lines().filter(|line| line.starts_with("INSERT"));
    let refused: Vec<_> = inserts.map(|insert| scratch.refused(insert)).collect();
    assert_eq!(
        refused,
        [
            "syncline: small is an integer from -128 to 127",
            "syncline: big is an integer from 0 to 9223372036854775807",
            "syncline: big is an integer from 0 to 9223372036854775807",
        ]
    );
    assert_eq!(scratch.database.serialize::<Numbers>().run().unwrap().records(), 0);
    scratch.execute("INSERT INTO num (small, big) VALUES (-128, 1), (127, 9223372036854775807)");
    assert_eq!(scratch.database.serialize::<Numbers>().run().unwrap().records(), 2);
    assert_eq!(records::<Num>(&scratch).len(), 2);
}

#[test]
fn what_a_field_holds_is_accepted_by_the_table() {
    each_table(|scratch| {
        let mut record = every();
        scratch.database.insert(&mut record).unwrap();
        assert_eq!(scratch.database.get::<Every>(record.id).unwrap().unwrap(), record);
        record.state = State::Ordered;
        record.parent_id = Some(record.id);
        assert!(scratch.database.update(&record).unwrap());
        assert_eq!(scratch.database.serialize::<Everything>().run().unwrap().records(), 1);
        assert_eq!(scratch.database.get::<Every>(record.id).unwrap().unwrap(), record);
        // Text in the formats of another program, which fields read as well.
        scratch.execute(
            "UPDATE every SET byte = '7', real = 3, moment = '2025-01-02T03:04Z', day = '2025-1-2', \
             other = '01234567-89AB-cdef-0123-456789abcdef'",
        );
        let read = scratch.database.get::<Every>(record.id).unwrap().unwrap();
        assert_eq!((read.byte, read.day.to_string().as_str()), (7, "2025-01-02"));
    });
}

/// The error message of `sql`, without the kind of check: a trigger, or a `CHECK` of the table.
fn refusal(scratch: &Scratch, sql: &str) -> String {
    let message = scratch.refused(sql);
    let (kind, message) = message.split_once(": ").unwrap();
    assert!(["syncline", "CHECK constraint failed"].contains(&kind), "{kind}");
    message.to_owned()
}

#[test]
fn what_no_field_holds_is_refused_in_every_statement() {
    each_table(|scratch| {
        let mut record = every();
        scratch.database.insert(&mut record).unwrap();
        let columns = scratch.all::<String>(
            "SELECT name FROM pragma_table_info('every') WHERE name NOT GLOB '_morango*' AND name <> 'id'",
        );
        for &(column, value, message) in WRONG {
            let update = format!("UPDATE every SET {column} = {value}");
            assert_eq!(refusal(scratch, &update), message, "{update}");
            let values: Vec<_> =
                columns.iter().map(|name| if name == column { value } else { name.as_str() }).collect();
            for or in ["", "OR IGNORE ", "OR REPLACE ", "OR FAIL ", "OR ROLLBACK "] {
                let insert = format!(
                    "INSERT {or}INTO every (id, {}) SELECT lower(hex(randomblob(16))), {} FROM every",
                    columns.join(", "),
                    values.join(", ")
                );
                // A `CHECK` obeys the conflict clause, unlike a trigger.
                if or == "OR IGNORE " && column == "parent_id" {
                    scratch.database.connection().execute_batch(&insert).unwrap_or_default();
                    continue;
                }
                assert_eq!(refusal(scratch, &insert), message, "{insert}");
            }
        }
        assert_eq!(scratch.database.get::<Every>(record.id).unwrap().unwrap(), record);
        assert_eq!(scratch.all::<i64>("SELECT count(*) FROM every"), [1]);
        assert_eq!(
            scratch
                .database
                .check::<Everything>()
                .unwrap()
                .iter()
                .filter(|difference| {
                    matches!(difference, Difference::Values { .. } | Difference::Default { .. })
                })
                .count(),
            0
        );
    });
}

/// Rows that are older than a check, or that were written while triggers were off.
#[test]
fn a_row_that_is_older_than_a_check() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Numbers>().unwrap();
    scratch.execute("INSERT INTO num (small, big) VALUES (1, 1), (2, 2)");
    let triggers: Vec<String> = scratch
        .all("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB 'syncline_num_checked*'");
    assert_eq!(triggers.len(), 2);
    for trigger in &triggers {
        scratch.execute(&format!("DROP TRIGGER {trigger}"));
    }
    scratch.execute("UPDATE num SET small = 1000 WHERE small = 1; UPDATE num SET big = -1 WHERE small = 2");
    let ids: Vec<String> = scratch.all("SELECT id FROM num ORDER BY small");

    // `create` makes the triggers, and goes on: such a row was accepted once.
    scratch.database.create::<Numbers>().unwrap();
    let differences: Vec<_> =
        scratch.database.check::<Numbers>().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        differences,
        [
            format!(
                "1 row holds a value in column `small` of table `num` that its field cannot, such as record '{}': small is an \
                 integer from -128 to 127",
                ids[1]
            ),
            format!(
                "1 row holds a value in column `big` of table `num` that its field cannot, such as record '{}': big is an \
                 integer from 0 to 9223372036854775807",
                ids[0]
            ),
        ]
    );
    let error = scratch.database.serialize::<Numbers>().run().unwrap_err();
    assert!(chain(&error).contains("of table `num`, record"), "{}", chain(&error));
    // Other columns of the row can be changed, and the value can be corrected, but not to another wrong one.
    scratch.execute("UPDATE num SET small = small, big = 7 WHERE small = 1000");
    let refused = scratch.refused("UPDATE num SET small = 1001 WHERE small = 1000");
    assert_eq!(refused, "syncline: small is an integer from -128 to 127");
    scratch.execute("UPDATE num SET small = 100 WHERE small = 1000; UPDATE num SET big = 1 WHERE big = -1");
    assert_eq!(scratch.database.check::<Numbers>().unwrap(), []);
    assert_eq!(scratch.database.serialize::<Numbers>().run().unwrap().records(), 2);
}

#[test]
fn what_no_trigger_can_see_is_named_when_it_is_serialised() {
    for (column, value, reason) in [
        ("day", "'2025-02-30'", "`2025-02-30` is not in the calendar"),
        ("moment", "'2025-01-02 soon'", "`2025-01-02 soon` is not a date and time"),
        ("clock", "'25:00'", "`25:00` is not in the calendar"),
        ("single", "0.1", "0.1 has more digits than an `f32` holds"),
        ("title", "CAST(x'c3' AS TEXT)", "`\u{fffd}` is text that is not UTF-8"),
    ] {
        each_table(|scratch| {
            let mut record = every();
            scratch.database.insert(&mut record).unwrap();
            scratch.execute(&format!("UPDATE every SET {column} = {value}"));
            let error = chain(&scratch.database.serialize::<Everything>().run().unwrap_err());
            let expected = format!("column `{column}` of table `every`, record `{}`: {reason}", record.id);
            assert!(error.contains(&expected), "{error}");
            let read = chain(&scratch.database.get::<Every>(record.id).unwrap_err());
            assert!(read.ends_with(&expected), "{read}");
        });
    }
}

/// A newer version of the app knows more variants. The older one sends them on.
#[test]
fn a_variant_of_a_newer_version_syncs() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Everything>().unwrap();
    let mut record = every();
    scratch.database.insert(&mut record).unwrap();
    scratch.execute("DROP TRIGGER syncline_every_checked_again");
    scratch.execute("UPDATE every SET state = 'sent', urgency = 9, list = '{\"shape\": 1}'");
    scratch.database.create::<Everything>().unwrap();
    assert_eq!(scratch.database.serialize::<Everything>().run().unwrap().records(), 1);
    let stored: Vec<String> = scratch.all("SELECT serialized FROM morango_store");
    assert!(stored[0].contains("\"state\": \"sent\", \"urgency\": 9"), "{}", stored[0]);
}

/// The database of another application is serialised as Morango does it, whatever its rows hold.
#[test]
fn another_applications_rows_are_not_checked() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE django_migrations (id); CREATE TABLE num (id TEXT PRIMARY KEY, small, big, _morango_source_id, \
         _morango_partition, _morango_dirty_bit); \
         INSERT INTO num VALUES ('a0000000000000000000000000000001', 1000, 'twelve', 's', 'a' || char(0), 1)",
    );
    assert_eq!(scratch.database.serialize::<Numbers>().run().unwrap().records(), 1);
}

/// The checks of a type agree with what it stores and reads.
#[test]
fn one_list_for_the_table_and_the_code() {
    let record = every();
    for (index, column) in Every::MODEL.all_columns().enumerate() {
        let Some(stored) = record.stored(index) else { continue };
        let stored = stored.unwrap();
        let checks = if column.references.is_empty() && column.name != "id" { column.checks } else { &[] };
        assert_eq!(first_failed(checks, stored.as_column()), None, "{}", column.name);
        Every::check(index, stored.as_column()).unwrap();
    }
    assert_eq!(u8::CHECKS, [Check::Integer { min: 0, max: 255 }]);
    assert_eq!(<Option<u8>>::CHECKS, u8::CHECKS);
    assert_eq!(Title::CHECKS, [Check::Text]);
    assert_eq!(State::CHECKS, [Check::TextOf(&["ordered", "paid"])]);
}

/// Models whose defaults fit.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Defaults, model = "defaults", partition = "all")]
struct WithDefaults {
    id: RecordId,
    #[syncable(default = 255)]
    byte: u8,
    #[syncable(default = -9_223_372_036_854_775_808)]
    whole: i64,
    #[syncable(default = 1)]
    real: f64,
    #[syncable(default = 0.5)]
    single: f32,
    #[syncable(default = true)]
    truth: bool,
    #[syncable(default = "it's")]
    title: Title,
    #[syncable(default = "paid")]
    state: State,
    #[syncable(default = 5)]
    urgency: Option<Urgency>,
    #[syncable(default = "2024-02-29")]
    day: NaiveDate,
    #[syncable(default = "23:59:59.5")]
    clock: NaiveTime,
    #[syncable(default = "2025-01-02 03:04:05")]
    moment: DateTime<Utc>,
    #[syncable(default = "01234567-89ab-cdef-0123-456789abcdef")]
    other: uuid::Uuid,
    #[syncable(default = "[1, 2]")]
    list: Json<Vec<u8>>,
    #[syncable(default = "{}")]
    text_json: JsonText,
}

profile! { Defaults = "defaults" { WithDefaults } }

#[test]
fn defaults_that_fit_are_read() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Defaults>().unwrap();
    assert_eq!(scratch.database.check::<Defaults>().unwrap(), []);
    scratch.execute("INSERT INTO defaults DEFAULT VALUES");
    let records = records::<WithDefaults>(&scratch);
    let [record] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((record.byte, record.whole, record.urgency), (255, i64::MIN, Some(Urgency::Now)));
    assert_eq!(
        (record.title.0.as_str(), record.state, record.list.0.as_slice()),
        ("it's", State::Paid, &[1, 2][..])
    );
    assert_eq!(scratch.database.serialize::<Defaults>().run().unwrap().records(), 1);
}

/// JSON of another shape, which only its type can judge.
#[derive(Debug, Clone, PartialEq, Syncable)]
#[syncable(profile = Unread, model = "unread", partition = "all")]
struct UnreadDefault {
    id: RecordId,
    #[syncable(default = "{\"a\": 1}")]
    list: Json<Vec<u8>>,
}

profile! { Unread = "unread" { UnreadDefault } }

#[test]
fn a_default_that_its_type_cannot_read_is_an_error_of_create() {
    let mut scratch = Scratch::empty();
    let error = scratch.database.create::<Unread>().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "the default of `list` in model `unread` is '{\"a\": 1}', which its field cannot hold: not the JSON of a `alloc::vec::Vec<u8>`"
        ),
        "{error}"
    );
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM sqlite_schema WHERE name = 'unread'"), [0]);
}

#[test]
fn defaults_of_an_existing_table_are_compared() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE defaults (id TEXT PRIMARY KEY, byte INTEGER NOT NULL DEFAULT 300, whole INTEGER NOT NULL DEFAULT '5', \
         real REAL NOT NULL DEFAULT (1 + 1), single REAL NOT NULL DEFAULT 0.1, truth bool NOT NULL DEFAULT 'yes', \
         title TEXT NOT NULL DEFAULT 5, state TEXT NOT NULL DEFAULT orderd, urgency INTEGER DEFAULT NULL, \
         day date NOT NULL DEFAULT 'yesterday', clock time NOT NULL DEFAULT CURRENT_TIME, \
         moment datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, other TEXT NOT NULL DEFAULT '', list TEXT NOT NULL DEFAULT '', \
         text_json TEXT NOT NULL DEFAULT '')",
    );
    scratch.database.track::<Defaults>().unwrap();
    let differences = scratch.database.check::<Defaults>().unwrap();
    let defaults: Vec<_> = differences
        .iter()
        .filter(|difference| matches!(difference, Difference::Default { .. }))
        .map(ToString::to_string)
        .collect();
    let of = |column: &str, found: &str, expected: &str| {
        format!(
            "the default of column `{column}` of table `defaults` is {found}, and its field takes {expected}"
        )
    };
    assert_eq!(
        defaults,
        [
            of("byte", "300", "an integer from 0 to 255"),
            of("single", "0.1", "a floating-point number that an `f32` holds"),
            of("truth", "'yes'", "0 or 1"),
            of("state", "orderd", "one of `ordered`, `paid`"),
            of("day", "'yesterday'", "a date"),
            of("other", "''", "a UUID"),
        ]
    );
}

/// In a table of several models each row is checked as its own model declares.
mod shared {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = Shared, model = "cup", table = "things", discriminator(kind = "cup"), partition = "all")]
    struct Cup {
        id: RecordId,
        kind: Option<String>,
        size: u8,
    }

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = Shared, model = "box", table = "things", discriminator(kind = "box"), partition = "all")]
    struct Case {
        id: RecordId,
        kind: Option<String>,
        size: i64,
        depth: u8,
    }

    profile! { Shared = "shared" { Cup, Case } }

    #[test]
    fn each_model_has_its_own_checks() {
        let mut scratch = Scratch::empty();
        scratch.database.create::<Shared>().unwrap();
        scratch.execute(
            "INSERT INTO things (kind, size, depth) VALUES ('cup', 255, NULL), ('box', 1000, 5), ('other', 'huge', -1), \
             (NULL, 'huge', -1)",
        );
        for (values, message) in [
            ("'cup', 256, NULL", "size is an integer from 0 to 255"),
            ("'box', 'huge', 5", "size is an integer"),
            ("'box', 1, NULL", "depth is never NULL"),
            ("'box', 1, 256", "depth is an integer from 0 to 255"),
        ] {
            let refused =
                scratch.refused(&format!("INSERT INTO things (kind, size, depth) VALUES ({values})"));
            assert_eq!(refused, format!("syncline: {message}"), "{values}");
        }
        // A row that becomes a record of a model is checked then.
        let refused = scratch.refused("UPDATE things SET kind = 'cup' WHERE kind = 'other'");
        assert_eq!(refused, "syncline: size is an integer from 0 to 255");
        assert_eq!(scratch.database.serialize::<Shared>().run().unwrap().records(), 2);
    }
}
