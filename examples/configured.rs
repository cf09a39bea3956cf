//! A pipeline that a configuration file describes: its stages are known when the program runs.
//!
//! ```text
//! cargo run --example configured
//! ```

use std::io::{self, Write};

use anyhow::ensure;
use syncline::prelude::*;
use syncline::{Boxed, io::lines};

/// One stage, as the configuration names it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Contains(String),
    Column { separator: char, index: usize },
    Limit(usize),
}

const CONFIGURATION: &str = r#"[
    {"contains": "ERROR"},
    {"column": {"separator": "\t", "index": 1}},
    {"limit": 2}
]"#;

const LOG: &[u8] = b"ERROR\tno paper\nINFO\tserving\nERROR\tpaper jam\nERROR\tno ink\n";

type Lines<'a> = Pipeline<String, Boxed<'a, String>>;

/// Adds the stage of `step`. Boxed, so that pipelines of any stages have one type.
fn add(lines: Lines<'_>, step: Step) -> Lines<'_> {
    match step {
        Step::Contains(text) => lines.filter(move |line| line.contains(&text)).boxed(),
        Step::Column { separator, index } => {
            lines.filter_map(move |line| line.split(separator).nth(index).map(str::to_owned)).boxed()
        }
        Step::Limit(count) => lines.take(count).boxed(),
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let steps: Vec<Step> = serde_json::from_str(CONFIGURATION)?;
    let source: Lines<'_> = Pipeline::new("configured", lines(LOG)).boxed();
    let pipeline = steps.into_iter().fold(source, add).end(Collect::new());
    writeln!(out, "{}\n", pipeline.graph())?;
    let found = pipeline.run()?.output;
    writeln!(out, "{}", found.join("\n"))?;
    ensure!(found == ["no paper", "paper jam"], "the configuration asks for two errors");
    Ok(())
}
