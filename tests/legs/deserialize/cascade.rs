//! The rows that a deletion takes along: everything that refers to the row, transitively, by the foreign keys of the database.

use std::collections::BTreeSet;

use rusqlite::types::Value as SqlValue;

use super::bench::Trial;

/// References that are set to NULL instead.
const SET_NULL: [(&str, &str); 2] =
    [("courses_unittestassignment", "activated_by_id"), ("device_devicesettings", "default_facility_id")];

/// The deletion of rows: those that go, and the columns that are set to NULL.
#[derive(Debug, Default)]
pub(crate) struct Cascade {
    pub(crate) gone: BTreeSet<(String, String)>,
    pub(crate) nulled: BTreeSet<(String, String, &'static str)>,
}

impl Cascade {
    /// Adds the row of `table` with the id `id`, if there is one, and all that goes along.
    pub(crate) fn add(&mut self, trial: &Trial<'_>, table: &str, id: &str) {
        let row = (table.to_owned(), id.to_owned());
        if self.gone.contains(&row) || trial.row(table, id).is_none() {
            return;
        }
        self.gone.insert(row);
        if table == "kolibriauth_membership" {
            self.add_memberships_of_children(trial, id);
        }
        for (name, referring) in trial.tables {
            for reference in referring.references.iter().filter(|reference| reference.target == table) {
                let set_null =
                    SET_NULL.iter().find(|(table, column)| name == *table && reference.column == *column);
                for key in trial.referring(name, &reference.column, id) {
                    match set_null {
                        Some((_, column)) => {
                            self.nulled.insert((name.clone(), key, column));
                        }
                        None => self.add(trial, name, &key),
                    }
                }
            }
        }
    }

    /// Kolibri deletes the user's memberships of the groups of a class with that of the class.
    fn add_memberships_of_children(&mut self, trial: &Trial<'_>, membership: &str) {
        let row = trial.row("kolibriauth_membership", membership).unwrap();
        let (SqlValue::Text(collection), user) = (&row["collection_id"], &row["user_id"]) else { return };
        for child in trial.referring("kolibriauth_collection", "parent_id", collection) {
            for key in trial.referring("kolibriauth_membership", "collection_id", &child) {
                if trial.row("kolibriauth_membership", &key).unwrap()["user_id"] == *user {
                    self.add(trial, "kolibriauth_membership", &key);
                }
            }
        }
    }
}
