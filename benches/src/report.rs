//! The command `report`: time and memory of every case, of this library, of the floor and, with `--peer`, of Morango.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use clap::ValueEnum as _;
use serde::{Deserialize, Serialize};

use crate::cases::Case;
use crate::contender::{Contender, build};
use crate::database::{copy, difference, remove};
use crate::measure::Measured;
use crate::picture::{Chart, Line, draw};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The numbers of users of the databases; each user has about 55 rows
    #[arg(long, value_delimiter = ',', default_value = "500,5000,18000")]
    sizes: Vec<u32>,

    /// Only these cases
    #[arg(long, value_delimiter = ',')]
    cases: Vec<Case>,

    /// The number of rounds; each contender runs once in each
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    /// The script that runs Morango, called as `serialize DB [PREFIX,PREFIX]`; it prints a line of JSON
    #[arg(long)]
    peer: Option<PathBuf>,

    /// The number of rounds for Morango, which is slow
    #[arg(long, default_value_t = 1)]
    peer_rounds: usize,

    /// The largest number of users for which Morango is run
    #[arg(long, default_value_t = 5000)]
    peer_users: u32,

    /// The folder for the databases and their working copies
    #[arg(long)]
    dir: Option<PathBuf>,

    /// The program to measure, instead of the one that is built
    #[arg(long)]
    ours: Option<PathBuf>,

    /// Write the report again from the last figures, without measuring
    #[arg(long)]
    again: bool,

    /// Keep the last figures of other cases and sizes, from the same machine and number of rounds
    #[arg(long, conflicts_with = "again")]
    add: bool,
}

/// All figures of a report.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Results {
    machine: String,
    rounds: usize,
    groups: Vec<Group>,
}

/// The figures of one case at one size.
#[derive(Debug, Serialize, Deserialize)]
struct Group {
    case: String,
    users: u32,
    /// Rows written.
    rows: u64,
    /// Rows of the database in tables that sync.
    of: u64,
    runs: BTreeMap<String, Vec<Measured>>,
}

impl Results {
    /// Adds the figures of `before` that were not measured again.
    fn add(&mut self, before: Self) -> anyhow::Result<()> {
        ensure!(
            (&before.machine, before.rounds) == (&self.machine, self.rounds),
            "what was measured last was measured otherwise: on {}, {} rounds",
            before.machine,
            before.rounds
        );
        let is_new =
            |old: &Group| !self.groups.iter().any(|new| (&new.case, new.users) == (&old.case, old.users));
        let kept: Vec<_> = before.groups.into_iter().filter(is_new).collect();
        self.groups.extend(kept);
        let place = |title: &str| Case::value_variants().iter().position(|case| case.title() == title);
        self.groups.sort_by_key(|group| (group.users, place(&group.case)));
        Ok(())
    }
}

const OURS: &str = "ours";
const FLOOR: &str = "floor";
const MORANGO: &str = "Morango";

/// The command `report`.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = arguments.dir.clone().unwrap_or_else(|| std::env::temp_dir().join("syncline-bench"));
    fs::create_dir_all(&folder)?;
    let saved = folder.join("results.json");
    let results = if arguments.again {
        serde_json::from_slice(&fs::read(&saved)?)?
    } else {
        let mut results = measure(arguments, &folder)?;
        if arguments.add {
            results.add(serde_json::from_slice(&fs::read(&saved)?)?)?;
        }
        fs::write(&saved, serde_json::to_vec(&results)?)?;
        results
    };
    let target = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(target.join("pictures"))?;
    fs::write(target.join("pictures/memory.svg"), draw(&memory(&results)))?;
    fs::write(target.join("pictures/time.svg"), draw(&time(&results)))?;
    fs::write(target.join("REPORT.md"), text(&results))?;
    eprintln!("{} is written", target.join("REPORT.md").display());
    Ok(())
}

/// Builds the programs that are measured.
fn contenders(arguments: &Arguments) -> anyhow::Result<Vec<Contender>> {
    let beside = build()?;
    let ours = arguments.ours.clone().unwrap_or_else(|| beside.join("syncline-kolibri"));
    let mut contenders = vec![Contender::Ours(ours), Contender::Floor(beside.join("syncline-floor"))];
    if let Some(peer) = &arguments.peer {
        contenders.push(Contender::Morango(peer.clone()));
    }
    Ok(contenders)
}

fn measure(arguments: &Arguments, folder: &Path) -> anyhow::Result<Results> {
    let contenders = contenders(arguments)?;
    let cases = if arguments.cases.is_empty() { Case::value_variants() } else { &arguments.cases };
    let mut results = Results { machine: machine(), rounds: arguments.rounds, groups: Vec::new() };
    for &users in &arguments.sizes {
        for &case in cases {
            results.groups.push(measure_case(arguments, &contenders, folder, users, case)?);
        }
    }
    Ok(results)
}

