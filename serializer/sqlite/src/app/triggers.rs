//! The triggers that track changes in a table, by any program.
//!
//! They are plain SQL, so every program that writes to the file runs them:
//!
//! * An inserted row becomes dirty, and so does a row with an update of a synced column. Values are not compared: an
//!   update that writes the same value marks the row, as saving does in Morango. An update of local columns does not,
//!   nor does an update of the dirty bit, which serialising makes.
//! * A deleted row is listed in `morango_deletedmodels`. So are a row that a cascade deletes, and the old id of a row
//!   whose id changes. `AFTER DELETE` does not fire for a row that `REPLACE` displaces, unless `recursive_triggers` is
//!   on. So for every unique key a trigger runs before each insert and update, and lists the other row with that key.
//!   If that row stays after all (`OR IGNORE`, for example), the entry is harmless: a record that is listed and exists
//!   is alive (quirk Q1).
//! * A row that is inserted without a source id or partition gets them here. A row without an id gets its hash
//!   (`worked_out_ids`). A value that could never sync is rejected with a message: by a `CHECK` if the table was
//!   created with it ([`Check`]), by a trigger in other tables, and by a trigger where a failed `CHECK` would leave a
//!   row incomplete.
//! * The store never changes a record's partition, source id or model (morango.md §6.3). So a row that contradicts the
//!   store about the record of its id is rejected, whoever wrote it: otherwise the record would be in one partition
//!   here and in another for every peer. The check runs after the row is written, so an `OR IGNORE` or an upsert that
//!   leaves the table's row as it was is not a move. No peer knows a record that was never serialised. A program that
//!   replaces it sets its identity anew.
//!
//! A program that writes records received from another machine clears their dirty bits with an update of its own.
//!
//! The app's own triggers must run first. For example, a trigger that maintains a search index must see the insert
//! before the update that completes the row, or it removes an entry that it has not added yet. SQLite does not define
//! an order, but all versions run the most recently created trigger first. So if the triggers of this module are newer,
//! the app's are dropped and created again, with the same SQL. An app trigger with `RAISE(IGNORE)` after a change is an
//! error: no trigger behind it would run.
//!
//! Inside a trigger, the conflict clause of the outer statement replaces the inner statement's clause. So the triggers
//! query before they list an id. They use no feature of newer `SQLite` versions: an older version could not open the
//! file at all.

mod worked_out_ids;

use std::fmt::Write as _;

use rusqlite::Connection;
use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, OWN_ID, Template};

use crate::app::checks::Check;
use crate::app::interim;
use crate::app::tables::Table;
use crate::app::template_sql::template_sql;
use crate::app::unique_keys::{self, UniqueKey};
use crate::error::{Doing, SchemaError, SqliteError};
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// The prefix of the triggers' names.
const PREFIX: &str = "syncline_";

/// A trigger: its name and its `CREATE TRIGGER` statement.
#[derive(Debug, PartialEq, Eq)]
struct Trigger {
    name: String,
    sql: String,
}

impl Trigger {
    /// Returns `true` for an `AFTER` trigger with `RAISE(IGNORE)`. In a `BEFORE` trigger that only skips the change.
    fn skips_the_rest(&self) -> bool {
        let without_spaces: String = self.sql.split_whitespace().collect();
        let behind_the_name = self
            .sql
            .trim_start_matches("CREATE TRIGGER")
            .split_once(&*self.name)
            .map_or("", |(_, rest)| rest);
        let timing = behind_the_name.trim_start_matches(|character: char| !character.is_alphabetic());
        without_spaces.to_ascii_lowercase().contains("raise(ignore)")
            && timing.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("after"))
    }
}

/// Creates the triggers of `table`, and drops the triggers of an earlier declaration.
pub(crate) fn make(connection: &Connection, profile: &str, table: &Table) -> Result<(), SchemaError> {
    const DOING: &str = "making the triggers that track changes";

    let wanted = wanted(connection, profile, table)?;
    let present = present(connection, table.name)?;
    for Trigger { name, .. } in present.iter().filter(|trigger| !wanted.contains(trigger)) {
        connection.execute_batch(&format!("DROP TRIGGER {}", Quoted(name))).doing(DOING)?;
    }
    for Trigger { name, sql } in wanted.iter().filter(|trigger| !present.contains(trigger)) {
        // Another table may have a trigger of this name: a renamed table keeps its triggers.
        connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {}; {sql}", Quoted(name))).doing(DOING)?;
    }
    if !others_come_first(connection, table.name)? {
        for Trigger { name, sql } in others(connection, table.name)? {
            connection.execute_batch(&format!("DROP TRIGGER {}; {sql}", Quoted(&name))).doing(DOING)?;
        }
    }
    Ok(())
}

