//! The programs that are measured: this library's, the floor and Morango.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::measure::{self, Measured};

/// A program that serialises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Contender {
    /// `syncline-kolibri`.
    Ours(PathBuf),
    /// `syncline-floor`.
    Floor(PathBuf),
    /// The script that runs the real Morango.
    Morango(PathBuf),
}

/// Builds the programs that are measured, and returns their folder.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--release", "--quiet", "-p", "syncline-kolibri", "-p", "syncline-bench", "--bins"])
        .status()?;
    ensure!(built.success(), "the programs do not build");
    Ok(std::env::current_exe()?.parent().context("a program is in a folder")?.to_owned())
}

/// The JSON that the script prints of a run.
#[derive(Debug, Deserialize)]
struct PeerResult {
    wall_s: f64,
    user_s: f64,
    sys_s: f64,
    peak_rss_mb: f64,
}

impl Contender {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ours(_) => "ours",
            Self::Floor(_) => "floor",
            Self::Morango(_) => "Morango",
        }
    }

    /// Serialises `database`, with a commit after every `commit_every` chunks, if given.
    pub(crate) fn run(
        &self,
        database: &Path,
        filter: &[String],
        commit_every: Option<u32>,
    ) -> anyhow::Result<Measured> {
        let mut command: Vec<OsString> = Vec::new();
        let flags = || filter.iter().flat_map(|prefix| ["--filter".into(), prefix.into()]);
        match self {
            Self::Ours(program) => {
                command.extend([program.into(), "serialize".into(), "--json".into(), database.into()]);
                command.extend(commit_every.map(|chunks| format!("--commit=every:{chunks}").into()));
                command.extend(flags());
            }
            Self::Floor(program) => {
                command.extend([program.into(), database.into()]);
                command.extend(commit_every.map(|chunks| format!("--commit-every={chunks}").into()));
                command.extend(flags());
            }
            Self::Morango(script) => {
                command.extend([script.into(), "serialize".into(), database.into()]);
                command.extend((!filter.is_empty()).then(|| filter.join(",").into()));
            }
        }
        let mut measured = measure::measure(&command).with_context(|| format!("running {}", self.name()))?;
        if matches!(self, Self::Morango(_)) {
            // The script also copies the database and starts Kolibri. It measures Morango's own part itself.
            let result: PeerResult =
                serde_json::from_str(&measured.output).context("the peer's result is not readable")?;
            measured.wall_seconds = result.wall_s;
            measured.cpu_seconds = result.user_s + result.sys_s;
            #[expect(clippy::cast_possible_truncation, reason = "whole KiB")]
            let peak = (result.peak_rss_mb * 1024.0) as i64;
            measured.peak_kib = peak;
        }
        Ok(measured)
    }
}
