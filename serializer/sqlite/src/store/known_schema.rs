//! Migrations and columns of another application's database that a profile does not know.

use rusqlite::Connection;
use syncline_serializer::model::columns::{DIRTY_BIT, PARTITION, SOURCE_ID};
use syncline_serializer::model::{KnownSchema, Profile};

use crate::error::{Doing, EvolutionError, SchemaError, SqliteError};
use crate::store::schema::{Columns, is_of_django};

/// The unknown migrations, each with its Django app, in the order in which they were applied.
pub(crate) fn unknown_migrations(
    connection: &Connection,
    known: &KnownSchema,
) -> Result<Vec<(String, String)>, SqliteError> {
    let read = || -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement =
            connection.prepare_cached("SELECT app, name FROM django_migrations ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut unknown = Vec::new();
        while let Some(row) = rows.next()? {
            let (app, name) = (row.get_ref(0)?, row.get_ref(1)?);
            if let (Ok(app), Ok(name)) = (app.as_str(), name.as_str())
                && !known.has_migration(app, name)
            {
                unknown.push((app.to_owned(), name.to_owned()));
            }
        }
        Ok(unknown)
    };
    // A table without these columns is not Django's, and says nothing of migrations.
    let columns = connection
        .prepare_cached(
            "SELECT count(*) FROM pragma_table_info('django_migrations') WHERE name IN ('id', 'app', 'name')",
        )
        .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)))
        .doing("reading the schema")?;
    if columns == 3 { read().doing("reading the migrations") } else { Ok(Vec::new()) }
}

/// The columns of synced tables that no model of `P` declares and that are not known to stay on the machine, each with its table.
pub(crate) fn unknown_columns<P: Profile>(
    connection: &Connection,
    known: &KnownSchema,
) -> Result<Vec<(&'static str, String)>, SchemaError> {
    let mut unknown = Vec::new();
    for (index, model) in P::MODELS.iter().enumerate() {
        let table = model.table;
        // Models that share a table are looked at together.
        if P::MODELS[..index].iter().any(|before| before.table == table) {
            continue;
        }
        let present = Columns::of(connection, table)?.unwrap_or_default();
        let declared = |name: &str| {
            let of_table = P::MODELS.iter().filter(|model| model.table == table);
            of_table
                .flat_map(|model| model.all_columns())
                .any(|column| column.name.eq_ignore_ascii_case(name))
        };
        let is_implied =
            |name: &str| [SOURCE_ID, PARTITION, DIRTY_BIT].iter().any(|own| own.eq_ignore_ascii_case(name));
        let names = present.names().filter(|name| !declared(name) && !is_implied(name));
        unknown
            .extend(names.filter(|name| !known.has_column(table, name)).map(|name| (table, name.to_owned())));
    }
    Ok(unknown)
}

/// Checks that the application has no migration and no synced column that `P` does not know.
///
/// # Errors
///
/// If it has one.
pub(crate) fn check_known<P: Profile>(connection: &Connection) -> Result<(), SchemaError> {
    let Some(known) = P::KNOWN else { return Ok(()) };
    if !is_of_django(connection)? {
        return Ok(());
    }
    let application = known.application;
    if let Some((app, migration)) = unknown_migrations(connection, known)?.into_iter().next() {
        return Err(EvolutionError::UnknownMigration { application, app, migration }.into());
    }
    match unknown_columns::<P>(connection, known)?.into_iter().next() {
        Some((table, column)) => {
            let table = table.to_owned();
            Err(EvolutionError::UnknownColumn { application, table, column }.into())
        }
        None => Ok(()),
    }
}
