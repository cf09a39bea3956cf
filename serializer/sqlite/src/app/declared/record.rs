//! `Record`: everything that was ever declared in the database, in the table `syncline_declared`.
//!
//! Rows are only added. Each declaration that adds something has a number, so the history of a column can be told: the
//! declaration of a program is an older one if the table has it, and a later one of the same field as well. A program whose
//! declarations are all in the table changes nothing.

use rusqlite::{Connection, Row};
use syncline_serializer::model::Model;

use crate::app::declared::declaration::{Declaration, State};
use crate::error::{Doing, SqliteError};

/// The declarations of one profile, in the order in which they were written down.
#[derive(Debug, Default)]
pub(crate) struct Record {
    rows: Vec<Declaration>,
    /// The number of the last declaration, over all profiles.
    last: i64,
}

/// The columns of the table, in the order of [`read_row`].
const COLUMNS: &str = "model, table_name, column_name, state, \"key\", type, nullable, default_value, refers_to, on_delete, \
                       renamed_from, table_renamed_from, discriminates";

impl Record {
    /// Reads the declarations of `profile`. In a database without them the record is empty.
    pub(crate) fn read(connection: &Connection, profile: &str) -> Result<Self, SqliteError> {
        let read = || {
            if !connection.table_exists(Some("main"), "syncline_declared")? {
                return Ok(Self::default());
            }
            let sql = format!(
                "SELECT {COLUMNS} FROM main.syncline_declared WHERE profile = ?1 ORDER BY declaration, rowid"
            );
            let rows = connection
                .prepare_cached(&sql)?
                .query_map([profile], read_row)?
                .collect::<rusqlite::Result<_>>()?;
            let last = "SELECT ifnull(max(declaration), 0) FROM main.syncline_declared";
            let last = connection.prepare_cached(last)?.query_row([], |row| row.get(0))?;
            Ok(Self { rows, last })
        };
        read().doing("reading the earlier declarations")
    }

