//! The command `sync`.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use serde::Serialize;

use super::arguments::SyncArguments;
use super::interrupt::{self, Interrupted};
use super::{database, output};
use crate::deserialize::Deserialized;
use crate::run::{Observer as _, RunEnd};
use crate::sqlite::transfer::SyncError;
use crate::transfer::{Direction, Stage, SyncProgress, Synced, Transferred};
use crate::{Bar, CancelToken, Profile};

pub(super) fn run<P: Profile>(arguments: &SyncArguments) -> anyhow::Result<()> {
    let token = interrupt::heed()?;
    let (path, peer) = (arguments.path().display(), arguments.peer().display());
    let cannot = || format!("cannot sync {path} with {peer}");
    let synced = match sync::<P>(arguments, &token).with_context(cannot) {
        Ok(synced) => synced,
        Err(error) if error.downcast_ref::<SyncError>().is_some_and(SyncError::is_cancelled) => {
            return Err(Interrupted::sync(&path).into());
        }
        Err(error) => return Err(error),
    };
    let printed =
        if arguments.json { output::json(&Outcome::of(&synced)) } else { output::text(&synced.to_string()) };
    printed.with_context(|| format!("{path} is synced"))
}

fn sync<P: Profile>(arguments: &SyncArguments, token: &CancelToken) -> anyhow::Result<Synced> {
    let mut here = database::write_store(arguments.path())?;
    let mut there = database::write_store(arguments.peer())?;
    let mut bars = std::io::stderr().is_terminal().then(Bars::default);
    let mut sync = here
        .sync::<P>()
        .with(&mut there)
        // A file may be a copy from another machine, which needs an instance of its own.
        .as_this_machine()
        .busy_timeout(arguments.wait.busy_timeout)
        .cancelled_by(token)
        .progress(|progress| {
            if let Some(bars) = &mut bars {
                bars.advance(&progress);
            }
        });
    for prefix in &arguments.filters {
        sync = sync.filter(prefix);
    }
    if arguments.one_way.pull_only {
        sync = sync.pull_only();
    }
    if arguments.one_way.push_only {
        sync = sync.push_only();
    }
    if arguments.accept_later_schema {
        sync = sync.accept_later_schema();
    }
    let synced = sync.run()?;
    here.close()?;
    there.close()?;
    Ok(synced)
}

/// A progress bar for the records that each transfer hands over.
#[derive(Default)]
struct Bars {
    bar: Option<(Direction, Bar)>,
    done: u64,
}

impl Bars {
    fn advance(&mut self, progress: &SyncProgress) {
        if progress.stage != Stage::Transferring {
            if let Some((_, mut bar)) = self.bar.take() {
                bar.end(RunEnd::Finished);
            }
            return;
        }
        let is_current = self.bar.as_ref().is_some_and(|(direction, _)| *direction == progress.direction);
        if !is_current {
            let mut bar = Bar::new(match progress.direction {
                Direction::Pull => "records received",
                Direction::Push => "records sent",
            });
            bar.start(progress.total);
            (self.bar, self.done) = (Some((progress.direction, bar)), 0);
        }
        if let Some((_, bar)) = &mut self.bar {
            bar.advance(progress.done.saturating_sub(self.done));
            self.done = progress.done;
        }
    }
}

/// The object that `--json` prints.
#[derive(Debug, Serialize)]
struct Outcome {
    pulled: u64,
    pushed: u64,
    conflicts: u64,
    failed: u64,
    seconds: f64,
    transfers: Vec<Leg>,
}

/// One transfer. Legs that were not run have no numbers.
#[derive(Debug, Serialize)]
struct Leg {
    direction: String,
    resumed: bool,
    serialized: Option<u64>,
    queued: Option<u64>,
    records: u64,
    chunks: u64,
    written: Option<u64>,
    stale: Option<u64>,
    conflicts: Option<u64>,
    app_written: Option<u64>,
    app_deleted: Option<u64>,
    app_failed: Option<u64>,
}

impl Outcome {
    fn of(synced: &Synced) -> Self {
        Self {
            pulled: synced.records(Direction::Pull),
            pushed: synced.records(Direction::Push),
            conflicts: synced.conflicts(),
            failed: synced.failed(),
            seconds: synced.elapsed.as_secs_f64(),
            transfers: synced.transfers.iter().map(Leg::of).collect(),
        }
    }
}

impl Leg {
    fn of(transfer: &Transferred) -> Self {
        let (dequeued, deserialized) = (&transfer.work.dequeued, &transfer.work.deserialized);
        let serialized = transfer.work.serialized.as_ref();
        Self {
            direction: transfer.direction.to_string(),
            resumed: transfer.is_resumed,
            serialized: serialized.map(|done| done.records() + done.deleted + done.hard_deleted),
            queued: transfer.work.queued,
            records: transfer.records,
            chunks: transfer.chunks,
            written: dequeued.as_ref().map(|dequeued| dequeued.written),
            stale: dequeued.as_ref().map(|dequeued| dequeued.stale),
            conflicts: dequeued.as_ref().map(|dequeued| dequeued.conflicts),
            app_written: deserialized.as_ref().map(Deserialized::records),
            app_deleted: deserialized.as_ref().map(Deserialized::deleted),
            app_failed: deserialized.as_ref().map(Deserialized::failed),
        }
    }
}
