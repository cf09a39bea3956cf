//! A table of the app, as the models of a profile declare it.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_serializer::identity::{LONGEST_PARTITION, LONGEST_SOURCE_ID};
use syncline_serializer::model::columns::{ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Column, Model, OnDelete, Profile};
use syncline_serializer::value::ColumnType;

use crate::app::computed_ids::pending_id;
use crate::app::constraints::Constraint;
use crate::app::declared::Newer;
use crate::error::{Doing, SchemaError};
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// A table and the models whose records it contains.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) models: Vec<&'static Model>,
    /// The columns that the models declare, each once.
    pub(crate) columns: Vec<TableColumn>,
    /// The synced columns that only another version of the app declares.
    pub(crate) newer: Vec<String>,
    /// The columns that only another version of the app declares, synced or not.
    pub(crate) other_columns: Vec<String>,
    /// The models of the table that only another version of the app declares.
    pub(crate) other_models: Vec<String>,
}

/// A column, as the combination of its declarations in several models.
#[derive(Debug)]
pub(crate) struct TableColumn {
    pub(crate) declared: &'static Column,
    /// `true` if the column may be `NULL` for at least one of the models.
    pub(crate) nullable: bool,
    /// The table that the column refers to.
    pub(crate) references: Option<&'static str>,
}

