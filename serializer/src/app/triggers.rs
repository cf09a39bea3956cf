//! The triggers that track what changes in a table, whoever changes it.
//!
//! They are plain SQL, so that every program that writes to the file runs them:
//!
//! * What is inserted, and what is updated in a column that syncs, becomes dirty. Values are not compared: an update of a
//!   column with what it held marks too, as saving does in Morango. Updates of columns that stay on the machine do not, nor
//!   do those of the dirty bit, which serialising makes.
//! * What is deleted is listed in `morango_deletedmodels`, also by a cascade, and also under an id that a row gives up for
//!   another. A row that `REPLACE` displaces is not seen by `AFTER DELETE` unless `recursive_triggers` is on: so for every
//!   unique key one trigger looks before each insert and update which other row has it, and lists that. If the row stays
//!   (`OR IGNORE`, for example), so does no harm: a record that is listed and exists is alive (quirk Q1).
//! * A row that came without its source id or partition gets them here, as far as SQL can work them out. What would never
//!   sync, or not be the same record on every machine, is refused with a message.
//!
//! Inside a trigger the conflict clause of the statement outside takes the place of the inner one's, so what is listed is
//! looked up before. What only newer versions of `SQLite` know is left out: older ones could not read the file at all.

use std::fmt::Write as _;

use rusqlite::Connection;

use crate::app::tables::Table;
use crate::app::unique_keys::{self, UniqueKey};
use crate::error::{DatabaseError, Doing};
use crate::model::Model;
use crate::store::names::{Literal, Quoted};
use crate::store::schema::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use crate::template::Template;

/// How the names of triggers begin.
const PREFIX: &str = "syncline_";

/// A trigger.
#[derive(Debug, PartialEq, Eq)]
struct Trigger {
    name: String,
    sql: String,
}

/// Makes the triggers of `table`, and removes those that an earlier declaration left.
pub(crate) fn make(connection: &Connection, profile: &str, table: &Table) -> Result<(), DatabaseError> {
    const DOING: &str = "making the triggers that track changes";

    let wanted = wanted(connection, profile, table)?;
    let present = present(connection, table.name)?;
    for Trigger { name, .. } in present.iter().filter(|trigger| !wanted.contains(trigger)) {
        connection.execute_batch(&format!("DROP TRIGGER {}", Quoted(name))).doing(DOING)?;
    }
    for Trigger { sql, .. } in wanted.iter().filter(|trigger| !present.contains(trigger)) {
        connection.execute_batch(sql).doing(DOING)?;
    }
    Ok(())
}

/// Whether `table` has just the triggers that it is to have.
pub(crate) fn are_made(connection: &Connection, profile: &str, table: &Table) -> Result<bool, DatabaseError> {
    let (wanted, present) = (wanted(connection, profile, table)?, present(connection, table.name)?);
    Ok(wanted.len() == present.len() && wanted.iter().all(|trigger| present.contains(trigger)))
}

fn present(connection: &Connection, table: &str) -> Result<Vec<Trigger>, DatabaseError> {
    connection
        .prepare_cached(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE \
             AND name GLOB ?2 || '*'",
        )
        .and_then(|mut statement| {
            statement
                .query_map((table, PREFIX), |row| Ok(Trigger { name: row.get(0)?, sql: row.get(1)? }))?
                .collect()
        })
        .doing("reading the triggers")
}

fn wanted(connection: &Connection, profile: &str, table: &Table) -> Result<Vec<Trigger>, DatabaseError> {
    let writer = Writer { table, profile };
    let mut triggers = vec![writer.inserted(), writer.updated(), writer.deleted(), writer.renamed()];
    triggers.extend(writer.ids_are_checked(connection)?);
    for model in &table.models {
        triggers.push(writer.identified(model));
        triggers.extend(writer.id_is_given(model));
        triggers.extend(writer.stays_in_its_partition(model));
    }
    triggers.push(writer.keeps_its_identity());
    for key in unique_keys::of(connection, table.name)? {
        triggers.extend(writer.displaced(&key));
    }
    Ok(triggers)
}

/// Writes the triggers of one table.
struct Writer<'a> {
    table: &'a Table,
    profile: &'a str,
}

