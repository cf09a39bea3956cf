//! The checks of the fields' types and their declared rules, as SQL for triggers.
//!
//! They depend on the types of fields, which change as an app does: an `enum` gets a variant, an `i8` becomes an `i32`.
//! A `CHECK` of the table could not follow. So they are conditions of triggers, which `create` makes anew. Rows that are
//! older than a check are not refused: `Database::check` lists them, and serialising names them. An update may leave
//! their value as it is.

use syncline_serializer::model::Model;
use syncline_serializer::model::columns::ID;
use syncline_serializer::record_id::RecordId;
use syncline_serializer::value::{Blank, Check};

use crate::app::check_sql::passes;
use crate::app::table::Table;
use crate::app::triggers::trigger::refuse;
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// A check on one column, in the rows of some of the table's models.
#[derive(Debug)]
pub(crate) struct FieldCheck {
    pub(crate) column: &'static str,
    rule: Rule,
    /// The models whose rows are checked.
    models: Vec<&'static Model>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    NotNull,
    /// An id other than the placeholder for an id that is not set.
    IsSet,
    Passes(Check),
    /// Empty text passes as well: the field may be blank.
    PassesOrEmpty(Check),
}

impl FieldCheck {
    /// The checks of the columns of `table`. `is_not_null` returns `true` for a column that the database declares as
    /// `NOT NULL`.
    pub(crate) fn of(table: &Table, is_not_null: impl Fn(&str) -> bool) -> Vec<Self> {
        let mut checks: Vec<Self> = Vec::new();
        let declared =
            table.models.iter().flat_map(|model| model.all_columns().map(move |column| (*model, column)));
        for (model, column) in declared {
            let is_reference = !column.references.is_empty();
            let mut rules = Vec::new();
            if column.name == ID || is_reference {
                rules.push(Rule::IsSet);
            } else {
                // References have a check of their own, which is stricter.
                rules.extend(column.checks.iter().copied().map(Rule::Passes));
                let is_blank = column.rules.blank == Blank::Allowed;
                let of_text = if is_blank { Rule::PassesOrEmpty } else { Rule::Passes };
                rules.extend(column.rules.table_checks(column.column_type).map(of_text));
            }
            let has_field = !column.checks.is_empty();
            if has_field && !column.nullable && column.name != ID && !is_not_null(column.name) {
                rules.push(Rule::NotNull);
            }
            for rule in rules {
                let known = checks.iter_mut().find(|known| known.column == column.name && known.rule == rule);
                match known {
                    Some(known) => known.models.push(model),
                    None => checks.push(Self { column: column.name, rule, models: vec![model] }),
                }
            }
        }
        checks
    }

    /// The values that pass, as the end of a sentence.
    pub(crate) fn expected(&self) -> String {
        match self.rule {
            Rule::NotNull => "never NULL".to_owned(),
            Rule::IsSet => "the id of a record, which is not all zeros".to_owned(),
            Rule::Passes(check) | Rule::PassesOrEmpty(check) => check.to_string(),
        }
    }

    /// The condition that a row passes, with `prefix` before its columns. It is never `NULL`.
    pub(crate) fn holds(&self, prefix: &str) -> String {
        let value = format!("{prefix}{}", Quoted(self.column));
        let passes = match self.rule {
            Rule::NotNull => format!("{value} IS NOT NULL"),
            Rule::IsSet => format!("{value} IS NOT {}", Literal(RecordId::NEW.as_str())),
            Rule::Passes(check) => format!("{value} IS NULL OR {}", passes(check, &value)),
            Rule::PassesOrEmpty(check) => {
                format!("{value} IS NULL OR {value} = '' OR {}", passes(check, &value))
            }
        };
        if self.models.iter().all(|model| model.discriminator.is_none()) {
            return passes;
        }
        let of_models: Vec<_> = self.models.iter().map(|model| of_model(model, prefix)).collect();
        format!("NOT ifnull({}, 0) OR {passes}", of_models.join(" OR "))
    }

    /// The condition that an update leaves the value as it is, in a row of the same model.
    fn is_unchanged(&self) -> String {
        let discriminators = self.models.iter().filter_map(|model| model.discriminator);
        let mut columns: Vec<_> = discriminators.map(|discriminator| discriminator.column).collect();
        columns.push(self.column);
        columns.dedup();
        // The column may compare texts without case.
        let same = columns.iter().map(|name| format!("new.{0} IS old.{0} COLLATE BINARY", Quoted(name)));
        same.collect::<Vec<_>>().join(" AND ")
    }

    /// The condition that an inserted row passes.
    pub(crate) fn holds_on_insert(&self) -> String {
        self.holds("new.")
    }

    /// The condition that an updated row passes.
    pub(crate) fn holds_on_update(&self) -> String {
        format!("{} OR {}", self.is_unchanged(), self.holds("new."))
    }

    /// The statement that aborts with a message, for rows that violate the condition `holds`.
    pub(crate) fn or_refuse(&self, holds: &str) -> String {
        format!("{} WHERE NOT ({holds})", refuse(&format!("{} is {}", self.column, self.expected())))
    }

    /// The columns of an update that may violate the check.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static str> {
        let discriminators = self.models.iter().filter_map(|model| model.discriminator);
        discriminators.map(|discriminator| discriminator.column).chain([self.column])
    }
}