/// Returns `true` if the triggers of `table` are exactly the wanted ones, behind the app's own.
pub(crate) fn are_made(connection: &Connection, profile: &str, table: &Table) -> Result<bool, SchemaError> {
    let (wanted, present) = (wanted(connection, profile, table)?, present(connection, table.name)?);
    Ok(wanted.len() == present.len()
        && wanted.iter().all(|trigger| present.contains(trigger))
        && others_come_first(connection, table.name)?)
}

/// Fails if an app's own trigger would keep the triggers of this module from running.
pub(crate) fn others_let_them_run(connection: &Connection, table: &str) -> Result<(), SchemaError> {
    match others(connection, table)?.into_iter().find(Trigger::skips_the_rest) {
        Some(Trigger { name, .. }) => {
            Err(SchemaError::SkipsTriggers { table: table.to_owned(), trigger: name })
        }
        None => Ok(()),
    }
}

/// The existing triggers of this module on `table`.
fn present(connection: &Connection, table: &str) -> Result<Vec<Trigger>, SqliteError> {
    read(connection, table, "name GLOB ?2 || '*'")
}

/// The app's own triggers on `table`, the oldest first.
fn others(connection: &Connection, table: &str) -> Result<Vec<Trigger>, SqliteError> {
    read(connection, table, "name NOT GLOB ?2 || '*'")
}

fn read(connection: &Connection, table: &str, which: &str) -> Result<Vec<Trigger>, SqliteError> {
    connection
        .prepare_cached(&format!(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE \
             AND {which} ORDER BY rowid"
        ))
        .and_then(|mut statement| {
            statement
                .query_map((table, PREFIX), |row| Ok(Trigger { name: row.get(0)?, sql: row.get(1)? }))?
                .collect()
        })
        .doing("reading the triggers")
}

/// Returns `true` if the app's own triggers on `table` are all newer than those of this module. The newest runs first.
fn others_come_first(connection: &Connection, table: &str) -> Result<bool, SqliteError> {
    connection
        .prepare_cached(
            "SELECT ifnull(min(CASE WHEN name NOT GLOB ?2 || '*' THEN rowid END) \
             > max(CASE WHEN name GLOB ?2 || '*' THEN rowid END), 1) \
             FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE",
        )
        .and_then(|mut statement| statement.query_row((table, PREFIX), |row| row.get(0)))
        .doing("reading the triggers")
}

/// The triggers that `table` needs.
fn wanted(connection: &Connection, profile: &str, table: &Table) -> Result<Vec<Trigger>, SchemaError> {
    let row = unique_keys::rowid_name(connection, table.name)?;
    let row = row.map_or_else(|| Quoted(ID).to_string(), str::to_owned);
    let writer = Writer { table, profile, row };
    let mut triggers = vec![writer.updated(), writer.deleted(), writer.renamed()];
    triggers.extend(writer.checked(&table.checks_to_add(connection)?));
    for model in &table.models {
        triggers.push(writer.inserted(model));
        triggers.extend(writer.stays_in_its_partition(model));
        triggers.extend(writer.stays_of_its_model(model));
        triggers.extend(writer.joined(model));
    }
    triggers.extend(writer.no_record_where_one_was());
    triggers.extend(writer.works_out_ids());
    triggers.push(writer.keeps_its_identity());
    triggers.push(writer.is_who_it_was());
    for key in unique_keys::of(connection, table.name)? {
        triggers.extend(writer.displaced(&key));
    }
    Ok(triggers)
}

/// A generator for the triggers of one table.
struct Writer<'a> {
    table: &'a Table,
    profile: &'a str,
    /// The name of the column that finds a row fastest: the rowid, or the id.
    row: String,
}

