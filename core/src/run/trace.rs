//! What a run tells `tracing`: a span for itself, and in it one for each source, stage and sink.
//!
//! All are opened before the first item and closed behind the last, so that nothing is done for an item or a chunk. Where
//! nobody listens it costs a look at a flag for each run.

use std::time::Duration;

use tracing::field::Empty;
use tracing::{Level, Span, debug, debug_span, enabled, info_span};

use crate::error::Failure;
use crate::pipeline::chain::Chain;
use crate::report::{Report, Rows};
use crate::run::RunEnd;

/// The spans of a run.
pub(crate) struct Spans {
    pub(crate) run: Span,
    stages: Vec<Span>,
}

impl Spans {
    /// Opens them for a run of `chain` and the sink named `sink`.
    pub(crate) fn open(pipeline: &str, chain: &impl Chain, sink: &'static str) -> Self {
        let run = info_span!(target: "syncline", "pipeline", name = pipeline);
        let mut stages = Vec::new();
        if enabled!(target: "syncline", Level::DEBUG) {
            let mut rows = Rows::default();
            chain.describe(&mut rows);
            let names = rows.names().chain([sink]);
            stages.extend(names.map(|name| {
                debug_span!(
                    target: "syncline",
                    parent: &run,
                    "stage",
                    name,
                    items_in = Empty,
                    items_out = Empty,
                    filtered = Empty,
                    failed = Empty,
                    retried = Empty,
                    working_us = Empty,
                    upstream_us = Empty,
                    downstream_us = Empty,
                )
            }));
        }
        Self { run, stages }
    }

    /// Notes in them how the run ended, and what each stage did.
    pub(crate) fn close(self, end: RunEnd, failure: Option<&Failure>, report: &Report) {
        for (span, stage) in self.stages.iter().zip(report.stages()) {
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
            span.record("working_us", micros(stage.busy()));
            span.record("upstream_us", micros(stage.waited_upstream()));
            span.record("downstream_us", micros(stage.waited_downstream()));
        }
        let error = failure.map(|failure| tracing::field::display(failure.source()));
        debug!(target: "syncline", parent: &self.run, %end, error, elapsed = ?report.elapsed(), "the run has ended");
    }
}
