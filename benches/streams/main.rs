//! `syncline-streams`: measures streams without a database, and compares them with loops, bare channels and other libraries.
//!
//! ```text
//! cargo run --release -p syncline-bench --bin syncline-streams
//! ```
//!
//! It is a separate program because `syncline-bench` uses a counting allocator.

mod chains;
mod hops;
mod measure;
mod workers;

use std::hint::black_box;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use crate::measure::{Took, Way, instructions, interleaved};

#[derive(Debug, Parser)]
#[command(name = "syncline-streams", about = "Measures the streams")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// The number of rounds
    #[arg(long, default_value_t = 41)]
    rounds: usize,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one way once, for profilers
    #[command(hide = true)]
    Once {
        /// Its name.
        way: String,
        /// The number of items.
        numbers: u64,
    },
    /// Print the instructions per item of the chain as JSON
    #[command(hide = true)]
    Instructions,
}

#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn main() -> anyhow::Result<()> {
    let Arguments { command, rounds } = Arguments::parse();
    match command {
        Some(Command::Once { way, numbers }) => {
            let way = chains::WAYS.iter().find(|other| other.name == way).context("there is no such way")?;
            black_box((way.run)(black_box(numbers)));
        }
        Some(Command::Instructions) => {
            let mut all = serde_json::Map::new();
            for way in &chains::GUARDED {
                if let Some(instructions) = instructions(way)? {
                    all.insert(way.name.to_owned(), instructions.into());
                }
            }
            println!("{}", serde_json::Value::Object(all));
        }
        None => {
            println!("map, filter, map, buffer(500), unbuffer, map, sum over u64\n");
            table(&chains::WAYS, rounds, 8_000_000, true)?;
            println!("\na chunk of 256 numbers over a thread\n");
            table(&hops::WAYS, 5 * rounds, 2_000_000, false)?;
            println!("\n20 µs of work for each item\n");
            table(&workers::WAYS, rounds, 1000, false)?;
        }
    }
    Ok(())
}

/// Measures `ways`, and prints them with their ratios to the first.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table(ways: &[Way], rounds: usize, numbers: u64, count: bool) -> anyhow::Result<()> {
    println!(
        "| | ns a number | ratio | fastest tenth | ratio |{}",
        if count { " instructions | ratio |" } else { "" }
    );
    println!("|---|---|---|---|---|{}", if count { "---|---|" } else { "" });
    let took = interleaved(ways, rounds, numbers);
    let fastest = took.first().map_or(f64::NAN, |first| first.fast);
    let mut first = None;
    for (way, took) in ways.iter().zip(took) {
        let Way { name, .. } = way;
        let Took { nanoseconds, ratio, fast } = took;
        print!("| {name} | {nanoseconds:.2} | {ratio:.2} | {fast:.2} | {:.2} |", fast / fastest);
        if count && let Some(count) = instructions(way)? {
            print!(" {count:.1} | {:.2} |", count / *first.get_or_insert(count));
        }
        println!();
    }
    Ok(())
}
