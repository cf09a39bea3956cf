//! The cases of the report and their databases.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rusqlite::Connection;
use syncline::Database;
use syncline_kolibri::generate::generate;
use syncline_kolibri::models::FacilityData;

use crate::database::{copy, remove, tables};

/// A case of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Case {
    /// Every row is new, and the store is empty.
    First,
    /// Every row has changed.
    All,
    /// Every row is new, with a commit after every 20 chunks.
    FirstInParts,
    /// Every row has changed, with a commit after every 20 chunks.
    AllInParts,
    /// One row in a hundred has changed.
    OnePercent,
    /// 80 % of the users are deleted.
    Deleted,
    /// Nothing has changed.
    Nothing,
    /// Every row has changed; the filter selects one user.
    OneUser,
    /// Every row has changed; the filter selects 100 users.
    HundredUsers,
}

impl Case {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::First => "first serialise",
            Self::All => "every row changed",
            Self::FirstInParts => "first serialise, committed every 20 chunks",
            Self::AllInParts => "every row changed, committed every 20 chunks",
            Self::OnePercent => "1 % changed",
            Self::Deleted => "80 % of the users deleted",
            Self::Nothing => "nothing to do",
            Self::OneUser => "filter of one user",
            Self::HundredUsers => "filter of 100 users",
        }
    }

    /// The file name of the case's database. Cases may share one.
    fn file(self) -> &'static str {
        match self {
            Self::First | Self::FirstInParts => "new",
            Self::All | Self::AllInParts | Self::OneUser | Self::HundredUsers => "all-changed",
            Self::OnePercent => "one-percent-changed",
            Self::Deleted => "deleted",
            Self::Nothing => "serialized",
        }
    }

    /// Returns the case's database in `folder`. Generates it if it is missing.
    pub(crate) fn prepare(self, folder: &Path, users: u32) -> anyhow::Result<PathBuf> {
        let named = |name: &str| folder.join(format!("{users}-{name}.sqlite3"));
        let path = named(self.file());
        if path.exists() {
            return Ok(path);
        }
        eprintln!("preparing {}", path.display());
        let new = named("new");
        let partial = named("unfinished");
        remove(&partial)?;
        if matches!(self, Self::First | Self::FirstInParts) {
            generate(&partial, users, 1)?;
        } else {
            let before = if self == Self::Nothing {
                Self::First.prepare(folder, users)?;
                new
            } else {
                Self::Nothing.prepare(folder, users)?
            };
            copy(&before, &partial)?;
            if self == Self::Nothing {
                let mut database = Database::open_existing(&partial)?;
                database.serialize::<FacilityData>().run()?;
                database.close()?;
            } else {
                self.change(&partial).context("changing the database")?;
            }
        }
        fs::rename(&partial, &path)?;
        Ok(path)
    }

    /// The number of chunks between commits, or `None` for one commit. Morango always commits once.
    pub(crate) fn commit_every(self) -> Option<u32> {
        matches!(self, Self::FirstInParts | Self::AllInParts).then_some(20)
    }

    fn change(self, path: &Path) -> anyhow::Result<()> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA foreign_keys = OFF; BEGIN",
        )?;
        match self {
            Self::First | Self::FirstInParts | Self::Nothing => {}
            Self::All | Self::AllInParts | Self::OneUser | Self::HundredUsers => {
                change_rows(&connection, "")?;
            }
            Self::OnePercent => change_rows(
                &connection,
                "WHERE rowid IN (SELECT rowid FROM (SELECT rowid, row_number() OVER (ORDER BY id) AS number FROM {table}) \
                 WHERE number % 100 = 1)",
            )?,
            Self::Deleted => delete_users(&connection)?,
        }
        connection.execute_batch("COMMIT")?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// The prefixes of the case's filter.
    pub(crate) fn filter(self, path: &Path) -> anyhow::Result<Vec<String>> {
        let users = match self {
            Self::OneUser => 1,
            Self::HundredUsers => 100,
            _ => return Ok(Vec::new()),
        };
        let connection = Connection::open(path)?;
        // Ordered by id, so that the users are spread over the table.
        let mut statement = connection.prepare(
            "SELECT dataset_id || ':user-rw:' || id FROM kolibriauth_facilityuser ORDER BY id LIMIT ?1",
        )?;
        let prefixes = statement.query_map([users], |row| row.get(0))?;
        Ok(prefixes.collect::<rusqlite::Result<_>>()?)
    }
}

