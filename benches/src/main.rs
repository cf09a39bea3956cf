//! `syncline-bench`: measures the serialiser.
//!
//! ```text
//! cargo run --release -p syncline-bench -- report     times and memory of every case, with the floor's and Morango's
//! cargo run --release -p syncline-bench -- guard      allocations and instructions against recorded figures
//! cargo run --release -p syncline-bench -- tracking   the cost of change tracking
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
    /// Compare writes to tables with tracking triggers and without
    Tracking(tracking::Arguments),
    /// Time the compilation of crates that use the macros
    Compile(compile::Arguments),
    /// Run a program, and print its time and memory as JSON
    #[command(hide = true)]
    Measure(measure::Arguments),
    /// Serialise a database on one thread
    #[command(hide = true)]
    Serialize {
        /// The database.
        database: PathBuf,
    },
    /// Read and format the dirty rows of a database without writing
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
