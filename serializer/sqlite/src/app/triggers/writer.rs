//! The SQL of the triggers of one table.

use std::fmt::Write as _;

use syncline_serializer::model::columns::{DIRTY_BIT, ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, Template};

use crate::app::computed_ids::pending_id;
use crate::app::constraints::Constraint;
use crate::app::field_checks::FieldCheck;
use crate::app::identity_sql::{
    known_source_id, lacks_partition, new_id, new_partition, old_id, partition, renamed_source_id, source_id,
};
use crate::app::table::Table;
use crate::app::tracked_profile::LISTS_DELETED;
use crate::app::triggers::trigger::{PREFIX, Trigger, refuse};
use crate::app::unique_keys::UniqueKey;
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// A generator for the triggers of one table.
pub(crate) struct Writer<'a> {
    pub(crate) table: &'a Table,
    pub(crate) profile: &'a str,
    /// The name of the column that finds a row fastest: the rowid, or the id.
    pub(crate) row: String,
}

impl<'a> Writer<'a> {
    /// A generator for `table`, whose rows the column `row` finds fastest.
    pub(crate) fn new(table: &'a Table, profile: &'a str, row: String) -> Self {
        Self { table, profile, row }
    }

    /// A trigger named `name` that runs `body` on `event`, for rows that meet the condition `when`.
    pub(crate) fn trigger(&self, name: &str, event: &str, when: Option<&str>, body: &str) -> Trigger {
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
    pub(crate) fn list(&self, id: &str, from: &str) -> String {
        format!(
            "INSERT INTO morango_deletedmodels (id, profile) SELECT {id}, {profile} {from} \
             NOT EXISTS (SELECT 1 FROM morango_deletedmodels AS listed WHERE listed.id = {id})",
            profile = Literal(self.profile)
        )
    }

    /// Marks an inserted row as dirty, and sets a missing source id, partition and id. Rejects a row that contradicts
    /// the store.
    pub(crate) fn inserted(&self, model: &Model) -> Trigger {
        let is_empty = |column| format!("ifnull(new.{}, '') = ''", Quoted(column));
        // The last condition makes the body run, and its update fires `is_who_it_was`, which rejects the row. A
        // separate trigger for it would cost more.
        let when = format!(
            "{} AND (new.{} IS NOT 1 OR {} OR {} OR {} OR {})",
            of_model(model, "new."),
            Quoted(DIRTY_BIT),
            is_empty(SOURCE_ID),
            is_empty(PARTITION),
            pending_id::is(&new_id()),
            self.table.is_another_in_store("new", self.profile),
        );
        // An app's own trigger, which runs first, may have replaced the row.
        let identify = format!("{} AND {id} = new.{id}", self.identify(model), id = Quoted(ID));
        let body = format!("{identify}; {}", self.refuse_without_id());
        self.trigger(&format!("inserted_{}", model.name), "AFTER INSERT", Some(&when), &body)
    }

    /// The statement that marks the row `new` as dirty, and sets its source id and partition if they are missing.
    pub(crate) fn identify(&self, model: &Model) -> String {
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
    pub(crate) fn updated(&self) -> Trigger {
        // In a fixed order: two versions of an app then write the same trigger, whatever the order of their fields.
        let synced = self.table.synced().map(|name| Quoted(name).to_string());
        let newer = self.table.newer.iter().map(|name| Quoted(name).to_string());
        let mut columns: Vec<_> = synced.chain(newer).collect();
        columns.sort_unstable();
        let clean = format!("new.{} IS NOT 1", Quoted(DIRTY_BIT));
        let event = format!("AFTER UPDATE OF {}", columns.join(", "));
        // The update runs triggers of the app that name no columns. A trigger of the app that changed the row before
        // this one has marked it already.
        let body = format!(
            "{} AND {1} IS NOT 1",
            self.set(&format!("{} = 1", Quoted(DIRTY_BIT))),
            Quoted(DIRTY_BIT)
        );
        self.trigger("updated", &event, Some(&clean), &body)
    }

    /// The statement that sets columns of the row `new`.
    pub(crate) fn set(&self, columns: &str) -> String {
        format!("UPDATE {} SET {columns} WHERE {row} = new.{row}", Quoted(self.table.name), row = self.row)
    }

    /// Lists a deleted row.
    pub(crate) fn deleted(&self) -> Trigger {
        // A deletion can have no other conflict clause than `REPLACE`, which is right here as well.
        let body = format!(
            "INSERT OR IGNORE INTO morango_deletedmodels (id, profile) VALUES (old.{}, {})",
            Quoted(ID),
            Literal(self.profile)
        );
        let was_record = format!("NOT {}", pending_id::is(&old_id()));
        self.trigger(LISTS_DELETED, "AFTER DELETE", Some(&was_record), &body)
    }

    /// Treats a changed id as a deletion and an insertion: the fields that the identity depends on may have changed
    /// with it.
    pub(crate) fn renamed(&self) -> Trigger {
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
        let when = format!("new.{0} IS NOT old.{0} AND NOT {1}", Quoted(ID), pending_id::is(&old_id()));
        self.trigger("renamed", &event, Some(&when), &body)
    }

    /// Lists the rows that an insert or an update would displace, by one unique key.
    pub(crate) fn displaced(&self, key: &UniqueKey) -> [Trigger; 2] {
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
            let records = format!("{others} AND NOT {} AND", pending_id::is(&format!("other.{id}")));
            let mut body = self.list(&format!("other.{id}"), &records);
            if is_of_identity && itself == "old" {
                body = format!("{} WHERE {}; {body}", self.no_id(), pending_id::is(&old_id()));
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
    pub(crate) fn stays_in_its_partition(&self, model: &Model) -> Option<Trigger> {
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
            "the partition of a {} never changes, and it is built from {}: delete it, and insert it again",
            model.name,
            columns.join(" and ")
        );
        Some(self.trigger(&format!("moved_{}", model.name), &event, Some(&when), &refuse(&message)))
    }

    /// Rejects an update that would change a record's model.
    pub(crate) fn stays_of_its_model(&self, model: &Model) -> Option<Trigger> {
        let column = Quoted(model.discriminator?.column);
        let when = format!("{} AND new.{column} IS NOT old.{column}", of_model(model, "old."));
        let message = format!("a {0} stays a {0}: delete it, and insert it again", model.name);
        let event = format!("BEFORE UPDATE OF {column}");
        Some(self.trigger(&format!("kept_{}", model.name), &event, Some(&when), &refuse(&message)))
    }

    /// Completes a row that becomes a record when its discriminator changes.
    pub(crate) fn joined(&self, model: &Model) -> Option<Trigger> {
        let column = Quoted(model.discriminator?.column);
        let when = format!("{} AND new.{column} IS NOT old.{column}", of_model(model, "new."));
        let event = format!("AFTER UPDATE OF {column}");
        Some(self.trigger(&format!("joined_{}", model.name), &event, Some(&when), &self.identify(model)))
    }

    /// Rejects a row of no model with the id of a record in the store: the record would be neither in the app nor
    /// deleted. A row of no model without an id gets a random one.
    pub(crate) fn no_record_where_one_was(&self) -> Vec<Trigger> {
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
        let is_pending = pending_id::is(&new_id());
        let body = format!(
            "{} AND {is_pending}; {refuse} WHERE NOT {is_pending}",
            self.set(&format!("{} = {}", Quoted(ID), pending_id::digits(&new_id())))
        );
        let inserted = format!("{is_none} AND ({is_pending} OR {was_one})");
        let renamed = format!("{is_none} AND {was_one}");
        vec![
            self.trigger("hidden", "AFTER INSERT", Some(&inserted), &body),
            self.trigger("hidden_by_id", &format!("AFTER UPDATE OF {}", Quoted(ID)), Some(&renamed), &refuse),
        ]
    }

    /// Rejects a row that contradicts the store about its partition, source id or model.
    pub(crate) fn is_who_it_was(&self) -> Trigger {
        // If the id changes, `renamed` sets both columns, and this trigger runs again.
        let when = format!(
            "new.{id} IS old.{id} AND {}",
            self.table.is_another_in_store("new", self.profile),
            id = Quoted(ID)
        );
        let event = format!("AFTER UPDATE OF {}, {}", Quoted(SOURCE_ID), Quoted(PARTITION));
        self.trigger("is_who_it_was", &event, Some(&when), &refuse(&self.is_known_otherwise()))
    }

    pub(crate) fn is_known_otherwise(&self) -> String {
        format!(
            "the sync store has this record with another partition, source id or model, which never change: write the row \
             of {} with these, or with another id",
            self.table.name
        )
    }

    /// Rejects an update that clears the source id or partition, or sets an invalid one. A `CHECK` alone is not enough:
    /// with `OR IGNORE` or `OR FAIL` in the outer statement, it would leave a row that a trigger has not completed.
    pub(crate) fn keeps_its_identity(&self) -> Trigger {
        let (source_id, partition) = (Quoted(SOURCE_ID), Quoted(PARTITION));
        let is_empty =
            format!("ifnull(new.{source_id}, '') = '' OR {}", lacks_partition(&self.table.models, "new"));
        let constraints: Vec<_> = self
            .table
            .constraints()
            .filter(|constraint| [SOURCE_ID, PARTITION].contains(&constraint.column))
            .collect();
        let mut when = is_empty.clone();
        let refuse_empty = refuse("the source id and the partition of a record are never empty");
        let mut body = format!("{refuse_empty} WHERE {is_empty}");
        for constraint in constraints {
            let _ = write!(when, " OR NOT ({})", constraint.holds("new."));
            let _ = write!(body, "; {}", constraint.or_refuse());
        }
        let event = format!("BEFORE UPDATE OF {source_id}, {partition}");
        self.trigger("keeps_identity", &event, Some(&when), &body)
    }

    /// The conditions under which SQL can compute the identity of an inserted row, and the statements that refuse other
    /// rows.
    fn can_be_identified(&self) -> Vec<(String, String)> {
        let (id, source_id) = (new_id(), format!("new.{}", Quoted(SOURCE_ID)));
        let mut conditions = Vec::new();
        let mut require = |model: &Model, condition: String, message: &str| {
            let holds = match model.discriminator {
                None => condition,
                Some(_) => format!("NOT ifnull({}, 0) OR {condition}", of_model(model, "new.")),
            };
            let refuse = format!("{} WHERE NOT ({holds})", refuse(message));
            conditions.push((holds, refuse));
        };
        for model in &self.table.models {
            let name = model.name;
            if model.computes_source_id {
                require(
                    model,
                    format!("ifnull({source_id}, '') <> '' OR {} IS NOT NULL", known_source_id("new")),
                    &format!(
                        "a function of the app computes the source id of a {name}: insert the row with the app, or give it \
                         {SOURCE_ID}"
                    ),
                );
            }
            if model.computes_id {
                require(
                    model,
                    format!("NOT ifnull({}, 0)", pending_id::is(&id)),
                    &format!(
                        "a function of the app computes the id of a {name}: insert the row with the app, or give it an id"
                    ),
                );
            }
            let without = model.partition_without.as_ref().map(|(column, _)| *column);
            for column in model.partition.iter().flat_map(Template::required_columns) {
                let may_be_missing = model.all_columns().any(|known| known.name == column && known.nullable);
                if may_be_missing && without != Some(column) {
                    let condition = format!(
                        "ifnull(new.{}, '') <> '' OR new.{} IS NOT NULL",
                        Quoted(PARTITION),
                        Quoted(column)
                    );
                    let condition = match without {
                        None => condition,
                        Some(without) => format!("new.{} IS NULL OR {condition}", Quoted(without)),
                    };
                    let message = format!("{column} is NULL, but the partition of a {name} is made of it");
                    require(model, condition, &message);
                }
            }
        }
        conditions
    }

    /// Triggers for the constraints that the table was created without, and for the checks of the fields' types.
    pub(crate) fn checked(&self, constraints: &[Constraint], fields: &[FieldCheck]) -> Vec<Trigger> {
        let lasting =
            || constraints.iter().map(|constraint| (constraint.holds("new."), constraint.or_refuse()));
        let inserted = fields.iter().map(|check| {
            let holds = check.holds_on_insert();
            let refuse = check.or_refuse(&holds);
            (holds, refuse)
        });
        let updated = fields.iter().map(|check| {
            let holds = check.holds_on_update();
            let refuse = check.or_refuse(&holds);
            (holds, refuse)
        });
        let mut columns: Vec<_> = constraints.iter().map(|constraint| constraint.column).collect();
        for column in fields.iter().flat_map(FieldCheck::columns) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let identified = self.can_be_identified();
        if columns.is_empty() && identified.is_empty() {
            return Vec::new();
        }
        let trigger = |name: &str, event: &str, checks: Vec<(String, String)>| {
            let (holds, refuse): (Vec<_>, Vec<_>) = checks.into_iter().unzip();
            self.trigger(name, event, Some(&format!("NOT (({}))", holds.join(") AND ("))), &refuse.join("; "))
        };
        let mut triggers = vec![trigger(
            "checked",
            "BEFORE INSERT",
            identified.into_iter().chain(lasting()).chain(inserted).collect(),
        )];
        let columns: Vec<_> = columns.iter().map(|name| Quoted(name).to_string()).collect();
        if !columns.is_empty() {
            let event = format!("BEFORE UPDATE OF {}", columns.join(", "));
            triggers.push(trigger("checked_again", &event, lasting().chain(updated).collect()));
        }
        triggers
    }
}
