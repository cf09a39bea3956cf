//! `syncline-bench`: measures the serialiser.
//!
//! ```text
//! cargo run --release -p syncline-bench -- report     every case, ours beside the floor and beside Morango
//! cargo run --release -p syncline-bench -- guard      has it got slower?
//! cargo run --release -p syncline-bench -- tracking   what tracking changes costs
//! ```

mod cases;
mod compile;
mod contender;
mod database;
mod guard;
mod measure;
mod picture;
mod report;
mod rows;
mod tracking;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATIONS: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

#[derive(Debug, Parser)]
#[command(name = "syncline-bench", about = "Measures the serialiser")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure every case, and write benches/REPORT.md and its pictures
    Report(report::Arguments),
    /// Compare allocations and instructions a row with the recorded ones
    Guard(guard::Arguments),
    /// Compare writes to tables that triggers track with the same writes without
    Tracking(tracking::Arguments),
    /// Time cargo on programs that use the macros
    Compile(compile::Arguments),
    /// Run a program, and print what it took as JSON
    #[command(hide = true)]
    Measure(measure::Arguments),
    /// Serialise a database on one thread
    #[command(hide = true)]
    Serialize {
        /// The database.
        database: PathBuf,
    },
    /// Read and format the dirty rows of a database, and write nothing
    #[command(hide = true)]
    Read {
        /// The database.
        database: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Report(arguments) => report::run(&arguments),
        Command::Guard(arguments) => guard::run(&arguments),
        Command::Tracking(arguments) => tracking::run(&arguments),
        Command::Compile(arguments) => compile::run(&arguments),
        Command::Measure(arguments) => measure::run(&arguments),
        Command::Serialize { database } => rows::serialize(&database),
        Command::Read { database } => rows::read(&database).map(drop),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("syncline-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
