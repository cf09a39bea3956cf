//! `KnownSchema`: the schema of another application that a profile was written for.

/// The migrations and columns of another application's database that a profile was written for.
///
/// A profile of tables that another application makes names one: `profile! { Records = "records" (known = SCHEMA) { .. } }`. If
/// the database has a migration or a column of a synced table that is not listed, a later version of the application has made
/// it. A run would then write records without the new column and clear their dirty bits, so it is refused, and a check names the
/// migration or the column. A database with fewer migrations is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownSchema {
    /// The name and version of the application, for messages.
    pub application: &'static str,
    /// The Django apps whose tables sync, with the migrations of each. Migrations of other apps are not looked at.
    pub migrations: &'static [(&'static str, &'static [&'static str])],
    /// The columns of synced tables that no model declares, because they do not sync, by table.
    pub other_columns: &'static [(&'static str, &'static [&'static str])],
}

impl KnownSchema {
    /// Returns `true` if `migration` is one of `app`, or the tables of `app` do not sync.
    #[must_use]
    pub fn has_migration(&self, app: &str, migration: &str) -> bool {
        let of_app = self.migrations.iter().find(|(name, _)| *name == app);
        of_app.is_none_or(|(_, migrations)| migrations.contains(&migration))
    }

    /// Returns `true` if `column` of `table` is known not to sync.
    #[must_use]
    pub fn has_column(&self, table: &str, column: &str) -> bool {
        let of_table = self.other_columns.iter().filter(|(name, _)| name.eq_ignore_ascii_case(table));
        of_table.flat_map(|(_, columns)| *columns).any(|name| name.eq_ignore_ascii_case(column))
    }
}
