//! The comparison of a database's tables with the declarations of its models.

use rusqlite::Connection;
use syncline_serializer::model::Profile;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::value::ColumnType;

use crate::app::comparison::{Differing, ModelComparison, compare as compare_content};
use crate::app::declared::{Newer, Record, action, former_name, former_table};
use crate::app::difference::Difference;
use crate::app::generated;
use crate::app::table::{Table, TableColumn};
use crate::app::triggers::{self, Hindrance};
use crate::app::unique_indexes;
use crate::app::unique_keys;
use crate::app::value_differences::{self, WrongDefault, WrongValues};
use crate::error::{Doing, SchemaError};
use crate::store::known_schema::{unknown_columns, unknown_migrations};
use crate::store::schema::{Columns, is_of_django};

/// Lists the differences between the database of `connection` and the models of `P`.
///
/// A database with `django_migrations` needs no triggers: its application tracks changes itself.
///
/// # Errors
///
/// If the database cannot be read.
pub(crate) fn differences<P: Profile>(connection: &Connection) -> Result<Vec<Difference>, SchemaError> {
    let is_of_django = is_of_django(connection)?;
    let mut differences = Vec::new();
    if is_of_django {
        later_schema::<P>(connection, &mut differences)?;
    }
    let record = Record::read(connection, P::NAME)?;
    let newer = Newer::of::<P>(connection, &record)?;
    for mut table in Table::all::<P>()? {
        table.add_newer(&newer);
        let found = Found::of(connection, table.name)?;
        if found.columns.is_empty() {
            differences.push(match former_table(connection, &table, &record)? {
                Some(found) => Difference::RenamedTable { table: table.name, found: found.to_owned() },
                None => Difference::NoTable { table: table.name },
            });
            continue;
        }
        let before = differences.len();
        compare(&table, &found, &mut differences);
        if is_of_django {
            let of_table = differences.split_off(before);
            differences.extend(of_table.into_iter().filter(|difference| !is_in_django(difference)));
        }
        name_renamed(connection, &table, &record, &mut differences[before..])?;
        let is_complete = !differences[before..].iter().any(|difference| {
            matches!(
                difference,
                Difference::NoColumn { .. } | Difference::RenamedColumn { .. } | Difference::Generated { .. }
            )
        });
        if is_complete {
            let keys = unique_indexes::missing(connection, &table)?;
            let table = table.name;
            differences.extend(keys.into_iter().map(|columns| Difference::NoUniqueKey { table, columns }));
        }
        if !is_complete || is_of_django {
            continue;
        }
        let name = table.name;
        let defaults = value_differences::of_defaults(connection, &table)?;
        // A default that the field cannot hold is named once.
        differences.retain(|difference| {
            !matches!(difference, Difference::OtherDefault { table, column, .. }
                if *table == name && defaults.iter().any(|wrong| wrong.column == *column))
        });
        differences.extend(defaults.into_iter().map(|WrongDefault { column, found, expected }| {
            Difference::Default { table: name, column, found, expected }
        }));
        let values = value_differences::of_rows(connection, &table)?;
        differences.extend(values.into_iter().map(|WrongValues { column, count, record, expected }| {
            Difference::Values { table: name, column, count, record, expected }
        }));
        if !triggers::are_made(connection, P::NAME, &table)? {
            differences.push(Difference::NotTracked { table: table.name });
        }
        let hindrances = triggers::hindrances(connection, &table)?;
        differences.extend(hindrances.into_iter().map(|hindrance| hindered(&table, hindrance)));
    }
    for unknown in &newer.columns {
        differences.extend(unknown.columns.iter().map(|column| Difference::Newer {
            table: unknown.model.table,
            model: unknown.model.name,
            column: column.name.clone(),
        }));
        // In a new database every retired name is unknown. A column that nobody retired shows that this one is misspelt.
        let (model, table) = (unknown.model.name, unknown.model.table);
        let present = Columns::of(connection, table)?.unwrap_or_default();
        let names = unknown.model.retired.iter();
        let names = names.filter(|name| record.column_named(model, name).is_none() && !present.has(name));
        differences.extend(names.map(|name| Difference::UnknownRetired { table, model, name }));
    }
    differences.extend(
        newer
            .models
            .iter()
            .map(|model| Difference::OtherModel { model: model.name.clone(), table: model.table.clone() }),
    );
    Ok(differences)
}

