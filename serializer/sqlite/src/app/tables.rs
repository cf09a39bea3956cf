//! An app's own tables: made from the models of a profile, or taken as they are and made to sync.

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
use crate::error::{DatabaseError, Doing};
use crate::store::names::{Literal, Quoted};
use crate::store::schema::{Columns, SyncSchema, is_of_django};
use crate::store::selection::of_model;

/// Makes the tables of `P`'s models, adds columns that are declared and not there, and tracks what changes in them.
pub(crate) fn create<P: PartitionedProfile>(connection: &mut Connection) -> Result<(), DatabaseError> {
    in_own_database::<P>(connection, |connection, tables| {
        tables.iter().try_for_each(|table| table.create_or_extend(connection))
    })
}

/// Tracks what changes in the tables of `P`'s models, which are there.
pub(crate) fn track<P: PartitionedProfile>(connection: &mut Connection) -> Result<(), DatabaseError> {
    in_own_database::<P>(connection, |_, _| Ok(()))
}

/// Does `first` and then what tracking takes, in one transaction, in a database that no other application looks after.
fn in_own_database<P: PartitionedProfile>(
    connection: &mut Connection,
    first: impl FnOnce(&Connection, &[Table]) -> Result<(), DatabaseError>,
) -> Result<(), DatabaseError> {
    let tables = Table::all::<P>()?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .doing("beginning to make tables")?;
    if is_of_django(&transaction)? {
        return Err(DatabaseError::NotOurs);
    }
    SyncSchema::read(&transaction)?;
    for table in &tables {
        table.can_be_written(&transaction)?;
    }
    first(&transaction, &tables)?;
    for table in &tables {
        table.add_implied_columns(&transaction)?;
        triggers::others_let_them_run(&transaction, table.name)?;
        // Once there are triggers, no other rows get in: they are not looked at whenever a program starts.
        if !triggers::are_made(&transaction, P::NAME, table)? {
            table.identify_rows(&transaction, P::NAME)?;
            triggers::make(&transaction, P::NAME, table)?;
        }
        table.make_indexes(&transaction).doing("making an index")?;
    }
    transaction.commit().doing("committing the tables")
}

/// A table, and the models whose records it holds.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) models: Vec<&'static Model>,
    /// Those that the models declare, each once.
    pub(crate) columns: Vec<TableColumn>,
}

/// What its models together make of a column.
#[derive(Debug)]
pub(crate) struct TableColumn {
    pub(crate) declared: &'static Column,
    /// Whether it may be `NULL`: for one of the models at least.
    pub(crate) nullable: bool,
    /// The table that it refers to.
    pub(crate) references: Option<&'static str>,
}