impl Writer<'_> {
    /// A trigger named `name` that runs `body` on `event`, for rows that meet the condition `when`.
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

    /// The statement that lists `id`, an expression over the clause `from`, as deleted.
    fn list(&self, id: &str, from: &str) -> String {
        format!(
            "INSERT INTO morango_deletedmodels (id, profile) SELECT {id}, {profile} {from} \
             NOT EXISTS (SELECT 1 FROM morango_deletedmodels AS listed WHERE listed.id = {id})",
            profile = Literal(self.profile)
        )
    }

    /// Marks an inserted row as dirty, and sets a missing source id, partition and id. Rejects a row that contradicts
    /// the store.
    fn inserted(&self, model: &Model) -> Trigger {
        let is_empty = |column| format!("ifnull(new.{}, '') = ''", Quoted(column));
        // The last condition makes the body run, and its update fires `is_who_it_was`, which rejects the row. A
        // separate trigger for it would cost more.
        let when = format!(
            "{} AND (new.{} IS NOT 1 OR {} OR {} OR {} OR {})",
            of_model(model, "new."),
            Quoted(DIRTY_BIT),
            is_empty(SOURCE_ID),
            is_empty(PARTITION),
            interim::is(&new_id()),
            self.table.is_another_in_store("new", self.profile),
        );
        // An app's own trigger, which runs first, may have replaced the row.
        let identify = format!("{} AND {id} = new.{id}", self.identify(model), id = Quoted(ID));
        let body = format!("{identify}; {}", self.refuse_without_id());
        self.trigger(&format!("inserted_{}", model.name), "AFTER INSERT", Some(&when), &body)
    }

    /// The statement that marks the row `new` as dirty, and sets its source id and partition if they are missing.
    fn identify(&self, model: &Model) -> String {
        let or_made = |column, made: &str| {
            let column = Quoted(column);
            format!("{column} = CASE WHEN ifnull(new.{column}, '') = '' THEN {made} ELSE new.{column} END")
        };
        // `keeps_its_identity` rejects a source id or partition that is still empty.
        self.set(&format!(
            "{} = 1, {}, {}",
            Quoted(DIRTY_BIT),
            or_made(SOURCE_ID, &source_id(model, "new")),
            or_made(PARTITION, &new_partition(model)),
        ))
    }

    /// Marks a row as dirty after an update of a synced column.
    fn updated(&self) -> Trigger {
        let columns: Vec<_> = self.table.synced().map(|name| Quoted(name).to_string()).collect();
        let clean = format!("new.{} IS NOT 1", Quoted(DIRTY_BIT));
        let event = format!("AFTER UPDATE OF {}", columns.join(", "));
        self.trigger("updated", &event, Some(&clean), &self.set(&format!("{} = 1", Quoted(DIRTY_BIT))))
    }

    /// The statement that sets columns of the row `new`.
    fn set(&self, columns: &str) -> String {
        format!("UPDATE {} SET {columns} WHERE {row} = new.{row}", Quoted(self.table.name), row = self.row)
    }

    /// Lists a deleted row.
    fn deleted(&self) -> Trigger {
        // A deletion can have no other conflict clause than `REPLACE`, which is right here as well.
        let body = format!(
            "INSERT OR IGNORE INTO morango_deletedmodels (id, profile) VALUES (old.{}, {})",
            Quoted(ID),
            Literal(self.profile)
        );
        let was_record = format!("NOT {}", interim::is(&old_id()));
        self.trigger("deleted", "AFTER DELETE", Some(&was_record), &body)
    }

    /// Treats a changed id as a deletion and an insertion: the fields that the identity depends on may have changed
    /// with it.
    fn renamed(&self) -> Trigger {
        let mut body = self.list(&format!("old.{}", Quoted(ID)), "WHERE");
        for model in &self.table.models {
            let (partition_column, source_column) = (Quoted(PARTITION), Quoted(SOURCE_ID));
            // Always sets both, so that `is_who_it_was` checks the row.
            let set = self.set(&format!(
                "{partition_column} = CASE WHEN new.{partition_column} IS old.{partition_column} AND {made} IS NOT {was} \
                 THEN ifnull({made}, new.{partition_column}) ELSE new.{partition_column} END, \
                 {source_column} = CASE WHEN new.{source_column} IS NOT old.{source_column} THEN new.{source_column} \
                 ELSE ifnull({known}, {source}) END",
                made = partition(model, "new"),
                was = partition(model, "old"),
                known = known_source_id("new"),
                source = renamed_source_id(model),
            ));
            let _ = write!(body, "; {set} AND {}", of_model(model, ""));
        }
        let event = format!("AFTER UPDATE OF {}", Quoted(ID));
        let when = format!("new.{0} IS NOT old.{0} AND NOT {1}", Quoted(ID), interim::is(&old_id()));
        self.trigger("renamed", &event, Some(&when), &body)
    }

    /// Lists the rows that an insert or an update would displace, by one unique key.
    fn displaced(&self, key: &UniqueKey) -> [Trigger; 2] {
        let columns: Vec<_> = key.columns.iter().map(|name| Quoted(name).to_string()).collect();
        // The key contains the source id or partition, which the steps that compute an id set.
        let is_of_identity = columns.is_empty()
            || key
                .columns
                .iter()
                .any(|name| [SOURCE_ID, PARTITION].iter().any(|column| name.eq_ignore_ascii_case(column)));
        let trigger = |name: &str, event: &str, itself: &str| {
            let (table, id) = (Quoted(self.table.name), Quoted(ID));
            let others = format!(
                "FROM {table} AS other WHERE {} AND other.{id} IS NOT {itself}.{id}",
                key.same_as_new
            );
            // The `WHEN` runs the query first. Most rows displace none, and then the trigger's body need not be
            // prepared.
            let when = format!("EXISTS (SELECT 1 {others})");
            // A row with a pending id is not a record yet: an app's own trigger may displace the row that fired it.
            let records = format!("{others} AND NOT {} AND", interim::is(&format!("other.{id}")));
            let mut body = self.list(&format!("other.{id}"), &records);
            if is_of_identity && itself == "old" {
                body = format!("{} WHERE {}; {body}", self.no_id(), interim::is(&old_id()));
            }
            self.trigger(&format!("{name}_{}", key.name), event, Some(&when), &body)
        };
        let updated = match &*columns {
            [] => "BEFORE UPDATE".to_owned(),
            columns => format!("BEFORE UPDATE OF {}", columns.join(", ")),
        };
        [trigger("displaced", "BEFORE INSERT", "new"), trigger("overwritten", &updated, "old")]
    }

    /// Rejects an update that would move a record to another partition.
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

    /// Rejects an update that would change a record's model.
    fn stays_of_its_model(&self, model: &Model) -> Option<Trigger> {
        let column = Quoted(model.discriminator?.column);
        let when = format!("{} AND new.{column} IS NOT old.{column}", of_model(model, "old."));
        let message = format!("a {0} stays a {0}: delete it, and insert it anew", model.name);
        let event = format!("BEFORE UPDATE OF {column}");
        Some(self.trigger(&format!("kept_{}", model.name), &event, Some(&when), &refuse(&message)))
    }

    /// Completes a row that becomes a record when its discriminator changes.
    fn joined(&self, model: &Model) -> Option<Trigger> {
        let column = Quoted(model.discriminator?.column);
        let when = format!("{} AND new.{column} IS NOT old.{column}", of_model(model, "new."));
        let event = format!("AFTER UPDATE OF {column}");
        Some(self.trigger(&format!("joined_{}", model.name), &event, Some(&when), &self.identify(model)))
    }

    /// Rejects a row of no model with the id of a record in the store: the record would be neither in the app nor
    /// deleted. A row of no model without an id gets a random one.
    fn no_record_where_one_was(&self) -> Vec<Trigger> {
        if self.table.models.iter().any(|model| model.discriminator.is_none()) {
            return Vec::new();
        }
        let is_none = format!("{} IS NULL", self.table.model_of("new."));
        let was_one = self.table.is_another_in_store("new", self.profile);
        let refuse = refuse(&format!(
            "the sync store has a record of this id, and the row of {} is of none of its models: delete the record, and \
             take another id",
            self.table.name
        ));
        let is_interim = interim::is(&new_id());
        let body = format!(
            "{} AND {is_interim}; {refuse} WHERE NOT {is_interim}",
            self.set(&format!("{} = {}", Quoted(ID), interim::digits(&new_id())))
        );
        let inserted = format!("{is_none} AND ({is_interim} OR {was_one})");
        let renamed = format!("{is_none} AND {was_one}");
        vec![
            self.trigger("hidden", "AFTER INSERT", Some(&inserted), &body),
            self.trigger("hidden_by_id", &format!("AFTER UPDATE OF {}", Quoted(ID)), Some(&renamed), &refuse),
        ]
    }

    /// Rejects a row that contradicts the store about its partition, source id or model.
    fn is_who_it_was(&self) -> Trigger {
        // If the id changes, `renamed` sets both columns, and this trigger runs again.
        let when = format!(
            "new.{id} IS old.{id} AND {}",
            self.table.is_another_in_store("new", self.profile),
            id = Quoted(ID)
        );
        let event = format!("AFTER UPDATE OF {}, {}", Quoted(SOURCE_ID), Quoted(PARTITION));
        self.trigger("is_who_it_was", &event, Some(&when), &refuse(&self.is_known_otherwise()))
    }

    fn is_known_otherwise(&self) -> String {
        format!(
            "the sync store has this record with another partition, source id or model, and it keeps them: write the row \
             of {} with these, or with another id",
            self.table.name
        )
    }

    /// Rejects an update that clears the source id or partition, or sets an invalid one. A `CHECK` alone is not enough:
    /// with `OR IGNORE` or `OR FAIL` in the outer statement, it would leave a row that a trigger has not completed.
    fn keeps_its_identity(&self) -> Trigger {
        let (source_id, partition) = (Quoted(SOURCE_ID), Quoted(PARTITION));
        let is_empty = format!("ifnull(new.{source_id}, '') = '' OR ifnull(new.{partition}, '') = ''");
        let checks: Vec<_> =
            self.table.checks().filter(|check| [SOURCE_ID, PARTITION].contains(&check.column)).collect();
        let mut when = is_empty.clone();
        let refuse_empty = refuse("the source id and the partition of a record are never empty");
        let mut body = format!("{refuse_empty} WHERE {is_empty}");
        for check in checks {
            let _ = write!(when, " OR NOT ({})", check.holds("new."));
            let _ = write!(body, "; {}", check.or_refuse());
        }
        let event = format!("BEFORE UPDATE OF {source_id}, {partition}");
        self.trigger("keeps_identity", &event, Some(&when), &body)
    }

    /// Triggers for the constraints that the table was created without.
    fn checked(&self, checks: &[Check]) -> Vec<Trigger> {
        if checks.is_empty() {
            return Vec::new();
        }
        let trigger = |name: &str, event: &str, checks: &[Check]| {
            let holds: Vec<_> = checks.iter().map(|check| format!("({})", check.holds("new."))).collect();
            let refuse: Vec<_> = checks.iter().map(|check| check.or_refuse()).collect();
            self.trigger(name, event, Some(&format!("NOT ({})", holds.join(" AND "))), &refuse.join("; "))
        };
        let columns: Vec<_> = checks.iter().map(|check| Quoted(check.column).to_string()).collect();
        vec![
            trigger("checked", "BEFORE INSERT", checks),
            trigger("checked_again", &format!("BEFORE UPDATE OF {}", columns.join(", ")), checks),
        ]
    }
}

