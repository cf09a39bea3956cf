//! Generated databases have the shape of Kolibri's own.

use rusqlite::Connection;
use syncline::Database;
use syncline_kolibri::generate::generate;
use syncline_kolibri::models::FacilityData;

/// Rows per user and bytes per row of each table, in a database of 5,000 users that Kolibri's own models filled.
const KOLIBRI: &[(&str, f64, f64)] = &[
    ("attendance_attendancerecord", 3.0000, 227.0),
    ("attendance_attendancesession", 0.0996, 315.7),
    ("bookmarks_bookmark", 0.3042, 324.0),
    ("exams_exam", 0.0664, 1188.5),
    ("exams_examassignment", 0.0664, 258.0),
    ("exams_individualsyncableexam", 0.0664, 1779.2),
    ("kolibriauth_collection", 0.1094, 194.2),
    ("kolibriauth_facilityuser", 1.0002, 353.5),
    ("kolibriauth_membership", 1.6052, 234.0),
    ("kolibriauth_role", 0.0434, 254.7),
    ("lessons_individualsyncablelesson", 0.0664, 1555.0),
    ("lessons_lesson", 0.0996, 1107.1),
    ("lessons_lessonassignment", 0.0996, 258.0),
    ("logger_attemptlog", 22.4618, 621.1),
    ("logger_contentsessionlog", 9.9730, 410.2),
    ("logger_contentsummarylog", 4.9776, 434.5),
    ("logger_examattemptlog", 2.0880, 451.4),
    ("logger_examlog", 0.4176, 248.4),
    ("logger_masterylog", 2.4992, 387.2),
    ("logger_usersessionlog", 5.9906, 302.1),
];

/// The number of rows of a table, and the bytes per row.
fn shape(connection: &Connection, table: &str) -> rusqlite::Result<(f64, f64)> {
    let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let length = |row: &rusqlite::Row<'_>| {
        Ok(format!("ifnull(length(CAST(\"{}\" AS BLOB)), 0)", row.get::<_, String>(0)?))
    };
    let lengths = columns.query_map([table], length)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let sql = format!("SELECT count(*), avg({}) FROM {table}", lengths.join(" + "));
    connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
}

#[test]
fn sizes_are_distributed_as_kolibris_are() {
    const USERS: u32 = 1000;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("generated.sqlite3");
    let rows = generate(&path, USERS, 3).unwrap();
    assert!((54_000..57_000).contains(&rows), "{rows} rows");
    let connection = Connection::open(&path).unwrap();
    for (table, rows, bytes) in KOLIBRI {
        let (found_rows, found_bytes) = shape(&connection, table).unwrap();
        let rows_ratio = found_rows / f64::from(USERS) / rows;
        assert!((0.9..1.1).contains(&rows_ratio), "{table}: {rows_ratio} of the rows");
        let bytes_ratio = found_bytes / bytes;
        assert!((0.93..1.07).contains(&bytes_ratio), "{table}: {bytes_ratio} of the bytes a row");
    }
}

#[test]
fn a_seed_gives_one_database_and_it_serializes() {
    let folder = tempfile::tempdir().unwrap();
    let [one, same, other] = ["one", "same", "other"].map(|name| folder.path().join(name));
    let rows = generate(&one, 20, 7).unwrap();
    generate(&same, 20, 7).unwrap();
    generate(&other, 20, 8).unwrap();
    let bytes = std::fs::read(&one).unwrap();
    assert!(bytes == std::fs::read(&same).unwrap());
    assert!(bytes != std::fs::read(&other).unwrap());
    assert!(generate(&one, 20, 7).is_err(), "a database that is there stays");

    let mut database = Database::open_existing(&one).unwrap();
    let serialized = database.serialize::<FacilityData>().run().unwrap();
    assert_eq!(serialized.created, rows);
    let journal: String =
        database.connection().pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(journal, "wal");
}
