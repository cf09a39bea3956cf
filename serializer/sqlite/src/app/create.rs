//! Creation of the app's tables, and adoption of existing ones.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, PartitionedProfile, Template};
use syncline_serializer::value::InvalidValue;

use crate::app::check_sql::is_id;
use crate::app::comparison::{Comparison, Differing, compare};
use crate::app::computed_ids::pending_id;
use crate::app::declared::{Declaration, Newer, Record, check_columns, check_names, check_rows, rename};
use crate::app::generated;
use crate::app::identity_sql::{lacks_partition, partition, source_id};
use crate::app::last_tracked::{self, SchemaState};
use crate::app::table::Table;
use crate::app::tracked_profile;
use crate::app::triggers;
use crate::app::unfinished;
use crate::app::unique_indexes;
use crate::app::unique_keys;
use crate::app::value_differences;
use crate::error::{Doing, EvolutionError, SchemaError, SqliteError};
use crate::store::names::Quoted;
use crate::store::schema::{Columns, SyncSchema, is_of_django};
use crate::store::selection::of_model;
use crate::store::without_triggers::without_triggers;

/// The columns that structs do not declare, except the dirty bit.
const IMPLIED: [&str; 2] = [SOURCE_ID, PARTITION];

/// The result of [`Database::create`](crate::Database::create) and [`track`](crate::Database::track).
///
/// It prints a line for each kind of finding of each model, and nothing if nothing was found. `Debug` prints the same lines in
/// quotes.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracked {
    /// The comparison with the store, for the models whose changes may not have been tracked for a while. Rows that differ
    /// are dirty now. Records that only the store has were only counted: see
    /// [`delete_only_in_store`](crate::Database::delete_only_in_store).
    pub comparison: Comparison,
}

/// Creates the tables of `P`'s models, renames what the declaration says, adds declared columns that are missing, and
/// tracks changes.
pub(crate) fn create<P: PartitionedProfile>(connection: &mut Connection) -> Result<Tracked, SchemaError> {
    let ((), tracked) = in_own_database::<P, _>(connection, |connection, tables, record| {
        value_differences::declared_defaults_fit::<P>(connection)?;
        rename(connection, tables, record)?;
        make_tables(connection, tables, record)
    })?;
    Ok(tracked)
}

/// Creates the tables that are missing, adds the missing columns of the others, and makes the indexes of unique keys.
pub(crate) fn make_tables(
    connection: &Connection,
    tables: &[Table],
    record: &Record,
) -> Result<(), SchemaError> {
    check_names(connection, tables, record)?;
    check_columns(connection, tables, record)?;
    tables.iter().try_for_each(|table| {
        table.create_or_extend(connection)?;
        unique_indexes::make(connection, table)
    })
}

/// Tracks changes in the existing tables of `P`'s models.
pub(crate) fn track<P: PartitionedProfile>(connection: &mut Connection) -> Result<Tracked, SchemaError> {
    let ((), tracked) = in_own_database::<P, _>(connection, |connection, tables, record| {
        check_names(connection, tables, record)?;
        check_columns(connection, tables, record)
    })?;
    Ok(tracked)
}

/// Runs `first`, then sets up tracking and writes down the declarations, all in one transaction. Fails in a database of
/// another application.
///
/// A table is compared with the store if its triggers were missing or other than declared; if the schema changed since it
/// was last compared, because a trigger may have been dropped and created again; and as long as only the store has some of
/// its records.
pub(crate) fn in_own_database<P: PartitionedProfile, T>(
    connection: &mut Connection,
    first: impl FnOnce(&Connection, &[Table], &Record) -> Result<T, SchemaError>,
) -> Result<(T, Tracked), SchemaError> {
    let mut tables = Table::all::<P>()?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .doing("beginning to make tables")?;
    if is_of_django(&transaction)? {
        return Err(SchemaError::NotOurs);
    }
    SyncSchema::read(&transaction)?;
    let before = SchemaState::of(&transaction)?;
    for table in &tables {
        table.is_of_no_other_profile(&transaction, P::NAME)?;
        table.can_be_written(&transaction)?;
    }
    let record = Record::read(&transaction, P::NAME)?;
    let done = first(&transaction, &tables, &record)?;
    let newer = Newer::of::<P>(&transaction, &record)?;
    for table in &mut tables {
        table.add_newer(&newer);
    }
    let mut untracked = Vec::new();
    for model in P::MODELS {
        if !last_tracked::is_compared(&transaction, P::NAME, model, &before)? {
            untracked.push(model.table);
        }
    }
    for table in &tables {
        table.add_implied_columns(&transaction)?;
        triggers::others_let_them_run(&transaction, table)?;
        let are_made = triggers::are_made(&transaction, P::NAME, table)?;
        if !are_made {
            table.has_no_other_model()?;
        }
        // The triggers reject rows without an identity. So the rows need no check at every start.
        if !are_made || untracked.iter().any(|name| name.eq_ignore_ascii_case(table.name)) {
            table.identify_rows(&transaction, P::NAME)?;
            if !are_made {
                triggers::make(&transaction, P::NAME, table)?;
            }
            untracked.push(table.name);
        }
        table.make_indexes(&transaction).doing("making an index")?;
    }
    unfinished::complete::<P>(&transaction)?;
    check_rows::<P>(&transaction, &tables, &record)?;
    let comparison = compare::<P>(&transaction, Differing::Mark, |model| {
        untracked.iter().any(|table| table.eq_ignore_ascii_case(model.table))
    })?;
    record.add(&transaction, P::NAME, &Declaration::all::<P>())?;
    last_tracked::make(&transaction)?;
    last_tracked::record::<P>(&transaction, &before, &comparison)?;
    transaction.commit().doing("committing the tables")?;
    newer.warn();
    warn_of(&comparison);
    Ok((done, Tracked { comparison }))
}

