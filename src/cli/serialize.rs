//! The command `serialize`.

use anyhow::Context as _;
use serde::Serialize;

use super::arguments::SerializeArguments;
use super::{database, memory, output};
use crate::{Bar, Profile, Report, Serialized, StageReport};

pub(super) fn run<P: Profile>(arguments: &SerializeArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let serialized =
        serialize::<P>(arguments).with_context(|| format!("cannot serialize {}", path.display()))?;
    let printed = if arguments.json {
        output::json(&Outcome::of(&serialized))
    } else {
        output::text(&serialized.to_string())
    };
    printed.with_context(|| format!("{} is serialized", path.display()))
}

fn serialize<P: Profile>(arguments: &SerializeArguments) -> anyhow::Result<Serialized> {
    let mut database = database::serialize(arguments.database.path())?;
    let mut serialize =
        database.serialize::<P>().busy_timeout(arguments.wait.busy_timeout).progress(Bar::new("records"));
    for prefix in &arguments.filters {
        serialize = serialize.filter(prefix);
    }
    let serialized = serialize.run()?;
    database.close()?;
    Ok(serialized)
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    records: u64,
    created: u64,
    updated: u64,
    deleted: u64,
    hard_deleted: u64,
    instance: &'a str,
    counter: i64,
    seconds: f64,
    peak_rss_bytes: Option<u64>,
    stages: Vec<Step<'a>>,
}

/// What one stage did.
#[derive(Debug, Serialize)]
struct Step<'a> {
    pipeline: &'a str,
    stage: &'a str,
    #[serde(rename = "in")]
    items_in: Option<u64>,
    #[serde(rename = "out")]
    items_out: Option<u64>,
    singles_in: Option<u64>,
    singles_out: Option<u64>,
    chunks_in: Option<u64>,
    chunks_out: Option<u64>,
    filtered: u64,
    failed: u64,
    skipped: u64,
    retried: u64,
    seconds: f64,
    seconds_upstream: f64,
    seconds_downstream: f64,
    is_bottleneck: bool,
}

impl<'a> Outcome<'a> {
    fn of(serialized: &'a Serialized) -> Self {
        Self {
            records: serialized.created + serialized.updated,
            created: serialized.created,
            updated: serialized.updated,
            deleted: serialized.deleted,
            hard_deleted: serialized.hard_deleted,
            instance: &serialized.instance,
            counter: serialized.counter,
            seconds: serialized.elapsed.as_secs_f64(),
            peak_rss_bytes: memory::peak_rss_bytes(),
            stages: serialized.reports.iter().flat_map(Step::all).collect(),
        }
    }
}

impl<'a> Step<'a> {
    fn all(report: &'a Report) -> impl Iterator<Item = Self> {
        let bottleneck = report.bottleneck().filter(|stage| !stage.busy().is_zero());
        report.stages().iter().map(move |stage| {
            let is_bottleneck = bottleneck.is_some_and(|bottleneck| std::ptr::eq(bottleneck, stage));
            Self { is_bottleneck, ..Self::of(report.pipeline(), stage) }
        })
    }

    fn of(pipeline: &'a str, report: &'a StageReport) -> Self {
        Self {
            pipeline,
            stage: report.name(),
            items_in: report.items_in(),
            items_out: report.items_out(),
            singles_in: report.singles_in(),
            singles_out: report.singles_out(),
            chunks_in: report.chunks_in(),
            chunks_out: report.chunks_out(),
            filtered: report.filtered(),
            failed: report.failed(),
            skipped: report.skipped(),
            retried: report.retried(),
            seconds: report.busy().as_secs_f64(),
            seconds_upstream: report.waited_upstream().as_secs_f64(),
            seconds_downstream: report.waited_downstream().as_secs_f64(),
            is_bottleneck: false,
        }
    }
}
