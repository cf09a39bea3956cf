//! One stage of a run, as `--json` prints it.

use serde::Serialize;

use crate::Report;
use crate::report::StageReport;

/// The counts and times of one stage.
#[derive(Debug, Serialize)]
pub(super) struct Step<'a> {
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

impl<'a> Step<'a> {
    /// The stages of a pipeline's report.
    pub(super) fn all(report: &'a Report) -> impl Iterator<Item = Self> {
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
