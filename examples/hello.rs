//! The smallest pipelines: declared with the macro, built by methods, and as an iterator.
//!
//! ```text
//! cargo run --example hello
//! ```

use std::io::{self, Write};

use syncline::prelude::*;

syncline::pipeline! {
    /// Greetings, two to a page.
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

/// The whole example. It prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let outcome = Greetings::run(&["Ada", "", "Ida", "Tim"])?;
    for page in &outcome.output {
        writeln!(out, "{}", page.join("; "))?;
    }
    // What each stage took and handed on.
    writeln!(out, "\n{}\n", outcome.report)?;

    // The same by methods, where the shape of a pipeline depends on something.
    let names = from_iter(["Ada", "Ida"]);
    let lengths = Pipeline::new("lengths", names).map(str::len);
    // Without a sink it is an iterator. Each item may be the error that ended the run.
    for length in lengths {
        writeln!(out, "a name of {} letters", length?)?;
    }
    Ok(())
}