fn measure_case(
    arguments: &Arguments,
    contenders: &[Contender],
    folder: &Path,
    users: u32,
    case: Case,
) -> anyhow::Result<Group> {
    let prepared = case.prepare(folder, users)?;
    let filter = case.filter(&prepared)?;
    let mut group = Group { case: case.title().to_owned(), users, rows: 0, of: 0, runs: BTreeMap::new() };
    let work = |contender: &Contender| folder.join(format!("work-{}.sqlite3", contender.name()));
    for round in 0..arguments.rounds {
        // The order rotates, so that no contender always follows the same one.
        for place in 0..contenders.len() {
            let contender = &contenders[(place + round) % contenders.len()];
            let is_morango = matches!(contender, Contender::Morango(_));
            let has_parts = case.commit_every().is_some();
            if is_morango && (has_parts || round >= arguments.peer_rounds || users > arguments.peer_users) {
                continue;
            }
            let work = work(contender);
            copy(&prepared, &work)?;
            let measured = contender.run(&work, &filter, case.commit_every())?;
            eprintln!(
                "{users} users, {}, {}: {:.3} s, {:.1} MiB",
                case.title(),
                contender.name(),
                measured.wall_seconds,
                mib(measured.peak_kib)
            );
            if let Contender::Ours(_) = contender {
                group.rows = rows_of(&measured.output)?;
            }
            group.runs.entry(contender.name().to_owned()).or_default().push(measured);
        }
        if round == 0 {
            let others = contenders[1..].iter().filter(|other| group.runs.contains_key(other.name()));
            for other in others {
                let found = difference(&work(&contenders[0]), &work(other))?;
                ensure!(
                    found.is_none(),
                    "{}: ours and {} differ: {}",
                    case.title(),
                    other.name(),
                    found.unwrap_or_default()
                );
            }
            let store = rusqlite::Connection::open(work(&contenders[0]))?;
            let rows: i64 = store.query_row("SELECT count(*) FROM morango_store", [], |row| row.get(0))?;
            group.of = rows.try_into()?;
        }
    }
    for contender in contenders {
        remove(&work(contender))?;
    }
    Ok(group)
}

/// The number of written rows in the JSON that this library's program prints.
fn rows_of(output: &str) -> anyhow::Result<u64> {
    #[derive(Deserialize)]
    struct Outcome {
        records: u64,
        deleted: u64,
        hard_deleted: u64,
    }
    let Outcome { records, deleted, hard_deleted } = serde_json::from_str(output)?;
    Ok(records + deleted + hard_deleted)
}

fn machine() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    format!("{} cores, {}", cores, processor.map_or("unknown", |(_, name)| name))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes of memory")]
fn mib(kib: i64) -> f64 {
    kib as f64 / 1024.0
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn float(number: u64) -> f64 {
    number as f64
}

impl Group {
    fn median(&self, who: &str, of: impl Fn(&Measured) -> f64) -> Option<f64> {
        self.runs.get(who).map(|runs| median(runs.iter().map(of).collect()))
    }

    fn wall(&self, who: &str) -> Option<f64> {
        self.median(who, |run| run.wall_seconds)
    }

    fn cpu(&self, who: &str) -> Option<f64> {
        self.median(who, |run| run.cpu_seconds)
    }

    /// The maximum over all rounds.
    fn peak(&self, who: &str, of: impl Fn(&Measured) -> i64) -> Option<f64> {
        self.runs.get(who).and_then(|runs| runs.iter().map(of).max()).map(mib)
    }

    /// The median of the ratios of two contenders within each round.
    fn ratio(&self, one: &str, other: &str, of: impl Fn(&Measured) -> f64) -> Option<f64> {
        let (ones, others) = (self.runs.get(one)?, self.runs.get(other)?);
        Some(median(ones.iter().zip(others).map(|(one, other)| of(one) / of(other)).collect()))
    }
}

fn cell(value: Option<f64>, digits: usize, unit: &str) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}{unit}"))
}