    /// Adds those of `declared` that it does not have, in the order of `declared`.
    pub(crate) fn add(
        &self,
        connection: &Connection,
        profile: &str,
        declared: &[Declaration],
    ) -> Result<(), SqliteError> {
        let new: Vec<_> = declared.iter().filter(|declaration| !self.holds(declaration)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let write = || {
            connection.execute_batch(
                "CREATE TABLE IF NOT EXISTS main.syncline_declared (declaration integer NOT NULL, profile text NOT NULL, \
                 model text NOT NULL, table_name text NOT NULL, column_name text NOT NULL, state text NOT NULL, \"key\" text, \
                 type text NOT NULL, nullable integer NOT NULL, default_value text, refers_to text, on_delete text NOT NULL, \
                 renamed_from text, table_renamed_from text, discriminates text)",
            )?;
            let mut remove = connection.prepare_cached(
                "DELETE FROM main.syncline_declared \
                 WHERE profile = ?1 AND model = ?2 AND column_name = ?3 AND state = ?4 AND \"key\" IS ?5",
            )?;
            let mut insert = connection.prepare_cached(&format!(
                "INSERT INTO main.syncline_declared (declaration, profile, {COLUMNS}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
            ))?;
            for new in new {
                let state = state_text(&new.state);
                if self.rows.contains(new) {
                    // It was retired, or is retired again: the last declaration counts.
                    remove.execute((profile, &new.model, &new.column, state, new.key()))?;
                }
                insert.execute(rusqlite::params![
                    self.last + 1,
                    profile,
                    new.model,
                    new.table,
                    new.column,
                    state,
                    new.key(),
                    new.kind,
                    new.nullable,
                    new.default,
                    new.refers_to,
                    new.on_delete,
                    new.renamed_from,
                    new.table_renamed_from,
                    new.discriminates,
                ])?;
            }
            Ok(())
        };
        write().doing("writing down the declarations")
    }

    /// Removes the declarations of `model`.
    pub(crate) fn forget(connection: &Connection, profile: &str, model: &str) -> Result<(), SqliteError> {
        let forget = || {
            if connection.table_exists(Some("main"), "syncline_declared")? {
                let sql = "DELETE FROM main.syncline_declared WHERE profile = ?1 AND model = ?2";
                connection.execute(sql, (profile, model))?;
            }
            Ok(())
        };
        forget().doing("forgetting the declarations of a model")
    }

    /// Returns `true` if `declaration` was written down before.
    pub(crate) fn has(&self, declaration: &Declaration) -> bool {
        self.rows.contains(declaration)
    }

    /// Returns `true` if `declaration` need not be written down. A synced column and its retirement are written again if the
    /// other is in force.
    fn holds(&self, declaration: &Declaration) -> bool {
        let is_synced =
            || self.synced(&declaration.model).iter().any(|synced| synced.is_named(&declaration.column));
        self.has(declaration)
            && match &declaration.state {
                State::Synced(_) => is_synced(),
                State::Retired => !is_synced(),
                State::Local => true,
            }
    }

    /// The synced columns of `model` that are in force: of each key the last declaration, without retired ones.
    pub(crate) fn synced(&self, model: &str) -> Vec<&Declaration> {
        let mut synced: Vec<&Declaration> = Vec::new();
        for row in self.rows.iter().filter(|row| row.model == model) {
            match &row.state {
                State::Synced(key) => {
                    synced.retain(|known| {
                        known.key() != Some(key) && !known.column.eq_ignore_ascii_case(&row.column)
                    });
                    synced.push(row);
                }
                State::Retired => synced.retain(|known| !known.is_named(&row.column)),
                // An older version, in which the column was local, may have been declared later.
                State::Local => {}
            }
        }
        synced
    }

    /// The columns that `models` declare as retired. The declarations name each by its column or its key.
    pub(crate) fn retired<'r>(&'r self, models: &[&'static Model]) -> Vec<&'r str> {
        let names = models.iter().flat_map(|model| model.retired.iter().map(|name| (model.name, *name)));
        names.map(|(model, name)| self.column_named(model, name).unwrap_or(name)).collect()
    }

    /// The column of `model` that `name` means: the column itself, or the last one with this key. `None` if no version of the app
    /// declared it.
    pub(crate) fn column_named(&self, model: &str, name: &str) -> Option<&str> {
        let mut columns: Vec<&Declaration> = Vec::new();
        for row in self.rows.iter().filter(|row| row.model == model && row.state != State::Retired) {
            // A later declaration with the same key is the same field under a new name.
            columns.retain(|known| row.key().is_none_or(|key| known.key() != Some(key)));
            columns.push(row);
        }
        let by_column = columns.iter().rev().find(|row| row.column.eq_ignore_ascii_case(name));
        let by_key = || columns.iter().rev().find(|row| row.key() == Some(name));
        Some(&by_column.or_else(by_key)?.column)
    }

    /// The columns of `model` in all declarations, each once.
    pub(crate) fn columns(&self, model: &str) -> Vec<&str> {
        let mut columns: Vec<&str> = Vec::new();
        for row in self.rows.iter().filter(|row| row.model == model) {
            if !columns.iter().any(|known| known.eq_ignore_ascii_case(&row.column)) {
                columns.push(&row.column);
            }
        }
        columns
    }

    /// The last declaration of the column with this name, synced or local.
    pub(crate) fn column(&self, model: &str, column: &str) -> Option<&Declaration> {
        self.rows.iter().rev().find(|row| {
            row.model == model && row.column.eq_ignore_ascii_case(column) && row.state != State::Retired
        })
    }

    /// The last declaration of each model: the model's name and its table.
    pub(crate) fn models(&self) -> Vec<(&str, &str)> {
        let mut models: Vec<(&str, &str)> = Vec::new();
        for row in &self.rows {
            match models.iter_mut().find(|(model, _)| *model == row.model) {
                Some((_, table)) => *table = &row.table,
                None => models.push((&row.model, &row.table)),
            }
        }
        models
    }

    /// The last table of `model`.
    pub(crate) fn table_of(&self, model: &str) -> Option<&str> {
        self.rows.iter().rev().find(|row| row.model == model).map(|row| &*row.table)
    }

    /// Returns `true` if `model` was once declared with `table`.
    pub(crate) fn has_table(&self, model: &str, table: &str) -> bool {
        self.rows.iter().any(|row| row.model == model && row.table.eq_ignore_ascii_case(table))
    }

    /// Returns `true` if a declaration says that the table of `model` was once named `table`.
    pub(crate) fn was_renamed_from(&self, model: &str, table: &str) -> bool {
        let mut of_model = self.rows.iter().filter(|row| row.model == model);
        of_model
            .any(|row| row.table_renamed_from.as_deref().is_some_and(|old| old.eq_ignore_ascii_case(table)))
    }

    /// The discriminator of `model`: its column and value.
    pub(crate) fn discriminator(&self, model: &str) -> Option<(&str, &str)> {
        let mut of_model = self.rows.iter().rev().filter(|row| row.model == model);
        of_model.find_map(|row| Some((&*row.column, row.discriminates.as_deref()?)))
    }
}

fn state_text(state: &State) -> &'static str {
    match state {
        State::Synced(_) => "synced",
        State::Local => "local",
        State::Retired => "retired",
    }
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<Declaration> {
    let state: String = row.get(3)?;
    let key: Option<String> = row.get(4)?;
    Ok(Declaration {
        model: row.get(0)?,
        table: row.get(1)?,
        column: row.get(2)?,
        state: match (&*state, key) {
            ("synced", Some(key)) => State::Synced(key),
            ("retired", _) => State::Retired,
            _ => State::Local,
        },
        kind: row.get(5)?,
        nullable: row.get(6)?,
        default: row.get(7)?,
        refers_to: row.get(8)?,
        on_delete: row.get(9)?,
        renamed_from: row.get(10)?,
        table_renamed_from: row.get(11)?,
        discriminates: row.get(12)?,
    })
}
