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
//! * A row that came without its source id or partition gets them here, and one without an id its hash
//!   (`worked_out_ids`). What would never sync is refused with a message: by a `CHECK` where the table was made
//!   with it ([`Check`]), by a trigger elsewhere, and where a trigger would leave a row half done.
//! * The store never gives a record another partition, source id or model (morango.md §6.3). So a row that says something
//!   else than the store about the record of its id is refused, whatever wrote it: it would be in one place here and in
//!   another for every peer. That is looked at once the row is there, so that an `OR IGNORE` or an upsert which leaves the
//!   table's row as it was is no move. A record that was never serialised nobody else knows: whoever replaces it says anew
//!   who it is.
//!
//! Whoever writes records here that come from another machine clears their dirty bits by an update of its own.
//!
//! The app's own triggers come first: one that keeps a search index, say, must see the insert before the update that fills the
//! row in, or it takes out of the index what it never put there. SQLite promises no order, but all versions run the trigger
//! that was made last first. So where ours are made later, those of the app are made anew behind them, word for word. One that
//! says `RAISE(IGNORE)` once a row has changed is refused: no trigger behind it would run.
//!
//! Inside a trigger the conflict clause of the statement outside takes the place of the inner one's, so what is listed is
//! looked up before. What only newer versions of `SQLite` know is left out: older ones could not read the file at all.

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
use crate::error::{DatabaseError, Doing};
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// How the names of triggers begin.
const PREFIX: &str = "syncline_";

/// A trigger.
#[derive(Debug, PartialEq, Eq)]
struct Trigger {
    name: String,
    sql: String,
}