impl Writer<'_> {
    /// A trigger named `name`, which does `body` when `event` happens to a row that meets the condition `when`.
    fn trigger(&self, name: &str, event: &str, when: Option<&str>, body: &str) -> Trigger {
        let name = format!("{PREFIX}{}_{name}", self.table.name);
        let when = when.map(|condition| format!(" WHEN {condition}")).unwrap_or_default();
        let sql = format!(
            "CREATE TRIGGER {} {event} ON {}{when} BEGIN {body}; END",
            Quoted(&name),
            Quoted(self.table.name)
        );
        Trigger { name, sql }
    }

    fn mark(&self) -> String {
        format!(
            "UPDATE {table} SET {dirty} = 1 WHERE {id} = new.{id}",
            table = Quoted(self.table.name),
            dirty = Quoted(DIRTY_BIT),
            id = Quoted(ID)
        )
    }

    /// Lists `id` as deleted, as it comes `from` somewhere.
    fn list(&self, id: &str, from: &str) -> String {
        format!(
            "INSERT INTO morango_deletedmodels (id, profile) SELECT {id}, {profile} {from} \
             NOT EXISTS (SELECT 1 FROM morango_deletedmodels AS listed WHERE listed.id = {id})",
            profile = Literal(self.profile)
        )
    }

    fn inserted(&self) -> Trigger {
        let clean = format!("new.{} IS NOT 1", Quoted(DIRTY_BIT));
        self.trigger("inserted", "AFTER INSERT", Some(&clean), &self.mark())
    }

    fn updated(&self) -> Trigger {
        let columns: Vec<_> = self.table.synced().map(|name| Quoted(name).to_string()).collect();
        let clean = format!("new.{} IS NOT 1", Quoted(DIRTY_BIT));
        let event = format!("AFTER UPDATE OF {}", columns.join(", "));
        self.trigger("updated", &event, Some(&clean), &self.mark())
    }

    fn deleted(&self) -> Trigger {
        self.trigger("deleted", "AFTER DELETE", None, &self.list(&format!("old.{}", Quoted(ID)), "WHERE"))
    }

    /// A changed id is a deletion and an insertion.
    fn renamed(&self) -> Trigger {
        let mut body = self.list(&format!("old.{}", Quoted(ID)), "WHERE");
        for model in self.table.models.iter().filter(|model| names_own_id(model)) {
            let _ = write!(
                body,
                "; UPDATE {} SET {} = {} WHERE {id} = new.{id} AND {}",
                Quoted(self.table.name),
                Quoted(PARTITION),
                partition(model, "new"),
                of_model(model, ""),
                id = Quoted(ID),
            );
        }
        let event = format!("AFTER UPDATE OF {}", Quoted(ID));
        self.trigger("renamed", &event, Some(&format!("new.{0} IS NOT old.{0}", Quoted(ID))), &body)
    }

    /// The rows that an insert or an update would displace.
    fn displaced(&self, key: &UniqueKey) -> [Trigger; 2] {
        let list = |itself: &str| {
            let (table, id) = (Quoted(self.table.name), Quoted(ID));
            let others = format!(
                "FROM {table} AS other WHERE {} AND other.{id} IS NOT {itself}.{id} AND",
                key.same_as_new
            );
            self.list(&format!("other.{id}"), &others)
        };
        let columns: Vec<_> = key.columns.iter().map(|name| Quoted(name).to_string()).collect();
        let update = format!("BEFORE UPDATE OF {}", columns.join(", "));
        [
            self.trigger(&format!("displaced_{}", key.name), "BEFORE INSERT", None, &list("new")),
            self.trigger(&format!("displaced_{}_by_update", key.name), &update, None, &list("old")),
        ]
    }

    /// What came without a source id or a partition.
    fn identified(&self, model: &Model) -> Trigger {
        let (source_column, partition_column) = (Quoted(SOURCE_ID), Quoted(PARTITION));
        let when = format!(
            "{} AND (ifnull(new.{source_column}, '') = '' OR ifnull(new.{partition_column}, '') = '')",
            of_model(model, "new.")
        );
        let made = source_id(model, "new");
        let body = match &model.partition {
            None => refuse(&format!("a {} comes with its _morango_partition", model.name)),
            Some(_) => format!(
                "UPDATE {table} SET \
                 {source_column} = CASE WHEN ifnull(new.{source_column}, '') = '' THEN {made} ELSE new.{source_column} END, \
                 {partition_column} = CASE WHEN ifnull(new.{partition_column}, '') = '' THEN {partition} \
                 ELSE new.{partition_column} END \
                 WHERE {id} = new.{id}; \
                 {refused} FROM {table} WHERE {id} = new.{id} AND ({source_column} = '' OR {partition_column} = '')",
                table = Quoted(self.table.name),
                id = Quoted(ID),
                partition = partition(model, "new"),
                refused = refuse(&format!("the source id or the partition of this {} is empty", model.name)),
            ),
        };
        self.trigger(&format!("identified_{}", model.name), "AFTER INSERT", Some(&when), &body)
    }

    /// An id that follows from what the record is about is a hash, which SQL cannot work out.
    fn id_is_given(&self, model: &Model) -> Option<Trigger> {
        model.source_id.as_ref().filter(|template| !template.is_own_id())?;
        let when = format!("{} AND new.{} IS NULL", of_model(model, "new."), Quoted(ID));
        let message = format!(
            "the id of a {} follows from its columns: insert it with the app, or give it",
            model.name
        );
        Some(self.trigger(&format!("id_of_{}", model.name), "BEFORE INSERT", Some(&when), &refuse(&message)))
    }

    /// What was a record of one partition is not moved to another.
    fn stays_in_its_partition(&self, model: &Model) -> Option<Trigger> {
        let mut columns: Vec<&str> = model.partition.iter().flat_map(Template::columns).collect();
        if let Some((column, template)) = &model.partition_without {
            columns.push(column);
            columns.extend(template.columns());
        }
        columns.sort_unstable();
        columns.dedup();
        if columns.is_empty() {
            return None;
        }
        let changed: Vec<_> = columns
            .iter()
            .map(|name| format!("(new.{0} IS NOT old.{0} AND new.{0} IS NOT NULL)", Quoted(name)))
            .collect();
        let when = format!(
            "{} AND new.{id} IS old.{id} AND ({}) AND {} IS NOT {}",
            of_model(model, "new."),
            changed.join(" OR "),
            partition(model, "new"),
            partition(model, "old"),
            id = Quoted(ID),
        );
        let event = format!(
            "BEFORE UPDATE OF {}",
            columns.iter().map(|name| Quoted(name).to_string()).collect::<Vec<_>>().join(", ")
        );
        let message = format!(
            "a {} stays in its partition, which is made of {}: delete it, and insert it anew",
            model.name,
            columns.join(" and ")
        );
        Some(self.trigger(&format!("moved_{}", model.name), &event, Some(&when), &refuse(&message)))
    }

    /// Nobody takes a record's source id or partition from it.
    fn keeps_its_identity(&self) -> Trigger {
        let (source_id, partition) = (Quoted(SOURCE_ID), Quoted(PARTITION));
        let when = format!("ifnull(new.{source_id}, '') = '' OR ifnull(new.{partition}, '') = ''");
        let event = format!("BEFORE UPDATE OF {source_id}, {partition}");
        self.trigger(
            "keeps_identity",
            &event,
            Some(&when),
            &refuse("a record has a source id and a partition"),
        )
    }

    /// In a table that was not made with such a check, ids and references are looked at here.
    fn ids_are_checked(&self, connection: &Connection) -> Result<Vec<Trigger>, DatabaseError> {
        let mut triggers = Vec::new();
        for column in self.table.ids() {
            if self.table.has_check(connection, column)? {
                continue;
            }
            let quoted = Quoted(column);
            let when = format!("new.{quoted} IS NOT NULL AND NOT ({})", is_hex(&format!("new.{quoted}")));
            let body = refuse(&hex_message(column));
            triggers.push(self.trigger(&format!("hex_{column}"), "BEFORE INSERT", Some(&when), &body));
            let event = format!("BEFORE UPDATE OF {quoted}");
            triggers.push(self.trigger(&format!("hex_{column}_updated"), &event, Some(&when), &body));
        }
        Ok(triggers)
    }
}

