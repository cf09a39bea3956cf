//! `Effects`: the changes of other rows that a model's rule asks for.

use crate::record_id::RecordId;
use crate::value::StoredValue;

/// The changes of other rows that go along with a received record. They are made after the record itself was written; if one
/// fails, the record fails and none of them stays.
#[derive(Debug, Default)]
pub struct Effects {
    effects: Vec<Effect>,
}

/// One change of another row.
#[doc(hidden)]
#[derive(Debug)]
pub enum Effect {
    /// Writes a record of the app, which becomes dirty.
    Write {
        /// The name of its model.
        model: &'static str,
        /// Its id.
        id: RecordId,
        /// Its source id.
        source_id: String,
        /// Its partition.
        partition: String,
        /// The values of its other columns.
        values: Vec<(&'static str, StoredValue<'static>)>,
    },
    /// Sets a column of the rows of a table that have a value. Rows of a table that syncs become dirty.
    Set {
        /// The table.
        table: &'static str,
        /// The column and value that select the rows.
        of: (&'static str, StoredValue<'static>),
        /// The column.
        column: &'static str,
        /// The value.
        value: StoredValue<'static>,
    },
    /// Deletes a record with all that refers to it.
    Delete {
        /// The name of its model.
        model: &'static str,
        /// Its id.
        id: RecordId,
    },
}

impl Effects {
    /// Writes a record of the app, with values for its columns. It becomes dirty, so the next serialise run sends it.
    pub fn write(
        &mut self,
        model: &'static str,
        id: RecordId,
        source_id: impl Into<String>,
        partition: impl Into<String>,
        values: Vec<(&'static str, StoredValue<'static>)>,
    ) {
        let (source_id, partition) = (source_id.into(), partition.into());
        self.effects.push(Effect::Write { model, id, source_id, partition, values });
    }

    /// Sets `column` in the rows of `table` whose column `of.0` is `of.1`. Rows of a table that syncs become dirty.
    pub fn set(
        &mut self,
        table: &'static str,
        of: (&'static str, StoredValue<'static>),
        column: &'static str,
        value: StoredValue<'static>,
    ) {
        self.effects.push(Effect::Set { table, of, column, value });
    }

    /// Deletes a record with all that refers to it, as a received deletion does.
    pub fn delete(&mut self, model: &'static str, id: RecordId) {
        self.effects.push(Effect::Delete { model, id });
    }

    /// Returns `true` if no change was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// The changes, in their order.
    #[doc(hidden)]
    #[must_use]
    pub fn as_slice(&self) -> &[Effect] {
        &self.effects
    }
}
