//! Triggers that compute the id of a row that is inserted without one. The result equals the id that `Access::insert`
//! computes.
//!
//! An id is a hash of the partition, the source id and the model (morango.md §1.3), so these are set first. The hash
//! takes a third of a millisecond and thousands of bytecode instructions, and SQLite prepares a trigger's memory even
//! if its `WHEN` is false. So each step is a trigger of its own, which only the step before fires:
//!
//! 1. `inserted` sets the other columns.
//! 2. `begun` runs after the source id is set, and sets the id to `new:000…`.
//! 3. `hashed` runs after that, and sets the id to `new:` and the hash.
//! 4. `placed` runs after that. It sets the final id, and replaces the placeholder in the partition.
//!
//! A row with that id may exist. The conflict clause of the outer statement decides then, and a trigger cannot query
//! it. With `OR IGNORE` the existing row must stay. With `OR FAIL` it must stay as well, with an error that undoes
//! nothing. With `OR REPLACE` the new row must replace it. So `placed` deletes the new row and inserts it again with
//! its id: that insert follows the outer clause. Columns that no model declares get their defaults in this insert: a
//! trigger that named such a column would prevent the app from dropping it.
//!
//! Rows that these steps do not reach, or leave half done, are completed later ([`unfinished`](crate::app::unfinished)).
//!
//! An `AFTER INSERT` trigger of the app, or a `RETURNING` clause, may see `new:` and random digits as the id.

use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, OWN_ID, Template};

use crate::app::check_sql::is_id;
use crate::app::computed_ids::{pending_id, sha256};
use crate::app::identity_sql::{lacks_partition, new_id, old_id};
use crate::app::triggers::trigger::{Trigger, refuse};
use crate::app::triggers::writer::Writer;
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

