//! The rows that go along with a deletion.
//!
//! They are found by the declared references of all models, and for other tables by the foreign keys of the database. The rows are
//! collected in a temporary table and then deleted from the last generation to the first, so the result is the same with
//! foreign keys enforced or not, whatever the tables say of `ON DELETE`: Django's tables say nothing, and its application cascades.
//!
//! * A reference that is declared `set_null`, or a foreign key with `ON DELETE SET NULL`, becomes `NULL`.
//! * A row of a model that refers to the record goes along, also if its reference is not declared to cascade: every peer
//!   deletes it in turn, because the record that it refers to is deleted.
//! * A row of a table that does not sync, with a foreign key that neither cascades nor becomes `NULL`, prevents the deletion. In a
//!   database of Django, whose foreign keys are all of that kind, it goes along.

use rusqlite::{Connection, OptionalExtension as _};
use syncline_core::Failure;
use syncline_serializer::model::columns::{DIRTY_BIT, ID};
use syncline_serializer::model::{OnDelete, Profile};

use crate::app::rowid_name;
use crate::store::names::Quoted;

/// The tables that deletions can reach, and the foreign keys between them.
#[derive(Debug)]
pub(super) struct Links {
    tables: Vec<Table>,
    links: Vec<Link>,
}

#[derive(Debug)]
struct Table {
    name: String,
    /// The column by which rows are collected, quoted: the id, the row id or the only column of the primary key.
    key: String,
    is_synced: bool,
}

#[derive(Debug)]
struct Link {
    parent: usize,
    child: usize,
    /// Pairs of columns: of the child, and of the parent.
    columns: Vec<(String, String)>,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Cascade,
    SetNull,
    Prevent,
}

/// The result of the search for the rows that go along.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// They can be deleted.
    Free,
    /// The app has changes of one of them that are not serialised.
    Unsaved,
    /// A row of this table prevents the deletion.
    Prevented(String),
}

impl Links {
    /// Reads the foreign keys of the database.
    pub(super) fn read<P: Profile>(connection: &Connection, is_of_django: bool) -> Result<Self, Failure> {
        let mut read = Self { tables: Vec::new(), links: Vec::new() };
        for model in P::MODELS {
            if read.position(model.table).is_none() {
                let (name, key) = (model.table.to_owned(), Quoted(ID).to_string());
                read.tables.push(Table { name, key, is_synced: true });
            }
        }
        for model in P::MODELS {
            for column in model.all_columns().filter(|column| !column.references.is_empty()) {
                let target = P::MODELS.iter().find(|target| column.references.contains(&target.name));
                let parent = target.and_then(|target| read.position(target.table));
                let (Some(parent), Some(child)) = (parent, read.position(model.table)) else { continue };
                let action = match column.on_delete {
                    OnDelete::SetNull if column.nullable => Action::SetNull,
                    _ => Action::Cascade,
                };
                let columns = vec![(column.name.to_owned(), ID.to_owned())];
                let is_known = |link: &Link| link.child == child && link.columns == columns;
                if !read.links.iter().any(is_known) {
                    read.links.push(Link { parent, child, columns, action });
                }
            }
        }
        read.add_foreign_keys(connection, is_of_django)?;
        Ok(read)
    }

    fn position(&self, table: &str) -> Option<usize> {
        self.tables.iter().position(|known| known.name.eq_ignore_ascii_case(table))
    }

    /// The position of a table of the app, which is added if it is new. `None` if it has no key of one column.
    fn position_of_other(&mut self, connection: &Connection, table: &str) -> Result<Option<usize>, Failure> {
        if let Some(known) = self.position(table) {
            return Ok(Some(known));
        }
        let key = match rowid_name(connection, table)? {
            Some(rowid) => Some(rowid.to_owned()),
            None => connection
                .prepare_cached("SELECT max(name) FROM pragma_table_info(?1) WHERE pk HAVING count(*) = 1")?
                .query_row([table], |row| row.get::<_, String>(0))
                .optional()?
                .map(|name| Quoted(&name).to_string()),
        };
        let Some(key) = key else { return Ok(None) };
        self.tables.push(Table { name: table.to_owned(), key, is_synced: false });
        Ok(Some(self.tables.len() - 1))
    }