/// A statement that aborts the outer statement with `message`. A `FROM` or `WHERE` clause may follow.
fn refuse(message: &str) -> String {
    format!("SELECT RAISE(ABORT, {})", Literal(&format!("syncline: {message}")))
}

/// The partition of a row of `model` as an SQL expression. `NULL` if the model declares none.
pub(crate) fn partition(model: &Model, row: &str) -> String {
    partition_with(model, row, &format!("{row}.{}", Quoted(ID)))
}

/// The partition of an inserted row. A placeholder replaces an id that is not computed yet.
fn new_partition(model: &Model) -> String {
    let id = new_id();
    partition_with(
        model,
        "new",
        &format!("CASE WHEN {} THEN {} ELSE {id} END", interim::is(&id), Literal(OWN_ID)),
    )
}

fn partition_with(model: &Model, row: &str, own_id: &str) -> String {
    match (&model.partition, &model.partition_without) {
        (None, _) => "NULL".to_owned(),
        (Some(template), None) => template_sql(template, row, own_id),
        (Some(template), Some((column, without))) => format!(
            "CASE WHEN {row}.{} IS NULL THEN {} ELSE {} END",
            Quoted(column),
            template_sql(without, row, own_id),
            template_sql(template, row, own_id)
        ),
    }
}

/// The source id of a row of `model` as an SQL expression: the store's, which never changes, or else the declared one.
/// If the model declares none, it is the id, or the random digits of a pending id.
pub(crate) fn source_id(model: &Model, row: &str) -> String {
    let own_id = interim::digits(&format!("{row}.{}", Quoted(ID)));
    let made = match &model.source_id {
        Some(template) => template_sql(template, row, &own_id),
        None => own_id,
    };
    format!("ifnull({}, {made})", known_source_id(row))
}

/// The source id in the store for the id of a row. `NULL` if the store does not have the id.
fn known_source_id(row: &str) -> String {
    format!("(SELECT stored.source_id FROM morango_store AS stored WHERE stored.id = {row}.{})", Quoted(ID))
}

/// The source id of a row of `model` whose id changed: the old one, unless the fields that it depends on changed.
fn renamed_source_id(model: &Model) -> String {
    let (id, source_id) = (Quoted(ID), Quoted(SOURCE_ID));
    match &model.source_id {
        Some(template) => format!(
            "CASE WHEN {made} IS NOT {was} THEN {made} ELSE new.{source_id} END",
            made = template_sql(template, "new", &new_id()),
            was = template_sql(template, "old", &old_id())
        ),
        None => format!("CASE WHEN old.{source_id} IS old.{id} THEN new.{id} ELSE new.{source_id} END"),
    }
}

fn new_id() -> String {
    format!("new.{}", Quoted(ID))
}

fn old_id() -> String {
    format!("old.{}", Quoted(ID))
}