impl Writer<'_> {
    /// The statement that rejects a row if a step violates a key or check of the app. With an outer `OR IGNORE` or `OR
    /// FAIL`, SQLite would otherwise skip the step and leave an incomplete row.
    pub(crate) fn no_id(&self) -> String {
        refuse(&format!("no id can be computed for a row of {}: give it one", self.table.name))
    }

    /// The statements that reject the row `new` if it still has no id, even if an app's own trigger has changed its
    /// rowid.
    pub(crate) fn refuse_without_id(&self) -> String {
        let (table, id, row) = (Quoted(self.table.name), Quoted(ID), &self.row);
        let refuse = format!("{} FROM {table} WHERE {} AND", self.no_id(), pending_id::is(&new_id()));
        let unfinished = format!("{refuse} {row} = new.{row} AND {}", pending_id::is(&id.to_string()));
        if *row == id.to_string() {
            return unfinished;
        }
        format!("{unfinished}; {refuse} {id} = new.{id}")
    }

    pub(crate) fn works_out_ids(&self) -> [Trigger; 4] {
        [self.begun(), self.hashed(), self.placed(), self.keeps_its_id()]
    }

    fn begun(&self) -> Trigger {
        let being_worked_out = pending_id::BEING_WORKED_OUT;
        let when = format!("{} AND {} <> {being_worked_out}", pending_id::is(&new_id()), new_id());
        let event = format!("AFTER UPDATE OF {}", Quoted(SOURCE_ID));
        let body = self.set(&format!("{} = {being_worked_out}", Quoted(ID)));
        self.trigger("begun", &event, Some(&when), &body)
    }

    fn hashed(&self) -> Trigger {
        let source_id = format!("new.{}", Quoted(SOURCE_ID));
        let chosen: Vec<_> = self.table.models.iter().filter(|model| takes_source_id(model)).collect();
        let hash = sha256::first_half(&format!(
            "new.{}||'::'||{source_id}||'::'||{}",
            Quoted(PARTITION),
            self.table.model_of("new.")
        ));
        let not_utf_8 = refuse(
            "this database does not keep its text as UTF-8, of which ids are made: insert the row with the app, or give it an id",
        ) + " WHERE hex('a') <> '61'";
        let no_id = refuse("id is 32 lower-case hex digits");
        let no_id = format!(
            "{no_id} WHERE (NOT ({}) OR 'new:' || {source_id} = {})",
            is_id(&source_id),
            pending_id::BEING_WORKED_OUT
        );
        let set = |made: &str| self.set(&format!("{} = 'new:' || {made}", Quoted(ID)));
        let body = if chosen.is_empty() {
            format!("{not_utf_8}; {}", set(&hash))
        } else if chosen.len() == self.table.models.len() {
            format!("{no_id}; {}", set(&source_id))
        } else {
            let is_chosen: Vec<_> = chosen.iter().map(|model| of_model(model, "new.")).collect();
            let is_chosen = format!("({})", is_chosen.join(" OR "));
            format!(
                "{not_utf_8} AND NOT {is_chosen}; {no_id} AND {is_chosen}; {}",
                set(&format!("CASE WHEN {is_chosen} THEN {source_id} ELSE {hash} END"))
            )
        };
        let when = format!("{} = {}", new_id(), pending_id::BEING_WORKED_OUT);
        self.trigger("hashed", &after_update_of_id(), Some(&when), &body)
    }

    fn placed(&self) -> Trigger {
        let (table, id, partition) = (Quoted(self.table.name), Quoted(ID), Quoted(PARTITION));
        let made = format!("substr({}, 5)", new_id());
        let in_place = format!("replace(new.{partition}, {}, {made})", Literal(OWN_ID));
        let this = format!("{row} = new.{row}", row = self.row);

        let mut columns = vec![Quoted(DIRTY_BIT).to_string()];
        let mut values = vec!["1".to_owned()];
        // The row keeps its rowid, so `last_insert_rowid` stays right.
        if self.row != id.to_string() {
            columns.push(self.row.clone());
            values.push(format!("new.{}", self.row));
        }
        // In a fixed order, as in `updated`. A row that is inserted again keeps the values of other versions' columns.
        let declared = self.table.columns.iter().map(|column| column.declared.name);
        let mut names: Vec<_> = declared.chain(self.table.other_columns.iter().map(|name| &**name)).collect();
        names.sort_unstable();
        for column in names {
            let name = Quoted(column);
            columns.push(name.to_string());
            values.push(match column {
                ID => made.clone(),
                PARTITION => in_place.clone(),
                _ => format!("new.{name}"),
            });
        }
        let body = [
            format!(
                "DELETE FROM {table} WHERE {this} AND EXISTS (SELECT 1 FROM {table} AS other WHERE other.{id} = {made})"
            ),
            // An app's own trigger may prevent the deletion. With `OR FAIL` both rows would then stay.
            format!(
                "{} FROM {table} AS other WHERE other.{id} = {made} \
                 AND EXISTS (SELECT 1 FROM {table} AS this WHERE this.{this})",
                self.no_id()
            ),
            format!(
                "INSERT INTO {table} ({}) SELECT {} WHERE NOT EXISTS (SELECT 1 FROM {table} AS this WHERE this.{this})",
                columns.join(", "),
                values.join(", ")
            ),
            format!(
                "{} AND {}",
                self.set(&format!("{id} = {made}, {partition} = {in_place}")),
                pending_id::is(&id.to_string())
            ),
            format!(
                "{} FROM {table} AS made WHERE made.{id} = {made} AND {}",
                refuse(&self.is_known_otherwise()),
                self.table.is_another_in_store("made", self.profile)
            ),
        ];
        let when = format!("old.{id} = {} AND new.{id} IS NOT old.{id}", pending_id::BEING_WORKED_OUT);
        self.trigger("placed", &after_update_of_id(), Some(&when), &body.join("; "))
    }

    /// Rejects an update that sets a pending id. Also rejects an app's trigger that gives an id to a row inserted
    /// without one: its source id and partition would belong to another id.
    fn keeps_its_id(&self) -> Trigger {
        let id = Quoted(ID);
        let (was_pending, is_pending) = (pending_id::is(&old_id()), pending_id::is(&new_id()));
        let is_given = format!(
            "{was_pending} AND NOT {is_pending} AND (ifnull(new.{}, '') = '' OR {})",
            Quoted(SOURCE_ID),
            lacks_partition(&self.table.models, "new")
        );
        let when = format!(
            "{is_pending} AND NOT {was_pending} OR {is_given} AND {} IS NOT NULL",
            self.table.model_of("new.")
        );
        let body = format!(
            "{} WHERE {is_pending}; {} WHERE NOT {is_pending}",
            refuse("id is 32 lower-case hex digits"),
            refuse(&format!(
                "a row of {} has its id from the start, or none: give it one in the INSERT",
                self.table.name
            ))
        );
        self.trigger("keeps_id", &format!("BEFORE UPDATE OF {id}"), Some(&when), &body)
    }
}

fn after_update_of_id() -> String {
    format!("AFTER UPDATE OF {}", Quoted(ID))
}

/// Returns `true` if the id of a record of `model` is its source id instead of a hash.
pub(crate) fn takes_source_id(model: &Model) -> bool {
    model.source_id.as_ref().is_some_and(Template::is_own_id)
}