/// What is said of `column` where it holds no id.
pub(crate) fn hex_message(column: &str) -> String {
    format!("{column} is 32 lower-case hex digits")
}

/// The condition that `expression` is an id as it is written everywhere.
pub(crate) fn is_hex(expression: &str) -> String {
    format!(
        "typeof({expression}) = 'text' AND length({expression}) = 32 AND {expression} NOT GLOB '*[^0-9a-f]*'"
    )
}

/// The statement, up to a `FROM` that it may have, that ends the one outside with `message`.
fn refuse(message: &str) -> String {
    format!("SELECT RAISE(ABORT, {})", Literal(&format!("syncline: {message}")))
}

/// The condition that a row is `model`'s, its columns named behind `prefix`.
pub(crate) fn of_model(model: &Model, prefix: &str) -> String {
    match model.discriminator {
        Some(discriminator) => {
            format!("{prefix}{} = {}", Quoted(discriminator.column), Literal(discriminator.value))
        }
        None => "1".to_owned(),
    }
}

fn names_own_id(model: &Model) -> bool {
    let own = |template: &Template| template.to_string().contains("{id}");
    model.partition.as_ref().is_some_and(own)
        || model.partition_without.as_ref().is_some_and(|(_, template)| own(template))
}

/// The partition of a row of `model`, as SQL; `NULL` where it declares none.
pub(crate) fn partition(model: &Model, row: &str) -> String {
    match (&model.partition, &model.partition_without) {
        (None, _) => "NULL".to_owned(),
        (Some(template), None) => template.sql(row),
        (Some(template), Some((column, without))) => format!(
            "CASE WHEN {row}.{} IS NULL THEN {} ELSE {} END",
            Quoted(column),
            without.sql(row),
            template.sql(row)
        ),
    }
}

/// The source id of a row of `model`, as SQL: what is random elsewhere is the id, which is random here.
pub(crate) fn source_id(model: &Model, row: &str) -> String {
    match &model.source_id {
        Some(template) => template.sql(row),
        None => format!("{row}.{}", Quoted(ID)),
    }
}
