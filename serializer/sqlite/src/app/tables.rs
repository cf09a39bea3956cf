//! The app's own tables: creates them from the models of a profile, or adopts existing tables.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use syncline_serializer::identity::{LONGEST_PARTITION, LONGEST_SOURCE_ID};
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Column, Model, OnDelete, PartitionedProfile, Profile};
use syncline_serializer::value::ColumnType;

use crate::app::checks::Check;
use crate::app::generated;
use crate::app::interim;
use crate::app::triggers::{self, partition, source_id};
use crate::app::unique_keys;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::{Literal, Quoted};
use crate::store::schema::{Columns, SyncSchema, is_of_django};
use crate::store::selection::of_model;

/// Creates the tables of `P`'s models, adds declared columns that are missing, and tracks changes.
pub(crate) fn create<P: PartitionedProfile>(connection: &mut Connection) -> Result<(), SchemaError> {
    in_own_database::<P>(connection, |connection, tables| {
        tables.iter().try_for_each(|table| table.create_or_extend(connection))
    })
}

/// Tracks changes in the existing tables of `P`'s models.
pub(crate) fn track<P: PartitionedProfile>(connection: &mut Connection) -> Result<(), SchemaError> {
    in_own_database::<P>(connection, |_, _| Ok(()))
}

/// Runs `first`, then sets up tracking, all in one transaction. Fails in a database of another application.
fn in_own_database<P: PartitionedProfile>(
    connection: &mut Connection,
    first: impl FnOnce(&Connection, &[Table]) -> Result<(), SchemaError>,
) -> Result<(), SchemaError> {
    let tables = Table::all::<P>()?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .doing("beginning to make tables")?;
    if is_of_django(&transaction)? {
        return Err(SchemaError::NotOurs);
    }
    SyncSchema::read(&transaction)?;
    for table in &tables {
        table.can_be_written(&transaction)?;
    }
    first(&transaction, &tables)?;
    for table in &tables {
        table.add_implied_columns(&transaction)?;
        triggers::others_let_them_run(&transaction, table.name)?;
        // The triggers reject rows without an identity. So if they exist, the rows need no check at every start.
        if !triggers::are_made(&transaction, P::NAME, table)? {
            table.identify_rows(&transaction, P::NAME)?;
            triggers::make(&transaction, P::NAME, table)?;
        }
        table.make_indexes(&transaction).doing("making an index")?;
    }
    Ok(transaction.commit().doing("committing the tables")?)
}

