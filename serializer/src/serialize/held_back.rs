//! `HeldBack`: rows that a run leaves dirty, because another version of the app declares more than this program.

use std::fmt;

use syncline_core::plural;

/// The rows of a model that a run has left dirty, because this program cannot write them whole.
///
/// A newer version of the app declares the model, or more synced columns of it, and has written that into the database. If this
/// program wrote such a row, its newer values would never sync. The next run of the newer version writes the rows. A field or
/// a model that was removed on purpose is `retired`, or ended by a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldBack {
    /// The model's name.
    pub model: String,
    /// The model's table.
    pub table: String,
    /// The synced columns that this program does not declare. Empty if it does not declare the model.
    pub columns: Vec<String>,
    /// The number of rows that stay dirty.
    pub rows: u64,
}

impl HeldBack {
    /// Creates the entry of a model without rows.
    #[must_use]
    pub fn new(model: String, table: String, columns: Vec<String>) -> Self {
        Self { model, table, columns, rows: 0 }
    }
}

/// Prints a sentence without a full stop.
impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, table, columns, rows } = self;
        let (rows, stay) = (plural(*rows, "row"), if *rows == 1 { "stays" } else { "stay" });
        if columns.is_empty() {
            return write!(
                f,
                "{rows} of table `{table}` {stay} dirty: another version of the app declares the model `{model}`, and this program \
                 does not"
            );
        }
        let names: Vec<_> = columns.iter().map(|column| format!("`{column}`")).collect();
        write!(
            f,
            "{rows} of table `{table}` {stay} dirty: another version of the app syncs {} of the model `{model}`, and this program \
             does not",
            names.join(", ")
        )
    }
}