    /// Adds the foreign keys that no model declares.
    fn add_foreign_keys(&mut self, connection: &Connection, is_of_django: bool) -> Result<(), Failure> {
        type Row = (String, i64, String, String, Option<String>, String);

        let keys: Vec<Row> = connection
            .prepare_cached(
                "SELECT tables.name, keys.id, keys.\"table\", keys.\"from\", coalesce(keys.\"to\", (SELECT info.name \
                 FROM pragma_table_info(keys.\"table\") AS info WHERE info.pk = keys.seq + 1)), keys.on_delete \
                 FROM main.sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys \
                 WHERE tables.type = 'table' AND tables.name NOT GLOB 'morango_*' \
                 ORDER BY tables.name, keys.id, keys.seq",
            )?
            .query_map([], |row| Row::try_from(row))?
            .collect::<rusqlite::Result<_>>()?;
        for key in keys.chunk_by(|one, next| (&one.0, one.1) == (&next.0, next.1)) {
            let (child, parent, on_delete) = (&key[0].0, &key[0].2, &*key[0].5);
            let columns: Option<Vec<_>> =
                key.iter().map(|row| Some((row.3.clone(), row.4.clone()?))).collect();
            let Some(columns) = columns else { continue };
            let Some(parent) = self.position_of_other(connection, parent)? else { continue };
            let Some(child) = self.position_of_other(connection, child)? else { continue };
            let is_declared = |link: &Link| {
                link.child == child
                    && link.columns.len() == columns.len()
                    && link
                        .columns
                        .iter()
                        .zip(&columns)
                        .all(|(one, other)| one.0.eq_ignore_ascii_case(&other.0))
            };
            if self.links.iter().any(is_declared) {
                continue;
            }
            let action = match on_delete {
                "CASCADE" => Action::Cascade,
                "SET NULL" => Action::SetNull,
                _ if is_of_django => Action::Cascade,
                _ => Action::Prevent,
            };
            self.links.push(Link { parent, child, columns, action });
        }
        Ok(())
    }

    /// Collects rows of `table` and all that go along with them, in the temporary table.
    pub(super) fn collect(
        &self,
        connection: &Connection,
        table: &str,
        ids: &[&str],
    ) -> Result<Found, Failure> {
        connection.prepare_cached("DELETE FROM temp.syncline_going")?.execute([])?;
        let Some(first) = self.position(table) else { return Ok(Found::Free) };
        let Table { name, key, .. } = &self.tables[first];
        let mut insert = connection.prepare_cached(&format!(
            "INSERT OR IGNORE INTO temp.syncline_going SELECT {first}, {key}, 0 FROM main.{} WHERE {key} = ?1",
            Quoted(name)
        ))?;
        let mut count = 0;
        for id in ids {
            count += insert.execute([id])?;
        }
        if count == 0 {
            return Ok(Found::Free);
        }
        let (mut hit, mut generation) = (vec![first], 0);
        while !hit.is_empty() {
            let mut next = Vec::new();
            for link in self.links_of(&hit, Action::Cascade) {
                let sql = format!(
                    "INSERT OR IGNORE INTO temp.syncline_going SELECT {child}, child.{key}, ?1 + 1 {from} \
                     AND going.generation = ?1",
                    child = link.child,
                    key = self.tables[link.child].key,
                    from = self.from(link),
                );
                if connection.prepare_cached(&sql)?.execute([generation])? > 0 && !next.contains(&link.child)
                {
                    next.push(link.child);
                }
            }
            hit = next;
            generation += 1;
        }
        self.obstacle(connection)
    }

