//! The work that `guard` counts per row: serialising on one thread, and reading and formatting alone.

use std::path::Path;

use anyhow::Context as _;
use syncline::filter::Filter;
use syncline::sqlite::flow::{DirtyRows, Loaded, SyncTransaction};
use syncline::{Database, Failure, Halt, Sink};
use syncline_kolibri::models::FacilityData;

/// Sink that counts items.
#[derive(Debug, Default)]
struct Count {
    rows: u64,
    bytes: usize,
}

impl Sink for Count {
    type In = Loaded;
    type Output = Self;

    fn consume(&mut self, row: Loaded) -> Result<(), Halt> {
        self.rows += 1;
        self.bytes += row.serialized().len();
        Ok(())
    }

    fn finish(self) -> Result<Self, Failure> {
        Ok(self)
    }
}

syncline::pipeline! {
    /// Formats and counts the dirty rows.
    Formatted(rows: DirtyRows<'_, FacilityData>) -> Count {
        rows => Count::default()
    }
}

/// Reads and formats the dirty rows as the flow does, drops them, and returns their number.
pub(crate) fn read(path: &Path) -> anyhow::Result<u64> {
    let mut database = Database::open_existing(path)?;
    let transaction = SyncTransaction::<FacilityData>::begin(&mut database, &Filter::everything())?;
    let outcome = Formatted::run(DirtyRows::new(&transaction)?).context("reading the rows")?;
    let Count { rows, bytes } = outcome.output;
    eprintln!("{rows} rows, {bytes} bytes");
    Ok(rows)
}

/// Serialises on one thread. With two, the instructions of their waiting would be counted.
pub(crate) fn serialize(path: &Path) -> anyhow::Result<()> {
    let mut database = Database::open_existing(path)?;
    database.serialize::<FacilityData>().read_ahead(false).run()?;
    database.close()?;
    Ok(())
}
