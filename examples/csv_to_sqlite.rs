//! CSV import to a SQLite table, with a second file for bad rows.
//!
//! ```text
//! cargo run --example csv_to_sqlite
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};

use anyhow::ensure;
use rusqlite::{Connection, Statement};
use syncline::io::{BadRecord, from_csv_results, to_csv, to_statement};
use syncline::prelude::*;
use syncline::stage::{StageFacts, Yield};

const FILE: &str = "\
name,age,class
Ada,9,3a
Ida,ten,3a
\"Lovelace, Tim\",10,4b
,11,4b
Eve,300,4b
Bob,8,2c
Max,9
";

/// A valid row.
#[derive(Debug)]
struct Pupil {
    name: String,
    age: u8,
    class: String,
}

/// A bad row: its number, the reason and its fields.
#[derive(Debug, serde::Serialize)]
pub(crate) struct DeadLetter {
    row: u64,
    error: String,
    fields: String,
}

/// A stage that converts rows. It sends bad rows to the sink `dead_letters`.
struct ReadPupil<K> {
    rows: u64,
    dead_letters: Option<K>,
}

impl<K: Sink<In = DeadLetter>> Stage for ReadPupil<K> {
    type In = Result<Vec<String>, BadRecord>;
    type Out = Pupil;

    const FACTS: StageFacts = StageFacts::new().yields(Yield::AtMostOne); // bad rows count as filtered

    fn push(&mut self, row: Self::In, out: &mut impl Emit<Pupil>) -> Result<(), Halt> {
        self.rows += 1;
        let (pupil, fields) = match row {
            Ok(fields) => (read(&fields), fields.join("|")),
            Err(bad) => (Err(bad.reason), String::new()),
        };
        match (pupil, &mut self.dead_letters) {
            (Ok(pupil), _) => out.emit(pupil),
            (Err(error), Some(letters)) => {
                let letter = DeadLetter { row: self.rows, error, fields };
                match letters.consume(letter) {
                    // If this were passed on, the run would end successfully, without the rest of the file.
                    Err(Halt::Stop) => Err(Failure::new("the sink of bad rows is full")
                        .at(format_args!("row {}", self.rows))
                        .into()),
                    taken => taken,
                }
            }
            (Err(error), None) => Err(Failure::new(error).at(format_args!("row {}", self.rows)).into()),
        }
    }

    fn finish(&mut self, _: &mut impl Emit<Pupil>) -> Result<(), Halt> {
        if let Some(letters) = self.dead_letters.take() {
            letters.finish()?;
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        "ReadPupil"
    }
}

fn read(fields: &[String]) -> Result<Pupil, String> {
    let [name, age, class] = fields else { return Err("a row has three fields".to_owned()) };
    if name.is_empty() {
        return Err("no name".to_owned());
    }
    let age = age.parse().map_err(|error| format!("age: {error}"))?;
    Ok(Pupil { name: name.clone(), age, class: class.clone() })
}

fn insert(statement: &mut Statement<'_>, pupil: Pupil) -> rusqlite::Result<usize> {
    statement.execute((pupil.name, pupil.age, pupil.class))
}

syncline::pipeline! {
    /// Imports the rows of a file into the table `pupil`, in one transaction.
    pub(crate) ImportPupils<R: Read, K: Sink<In = DeadLetter>>(file: R, dead_letters: K, database: &Connection) -> u64 {
        from_csv_results::<Vec<String>, _>(file)
            => ReadPupil { rows: 0, dead_letters: Some(dead_letters) }
            => to_statement(database, "INSERT INTO pupil VALUES (?1, ?2, ?3)", insert)
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let dead = folder.path().join("dead.csv");
    let database = Connection::open(folder.path().join("school.sqlite3"))?;
    database.execute_batch("CREATE TABLE pupil (name TEXT, age INTEGER, class TEXT)")?;

    let outcome = ImportPupils::run(FILE.as_bytes(), to_csv(File::create(&dead)?), &database)?;
    let table: u64 = database.query_row("SELECT count(*) FROM pupil", [], |row| row.get(0))?;
    writeln!(out, "{table} pupils in the table\n\n{}\n{}", fs::read_to_string(dead)?, outcome.report)?;

    let bad = outcome.report.stage("ReadPupil").map(syncline::report::StageReport::filtered);
    ensure!((outcome.output, table, bad) == (3, 3, Some(4)), "each row is in one place");
    Ok(())
}
