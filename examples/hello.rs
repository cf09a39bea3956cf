//! The smallest pipelines: with the macro, with methods, and as an iterator.
//!
//! ```text
//! cargo run --example hello
//! ```

use std::io::{self, Write};

use syncline::prelude::*;

syncline::pipeline! {
    /// Greetings, in pages of two.
    Greetings(names: &[&str]) -> Vec<Vec<String>> {
        from_iter(names)
            => filter(|name| !name.is_empty())
            => map(|name| format!("hello, {name}"))
            => buffer(2)
            => Collect::new()
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let outcome = Greetings::run(&["Ada", "", "Ida", "Tim"])?;
    for page in &outcome.output {
        writeln!(out, "{}", page.join("; "))?;
    }
    // The report: items in and out of each stage.
    writeln!(out, "\n{}\n", outcome.report)?;

    // The same with methods. Use them if the stages are chosen at run time.
    let names = from_iter(["Ada", "Ida"]);
    let lengths = Pipeline::new("lengths", names).map(str::len);
    // A pipeline without a sink is an iterator of results. An error is its last item.
    for length in lengths {
        writeln!(out, "a name of {} letters", length?)?;
    }
    Ok(())
}