impl Table {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            models: Vec::new(),
            columns: Vec::new(),
            newer: Vec::new(),
            other_columns: Vec::new(),
            other_models: Vec::new(),
        }
    }

    /// Adds the columns and models of other versions of the app: changes of these columns are tracked as well.
    pub(crate) fn add_newer(&mut self, newer: &Newer) {
        let is_here = |table: &str| table.eq_ignore_ascii_case(self.name);
        let unknown = newer.columns.iter().filter(|unknown| is_here(unknown.model.table));
        let unknown = unknown.flat_map(|unknown| unknown.columns.iter().map(|column| &column.name));
        let others = newer.models.iter().filter(|model| is_here(&model.table));
        let mut synced: Vec<String> =
            unknown.chain(others.clone().flat_map(|model| &model.columns)).cloned().collect();
        synced.retain(|name| !self.syncs(name));
        synced.sort_unstable();
        synced.dedup();
        let further = newer.other_columns.iter().filter(|(table, _)| is_here(table)).map(|(_, name)| name);
        let mut further: Vec<String> = further.chain(&synced).cloned().collect();
        further.retain(|name| !self.declares(name));
        further.sort_unstable();
        further.dedup();
        self.other_models.extend(others.map(|model| model.name.clone()));
        self.newer = synced;
        self.other_columns = further;
    }

    /// Returns `true` if one of the models declares the column `name`.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.declared.name.eq_ignore_ascii_case(name))
    }

    /// The tables of `P`'s models, in the order of the models.
    pub(crate) fn all<P: Profile>() -> Result<Vec<Self>, SchemaError> {
        let mut tables: Vec<Self> = Vec::new();
        for model in P::MODELS {
            let position = tables.iter().position(|table| table.name.eq_ignore_ascii_case(model.table));
            let position = position.unwrap_or_else(|| {
                tables.push(Self::new(model.table));
                tables.len() - 1
            });
            let table = &mut tables[position];
            table.models.push(model);
            for column in model.all_columns() {
                let known = table.columns.iter_mut().find(|known| known.declared.name == column.name);
                match known {
                    Some(known) => known.nullable |= column.nullable,
                    None => table.columns.push(TableColumn {
                        declared: column,
                        nullable: column.nullable,
                        references: target::<P>(model, column)?,
                    }),
                }
            }
        }
        for table in &mut tables {
            let Self { models, columns, .. } = table;
            for column in columns {
                // In the rows of models that do not declare it, the column is `NULL`.
                column.nullable |= !models
                    .iter()
                    .all(|model| model.all_columns().any(|other| other.name == column.declared.name));
            }
        }
        Ok(tables)
    }

    /// The columns that at least one of the models syncs.
    pub(crate) fn synced(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.declared.name).filter(|name| self.syncs(name))
    }

    /// Returns `true` if at least one of the models syncs the column `name`.
    pub(crate) fn syncs(&self, name: &str) -> bool {
        self.models.iter().any(|model| model.columns.iter().any(|column| column.name == name))
    }

    /// Returns `true` if the column `name` holds bytes in at least one of the models.
    pub(crate) fn holds_blobs(&self, name: &str) -> bool {
        let columns = self.models.iter().flat_map(|model| model.all_columns());
        columns.filter(|column| column.name == name).any(|column| column.column_type == ColumnType::Blob)
    }

    /// The name of the row's model as an SQL expression, with `prefix` before its columns. `NULL` if the row belongs to
    /// no model.
    pub(crate) fn model_of(&self, prefix: &str) -> String {
        match self.models.as_slice() {
            [model] if model.discriminator.is_none() => Literal(model.name).to_string(),
            models => {
                let whens = models
                    .iter()
                    .map(|model| format!("WHEN {} THEN {}", of_model(model, prefix), Literal(model.name)));
                format!("CASE {} END", whens.collect::<Vec<_>>().join(" "))
            }
        }
    }

    /// The condition that the store has the id of `row` with another partition, source id, model or profile.
    pub(crate) fn is_another_in_store(&self, row: &str, profile: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM morango_store AS stored WHERE stored.id = {row}.{} AND (stored.partition IS NOT {row}.{} \
             OR stored.source_id IS NOT {row}.{} OR stored.model_name IS NOT {} OR stored.profile IS NOT {}))",
            Quoted(ID),
            Quoted(PARTITION),
            Quoted(SOURCE_ID),
            self.model_of(&format!("{row}.")),
            Literal(profile),
        )
    }

    /// The constraint on `column`, if it has one.
    fn constraint(&self, column: &TableColumn) -> Option<Constraint> {
        let name = column.declared.name;
        match name {
            ID => Some(Constraint::id(name)),
            SOURCE_ID => Some(Constraint::text(name, LONGEST_SOURCE_ID)),
            PARTITION => Some(Constraint::text(name, LONGEST_PARTITION)),
            _ if column.references.is_some() => Some(Constraint::reference(name)),
            _ if self.holds_blobs(name) || !self.syncs(name) => None,
            _ => Some(Constraint::no_blob(name)),
        }
    }

    /// The constraint on `column`, if it has one that the checks of the fields' types do not contain.
    fn lasting_constraint(&self, column: &TableColumn) -> Option<Constraint> {
        let name = column.declared.name;
        let is_checked = |model: &&Model| {
            model.discriminator.is_none()
                && model.all_columns().any(|column| column.name == name && !column.checks.is_empty())
        };
        let constraint = self.constraint(column)?;
        let is_contained = constraint == Constraint::no_blob(name) && self.models.iter().all(is_checked);
        (!is_contained).then_some(constraint)
    }

    /// The constraints on the columns.
    pub(crate) fn constraints(&self) -> impl Iterator<Item = Constraint> {
        self.columns.iter().filter_map(|column| self.constraint(column))
    }

    /// The constraints that the existing table was created without.
    pub(crate) fn missing_constraints(
        &self,
        connection: &Connection,
    ) -> Result<Vec<Constraint>, SchemaError> {
        let sql: Option<String> = connection
            .prepare_cached("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE")
            .and_then(|mut statement| statement.query_row([self.name], |row| row.get(0)).optional())
            .doing("reading the schema")?;
        let sql = sql.unwrap_or_default();
        let constraints = self.columns.iter().filter_map(|column| self.lasting_constraint(column));
        Ok(constraints.filter(|constraint| !constraint.is_in(&sql)).collect())
    }

    /// The definition of a column in `CREATE TABLE`. `is_strict` selects a type that a `STRICT` table allows.
    pub(crate) fn definition(&self, column: &TableColumn, is_strict: bool) -> String {
        let TableColumn { declared, nullable, references } = column;
        let (name, quoted) = (declared.name, Quoted(declared.name));
        let constraint = self.lasting_constraint(column).map(Constraint::sql);
        let text = |longest: usize| {
            let constraint = constraint.as_deref().unwrap_or_default();
            let kind = if is_strict { "text".to_owned() } else { format!("varchar({longest})") };
            format!("{quoted} {kind} NOT NULL DEFAULT '' {constraint}")
        };
        match name {
            SOURCE_ID => return text(LONGEST_SOURCE_ID),
            PARTITION => return text(LONGEST_PARTITION),
            _ => {}
        }
        let kind = if is_strict { strict(declared.column_type) } else { declared.column_type.as_sql() };
        let mut words = vec![quoted.to_string(), kind.to_owned()];
        if !nullable {
            words.push("NOT NULL".to_owned());
        }
        if name == ID {
            words.push("PRIMARY KEY".to_owned());
            words.push(format!("DEFAULT {}", pending_id::DEFAULT));
        } else if let Some(default) = declared.default {
            words.push(format!("DEFAULT {default}"));
        }
        if let Some(table) = references {
            words.push(format!("REFERENCES {} ({})", Quoted(table), Quoted(ID)));
            match declared.on_delete {
                OnDelete::Refuse => {}
                OnDelete::Cascade => words.push("ON DELETE CASCADE".to_owned()),
                OnDelete::SetNull => words.push("ON DELETE SET NULL".to_owned()),
            }
            words.push("DEFERRABLE INITIALLY DEFERRED".to_owned());
        }
        words.extend(constraint);
        words.join(" ")
    }
}

/// The table that `column` of `model` refers to.
fn target<P: Profile>(model: &Model, column: &Column) -> Result<Option<&'static str>, SchemaError> {
    let mut table = None;
    for name in column.references {
        let target = P::MODELS.iter().find(|target| target.name == *name).map(|target| target.table);
        if table.is_some() && table != target {
            return Err(SchemaError::SeveralTables { model: model.name, column: column.name });
        }
        table = target;
    }
    Ok(table)
}

/// The column type for `column_type` in a `STRICT` table.
fn strict(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Boolean => "integer",
        ColumnType::Real => "real",
        ColumnType::Blob => "blob",
        // Ids, dates and times are stored as text.
        _ => "text",
    }
}
