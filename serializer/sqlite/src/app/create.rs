//! Creation of the app's tables, and adoption of existing ones.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use syncline_serializer::model::PartitionedProfile;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};

use crate::app::generated;
use crate::app::identity_sql::{partition, source_id};
use crate::app::table::Table;
use crate::app::triggers;
use crate::app::unique_keys;
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::{Columns, SyncSchema, is_of_django};
use crate::store::selection::of_model;
use crate::store::without_triggers::without_triggers;

/// The columns that structs do not declare, except the dirty bit.
const IMPLIED: [&str; 2] = [SOURCE_ID, PARTITION];

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
        triggers::others_let_them_run(&transaction, table)?;
        // The triggers reject rows without an identity. So if they exist, the rows need no check at every start.
        if !triggers::are_made(&transaction, P::NAME, table)? {
            table.identify_rows(&transaction, P::NAME)?;
            triggers::make(&transaction, P::NAME, table)?;
        }
        table.make_indexes(&transaction).doing("making an index")?;
    }
    Ok(transaction.commit().doing("committing the tables")?)
}

impl Table {
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
                without_triggers(connection, || connection.execute(&sql, [])).doing(DOING)?;
            }
        }
        let is_empty = |column| format!("ifnull({}, '') = ''", Quoted(column));
        let wrong = self
            .constraints()
            .map(|constraint| (constraint.column, format!("NOT ({})", constraint.holds_for_good(""))))
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
            Some(record) => Err(SchemaError::ContradictsStore { table: self.name.to_owned(), record }),
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
