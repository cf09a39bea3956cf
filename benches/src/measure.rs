//! The command `measure`: runs a program and measures its time and memory from outside.
//!
//! The program is the only child of a process of its own, because the system reports the peak memory of the largest child
//! only. Its memory over time is read from `/proc`. If the program starts others, as a script does, the largest counts.

use std::ffi::OsString;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

use crate::usage::Usage;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// Time and memory of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Wall-clock time from its start to its end.
    pub(crate) wall_seconds: f64,
    /// Processor time, user and system.
    pub(crate) cpu_seconds: f64,
    /// The peak resident set.
    pub(crate) peak_kib: i64,
    /// The largest sample of resident memory that belongs to no file.
    pub(crate) anonymous_kib: i64,
    pub(crate) samples: Vec<Sample>,
    /// Its standard output.
    pub(crate) output: String,
}

/// The memory of a process at one time.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) seconds: f64,
    pub(crate) resident_kib: i64,
    pub(crate) anonymous_kib: i64,
}

/// Runs `command` under another process of this program, which measures it.
pub(crate) fn measure(command: &[OsString]) -> anyhow::Result<Measured> {
    let this = std::env::current_exe()?;
    let output =
        Command::new(this).arg("measure").arg("--").args(command).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{} failed", command[0].display());
    serde_json::from_slice(&output.stdout).context("the measurement is not readable")
}

/// The command `measure`.
#[expect(clippy::print_stdout, reason = "it is read by the process that started this one")]
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (program, rest) = arguments.command.split_first().context("no program")?;
    let start = Instant::now();
    let child = Command::new(program).args(rest).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let process = child.id();
    let (ended, end) = channel::<()>();
    let watcher = std::thread::spawn(move || {
        let mut samples = Vec::new();
        loop {
            samples.extend(sample(process, start));
            match end.recv_timeout(Duration::from_millis(5)) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return samples,
            }
        }
    });
    let output = child.wait_with_output()?;
    let wall_seconds = start.elapsed().as_secs_f64();
    drop(ended);
    ensure!(output.status.success(), "it ended with {}", output.status);
    let samples = watcher.join().unwrap_or_default();
    let usage = Usage::of_children()?;
    let measured = Measured {
        wall_seconds,
        cpu_seconds: usage.cpu.as_secs_f64(),
        peak_kib: usage.peak_kib,
        anonymous_kib: samples.iter().map(|sample| sample.anonymous_kib).max().unwrap_or(0),
        samples: thinned(&samples),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

fn sample(process: u32, start: Instant) -> Option<Sample> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| -> Option<i64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    let own = Sample {
        seconds: start.elapsed().as_secs_f64(),
        resident_kib: field("VmRSS:")?,
        anonymous_kib: field("RssAnon:")?,
    };
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    children
        .split_whitespace()
        .filter_map(|child| sample(child.parse().ok()?, start))
        .chain([own])
        .max_by_key(|sample| sample.resident_kib)
}

/// Reduces the samples to at most 400, each the largest of its neighbours.
fn thinned(samples: &[Sample]) -> Vec<Sample> {
    let together = samples.len().div_ceil(400).max(1);
    samples
        .chunks(together)
        .filter_map(|chunk| chunk.iter().copied().max_by_key(|sample| sample.resident_kib))
        .collect()
}
