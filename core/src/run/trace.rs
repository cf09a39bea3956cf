//! The spans of `tracing` of a run: one for the run, and in it one for each source, stage and sink.
//!
//! All spans are opened before the first item and closed after the last, so there is no cost for an item or a chunk.
//! Without a subscriber the cost of a run is the check of a flag.

use std::fmt;
use std::time::Duration;

use tracing::field::Empty;
use tracing::{Level, Span, debug, debug_span, enabled, info_span};

use crate::error::Failure;
use crate::pipeline::chain::Chain;
use crate::report::{Report, Rows, StageReport};

/// The spans of a run of a pipeline.
pub(crate) struct Spans {
    pub(crate) run: Span,
    stages: Vec<Span>,
}

impl Spans {
    /// Opens the spans for a run of `chain` and the sink named `sink`.
    pub(crate) fn open(pipeline: &str, chain: &impl Chain, sink: &'static str) -> Self {
        let run = run_span(pipeline);
        let mut stages = Vec::new();
        if enabled!(target: "syncline", Level::DEBUG) {
            let mut rows = Rows::default();
            chain.describe(&mut rows);
            stages.extend(rows.names().chain([sink]).map(|name| stage_span(&run, name)));
        }
        Self { run, stages }
    }

    /// Returns `true` if a subscriber listens, so that a report is needed for the spans.
    pub(crate) fn are_wanted(&self) -> bool {
        !self.run.is_disabled()
    }

    /// Records the end of the run and the row of each stage in the spans.
    pub(crate) fn close(self, end: &dyn fmt::Display, failure: Option<&Failure>, report: &Report) {
        for (span, stage) in self.stages.iter().zip(report.stages()) {
            record_stage(span, stage);
        }
        run_has_ended(&self.run, end, failure, report);
    }
}

/// Opens the span of a run.
pub(crate) fn run_span(pipeline: &str) -> Span {
    info_span!(target: "syncline", "pipeline", name = pipeline)
}

/// Opens the span of a stage of `run`.
pub(crate) fn stage_span(run: &Span, name: &'static str) -> Span {
    debug_span!(
        target: "syncline",
        parent: run,
        "stage",
        name,
        items_in = Empty,
        items_out = Empty,
        filtered = Empty,
        failed = Empty,
        retried = Empty,
        split = Empty,
        working_us = Empty,
        upstream_us = Empty,
        downstream_us = Empty,
    )
}

/// Records the row of a stage in its span.
pub(crate) fn record_stage(span: &Span, stage: &StageReport) {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    if let Some(items) = stage.items_in() {
        span.record("items_in", items);
    }
    if let Some(items) = stage.items_out() {
        span.record("items_out", items);
    }
    span.record("filtered", stage.filtered());
    span.record("failed", stage.failed());
    span.record("retried", stage.retried());
    span.record("split", stage.split());
    span.record("working_us", micros(stage.busy()));
    span.record("upstream_us", micros(stage.waited_upstream()));
    span.record("downstream_us", micros(stage.waited_downstream()));
}

/// Logs in the span of a run that it has ended.
pub(crate) fn run_has_ended(run: &Span, end: &dyn fmt::Display, failure: Option<&Failure>, report: &Report) {
    let error = failure.map(|failure| tracing::field::display(failure.source()));
    debug!(target: "syncline", parent: run, %end, error, elapsed = ?report.elapsed(), "the run has ended");
}
