//! The command `guard`: allocations and instructions per row, and per item of a stream, against recorded figures.
//!
//! A figure is the difference between a larger and a smaller database, divided by the difference of their rows. So the fixed
//! cost of a run cancels out, and the speed and load of the machine do not matter.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use clap::ValueEnum as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region};
use syncline::Database;
use syncline_kolibri::models::FacilityData;

use crate::cases::Case;
use crate::contender::{Contender, build};
use crate::database::{copy, difference, remove};
use crate::rows;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Record the figures instead of comparing them
    #[arg(long)]
    record: bool,

    /// The allowed increase over the recorded figures, in percent
    #[arg(long, default_value_t = 5.0)]
    tolerance: f64,
}

const SMALLER: u32 = 40;
const LARGER: u32 = 160;

const CASES: [(Case, &str); 3] =
    [(Case::First, "a new row"), (Case::All, "a changed row"), (Case::Deleted, "a deleted row")];

type Figures = BTreeMap<String, f64>;

/// The command `guard`.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let baseline = Path::new(env!("CARGO_MANIFEST_DIR")).join("guard.json");
    let folder = std::env::temp_dir().join(format!("syncline-guard-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let measured = build().and_then(|programs| {
        floor_is_true(&folder, &programs)?;
        let mut figures = figures(&folder, &programs)?;
        figures.extend(chains(&programs)?);
        Ok(figures)
    });
    fs::remove_dir_all(&folder)?;
    let figures = measured?;
    if arguments.record {
        fs::write(&baseline, serde_json::to_string_pretty(&figures)? + "\n")?;
        eprintln!("{} figures are recorded in {}", figures.len(), baseline.display());
        return Ok(());
    }
    let recorded: Figures = serde_json::from_slice(&fs::read(&baseline).context("reading guard.json")?)?;
    compare(&recorded, &figures, arguments.tolerance)
}

fn compare(recorded: &Figures, figures: &Figures, tolerance: f64) -> anyhow::Result<()> {
    let mut worse = Vec::new();
    for (name, recorded) in recorded {
        let Some(found) = figures.get(name) else {
            eprintln!("{name}: not measured here (is valgrind missing?)");
            continue;
        };
        let change = (found / recorded - 1.0) * 100.0;
        eprintln!("{name}: {found:.2}, recorded {recorded:.2} ({change:+.1} %)");
        // A few hundredths of an allocation are noise, whatever their percentage.
        if change > tolerance && found - recorded > 0.02 {
            worse.push(format!("{name} rose from {recorded:.2} to {found:.2} ({change:+.1} %)"));
        }
    }
    if worse.is_empty() {
        return Ok(());
    }
    bail!(
        "it takes more than was recorded:\n  {}\nFind out why; or, if it is worth it, record it with \
         `cargo run --release -p syncline-bench -- guard --record` and say why in the commit",
        worse.join("\n  ")
    )
}

/// Checks that the floor does the whole job: in each case its result must equal this library's.
fn floor_is_true(folder: &Path, programs: &Path) -> anyhow::Result<()> {
    let contenders = [
        Contender::Ours(programs.join("syncline-kolibri")),
        Contender::Floor(programs.join("syncline-floor")),
    ];
    for &case in Case::value_variants() {
        let prepared = case.prepare(folder, SMALLER)?;
        let filter = case.filter(&prepared)?;
        let works = contenders.each_ref().map(|contender| folder.join(contender.name()));
        for (contender, work) in contenders.iter().zip(&works) {
            copy(&prepared, work)?;
            contender.run(work, &filter, case.commit_every())?;
        }
        if let Some(difference) = difference(&works[0], &works[1])? {
            bail!("{}: ours and the floor differ: {difference}", case.title());
        }
    }
    Ok(())
}