impl Table {
    /// Those of `P`'s models, in the order of the models.
    pub(crate) fn all<P: Profile>() -> Result<Vec<Self>, DatabaseError> {
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
                // The rows of the other models have nothing there.
                column.nullable |= !models
                    .iter()
                    .all(|model| model.all_columns().any(|other| other.name == column.declared.name));
            }
        }
        Ok(tables)
    }

    /// The columns that sync, for one of the models at least.
    pub(crate) fn synced(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.declared.name).filter(|name| self.syncs(name))
    }

    /// Whether the column `name` syncs, for one of the models at least.
    pub(crate) fn syncs(&self, name: &str) -> bool {
        self.models.iter().any(|model| model.columns.iter().any(|column| column.name == name))
    }

    /// Whether the column `name` is of bytes, for one of the models at least.
    pub(crate) fn holds_blobs(&self, name: &str) -> bool {
        let columns = self.models.iter().flat_map(|model| model.all_columns());
        columns.filter(|column| column.name == name).any(|column| column.column_type == ColumnType::Blob)
    }

    /// The name of the model that a row is of, as SQL, its columns named behind `prefix`; `NULL` where it is of none.
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

    /// The condition that the store's record of the id that `row` has is another one: in another partition, from another
    /// source, of another model or profile.
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

    /// What its columns may hold.
    pub(crate) fn checks(&self) -> impl Iterator<Item = Check> {
        self.columns.iter().filter_map(|column| Check::of(self, column))
    }

    /// Those of the checks that the table was not made with.
    pub(crate) fn checks_to_add(&self, connection: &Connection) -> Result<Vec<Check>, DatabaseError> {
        let sql: Option<String> = connection
            .prepare_cached("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE")
            .and_then(|mut statement| statement.query_row([self.name], |row| row.get(0)).optional())
            .doing("reading the schema")?;
        let sql = sql.unwrap_or_default();
        Ok(self.checks().filter(|check| !check.is_in(&sql)).collect())
    }

    /// Refuses a model of columns that nobody can write.
    fn can_be_written(&self, connection: &Connection) -> Result<(), DatabaseError> {
        let generated = generated::columns(connection, self.name)?;
        let declared = self.columns.iter().map(|column| column.declared.name).chain([DIRTY_BIT]);
        match declared.into_iter().find(|name| generated.iter().any(|other| other.eq_ignore_ascii_case(name)))
        {
            Some(column) => Err(DatabaseError::GeneratedColumn { table: self.name.to_owned(), column }),
            None => Ok(()),
        }
    }

    fn create_or_extend(&self, connection: &Connection) -> Result<(), DatabaseError> {
        let Some(present) = Columns::of(connection, self.name)? else {
            let columns: Vec<_> = self.columns.iter().map(|column| self.definition(column, false)).collect();
            let sql = format!(
                "CREATE TABLE {} (\n    {},\n    {} bool NOT NULL DEFAULT 1\n)",
                Quoted(self.name),
                columns.join(",\n    "),
                Quoted(DIRTY_BIT)
            );
            return connection.execute_batch(&sql).doing("making a table");
        };
        let is_strict = self.is_strict(connection)?;
        for column in &self.columns {
            let name = column.declared.name;
            if present.has(name) || IMPLIED.contains(&name) {
                continue;
            }
            if !column.nullable && column.declared.default.is_none() || name == ID {
                return Err(DatabaseError::CannotAddColumn {
                    table: self.name.to_owned(),
                    column: name.to_owned(),
                });
            }
            self.add_column(connection, &self.definition(column, is_strict))?;
        }
        Ok(())
    }

    /// Whether it was made as `STRICT`, and knows few types.
    fn is_strict(&self, connection: &Connection) -> Result<bool, DatabaseError> {
        connection
            .prepare_cached("SELECT 1 FROM pragma_table_list WHERE name = ?1 COLLATE NOCASE AND strict")
            .and_then(|mut statement| statement.exists([self.name]))
            .doing("reading the schema")
    }

    fn add_column(&self, connection: &Connection, definition: &str) -> Result<(), DatabaseError> {
        connection
            .execute_batch(&format!("ALTER TABLE {} ADD COLUMN {definition}", Quoted(self.name)))
            .doing("adding a column")
    }

    /// A column, as `CREATE TABLE` has it; of a type that a strict table knows where `is_strict`.
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

    /// Adds what every table that syncs has.
    fn add_implied_columns(&self, connection: &Connection) -> Result<(), DatabaseError> {
        let present = Columns::of(connection, self.name)?.ok_or_else(|| DatabaseError::NoTable {
            table: self.name.to_owned(),
            hint: "a model is declared for it; `Database::create` makes it",
        })?;
        let declared = self.columns.iter().map(|column| column.declared.name);
        if !unique_keys::has_id(connection, self.name)? {
            return Err(DatabaseError::NotUnique { table: self.name.to_owned() });
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

    /// Gives a source id and a partition to the rows that have none, and refuses those that could not sync.
    fn identify_rows(&self, connection: &Connection, profile: &str) -> Result<(), DatabaseError> {
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
            return Err(DatabaseError::Unsyncable {
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
            Some(record) => Err(DatabaseError::KnownOtherwise { table: self.name.to_owned(), record }),
            None => Ok(()),
        }
    }

    /// The dirty rows in the order of their ids, and an index for each reference: a record that is deleted asks who refers to
    /// it.
    fn make_indexes(&self, connection: &Connection) -> rusqlite::Result<()> {
        let index = |name: &str, on: &str| {
            // With a point, which joins what no two names can be joined to.
            let name = format!("syncline_{}.{name}", self.name);
            // It goes along with a table that gets another name.
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

/// The columns that no struct names, but for the dirty bit.
const IMPLIED: [&str; 2] = [SOURCE_ID, PARTITION];

/// The table to which `column` of `model` refers.
fn target<P: Profile>(model: &Model, column: &Column) -> Result<Option<&'static str>, DatabaseError> {
    let mut table = None;
    for name in column.references {
        let target = P::MODELS.iter().find(|target| target.name == *name).map(|target| target.table);
        if table.is_some() && table != target {
            return Err(DatabaseError::SeveralTables { model: model.name, column: column.name });
        }
        table = target;
    }
    Ok(table)
}

/// The type of a column for values of `column_type` in a table that is `STRICT`.
fn strict(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer | ColumnType::Boolean => "integer",
        ColumnType::Real => "real",
        ColumnType::Blob => "blob",
        // Ids, dates and times are stored as text.
        _ => "text",
    }
}

/// What a column of `type_name` makes of the values put into it: `SQLite`'s affinity, by its rules
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

/// The affinity of a column for values of `column_type`.
pub(crate) fn affinity_of(column_type: ColumnType) -> &'static str {
    affinity(column_type.as_sql())
}
