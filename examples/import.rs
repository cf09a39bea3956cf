//! A CSV import whose bad rows go to a file of their own, each with its line and the reason.
//!
//! ```text
//! cargo run --example import
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};

use anyhow::ensure;
use rusqlite::{Connection, Statement};
use syncline::io::{BadRecord, CsvFormat, from_csv_results, open_counted, to_statement};
use syncline::policy::Letter;
use syncline::prelude::*;
use syncline::{Bar, RunOptions};

/// The export of a spreadsheet: semicolons, `NA` for unknown ages, and two bad rows.
const FILE: &str = "\
sep=;
name;age;class
Ada;9;3a
Ida;ten;3a
\"Lovelace; Tim\";NA;4b
Max;9
Bob;8;2c
";

#[derive(serde::Deserialize, Clone)]
struct Pupil {
    name: String,
    age: Option<u8>,
    class: String,
}

fn insert(statement: &mut Statement<'_>, pupil: Pupil) -> rusqlite::Result<usize> {
    statement.execute((pupil.name, pupil.age, pupil.class))
}

pipeline! {
    /// Imports the rows of a file into the table `pupil`, in one transaction.
    Import(file: impl Read, bad: &mut impl Write, database: &Connection) -> u64 {
        from_csv_results::<Pupil, _>(file).format(&CsvFormat::new().delimiter(b';').missing("NA"))
            => try_map(|row: Result<Pupil, BadRecord>| Ok(row?))
                on_error dead_letter(for_each(|letter: Letter<Result<Pupil, BadRecord>>| {
                    Ok(writeln!(bad, "{}", letter.error)?)
                }))
            => to_statement(database, "INSERT INTO pupil VALUES (?1, ?2, ?3)", insert)
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (export, bad) = (folder.path().join("pupils.csv"), folder.path().join("bad.txt"));
    fs::write(&export, FILE)?;
    let database = Connection::open_in_memory()?;
    database.execute_batch("CREATE TABLE pupil (name TEXT, age INTEGER, class TEXT)")?;

    // On a terminal a bar shows the part of the file that is read, and the time that is left.
    let file = open_counted(&export)?;
    let bar = Bar::new("pupils").over(&file.get_ref().progress());
    let options = RunOptions::new().observed_by(&bar);
    let imported = Import::run_with(file, &mut File::create(&bad)?, &database, options)?.output;
    writeln!(out, "{imported} pupils\n{}", fs::read_to_string(&bad)?)?;
    ensure!(imported == 3, "three rows are valid");
    Ok(())
}