fn figures(folder: &Path, programs: &Path) -> anyhow::Result<Figures> {
    let mut figures = Figures::new();
    let has_valgrind =
        Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    let ours = programs.join("syncline-bench");
    for (case, row) in CASES {
        let smaller = case.prepare(folder, SMALLER)?;
        let larger = case.prepare(folder, LARGER)?;
        // The first run also makes the allocations that happen once in a process.
        allocations(&smaller)?;
        let each = |measure: &dyn Fn(&Path) -> anyhow::Result<(u64, f64)>| -> anyhow::Result<f64> {
            let (few, less) = measure(&smaller)?;
            let (many, more) = measure(&larger)?;
            #[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
            let rows = (many - few) as f64;
            Ok((more - less) / rows)
        };
        figures.insert(format!("allocations for {row}"), round(each(&allocations)?));
        if has_valgrind {
            let rows = |path: &Path| allocations(path).map(|(rows, _)| rows);
            let instructions = |path: &Path| Ok((rows(path)?, instructions(&serialize(&ours, path)?)?));
            figures.insert(format!("instructions for {row}"), each(&instructions)?.round());
        }
    }
    let (few, less) = reading_allocations(&Case::First.prepare(folder, SMALLER)?)?;
    let (many, more) = reading_allocations(&Case::First.prepare(folder, LARGER)?)?;
    #[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
    let rows = (many - few) as f64;
    figures.insert("allocations for reading and formatting a row".to_owned(), round((more - less) / rows));
    if has_valgrind {
        let smaller = Case::First.prepare(folder, SMALLER)?;
        let larger = Case::First.prepare(folder, LARGER)?;
        let per_row = |command: &dyn Fn(&Path) -> Vec<String>| -> anyhow::Result<f64> {
            #[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
            let rows = (allocations(&larger)?.0 - allocations(&smaller)?.0) as f64;
            Ok((instructions(&command(&larger))? - instructions(&command(&smaller))?) / rows)
        };
        let program = |name: &str| programs.join(name).display().to_string();
        let ours =
            per_row(&|path| vec![program("syncline-bench"), "read".into(), path.display().to_string()])?;
        let floor = per_row(&|path| {
            vec![program("syncline-floor"), path.display().to_string(), "--only-read".into()]
        })?;
        figures.insert("instructions for reading and formatting a row".to_owned(), ours.round());
        figures.insert("reading and formatting, over the floor".to_owned(), round(ours / floor));
    }
    Ok(figures)
}

/// The instructions per item of the chains of `syncline-streams`.
fn chains(programs: &Path) -> anyhow::Result<Figures> {
    let output = Command::new(programs.join("syncline-streams")).arg("instructions").output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ways: Figures = serde_json::from_slice(&output.stdout)?;
    Ok(ways
        .into_iter()
        .map(|(way, count)| (format!("instructions for a number, {way}"), round(count)))
        .collect())
}

fn round(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

/// Serialises a copy in this process. Returns the rows, and the allocations of Rust code.
fn allocations(prepared: &Path) -> anyhow::Result<(u64, f64)> {
    let work = work(prepared)?;
    let mut database = Database::open_existing(&work)?;
    let region = Region::new(&INSTRUMENTED_SYSTEM);
    let serialized = database.serialize::<FacilityData>().run()?;
    let change = region.change();
    database.close()?;
    remove(&work)?;
    #[expect(clippy::cast_precision_loss, reason = "a number of allocations")]
    let allocations = (change.allocations + change.reallocations) as f64;
    Ok((serialized.records() + serialized.deleted, allocations))
}

/// Reads and formats the rows in this process. Returns their number, and the allocations of Rust code.
fn reading_allocations(prepared: &Path) -> anyhow::Result<(u64, f64)> {
    let work = work(prepared)?;
    let region = Region::new(&INSTRUMENTED_SYSTEM);
    let rows = rows::read(&work)?;
    let change = region.change();
    remove(&work)?;
    #[expect(clippy::cast_precision_loss, reason = "a number of allocations")]
    let allocations = (change.allocations + change.reallocations) as f64;
    Ok((rows, allocations))
}

fn serialize(program: &Path, prepared: &Path) -> anyhow::Result<Vec<String>> {
    let work = work(prepared)?;
    Ok(vec![program.display().to_string(), "serialize".to_owned(), work.display().to_string()])
}

fn work(prepared: &Path) -> anyhow::Result<PathBuf> {
    let work = prepared.with_extension("work");
    copy(prepared, &work)?;
    Ok(work)
}

/// The number of instructions that a program executes, counted by valgrind.
fn instructions(command: &[String]) -> anyhow::Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(command)
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
        .with_context(|| format!("valgrind said:\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(value: f64) -> Figures {
        Figures::from([("allocations for a new row".to_owned(), value)])
    }

    #[test]
    fn a_little_more_passes() {
        assert!(compare(&figures(10.0), &figures(10.4), 5.0).is_ok());
        assert!(compare(&figures(0.01), &figures(0.02), 5.0).is_ok(), "next to nothing is nothing");
        assert!(compare(&figures(10.0), &Figures::new(), 5.0).is_ok(), "not measured here");
    }

    #[test]
    fn too_much_more_says_what_and_how_to_go_on() {
        let error = compare(&figures(10.0), &figures(11.0), 5.0).unwrap_err().to_string();
        assert!(error.contains("allocations for a new row rose from 10.00 to 11.00 (+10.0 %)"), "{error}");
        assert!(error.contains("guard --record"), "{error}");
    }
}
