//! Odd values at every door: a value is refused, or it is named when it is serialised, or the record syncs and can be read.

use super::*;

/// Values of all kinds, as SQL.
const ODD: &[&str] = &[
    "NULL",
    "0",
    "-1",
    "2",
    "256",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "1e300",
    "9e999",
    "-9e999",
    "-0.0",
    "0.1",
    "''",
    "' '",
    "'1'",
    "' 1'",
    "'1.0'",
    "'1e2'",
    "'0x10'",
    "'nan'",
    "'Infinity'",
    "'abc'",
    "'ordered' || char(0)",
    "'a' || char(0) || 'b'",
    "char(0)",
    "'\u{1f600}'",
    "x''",
    "x'61626364'",
    "CAST(x'c3' AS TEXT)",
    "CAST(x'31ff' AS TEXT)",
    "CAST(x'7bff7d' AS TEXT)",
    "'2024-02-29'",
    "'2024-02-30'",
    "'2024-02-29' || char(0)",
    "'0000-01-01'",
    "'10000-01-01'",
    "'2024-02-29T24:00'",
    "'2024-02-29 10:00+02:00'",
    "'2024-02-29 10:00:60'",
    "'24:00'",
    "'23:59:60'",
    "'23:59:59.1234567890'",
    "'{}'",
    "'{\"a\": 1, \"a\": 2}'",
    "replace(hex(zeroblob(200)), '0', '[') || replace(hex(zeroblob(200)), '0', ']')",
    "'{'",
    "'[1, 2] x'",
    "'[1, 2]' || char(0)",
    "'[1e999]'",
    "'\"\\ud800\"'",
    "'01234567-89ab-cdef-0123-456789abcdef'",
    "'0123456789abcdef0123456789abcdef' || char(0) || 'x'",
    "'0123456789abcdef0123456789abcde' || char(0)",
    "'0123456789ABCDEF0123456789abcdef'",
    "'01234567----89abcdef0123456789abcdef'",
    "'00000000000000000000000000000000'",
];

/// JSON of another shape may be that of a newer version of the app, so it syncs.
fn may_be_of_a_newer_version(column: &str, error: &str) -> bool {
    column == "list" && error.contains("not the JSON of a")
}

/// Sets `column` to `value` and checks the rule of this file. `record` is the record of the only row, which is put back.
fn one_value(scratch: &mut Scratch, record: &Every, column: &str, value: &str) {
    let update = format!("UPDATE every SET {column} = {value}");
    if let Err(error) = scratch.database.connection().execute_batch(&update) {
        let error = error.to_string();
        assert!(
            error.contains(&format!("{column} is "))
                || error.contains("constraint failed")
                || error.contains("cannot store"),
            "{update}: {error}"
        );
        return;
    }
    let of_column = format!("column `{column}` of table `every`, record `{}`: ", record.id);
    match scratch.database.serialize::<Everything>().run() {
        Err(error) => assert!(chain(&error).contains(&of_column), "{update}: {}", chain(&error)),
        Ok(_) => match scratch.database.get::<Every>(record.id) {
            Ok(read) => {
                // The record that was read can be written again.
                let read = read.unwrap();
                scratch.database.update(&read).unwrap_or_else(|error| panic!("{update}: {}", chain(&error)));
            }
            Err(error) => {
                assert!(may_be_of_a_newer_version(column, &chain(&error)), "{update}: {}", chain(&error));
            }
        },
    }
    scratch.execute(&format!("UPDATE every SET {column} = (SELECT {column} FROM kept)"));
}

fn every_value(scratch: &mut Scratch) {
    let mut record = every();
    scratch.database.insert(&mut record).unwrap();
    scratch.execute("CREATE TEMP TABLE kept AS SELECT * FROM every");
    for column in Every::MODEL.all_columns().filter(|column| column.name != "id" && !column.checks.is_empty())
    {
        for value in ODD {
            one_value(scratch, &record, column.name, value);
        }
    }
}

#[test]
fn each_value_in_each_column_of_a_table_of_create() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Everything>().unwrap();
    every_value(&mut scratch);
}

/// Columns without a type, which convert nothing.
#[test]
fn each_value_in_each_column_without_a_type() {
    let mut scratch = Scratch::empty();
    let columns: Vec<_> = Every::MODEL
        .all_columns()
        .filter(|column| column.name != "id" && !column.name.starts_with("_morango"))
        .map(|column| column.name)
        .collect();
    scratch.execute(&format!("CREATE TABLE every (id TEXT PRIMARY KEY, {})", columns.join(", ")));
    scratch.database.track::<Everything>().unwrap();
    every_value(&mut scratch);
}

/// Columns of the other kind: text becomes a number where it can, and numbers become text.
#[test]
fn each_value_in_each_column_of_the_other_kind() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE every (id TEXT PRIMARY KEY, byte NUMERIC, small REAL, whole NUMERIC, natural NUMERIC, real NUMERIC, \
         single NUMERIC, truth NUMERIC, title TEXT, bytes, four, other NUMERIC, state NUMERIC, urgency NUMERIC, day NUMERIC, \
         clock NUMERIC, moment NUMERIC, span NUMERIC, text_json NUMERIC, list NUMERIC, parent_id NUMERIC, maybe NUMERIC, \
         local INTEGER NOT NULL DEFAULT 0)",
    );
    scratch.database.track::<Everything>().unwrap();
    let mut record = every();
    match scratch.database.insert(&mut record) {
        // An `i16` in a column of real numbers cannot be read.
        Err(error) => assert!(chain(&error).contains("small is an integer"), "{}", chain(&error)),
        Ok(()) => panic!("a real number was accepted in an integer's place"),
    }
}

