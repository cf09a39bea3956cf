//! Reading and formatting alone.

use std::path::Path;

use anyhow::Context as _;
use rusqlite::TransactionBehavior;
use syncline::flow::{DirtyRows, Loaded, Run};
use syncline::{Database, Failure, Filter, Halt, Sink};
use syncline_kolibri::models::FacilityData;

/// Counts the bytes of what it is given.
#[derive(Debug, Default)]
struct Bytes(usize);

impl Sink for Bytes {
    type In = Loaded;
    type Output = usize;

    fn consume(&mut self, row: Loaded) -> Result<(), Halt> {
        self.0 += row.serialized().len();
        Ok(())
    }

    fn finish(self) -> Result<usize, Failure> {
        Ok(self.0)
    }
}

syncline::pipeline! {
    /// The dirty rows, formatted and counted.
    Formatted(rows: DirtyRows<'_, FacilityData>) -> usize {
        rows => Bytes::default()
    }
}

/// Reads what there is to serialise, as the flow does, and forgets it.
pub(crate) fn read(path: &Path) -> anyhow::Result<()> {
    let mut database = Database::open_existing(path)?;
    let transaction = database.connection_mut().transaction_with_behavior(TransactionBehavior::Immediate)?;
    let run = Run::<FacilityData>::begin(&transaction, &Filter::everything())?;
    let outcome = Formatted::run(DirtyRows::new(&run)?).context("reading the rows")?;
    eprintln!("{} bytes", outcome.output);
    Ok(())
}
