//! Generates Kolibri databases of any size, with made-up people and their activity.
//!
//! A database has all tables and indexes of Kolibri 0.19.5. Every record that syncs is dirty, and the store is empty. The number
//! and the size of records are those of the test databases that Kolibri itself filled. One seed always gives the same
//! database, byte for byte. Kolibri's own Morango can serialise it as well.

mod activity;
mod content;
mod moment;
mod names;
mod random;
mod school;
mod sheets;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::{Args, FromArgMatches as _};
use rusqlite::Connection;
use syncline::RecordId;

use moment::Moment;
use random::Random;
use school::School;
use sheets::Sheets;

/// The command `generate` with its arguments.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::augment_args(clap::Command::new("generate"))
        .about("Make a Kolibri database with made-up people")
}

/// Executes the command `generate`, and returns the text to print.
///
/// # Errors
///
/// When the database cannot be generated.
pub fn run(matches: &clap::ArgMatches) -> Result<String, syncline::BoxError> {
    let Arguments { database, users, seed } = Arguments::from_arg_matches(matches)?;
    let rows =
        generate(&database, users, seed).with_context(|| format!("cannot make {}", database.display()))?;
    Ok(format!("{rows} records of {users} users"))
}

#[derive(Debug, Args)]
struct Arguments {
    /// The database to create; it must not exist
    #[arg(value_name = "DB")]
    database: PathBuf,

    /// The number of users; each has about 55 records
    #[arg(long, default_value_t = 500)]
    users: u32,

    /// The seed of the random choices; one seed always gives the same database
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Generates a database at `path`, and returns the number of its records that sync.
///
/// # Errors
///
/// When `path` exists, or the database cannot be written.
pub fn generate(path: &Path, users: u32, seed: u64) -> anyhow::Result<u64> {
    ensure!(users > 0, "a school has one user at least");
    ensure!(!path.exists(), "there is a file already");
    let users = usize::try_from(users)?;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    // A file that an earlier attempt left.
    if unfinished.exists() {
        fs::remove_file(&unfinished)?;
    }
    let made = make(&unfinished, users, seed).and_then(|rows| {
        fs::rename(&unfinished, path)?;
        Ok(rows)
    });
    if made.is_err() && unfinished.exists() {
        fs::remove_file(&unfinished)?;
    }
    made
}

fn make(path: &Path, users: usize, seed: u64) -> anyhow::Result<u64> {
    let connection = Connection::open(path)?;
    // Durability does not matter: if this fails, the file is generated again.
    connection.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
         PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -262144; BEGIN",
    )?;
    connection.execute_batch(include_str!("tables.sql"))?;
    connection.execute_batch(include_str!("provisioned.sql"))?;
    let rows = fill(&connection, users, seed)?;
    // Indexes are made after the rows, by one sort each, which is much faster.
    connection.execute_batch(include_str!("indexes.sql"))?;
    connection.execute_batch("COMMIT; PRAGMA synchronous = FULL; PRAGMA locking_mode = NORMAL")?;
    // Kolibri's databases are in WAL mode.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(rows)
}

fn fill(connection: &Connection, users: usize, seed: u64) -> anyhow::Result<u64> {
    let mut random = Random::new(seed);
    let dataset = random.id();
    provision(connection, &dataset, &mut random)?;
    let mut sheets = Sheets::new(connection, &dataset)?;
    let facility = sheets.add(
        "facility",
        ":allusers-ro",
        &random.id(),
        &[&"Generated school", &"facility", &None::<String>],
    )?;
    administrator(connection, &facility, &mut sheets, &mut random)?;
    let library = content::library(&mut random);
    let mut school = School::found(users, &facility, &mut sheets, &mut random)?;
    school.teach(&library, &dataset, &mut sheets, &mut random)?;
    for (user, class) in school.users.iter().zip(school.classes.iter().cycle()) {
        activity::of_user(user, class, &library, &mut sheets, &mut random)?;
    }
    activity::of_guests((users / 50).max(5), &library, &mut sheets, &mut random)?;
    // Plus the dataset.
    Ok(sheets.rows + 1)
}

/// Adds the rows of a Kolibri that was set up: a dataset, its certificate, an instance.
fn provision(connection: &Connection, dataset: &str, random: &mut Random) -> anyhow::Result<()> {
    // The ids that Morango derives from `MORANGO_SYSTEM_ID=peer-bench-system MORANGO_NODE_ID=peer-bench-node`. A Kolibri that
    // runs with these keeps the instance of the database.
    const SYSTEM: &str = "74dbbffd06bf853880ea";
    const NODE: &str = "592cbca8b29fbbe7e665";

    let database = random.id();
    let instance = RecordId::derive(&database, SYSTEM, NODE).to_string();
    connection.execute(
        "INSERT INTO morango_databaseidmodel (id, current, date_generated, initial_instance_id) \
         VALUES (?1, 1, '2026-01-05 08:00:00', '')",
        [&database],
    )?;
    connection.execute(
        "INSERT INTO morango_instanceidmodel (id, platform, hostname, sysversion, node_id, counter, current, db_path, \
         database_id, system_id) VALUES (?1, 'Linux', 'school', '3.11', ?2, 0, 1, 'db.sqlite3', ?3, ?4)",
        (&instance, NODE, &database, SYSTEM),
    )?;
    // The certificate has no real keys: serialising needs none.
    let scope = format!(r#"{{"dataset_id": "{dataset}"}}"#);
    connection.execute(
        "INSERT INTO morango_certificate (id, profile, scope_version, scope_params, public_key, serialized, signature, \
         lft, rght, tree_id, level, scope_definition_id, salt) \
         VALUES (?1, 'facilitydata', 1, ?2, '', '{}', '', 1, 2, 1, 0, 'full-facility', '')",
        (dataset, &scope),
    )?;
    connection.execute(
        "INSERT INTO kolibriauth_facilitydataset (id, _morango_dirty_bit, _morango_source_id, _morango_partition, \
         description, location, learner_can_edit_username, learner_can_edit_name, learner_can_edit_password, \
         learner_can_sign_up, learner_can_delete_account, learner_can_login_with_no_password, preset, \
         show_download_button_in_learn, registered, extra_fields, enable_mark_attendance) \
         VALUES (?1, 1, ?1, ?1 || ':allusers-ro', '', '', 1, 1, 1, 1, 1, 0, 'nonformal', 1, 0, \
         '{\"facility\": {}, \"on_my_own_setup\": false, \"pin_code\": \"\"}', 0)",
        [dataset],
    )?;
    Ok(())
}

fn administrator(
    connection: &Connection,
    facility: &str,
    sheets: &mut Sheets<'_>,
    random: &mut Random,
) -> anyhow::Result<()> {
    let nothing = None::<String>;
    let password = format!("pbkdf2_sha256$260000${}${}=", random.letters(22), random.letters(43));
    let joined = Moment::within(400, random).with_zone();
    let user = sheets.add(
        "facilityuser",
        ":user-ro:${id}",
        &random.id(),
        &[
            &password,
            &nothing,
            &"admin",
            &"admin",
            &joined,
            &facility,
            &"DEFERRED",
            &"DEFERRED",
            &"",
            &nothing,
            &nothing,
        ],
    )?;
    school::role(&user, facility, "admin", sheets)?;
    connection.execute("INSERT INTO device_devicepermissions VALUES (?1, 1, 1)", [&user])?;
    Ok(())
}