/// Returns `true` for a default, or for the action of a foreign key, that the table does not declare: Django sets defaults and
/// deletes referring rows itself.
fn is_in_django(difference: &Difference) -> bool {
    let target = |key: &str| key.split_once(ACTION).map(|(target, _)| target.to_owned());
    match difference {
        Difference::OtherDefault { found: None, .. } => true,
        Difference::Reference { found: Some(found), expected, .. } => target(found) == target(expected),
        _ => false,
    }
}

/// Names the columns that `create` would rename, instead of saying that they are missing.
fn name_renamed(
    connection: &Connection,
    table: &Table,
    record: &Record,
    differences: &mut [Difference],
) -> Result<(), SchemaError> {
    let present = Columns::of(connection, table.name)?.unwrap_or_default();
    for difference in differences {
        if let Difference::NoColumn { table: name, column } = *difference
            && let Some(found) = former_name(table, column, &present, record)
        {
            *difference = Difference::RenamedColumn { table: name, column, found: found.to_owned() };
        }
    }
    Ok(())
}

/// The difference that a trigger of the app makes.
fn hindered(table: &Table, hindrance: Hindrance) -> Difference {
    match hindrance {
        Hindrance::EndsOthers { trigger, by } => Difference::SkipsTriggers { table: table.name, trigger, by },
        Hindrance::StopsBookkeeping { trigger } => {
            Difference::StopsBookkeeping { table: table.name, trigger, columns: triggers::own_columns(table) }
        }
    }
}

/// Lists the differences between the content of `P`'s tables and the store, for those models whose tables and columns
/// exist.
///
/// # Errors
///
/// If the database cannot be read.
pub(crate) fn content_differences<P: Profile>(
    connection: &Connection,
) -> Result<Vec<Difference>, SchemaError> {
    let mut readable = Vec::new();
    for model in P::MODELS {
        if let Some(present) = Columns::of(connection, model.table)?
            && model.all_columns().map(|column| column.name).chain([DIRTY_BIT]).all(|name| present.has(name))
        {
            readable.push(model.name);
        }
    }
    let comparison =
        compare_content::<P>(connection, Differing::Count, |model| readable.contains(&model.name))?;
    let mut differences = Vec::new();
    for ModelComparison { model, table, different, not_in_store, only_in_store } in comparison.models {
        if different.count > 0 {
            differences.push(Difference::OtherContent { model, table, records: different });
        }
        if not_in_store.count > 0 {
            differences.push(Difference::NotInStore { model, table, records: not_in_store });
        }
        if only_in_store.count > 0 {
            differences.push(Difference::OnlyInStore { model, table, records: only_in_store });
        }
    }
    Ok(differences)
}

/// Adds the migrations and columns that the profile does not know.
fn later_schema<P: Profile>(
    connection: &Connection,
    differences: &mut Vec<Difference>,
) -> Result<(), SchemaError> {
    let Some(known) = P::KNOWN else { return Ok(()) };
    let migrations = unknown_migrations(connection, known)?;
    let migrations =
        migrations.into_iter().map(|(app, migration)| Difference::UnknownMigration { app, migration });
    differences.extend(migrations);
    let columns = unknown_columns::<P>(connection, known)?;
    differences
        .extend(columns.into_iter().map(|(table, column)| Difference::UnknownColumn { table, column }));
    Ok(())
}

fn compare(table: &Table, found: &Found, differences: &mut Vec<Difference>) {
    let name = table.name;
    for column in &table.columns {
        match found.column(column.declared.name) {
            None if found.generated.iter().any(|name| name.eq_ignore_ascii_case(column.declared.name)) => {
                differences.push(Difference::Generated { table: name, column: column.declared.name });
            }
            None => differences.push(Difference::NoColumn { table: name, column: column.declared.name }),
            Some(present) => compare_column(name, column, present, found, differences),
        }
    }
    if found.column(DIRTY_BIT).is_none() {
        differences.push(Difference::NoColumn { table: name, column: DIRTY_BIT });
    }
    if !found.id_is_unique {
        differences.push(Difference::NotUnique { table: name });
    }
    for present in &found.columns {
        let is_declared = table.columns.iter().any(|column| present.is(column.declared.name));
        if !is_declared && !present.is(DIRTY_BIT) && present.not_null && present.default.is_none() {
            differences.push(Difference::Undeclared { table: name, column: present.name.clone() });
        }
    }
}