fn text(results: &Results) -> String {
    let mut text = format!(
        "# Time and memory of serialising\n\n\
         Written by `cargo run --release -p syncline-bench -- report`. {}; medians of {} rounds in which all programs take turns. \
         *Ours* is `syncline-kolibri serialize`, *floor* a program written by hand for the same tables \
         ([README](README.md)). Times are from the start of a process to its end. Ratios are medians of the ratios within each round. \
         `peak` is the largest resident set of all rounds, `anon` its part that belongs to no file. Ours and the floor have 8 MiB of \
         page cache. In every case all programs left the same sync tables, dirty bits and schema.\n\n\
         Morango starts together with Django. Its time is that of serialising alone, which its script measures; its `peak`, and the \
         pictures of its memory, include Django's 94 MB. *Morango / ours* says how many times as long Morango took.\n\n\
         ![memory over time](pictures/memory.svg)\n\n![time against rows](pictures/time.svg)\n",
        results.machine, results.rounds
    );
    let mut sizes: Vec<u32> = results.groups.iter().map(|group| group.users).collect();
    sizes.dedup();
    for users in sizes {
        let groups: Vec<&Group> = results.groups.iter().filter(|group| group.users == users).collect();
        let of = groups.iter().map(|group| group.of).max().unwrap_or_default();
        let _ = write!(
            text,
            "\n## {users} users, {of} rows\n\n\
             | case | rows written | ours | CPU | peak | anon | floor | CPU | peak | ours / floor | CPU | Morango | CPU | peak | Morango / ours | CPU |\n\
             |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
        );
        for group in groups {
            let over = |one: Option<f64>, other: Option<f64>| one.zip(other).map(|(one, other)| one / other);
            let cells = [
                group.case.clone(),
                group.rows.to_string(),
                cell(group.wall(OURS), 3, " s"),
                cell(group.cpu(OURS), 3, " s"),
                cell(group.peak(OURS, |run| run.peak_kib), 1, " MiB"),
                cell(group.peak(OURS, |run| run.anonymous_kib), 1, " MiB"),
                cell(group.wall(FLOOR), 3, " s"),
                cell(group.cpu(FLOOR), 3, " s"),
                cell(group.peak(FLOOR, |run| run.peak_kib), 1, " MiB"),
                cell(group.ratio(OURS, FLOOR, |run| run.wall_seconds), 2, ""),
                cell(group.ratio(OURS, FLOOR, |run| run.cpu_seconds), 2, ""),
                cell(group.wall(MORANGO), 2, " s"),
                cell(group.cpu(MORANGO), 2, " s"),
                cell(group.peak(MORANGO, |run| run.peak_kib), 0, " MiB"),
                cell(over(group.wall(MORANGO), group.wall(OURS)), 1, ""),
                cell(over(group.cpu(MORANGO), group.cpu(OURS)), 1, ""),
            ];
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    text.push_str("\n## Microseconds per written row\n\n| case |");
    let mut sizes: Vec<u32> = results.groups.iter().map(|group| group.users).collect();
    sizes.dedup();
    for users in &sizes {
        let _ = write!(text, " ours, {users} users | floor |");
    }
    let _ = write!(text, "\n|---|{}\n", "---|---|".repeat(sizes.len()));
    for case in Case::value_variants().iter().map(|case| case.title()) {
        let groups: Vec<&Group> =
            results.groups.iter().filter(|group| group.case == case && group.rows > 0).collect();
        if groups.len() == sizes.len() {
            let _ = write!(text, "| {case} |");
            for group in groups {
                let each = |who| group.wall(who).map(|seconds| seconds * 1e6 / float(group.rows));
                let _ = write!(text, " {} | {} |", cell(each(OURS), 1, ""), cell(each(FLOOR), 1, ""));
            }
            text.push('\n');
        }
    }
    text
}

const COLOURS: [(&str, &str); 3] = [(OURS, "#0b6"), (FLOOR, "#06c"), (MORANGO, "#c30")];

/// Charts of memory over time: a first serialise at each size, with Morango's if it was measured.
fn memory(results: &Results) -> Vec<Chart> {
    let mut charts = Vec::new();
    let first = results.groups.iter().filter(|group| group.case == Case::First.title());
    for group in first {
        let line = |(who, colour): &(&str, &'static str)| {
            let run = group.runs.get(*who)?.last()?;
            let points = run.samples.iter().map(|sample| (sample.seconds, mib(sample.resident_kib)));
            Some(Line { name: (*who).to_owned(), colour, dots: false, points: points.collect() })
        };
        let mut chart = |whom: &[(&str, &'static str)], with: &str| {
            charts.push(Chart {
                title: format!("First serialise, {} rows{with}", group.rows),
                across: "seconds",
                up: "resident MiB",
                lines: whom.iter().filter_map(line).collect(),
            });
        };
        chart(&COLOURS[..2], "");
        if group.runs.contains_key(MORANGO) {
            chart(&COLOURS, ", and Morango's");
        }
    }
    charts
}

/// Charts of time against rows for each case, with Morango's if it was measured.
fn time(results: &Results) -> Vec<Chart> {
    let chart = |case: &Case, whom: &[(&str, &'static str)]| {
        let groups: Vec<&Group> = results.groups.iter().filter(|group| group.case == case.title()).collect();
        let line = |(who, colour): &(&str, &'static str)| {
            let point = |group: &&Group| Some((float(group.of), group.wall(who)?));
            let mut points: Vec<_> = groups.iter().filter_map(point).collect();
            points.insert(0, (0.0, 0.0));
            Line { name: (*who).to_owned(), colour, dots: true, points }
        };
        (!groups.is_empty()).then(|| Chart {
            title: case.title().to_owned(),
            across: "rows in the database",
            up: "seconds",
            lines: whom.iter().map(line).collect(),
        })
    };
    let has_morango = |case: &Case| {
        results.groups.iter().any(|group| group.case == case.title() && group.runs.contains_key(MORANGO))
    };
    let cases = Case::value_variants();
    let both = cases.iter().filter_map(|case| chart(case, &COLOURS[..2]));
    let all = cases.iter().filter(|case| has_morango(case)).filter_map(|case| chart(case, &COLOURS));
    both.chain(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "no arithmetic but halving")]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }
}
