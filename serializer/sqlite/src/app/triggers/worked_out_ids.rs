//! The ids of rows that somebody inserts without one: what the app's own `insert` would have worked out.
//!
//! An id is a hash of the partition, the source id and the model (morango.md §1.3), so these are filled in first. The hash takes
//! a third of a millisecond and thousands of instructions, and a trigger's memory is made ready even where its `WHEN` does not hold.
//! So each step is a trigger of its own, which nothing but the step before sets off:
//!
//! 1. `inserted` fills in the rest.
//! 2. `begun` sees that the source id was set, and sets the id to `new:000…`.
//! 3. `hashed` sees that, and sets it to `new:` and the hash.
//! 4. `placed` sees that: it gives the row its id, and puts that into the partition.
//!
//! There may be a row with that id. What is to happen then the statement outside says, and a trigger cannot ask. `OR IGNORE`
//! must leave the other row, `OR FAIL` as well, with an error that takes nothing back, and `OR REPLACE` this one. So the row is
//! removed, and inserted again with its id: each of them does to that what it is to do. Columns that no model declares get
//! their defaults then: to name one would keep it from being dropped.
//!
//! Who reads a row's id in an `AFTER INSERT` trigger or a `RETURNING` of their own may find `new:` and random digits.

use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, OWN_ID, Template};

use super::{Trigger, Writer, new_id, old_id, refuse};
use crate::app::checks::is_id;
use crate::app::interim;
use crate::app::sha256_sql;
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

impl Writer<'_> {
    /// Refuses a row in which a step runs into a key or a check of the app's own: an `OR IGNORE` or `OR FAIL` outside would
    /// leave the step out, and the row in the table.
    pub(super) fn no_id(&self) -> String {
        refuse(&format!("no id can be worked out for a row of {}: give it one", self.table.name))
    }

    /// Refuses the row `new` where it has no id by now, also where a trigger of the app's own has given it another rowid.
    pub(super) fn refuse_without_id(&self) -> String {
        let (table, id, row) = (Quoted(self.table.name), Quoted(ID), &self.row);
        let refuse = format!("{} FROM {table} WHERE {} AND", self.no_id(), interim::is(&new_id()));
        let unfinished = format!("{refuse} {row} = new.{row} AND {}", interim::is(&id.to_string()));
        if *row == id.to_string() {
            return unfinished;
        }
        format!("{unfinished}; {refuse} {id} = new.{id}")
    }

    pub(super) fn works_out_ids(&self) -> [Trigger; 4] {
        [self.begun(), self.hashed(), self.placed(), self.keeps_its_id()]
    }

    fn begun(&self) -> Trigger {
        let being_worked_out = interim::BEING_WORKED_OUT;
        let when = format!("{} AND {} <> {being_worked_out}", interim::is(&new_id()), new_id());
        let event = format!("AFTER UPDATE OF {}", Quoted(SOURCE_ID));
        let body = self.set(&format!("{} = {being_worked_out}", Quoted(ID)));
        self.trigger("begun", &event, Some(&when), &body)
    }

    fn hashed(&self) -> Trigger {
        let source_id = format!("new.{}", Quoted(SOURCE_ID));
        let chosen: Vec<_> = self.table.models.iter().filter(|model| takes_source_id(model)).collect();
        let hash = sha256_sql::first_half(&format!(
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
            interim::BEING_WORKED_OUT
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
        let when = format!("{} = {}", new_id(), interim::BEING_WORKED_OUT);
        self.trigger("hashed", &after_update_of_id(), Some(&when), &body)
    }

    fn placed(&self) -> Trigger {
        let (table, id, partition) = (Quoted(self.table.name), Quoted(ID), Quoted(PARTITION));
        let made = format!("substr({}, 5)", new_id());
        let in_place = format!("replace(new.{partition}, {}, {made})", Literal(OWN_ID));
        let this = format!("{row} = new.{row}", row = self.row);

        let mut columns = vec![Quoted(DIRTY_BIT).to_string()];
        let mut values = vec!["1".to_owned()];
        // So that it is the one that was last inserted.
        if self.row != id.to_string() {
            columns.push(self.row.clone());
            values.push(format!("new.{}", self.row));
        }
        for column in &self.table.columns {
            let name = Quoted(column.declared.name);
            columns.push(name.to_string());
            values.push(match column.declared.name {
                ID => made.clone(),
                PARTITION => in_place.clone(),
                _ => format!("new.{name}"),
            });
        }
        let body = [
            format!(
                "DELETE FROM {table} WHERE {this} AND EXISTS (SELECT 1 FROM {table} AS other WHERE other.{id} = {made})"
            ),
            // A trigger of the app's own may keep rows from being deleted. An `OR FAIL` would then leave both.
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
                interim::is(&id.to_string())
            ),
            format!(
                "{} FROM {table} AS made WHERE made.{id} = {made} AND {}",
                refuse(&self.is_known_otherwise()),
                self.table.is_another_in_store("made", self.profile)
            ),
        ];
        let when = format!("old.{id} = {} AND new.{id} IS NOT old.{id}", interim::BEING_WORKED_OUT);
        self.trigger("placed", &after_update_of_id(), Some(&when), &body.join("; "))
    }

    /// What has an id does not go without one again. Nor does a trigger of the app's own give one to a row that came without: its
    /// source id and its partition would be made of the other.
    fn keeps_its_id(&self) -> Trigger {
        let id = Quoted(ID);
        let (was_interim, is_interim) = (interim::is(&old_id()), interim::is(&new_id()));
        let is_begun = |column| format!("ifnull(new.{}, '') <> ''", Quoted(column));
        let is_given = format!(
            "{was_interim} AND NOT {is_interim} AND NOT ({} AND {})",
            is_begun(SOURCE_ID),
            is_begun(PARTITION)
        );
        let when = format!(
            "{is_interim} AND NOT {was_interim} OR {is_given} AND {} IS NOT NULL",
            self.table.model_of("new.")
        );
        let body = format!(
            "{} WHERE {is_interim}; {} WHERE NOT {is_interim}",
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

/// Whether the id of a record of `model` is its source id, and no hash.
fn takes_source_id(model: &Model) -> bool {
    model.source_id.as_ref().is_some_and(Template::is_own_id)
}
