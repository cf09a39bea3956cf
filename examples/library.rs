//! A library of pipelines that are generic over their source, items and sink, and a program that uses one twice.
//!
//! ```text
//! cargo run --example library
//! ```

use std::io::{self, Write};

use anyhow::ensure;

/// The library.
pub(crate) mod archive {
    use syncline::prelude::*;

    /// An item that can be archived.
    pub(crate) trait Record {
        /// The day of the record.
        fn day(&self) -> u32;
    }

    pipeline! {
        /// Drops the records before `since`, and archives the others in chunks of one day each.
        pub(crate) Archive<R: Record, S: Source<Item = R>, K: Sink<In = Vec<R>>>(source: S, since: u32, sink: K) -> K::Output {
            source
                => filter(|record| record.day() >= since)
                => buffer(1000, by: R::day)
                => sink
        }
    }
}

#[derive(Debug)]
struct Visit(u32, &'static str);

impl archive::Record for Visit {
    fn day(&self) -> u32 {
        self.0
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    use syncline::prelude::*;

    let visits = || from_iter([Visit(1, "Ada"), Visit(2, "Tim"), Visit(2, "Ida"), Visit(3, "Bob")]);
    let days = archive::Archive::run(visits(), 2, Collect::new())?.output;
    writeln!(out, "{days:?}")?;
    let print = for_each(|day: Vec<Visit>| {
        let names: Vec<_> = day.iter().map(|visit| visit.1).collect();
        writeln!(out, "visited by {}", names.join(", "))?;
        Ok(())
    });
    let printed = archive::Archive::run(visits(), 1, print)?.output;
    ensure!((days.len(), printed) == (2, 3), "each chunk is one day");
    Ok(())
}