pub(crate) fn compare_column(
    table: &'static str,
    column: &TableColumn,
    present: &FoundColumn,
    found: &Found,
    differences: &mut Vec<Difference>,
) {
    let TableColumn { declared, nullable, references } = column;
    let name = declared.name;
    if [SOURCE_ID, PARTITION].contains(&name) {
        return;
    }
    // Many tables declare their key without `NOT NULL`. Serialising rejects a `NULL` id anyway.
    if !nullable && !present.not_null && name != ID {
        differences.push(Difference::Nullable { table, column: name });
    }
    if *nullable && present.not_null {
        differences.push(Difference::NotNullable { table, column: name });
    }
    if let Some(expected) = declared.default
        && present.default.as_deref() != Some(expected)
    {
        let found = present.default.clone();
        differences.push(Difference::OtherDefault { table, column: name, found, expected });
    }
    let (is, is_to_be) = (affinity(&present.kind), affinity_of(declared.column_type));
    // SQLite does not know the types `bool` and `date`. Their affinity is numeric, which leaves other text unchanged.
    let is_number = |affinity: &str| affinity.contains("number") || affinity == "an integer";
    // No column converts the text of a date or time to a number.
    let is_date = matches!(declared.column_type, ColumnType::Date | ColumnType::Time | ColumnType::DateTime)
        && is == "text";
    if is != is_to_be && is != "anything" && !is_date && !(is_number(is) && is_number(is_to_be)) {
        differences.push(Difference::Type {
            table,
            column: name,
            found: present.kind.clone(),
            expected: declared.column_type.as_sql(),
        });
    }
    if let Some(target) = references {
        let expected = reference(target, action(declared.on_delete));
        let keys = || found.references.iter().filter(|(from, _)| from.eq_ignore_ascii_case(name));
        if !keys().any(|(_, to)| to.eq_ignore_ascii_case(&expected)) {
            let found = keys().next().map(|(_, to)| to.clone());
            differences.push(Difference::Reference { table, column: name, found, expected });
        }
    }
}

/// The text between the target of a foreign key and its action.
const ACTION: &str = " with ON DELETE ";

fn reference(table: &str, action: &str) -> String {
    format!("to `{table}`{ACTION}{action}")
}

/// A table as it is in the database.
pub(crate) struct Found {
    columns: Vec<FoundColumn>,
    /// The names of the generated columns.
    generated: Vec<String>,
    id_is_unique: bool,
    /// The foreign keys: the column, and the text of its target and action.
    references: Vec<(String, String)>,
}

pub(crate) struct FoundColumn {
    name: String,
    kind: String,
    not_null: bool,
    default: Option<String>,
}

impl FoundColumn {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Found {
    /// Reads the table, with its generated columns and keys.
    pub(crate) fn of(connection: &Connection, table: &str) -> Result<Self, SchemaError> {
        let mut found = Self::read(connection, table).doing("reading the schema")?;
        found.generated = generated::columns(connection, table)?;
        found.id_is_unique = unique_keys::has_id(connection, table)?;
        Ok(found)
    }

    fn read(connection: &Connection, table: &str) -> rusqlite::Result<Self> {
        let columns = connection
            .prepare_cached("SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info(?1)")?
            .query_map([table], |row| {
                let column = FoundColumn {
                    name: row.get(0)?,
                    kind: row.get(1)?,
                    not_null: row.get(2)?,
                    default: row.get(3)?,
                };
                Ok(column)
            })?
            .collect::<rusqlite::Result<Vec<FoundColumn>>>()?;
        let references = connection
            .prepare_cached("SELECT \"from\", \"table\", on_delete FROM pragma_foreign_key_list(?1)")?
            .query_map([table], |row| {
                let (to, action): (String, String) = (row.get(1)?, row.get(2)?);
                // The two actions differ only in the time of the check.
                let action = if action == "RESTRICT" { "NO ACTION" } else { &action };
                Ok((row.get(0)?, reference(&to, action)))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(Self { columns, generated: Vec::new(), id_is_unique: false, references })
    }

    pub(crate) fn column(&self, name: &str) -> Option<&FoundColumn> {
        self.columns.iter().find(|column| column.is(name))
    }

    /// The target and the action of the foreign key in the column `name`, if it is one.
    pub(crate) fn reference_of(&self, name: &str) -> Option<&str> {
        let key = self.references.iter().find(|(from, _)| from.eq_ignore_ascii_case(name));
        key.map(|(_, to)| &**to)
    }
}

/// The type affinity of a column declared as `type_name`, by `SQLite`'s rules
/// (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
fn affinity(type_name: &str) -> &'static str {
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
fn affinity_of(column_type: ColumnType) -> &'static str {
    affinity(column_type.as_sql())
}