impl fmt::Display for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&findings(&self.comparison).join("\n"))
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tracked")?;
        f.debug_list().entries(findings(&self.comparison)).finish()
    }
}

/// Logs the findings of a comparison.
fn warn_of(comparison: &Comparison) {
    for finding in findings(comparison) {
        tracing::warn!("{finding}");
    }
}

/// The findings of a comparison that marked the rows that differ, each as a sentence.
fn findings(comparison: &Comparison) -> Vec<String> {
    let mut findings = Vec::new();
    for model in &comparison.models {
        let (name, table) = (model.model, model.table);
        for differing in [&model.different, &model.not_in_store].into_iter().filter(|found| found.count > 0) {
            findings.push(format!(
                "{differing} of model `{name}` changed in table `{table}` while its changes were not tracked: the next run \
                 serialises them"
            ));
        }
        if model.only_in_store.count > 0 {
            findings.push(format!(
                "only the store has {} of model `{name}`, and table `{table}` has no rows for them: if they were deleted, call \
                 `Database::delete_only_in_store`; otherwise insert them again",
                model.only_in_store
            ));
        }
    }
    findings
}

impl Table {
    /// Fails if another version of the app declares a model of the table: this program does not know the triggers that its rows
    /// need.
    fn has_no_other_model(&self) -> Result<(), SchemaError> {
        match self.other_models.first() {
            Some(model) => Err(EvolutionError::SharedTable { table: self.name, model: model.clone() }.into()),
            None => Ok(()),
        }
    }