    /// Looks for a row that must not go, and for one that prevents the deletion.
    fn obstacle(&self, connection: &Connection) -> Result<Found, Failure> {
        let hit = collected(connection)?;
        for &position in &hit {
            let Table { name, key, is_synced } = &self.tables[position];
            let sql = format!(
                "SELECT 1 FROM temp.syncline_going AS going CROSS JOIN main.{} AS gone ON gone.{key} = going.\"key\" \
                 WHERE going.\"table\" = {position} AND gone.{}",
                Quoted(name),
                Quoted(DIRTY_BIT)
            );
            if *is_synced && connection.prepare_cached(&sql)?.exists([])? {
                return Ok(Found::Unsaved);
            }
        }
        for link in self.links_of(&hit, Action::Prevent) {
            let child = &self.tables[link.child];
            let sql = format!(
                "SELECT 1 {} AND NOT EXISTS (SELECT 1 FROM temp.syncline_going AS other \
                 WHERE other.\"table\" = {} AND other.\"key\" = child.{})",
                self.from(link),
                link.child,
                child.key
            );
            if connection.prepare_cached(&sql)?.exists([])? {
                return Ok(Found::Prevented(child.name.clone()));
            }
        }
        Ok(Found::Free)
    }

    /// Deletes the collected rows, and sets references to them to `NULL`.
    pub(super) fn delete_collected(&self, connection: &Connection) -> rusqlite::Result<()> {
        let hit = collected(connection)?;
        for link in self.links_of(&hit, Action::SetNull) {
            let set: Vec<_> =
                link.columns.iter().map(|(column, _)| format!("{} = NULL", Quoted(column))).collect();
            let child = &self.tables[link.child];
            let sql = format!(
                "UPDATE main.{} SET {} WHERE {key} IN (SELECT child.{key} {})",
                Quoted(&child.name),
                set.join(", "),
                self.from(link),
                key = child.key
            );
            connection.prepare_cached(&sql)?.execute([])?;
        }
        for position in hit.iter().filter(|position| self.tables[**position].is_synced) {
            let sql = format!(
                "INSERT OR IGNORE INTO temp.syncline_gone SELECT \"key\", ?1 FROM temp.syncline_going \
                 WHERE \"table\" = {position}"
            );
            connection.prepare_cached(&sql)?.execute([&self.tables[*position].name])?;
        }
        let last: i64 = connection
            .prepare_cached("SELECT coalesce(max(generation), 0) FROM temp.syncline_going")?
            .query_row([], |row| row.get(0))?;
        for generation in (0..=last).rev() {
            for &position in &hit {
                let Table { name, key, .. } = &self.tables[position];
                let sql = format!(
                    "DELETE FROM main.{} WHERE {key} IN (SELECT \"key\" FROM temp.syncline_going \
                     WHERE \"table\" = {position} AND generation = ?1)",
                    Quoted(name)
                );
                connection.prepare_cached(&sql)?.execute([generation])?;
            }
        }
        Ok(())
    }

    fn links_of<'l>(&'l self, parents: &'l [usize], action: Action) -> impl Iterator<Item = &'l Link> {
        self.links.iter().filter(move |link| link.action == action && parents.contains(&link.parent))
    }

    /// The `FROM` clause for the children by `link` of the collected rows.
    fn from(&self, link: &Link) -> String {
        let (parent, child) = (&self.tables[link.parent], &self.tables[link.child]);
        let (child_name, position) = (Quoted(&child.name), link.parent);
        if let [(from, to)] = &*link.columns
            && parent.is_synced
            && to.eq_ignore_ascii_case(ID)
        {
            return format!(
                "FROM temp.syncline_going AS going CROSS JOIN main.{child_name} AS child ON child.{} = going.\"key\" \
                 WHERE going.\"table\" = {position}",
                Quoted(from)
            );
        }
        let joined: Vec<_> = link
            .columns
            .iter()
            .map(|(from, to)| format!("child.{} = parent.{}", Quoted(from), Quoted(to)))
            .collect();
        format!(
            "FROM temp.syncline_going AS going CROSS JOIN main.{} AS parent ON parent.{} = going.\"key\" \
             CROSS JOIN main.{child_name} AS child ON {} WHERE going.\"table\" = {position}",
            Quoted(&parent.name),
            parent.key,
            joined.join(" AND ")
        )
    }
}

/// The tables with collected rows.
fn collected(connection: &Connection) -> rusqlite::Result<Vec<usize>> {
    connection
        .prepare_cached("SELECT DISTINCT \"table\" FROM temp.syncline_going ORDER BY \"table\"")?
        .query_map([], |row| row.get(0))?
        .collect()
}