impl Trigger {
    /// Whether it is an `AFTER` trigger with a `RAISE(IGNORE)`. Before a change that only leaves the change out.
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

/// Makes the triggers of `table`, and removes those that an earlier declaration left.
pub(crate) fn make(connection: &Connection, profile: &str, table: &Table) -> Result<(), DatabaseError> {
    const DOING: &str = "making the triggers that track changes";

    let wanted = wanted(connection, profile, table)?;
    let present = present(connection, table.name)?;
    for Trigger { name, .. } in present.iter().filter(|trigger| !wanted.contains(trigger)) {
        connection.execute_batch(&format!("DROP TRIGGER {}", Quoted(name))).doing(DOING)?;
    }
    for Trigger { name, sql } in wanted.iter().filter(|trigger| !present.contains(trigger)) {
        // Another table has it that had this one's name: triggers go along with a table that gets another.
        connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {}; {sql}", Quoted(name))).doing(DOING)?;
    }
    if !others_come_first(connection, table.name)? {
        for Trigger { name, sql } in others(connection, table.name)? {
            connection.execute_batch(&format!("DROP TRIGGER {}; {sql}", Quoted(&name))).doing(DOING)?;
        }
    }
    Ok(())
}

/// Whether `table` has just the triggers that it is to have.
pub(crate) fn are_made(connection: &Connection, profile: &str, table: &Table) -> Result<bool, DatabaseError> {
    let (wanted, present) = (wanted(connection, profile, table)?, present(connection, table.name)?);
    Ok(wanted.len() == present.len()
        && wanted.iter().all(|trigger| present.contains(trigger))
        && others_come_first(connection, table.name)?)
}

/// Refuses a table with a trigger of the app's own behind which none of this module's would run.
pub(crate) fn others_let_them_run(connection: &Connection, table: &str) -> Result<(), DatabaseError> {
    match others(connection, table)?.into_iter().find(Trigger::skips_the_rest) {
        Some(Trigger { name, .. }) => {
            Err(DatabaseError::SkipsTriggers { table: table.to_owned(), trigger: name })
        }
        None => Ok(()),
    }
}

/// Those that this module made on `table`.
fn present(connection: &Connection, table: &str) -> Result<Vec<Trigger>, DatabaseError> {
    read(connection, table, "name GLOB ?2 || '*'")
}

/// Those that it did not make, the oldest first.
fn others(connection: &Connection, table: &str) -> Result<Vec<Trigger>, DatabaseError> {
    read(connection, table, "name NOT GLOB ?2 || '*'")
}

fn read(connection: &Connection, table: &str, which: &str) -> Result<Vec<Trigger>, DatabaseError> {
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

/// Whether the app's own triggers on `table` are all younger than those of this module.
fn others_come_first(connection: &Connection, table: &str) -> Result<bool, DatabaseError> {
    connection
        .prepare_cached(
            "SELECT ifnull(min(CASE WHEN name NOT GLOB ?2 || '*' THEN rowid END) \
             > max(CASE WHEN name GLOB ?2 || '*' THEN rowid END), 1) \
             FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE",
        )
        .and_then(|mut statement| statement.query_row((table, PREFIX), |row| row.get(0)))
        .doing("reading the triggers")
}

fn wanted(connection: &Connection, profile: &str, table: &Table) -> Result<Vec<Trigger>, DatabaseError> {
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

/// Writes the triggers of one table.
struct Writer<'a> {
    table: &'a Table,
    profile: &'a str,
    /// The column by which a row is found fastest.
    row: String,
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

    /// Lists `id` as deleted, as it comes `from` somewhere.
    fn list(&self, id: &str, from: &str) -> String {
        format!(
            "INSERT INTO morango_deletedmodels (id, profile) SELECT {id}, {profile} {from} \
             NOT EXISTS (SELECT 1 FROM morango_deletedmodels AS listed WHERE listed.id = {id})",
            profile = Literal(self.profile)
        )
    }

    /// What is inserted is dirty, has a source id and a partition, and is who the store says it is.
    fn inserted(&self, model: &Model) -> Trigger {
        let is_empty = |column| format!("ifnull(new.{}, '') = ''", Quoted(column));
        // The last of these is refused by `is_who_it_was`, which sees what the body does. A trigger of its own for it would
        // cost more.
        let when = format!(
            "{} AND (new.{} IS NOT 1 OR {} OR {} OR {} OR {})",
            of_model(model, "new."),
            Quoted(DIRTY_BIT),
            is_empty(SOURCE_ID),
            is_empty(PARTITION),
            interim::is(&new_id()),
            self.table.is_another_in_store("new", self.profile),
        );
        // A trigger of the app's own, which came first, may have put another row in its place.
        let identify = format!("{} AND {id} = new.{id}", self.identify(model), id = Quoted(ID));
        let body = format!("{identify}; {}", self.refuse_without_id());
        self.trigger(&format!("inserted_{}", model.name), "AFTER INSERT", Some(&when), &body)
    }

    /// Marks the row `new`, and gives it the source id and the partition that it lacks.
    fn identify(&self, model: &Model) -> String {
        let or_made = |column, made: &str| {
            let column = Quoted(column);
            format!("{column} = CASE WHEN ifnull(new.{column}, '') = '' THEN {made} ELSE new.{column} END")
        };
        // What still comes out empty is refused by `keeps_its_identity`.
        self.set(&format!(
            "{} = 1, {}, {}",
            Quoted(DIRTY_BIT),
            or_made(SOURCE_ID, &source_id(model, "new")),
            or_made(PARTITION, &new_partition(model)),
        ))
    }

    fn updated(&self) -> Trigger {
        let columns: Vec<_> = self.table.synced().map(|name| Quoted(name).to_string()).collect();
        let clean = format!("new.{} IS NOT 1", Quoted(DIRTY_BIT));
        let event = format!("AFTER UPDATE OF {}", columns.join(", "));
        self.trigger("updated", &event, Some(&clean), &self.set(&format!("{} = 1", Quoted(DIRTY_BIT))))
    }

    /// Sets columns of the row `new`.
    fn set(&self, columns: &str) -> String {
        format!("UPDATE {} SET {columns} WHERE {row} = new.{row}", Quoted(self.table.name), row = self.row)
    }

    fn deleted(&self) -> Trigger {
        // A deletion has no conflict clause but `REPLACE`, which does here as well.
        let body = format!(
            "INSERT OR IGNORE INTO morango_deletedmodels (id, profile) VALUES (old.{}, {})",
            Quoted(ID),
            Literal(self.profile)
        );
        let was_record = format!("NOT {}", interim::is(&old_id()));
        self.trigger("deleted", "AFTER DELETE", Some(&was_record), &body)
    }

    /// A changed id is a deletion and an insertion: what the identity of the row was made of may have changed with it.
    fn renamed(&self) -> Trigger {
        let mut body = self.list(&format!("old.{}", Quoted(ID)), "WHERE");
        for model in &self.table.models {
            let (partition_column, source_column) = (Quoted(PARTITION), Quoted(SOURCE_ID));
            // Always set, so that `is_who_it_was` looks at it.
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

    /// The rows that an insert or an update would displace.
    fn displaced(&self, key: &UniqueKey) -> [Trigger; 2] {
        let columns: Vec<_> = key.columns.iter().map(|name| Quoted(name).to_string()).collect();
        // Of a row whose id is being worked out.
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
            // Looked for first: most often there is none, and nothing need be made ready to list it.
            let when = format!("EXISTS (SELECT 1 {others})");
            // What has no id yet is no record: a trigger of the app's own may displace the row that set it off.
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

    /// A record does not become one of another model.
    fn stays_of_its_model(&self, model: &Model) -> Option<Trigger> {
        let column = Quoted(model.discriminator?.column);
        let when = format!("{} AND new.{column} IS NOT old.{column}", of_model(model, "old."));
        let message = format!("a {0} stays a {0}: delete it, and insert it anew", model.name);
        let event = format!("BEFORE UPDATE OF {column}");
        Some(self.trigger(&format!("kept_{}", model.name), &event, Some(&when), &refuse(&message)))
    }

    /// A row that was no record, and becomes one.
    fn joined(&self, model: &Model) -> Option<Trigger> {
        let column = Quoted(model.discriminator?.column);
        let when = format!("{} AND new.{column} IS NOT old.{column}", of_model(model, "new."));
        let event = format!("AFTER UPDATE OF {column}");
        Some(self.trigger(&format!("joined_{}", model.name), &event, Some(&when), &self.identify(model)))
    }

    /// A row of no model does not take the place of a record that the store knows: that would be neither here nor deleted. Without
    /// an id of its own it gets a random one.
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

    /// A record that the store knows is the same here.
    fn is_who_it_was(&self) -> Trigger {
        // Where the id changes, `renamed` sets the rest, and that is looked at.
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

    /// Nobody takes a record's source id or partition from it. What does not fit is refused here too, before the check of the
    /// table, which an `OR IGNORE` or `OR FAIL` outside would have leave a row behind that a trigger has not finished.
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

    /// What the table was not made to check is looked at here.
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

/// The statement, up to a `FROM` that it may have, that ends the one outside with `message`.
fn refuse(message: &str) -> String {
    format!("SELECT RAISE(ABORT, {})", Literal(&format!("syncline: {message}")))
}

/// The partition of a row of `model`, as SQL; `NULL` where it declares none.
pub(crate) fn partition(model: &Model, row: &str) -> String {
    partition_with(model, row, &format!("{row}.{}", Quoted(ID)))
}

/// The same of a row that was inserted: where its id is still to be worked out, with a placeholder for it.
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

/// The source id of a row of `model`, as SQL: that which the store knows the record by, for it never changes, or else what
/// is declared. What is random elsewhere is the id that was given, or the random digits of one that is to be worked out.
pub(crate) fn source_id(model: &Model, row: &str) -> String {
    let own_id = interim::digits(&format!("{row}.{}", Quoted(ID)));
    let made = match &model.source_id {
        Some(template) => template_sql(template, row, &own_id),
        None => own_id,
    };
    format!("ifnull({}, {made})", known_source_id(row))
}

/// The source id that the store has for the id of a row; `NULL` where it has none.
fn known_source_id(row: &str) -> String {
    format!("(SELECT stored.source_id FROM morango_store AS stored WHERE stored.id = {row}.{})", Quoted(ID))
}

/// The source id of a row of `model` whose id has changed: what it was, unless that was made of what has changed.
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