    /// Fails if the table is tracked for another profile. A row has one dirty bit, so it syncs in one profile.
    fn is_of_no_other_profile(
        &self,
        connection: &Connection,
        profile: &'static str,
    ) -> Result<(), SchemaError> {
        match tracked_profile::of_table(connection, self.name)?.filter(|tracked| tracked != profile) {
            Some(tracked) => Err(SchemaError::TwoProfiles { table: self.name.to_owned(), tracked, profile }),
            None => Ok(()),
        }
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

    /// Sets the source id and partition of rows that have none. Fails if a row could not sync. Rows whose id is to be
    /// computed are left out, unless they belong to no model.
    fn identify_rows(&self, connection: &Connection, profile: &str) -> Result<(), SchemaError> {
        const DOING: &str = "working out who the rows are";

        let table = Quoted(self.name).to_string();
        let (source_column, partition_column) = (Quoted(SOURCE_ID), Quoted(PARTITION));
        let id = Quoted(ID).to_string();
        let is_pending = format!("({})", pending_id::is_well_formed(&id));
        // The other rows are named below. A source id that is made of their id could violate a check of its column.
        for model in &self.models {
            for (column, made) in
                [(source_column, source_id(model, &table)), (partition_column, partition(model, &table))]
            {
                let sql = format!(
                    "UPDATE {table} SET {column} = ifnull({made}, '') WHERE ifnull({column}, '') = '' AND {} AND {}",
                    is_id(&id),
                    of_model(model, "")
                );
                if let Err(error) = without_triggers(connection, || connection.execute(&sql, [])) {
                    // A column that this library has added checks its values.
                    self.made_identities_fit(connection, model)?;
                    return Err(SqliteError::new(DOING, error).into());
                }
            }
        }
        // A row of no model of this version needs no identity.
        let is_of_a_model = format!("{} IS NOT NULL", self.model_of(""));
        let lacks_source_id = format!("ifnull({}, '') = '' AND {is_of_a_model}", Quoted(SOURCE_ID));
        let lacks_partition = format!("{} AND {is_of_a_model}", lacks_partition(&self.models, &table));
        let wrong = self
            .constraints()
            .map(|constraint| {
                (
                    (constraint.column, constraint.expected()),
                    format!("NOT ({})", constraint.holds_for_good("")),
                )
            })
            .chain(
                [(SOURCE_ID, lacks_source_id), (PARTITION, lacks_partition)]
                    .map(|(column, is_missing)| ((column, "never empty".to_owned()), is_missing)),
            );
        let (expected, whens): (Vec<_>, Vec<_>) = wrong
            .enumerate()
            .map(|(index, (expected, condition))| (expected, format!("WHEN {condition} THEN {index}")))
            .unzip();
        let sql = format!(
            "SELECT * FROM (SELECT quote({}), CASE {} END AS wrong FROM {table} WHERE NOT {is_pending}) WHERE wrong IS NOT NULL LIMIT 1",
            Quoted(ID),
            whens.join(" ")
        );
        let row: Option<(String, usize)> =
            connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional().doing(DOING)?;
        if let Some((record, index)) = row {
            let (column, expected) = expected[index].clone();
            return Err(SchemaError::Unsyncable { table: self.name.to_owned(), record, column, expected });
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

    /// Fails if the source id or partition that is made of the fields of a row without one cannot sync. Names the row.
    fn made_identities_fit(&self, connection: &Connection, model: &Model) -> Result<(), SchemaError> {
        let table = Quoted(self.name).to_string();
        let id = Quoted(ID);
        for (column, made) in [(SOURCE_ID, source_id(model, &table)), (PARTITION, partition(model, &table))] {
            let Some(constraint) = self.constraints().find(|constraint| constraint.column == column) else {
                continue;
            };
            let sql = format!(
                "SELECT record, {quoted} FROM (SELECT quote({id}) AS record, {made} AS {quoted} FROM {table} \
                 WHERE ifnull({quoted}, '') = '' AND {} AND {}) WHERE NOT ({}) LIMIT 1",
                is_id(&id.to_string()),
                of_model(model, ""),
                constraint.holds(""),
                quoted = Quoted(column),
            );
            let read = |row: &rusqlite::Row<'_>| <(String, String)>::try_from(row);
            let found = connection.query_row(&sql, [], read).optional();
            if let Some((record, value)) = found.doing("reading the partitions of rows")? {
                let without = model.partition_without.as_ref().map(|(_, template)| template);
                let templates: Vec<_> = match column {
                    PARTITION => model.partition.iter().chain(without).collect(),
                    _ => model.source_id.iter().collect(),
                };
                let mut columns: Vec<_> = templates.into_iter().flat_map(Template::columns).collect();
                columns.sort_unstable();
                columns.dedup();
                return Err(SchemaError::UnsyncableIdentity {
                    table: self.name.into(),
                    record: record.into(),
                    what: if column == PARTITION { "partition" } else { "source id" },
                    value: InvalidValue::new(value).to_string().into(),
                    expected: constraint.expected().into(),
                    columns: columns.join(", ").into(),
                });
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::Tracked;
    use crate::app::comparison::{Comparison, FoundRecords, ModelComparison};

    #[test]
    fn a_line_for_each_kind_of_finding() {
        assert_eq!(Tracked::default().to_string(), "");
        assert_eq!(format!("{:?}", Tracked::default()), "Tracked[]");
        let found = |count| FoundRecords { count, first: Vec::new() };
        let model = |different, not_in_store, only_in_store| ModelComparison {
            model: "note",
            table: "notes",
            different: found(different),
            not_in_store: found(not_in_store),
            only_in_store: found(only_in_store),
        };
        let tracked = Tracked { comparison: Comparison { models: vec![model(0, 0, 0), model(2, 0, 1)] } };
        let lines = "2 records of model `note` changed in table `notes` while its changes were not tracked: the next run serialises \
                     them\n\
                     only the store has 1 record of model `note`, and table `notes` has no rows for them: if they were deleted, call \
                     `Database::delete_only_in_store`; otherwise insert them again";
        assert_eq!(tracked.to_string(), lines);
        assert_eq!(format!("{tracked:?}").matches("model `note`").count(), 2);
    }
}