/// Changes a value of each row that `which` selects, and sets its dirty bit.
fn change_rows(connection: &Connection, which: &str) -> anyhow::Result<()> {
    for (table, columns) in tables(connection)? {
        let changes = [
            ("time_spent", "coalesce(time_spent, 0) + 1.25"),
            ("full_name", "full_name || ' ü'"),
            ("title", "title || '*'"),
            ("present", "NOT present"),
            ("device_info", "'Linux,/Firefox,129'"),
            ("closed", "NOT closed"),
            ("name", "name || '!'"),
        ];
        let change = changes.iter().find(|(column, _)| columns.iter().any(|name| name == column));
        let change = change.map(|(column, value)| format!(", {column} = {value}")).unwrap_or_default();
        let which = which.replace("{table}", &table);
        connection.execute(&format!("UPDATE {table} SET _morango_dirty_bit = 1{change} {which}"), [])?;
    }
    Ok(())
}

/// Deletes four of five users and all rows that refer to them, as Kolibri does.
fn delete_users(connection: &Connection) -> anyhow::Result<()> {
    connection.execute_batch(
        "CREATE TEMP TABLE gone (id TEXT PRIMARY KEY) WITHOUT ROWID; \
         INSERT INTO gone SELECT id FROM kolibriauth_facilityuser WHERE username <> 'admin' ORDER BY id \
         LIMIT (SELECT (count(*) - 1) * 4 / 5 FROM kolibriauth_facilityuser)",
    )?;
    // Cascades: rows that refer to deleted rows are deleted, until no more are found.
    let references = [
        ("kolibriauth_membership", "user_id"),
        ("kolibriauth_role", "user_id"),
        ("attendance_attendancesession", "created_by_id"),
        ("attendance_attendancerecord", "user_id"),
        ("attendance_attendancerecord", "attendance_session_id"),
        ("lessons_individualsyncablelesson", "user_id"),
        ("lessons_lesson", "created_by_id"),
        ("lessons_lessonassignment", "lesson_id"),
        ("lessons_lessonassignment", "assigned_by_id"),
        ("exams_individualsyncableexam", "user_id"),
        ("exams_exam", "creator_id"),
        ("exams_examassignment", "exam_id"),
        ("exams_examassignment", "assigned_by_id"),
        ("logger_examlog", "user_id"),
        ("logger_examlog", "exam_id"),
        ("logger_examattemptlog", "user_id"),
        ("logger_examattemptlog", "examlog_id"),
        ("logger_usersessionlog", "user_id"),
        ("logger_contentsummarylog", "user_id"),
        ("logger_masterylog", "user_id"),
        ("logger_contentsessionlog", "user_id"),
        ("logger_attemptlog", "user_id"),
        ("bookmarks_bookmark", "user_id"),
    ];
    for (table, column) in references {
        connection.execute(
            &format!(
                "INSERT OR IGNORE INTO gone SELECT id FROM {table} WHERE {column} IN (SELECT id FROM gone)"
            ),
            [],
        )?;
    }
    for (table, _) in tables(connection)? {
        connection.execute(
            &format!(
                "INSERT OR IGNORE INTO morango_deletedmodels (id, profile) \
                 SELECT id, 'facilitydata' FROM {table} WHERE id IN (SELECT id FROM gone)"
            ),
            [],
        )?;
        connection.execute(&format!("DELETE FROM {table} WHERE id IN (SELECT id FROM gone)"), [])?;
    }
    connection.execute_batch("DROP TABLE gone")?;
    Ok(())
}