/// A table and the models whose records it contains.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) models: Vec<&'static Model>,
    /// The columns that the models declare, each once.
    pub(crate) columns: Vec<TableColumn>,
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
    /// The tables of `P`'s models, in the order of the models.
    pub(crate) fn all<P: Profile>() -> Result<Vec<Self>, SchemaError> {
        let mut tables: Vec<Self> = Vec::new();
        for model in P::MODELS {
            let position = tables.iter().position(|table| table.name.eq_ignore_ascii_case(model.table));
            let position = position.unwrap_or_else(|| {
                tables.push(Self { name: model.table, models: Vec::new(), columns: Vec::new() });
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

    /// The constraints on the columns.
    pub(crate) fn checks(&self) -> impl Iterator<Item = Check> {
        self.columns.iter().filter_map(|column| Check::of(self, column))
    }

    /// The constraints that the existing table was created without.
    pub(crate) fn checks_to_add(&self, connection: &Connection) -> Result<Vec<Check>, SchemaError> {
        let sql: Option<String> = connection
            .prepare_cached("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE")
            .and_then(|mut statement| statement.query_row([self.name], |row| row.get(0)).optional())
            .doing("reading the schema")?;
        let sql = sql.unwrap_or_default();
        Ok(self.checks().filter(|check| !check.is_in(&sql)).collect())
    }

    /// Fails if a declared column is generated.
    fn can_be_written(&self, connection: &Connection) -> Result<(), SchemaError> {
        let generated = generated::columns(connection, self.name)?;
        let declared = self.columns.iter().map(|column| column.declared.name).chain([DIRTY_BIT]);
        match declared.into_iter().find(|name| generated.iter().any(|other| other.eq_ignore_ascii_case(name)))
        {
            Some(column) => Err(SchemaError::GeneratedColumn { table: self.name.to_owned(), column }),
            None => Ok(()),
        }
    }

    fn create_or_extend(&self, connection: &Connection) -> Result<(), SchemaError> {
        let Some(present) = Columns::of(connection, self.name)? else {
            let columns: Vec<_> = self.columns.iter().map(|column| self.definition(column, false)).collect();
            let sql = format!(
                "CREATE TABLE {} (\n    {},\n    {} bool NOT NULL DEFAULT 1\n)",
                Quoted(self.name),
                columns.join(",\n    "),
                Quoted(DIRTY_BIT)
            );
            return Ok(connection.execute_batch(&sql).doing("making a table")?);
        };
        let is_strict = self.is_strict(connection)?;
        for column in &self.columns {
            let name = column.declared.name;
            if present.has(name) || IMPLIED.contains(&name) {
                continue;
            }
            if !column.nullable && column.declared.default.is_none() || name == ID {
                return Err(SchemaError::CannotAddColumn {
                    table: self.name.to_owned(),
                    column: name.to_owned(),
                });
            }
            self.add_column(connection, &self.definition(column, is_strict))?;
        }
        Ok(())
    }

    /// Returns `true` for a `STRICT` table, which allows only a few column types.
    fn is_strict(&self, connection: &Connection) -> Result<bool, SqliteError> {
        connection
            .prepare_cached("SELECT 1 FROM pragma_table_list WHERE name = ?1 COLLATE NOCASE AND strict")
            .and_then(|mut statement| statement.exists([self.name]))
            .doing("reading the schema")
    }

    fn add_column(&self, connection: &Connection, definition: &str) -> Result<(), SqliteError> {
        connection
            .execute_batch(&format!("ALTER TABLE {} ADD COLUMN {definition}", Quoted(self.name)))
            .doing("adding a column")
    }

    /// The definition of a column in `CREATE TABLE`. `is_strict` selects a type that a `STRICT` table allows.
    fn definition(&self, column: &TableColumn, is_strict: bool) -> String {
        let TableColumn { declared, nullable, references } = column;
        let (name, quoted) = (declared.name, Quoted(declared.name));
        let check = Check::of(self, column).map(Check::constraint);
        let text = |longest: usize| {
            let check = check.as_deref().unwrap_or_default();
            let kind = if is_strict { "text".to_owned() } else { format!("varchar({longest})") };
            format!("{quoted} {kind} NOT NULL DEFAULT '' {check}")
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
            words.push(format!("DEFAULT {}", interim::DEFAULT));
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
        words.extend(check);
        words.join(" ")
    }

    /// Adds the columns of every synced table: source id, partition and dirty bit.
    fn add_implied_columns(&self, connection: &Connection) -> Result<(), SchemaError> {
        let present = Columns::of(connection, self.name)?.ok_or_else(|| SchemaError::NoTable {
            table: self.name.to_owned(),
            hint: "a model is declared for it; `Database::create` makes it",
        })?;
        let declared = self.columns.iter().map(|column| column.declared.name);
        if !unique_keys::has_id(connection, self.name)? {
            return Err(SchemaError::NotUnique { table: self.name.to_owned() });
        }
        present.require(
            declared.filter(|name| !IMPLIED.contains(name)),
            "a model declares it; `Database::create` adds it",
        )?;
        let is_strict = self.is_strict(connection)?;
        for column in self.columns.iter().filter(|column| IMPLIED.contains(&column.declared.name)) {
            if !present.has(column.declared.name) {
                self.add_column(connection, &self.definition(column, is_strict))?;
            }
        }
        if !present.has(DIRTY_BIT) {
            let kind = if is_strict { "integer" } else { "bool" };
            self.add_column(connection, &format!("{} {kind} NOT NULL DEFAULT 1", Quoted(DIRTY_BIT)))?;
        }
        Ok(())
    }

    /// Sets the source id and partition of rows that have none. Fails if a row could not sync.
    fn identify_rows(&self, connection: &Connection, profile: &str) -> Result<(), SchemaError> {
        const DOING: &str = "working out who the rows are";

        let table = Quoted(self.name).to_string();
        let (source_column, partition_column) = (Quoted(SOURCE_ID), Quoted(PARTITION));
        for model in &self.models {
            for (column, made) in
                [(source_column, source_id(model, &table)), (partition_column, partition(model, &table))]
            {
                let sql = format!(
                    "UPDATE {table} SET {column} = ifnull({made}, '') WHERE ifnull({column}, '') = '' AND {}",
                    of_model(model, "")
                );
                connection.execute(&sql, []).doing(DOING)?;
            }
        }
        let is_empty = |column| format!("ifnull({}, '') = ''", Quoted(column));
        let wrong = self
            .checks()
            .map(|check| (check.column, format!("NOT ({})", check.holds_for_good(""))))
            .chain([SOURCE_ID, PARTITION].map(|column| (column, is_empty(column))));
        let (columns, whens): (Vec<_>, Vec<_>) = wrong
            .enumerate()
            .map(|(index, (column, condition))| (column, format!("WHEN {condition} THEN {index}")))
            .unzip();
        let sql = format!(
            "SELECT * FROM (SELECT quote({}), CASE {} END AS wrong FROM {table}) WHERE wrong IS NOT NULL LIMIT 1",
            Quoted(ID),
            whens.join(" ")
        );
        let row: Option<(String, usize)> =
            connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional().doing(DOING)?;
        if let Some((record, index)) = row {
            return Err(SchemaError::Unsyncable {
                table: self.name.to_owned(),
                record,
                column: columns[index],
            });
        }
        let sql = format!(
            "SELECT quote({}) FROM {table} WHERE {} IS NOT NULL AND {} LIMIT 1",
            Quoted(ID),
            self.model_of(""),
            self.is_another_in_store(&table, profile)
        );
        match connection.query_row(&sql, [], |row| row.get(0)).optional().doing(DOING)? {
            Some(record) => Err(SchemaError::KnownOtherwise { table: self.name.to_owned(), record }),
            None => Ok(()),
        }
    }

    /// Creates an index of the dirty rows by id, and an index for each reference, because deleting a record searches
    /// for the records that refer to it.
    fn make_indexes(&self, connection: &Connection) -> rusqlite::Result<()> {
        let index = |name: &str, on: &str| {
            // The point separates the names, so that two pairs of names never give the same index name.
            let name = format!("syncline_{}.{name}", self.name);
            // If its table was renamed, the index belongs to another table now.
            let is_elsewhere = connection
                .prepare_cached(
                    "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1 COLLATE NOCASE \
                     AND tbl_name <> ?2 COLLATE NOCASE",
                )?
                .exists((&name, self.name))?;
            if is_elsewhere {
                connection.execute_batch(&format!("DROP INDEX {}", Quoted(&name)))?;
            }
            connection.execute_batch(&format!(
                "CREATE INDEX IF NOT EXISTS {} ON {} {on}",
                Quoted(&name),
                Quoted(self.name)
            ))
        };
        index("dirty", &format!("({}) WHERE {}", Quoted(ID), Quoted(DIRTY_BIT)))?;
        for column in self.columns.iter().filter(|column| column.references.is_some()) {
            let name = column.declared.name;
            let is_led = connection
                .prepare_cached(
                    "SELECT 1 FROM pragma_index_list(?1) AS list JOIN pragma_index_info(list.name) AS info \
                     WHERE info.seqno = 0 AND NOT list.partial AND info.name = ?2 COLLATE NOCASE",
                )?
                .exists((self.name, name))?;
            if !is_led {
                index(name, &format!("({})", Quoted(name)))?;
            }
        }
        Ok(())
    }
}

/// The columns that structs do not declare, except the dirty bit.
const IMPLIED: [&str; 2] = [SOURCE_ID, PARTITION];

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

/// The type affinity of a column declared as `type_name`, by `SQLite`'s rules
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
pub(crate) fn affinity(type_name: &str) -> &'static str {
    let name = type_name.to_ascii_uppercase();
    let has = |part: &str| name.contains(part);
    if has("INT") {
        "an integer"
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "text"
    } else if has("BLOB") || name.is_empty() {
        "anything"
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "a floating-point number"
    } else {
        "a number where it is one"
    }
}

/// The affinity of a column for `column_type`.
pub(crate) fn affinity_of(column_type: ColumnType) -> &'static str {
    affinity(column_type.as_sql())
}