#[test]
fn each_value_in_a_strict_table() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE every (id TEXT PRIMARY KEY, byte INTEGER, small INTEGER, whole INTEGER, natural INTEGER, real REAL, \
         single REAL, truth INTEGER, title TEXT, bytes BLOB, four BLOB, other TEXT, state TEXT, urgency INTEGER, day TEXT, \
         clock TEXT, moment TEXT, span INTEGER, text_json TEXT, list ANY, parent_id TEXT, maybe ANY, \
         local INTEGER NOT NULL DEFAULT 0, _morango_source_id TEXT NOT NULL DEFAULT '', \
         _morango_partition TEXT NOT NULL DEFAULT '', _morango_dirty_bit INTEGER NOT NULL DEFAULT 1) STRICT",
    );
    scratch.database.track::<Everything>().unwrap();
    every_value(&mut scratch);
}

/// `INSERT .. ON CONFLICT DO UPDATE`, `REPLACE`, `UPDATE .. FROM` and `UPDATE OR REPLACE` are refused like `INSERT` and `UPDATE`.
#[test]
fn statements_that_insert_or_update() {
    each_table(|scratch| {
        let mut record = every();
        scratch.database.insert(&mut record).unwrap();
        let columns = scratch.all::<String>(
            "SELECT name FROM pragma_table_info('every') WHERE name NOT GLOB '_morango*' AND name <> 'id'",
        );
        let names = columns.join(", ");
        for &(column, value, message) in WRONG {
            let values: Vec<_> =
                columns.iter().map(|name| if name == column { value } else { name.as_str() }).collect();
            let values = values.join(", ");
            for statement in [
                format!(
                    "INSERT INTO every (id, {names}) SELECT id, {values} FROM every WHERE true \
                     ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}"
                ),
                format!(
                    "INSERT INTO every (id, {names}) SELECT id, {names} FROM every WHERE true \
                     ON CONFLICT (id) DO UPDATE SET {column} = {value}"
                ),
                format!("REPLACE INTO every (id, {names}) SELECT id, {values} FROM every"),
                format!("UPDATE every SET {column} = other.value FROM (SELECT {value} AS value) AS other"),
                format!("UPDATE OR REPLACE every SET {column} = {value}"),
            ] {
                assert_eq!(refusal(scratch, &statement), message, "{statement}");
            }
        }
        assert_eq!(scratch.database.get::<Every>(record.id).unwrap().unwrap(), record);
    });
}

/// Values of Rust types that no column holds, with the column and the reason.
#[test]
fn insert_and_update_refuse_what_no_column_holds() {
    type Set = fn(&mut Every);
    let odd: &[(&str, Set)] = &[
        ("natural", |record| record.natural = u64::MAX),
        ("natural", |record| record.natural = 1 << 63),
        ("real", |record| record.real = f64::NAN),
        ("single", |record| record.single = f32::NAN),
        ("day", |record| record.day = NaiveDate::MAX),
        ("day", |record| record.day = NaiveDate::from_ymd_opt(0, 12, 31).unwrap()),
        ("moment", |record| record.moment = DateTime::<Utc>::MIN_UTC),
        ("span", |record| record.span = TimeDelta::MAX),
    ];
    let mut scratch = Scratch::empty();
    scratch.database.create::<Everything>().unwrap();
    let mut good = every();
    scratch.database.insert(&mut good).unwrap();
    for (column, change) in odd {
        let mut record = every();
        change(&mut record);
        let error = chain(&scratch.database.insert(&mut record).unwrap_err());
        assert!(error.contains(&format!("`{column}`")), "{column}: {error}");
        let mut record = good.clone();
        change(&mut record);
        let error = chain(&scratch.database.update(&record).unwrap_err());
        assert!(error.contains(&format!("`{column}`")), "{column}: {error}");
    }
    assert_eq!(scratch.database.get::<Every>(good.id).unwrap().unwrap(), good);
}

/// Values at the ends of their types come back as they were.
#[test]
fn values_at_the_ends_come_back() {
    let odd: &[fn(&mut Every)] = &[
        |record| record.natural = i64::MAX.unsigned_abs(),
        |record| record.whole = i64::MAX,
        |record| record.real = f64::MIN_POSITIVE / 2.0,
        |record| record.real = f64::NEG_INFINITY,
        |record| record.single = f32::MIN_POSITIVE / 2.0,
        |record| record.single = f32::NEG_INFINITY,
        |record| record.title = Title(String::new()),
        |record| record.title = Title("00701".to_owned()),
        |record| record.bytes = Vec::new(),
        |record| record.day = NaiveDate::from_ymd_opt(1, 1, 1).unwrap(),
        |record| record.day = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap(),
        |record| record.clock = NaiveTime::MIN,
        |record| record.span = TimeDelta::microseconds(i64::MIN),
        |record| record.text_json = JsonText::new("{\"a\": 1, \"a\": 2}").unwrap(),
        |record| record.text_json = JsonText::new("NaN").unwrap(),
    ];
    each_table(|scratch| {
        for change in odd {
            let mut record = every();
            change(&mut record);
            scratch.database.insert(&mut record).unwrap();
            assert_eq!(scratch.database.get::<Every>(record.id).unwrap().unwrap(), record);
        }
        scratch.database.serialize::<Everything>().run().unwrap();
    });
}
