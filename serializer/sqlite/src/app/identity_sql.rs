//! Partitions, source ids and ids of rows as SQL expressions, for triggers and for rows that exist already.

use std::fmt::Write as _;

use syncline_serializer::model::columns::{ID, PARTITION, SOURCE_ID};
use syncline_serializer::model::{Model, OWN_ID, Template, TemplatePiece};

use crate::app::computed_ids::pending_id;
use crate::store::names::{Literal, Quoted};
use crate::store::selection::of_model;

/// The partition of a row of `model` as an SQL expression. `NULL` if the model declares none.
pub(crate) fn partition(model: &Model, row: &str) -> String {
    partition_with(model, row, &format!("{row}.{}", Quoted(ID)))
}

/// The partition of an inserted row. A placeholder replaces an id that is not computed yet.
pub(crate) fn new_partition(model: &Model) -> String {
    let id = new_id();
    partition_with(
        model,
        "new",
        &format!("CASE WHEN {} THEN {} ELSE {id} END", pending_id::is(&id), Literal(OWN_ID)),
    )
}

/// The partition of an existing row of `model` whose id is not computed yet, with a placeholder for the id.
pub(crate) fn pending_partition(model: &Model, row: &str) -> String {
    partition_with(model, row, &Literal(OWN_ID).to_string())
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
    let own_id = pending_id::digits(&format!("{row}.{}", Quoted(ID)));
    let made = match &model.source_id {
        _ if model.computes_source_id => "NULL".to_owned(),
        // The source id of a record without that field is random.
        Some(template) if template.is_one_column() && !template.is_own_id() => {
            format!("ifnull({}, {own_id})", template_sql(template, row, &own_id))
        }
        Some(template) => template_sql(template, row, &own_id),
        None => own_id,
    };
    format!("ifnull({}, {made})", known_source_id(row))
}

/// The source id in the store for the id of a row. `NULL` if the store does not have the id.
pub(crate) fn known_source_id(row: &str) -> String {
    format!("(SELECT stored.source_id FROM morango_store AS stored WHERE stored.id = {row}.{})", Quoted(ID))
}

/// The source id of a row of `model` whose id changed: the old one, unless the fields that it depends on changed.
pub(crate) fn renamed_source_id(model: &Model) -> String {
    let (id, source_id) = (Quoted(ID), Quoted(SOURCE_ID));
    match &model.source_id {
        Some(template) => format!(
            "CASE WHEN {made} IS NOT {was} THEN ifnull({made}, new.{source_id}) ELSE new.{source_id} END",
            made = template_sql(template, "new", &new_id()),
            was = template_sql(template, "old", &old_id())
        ),
        None => format!("CASE WHEN old.{source_id} IS old.{id} THEN new.{id} ELSE new.{source_id} END"),
    }
}

/// The condition that `row` has no partition. The empty one is none, unless a model declares it.
pub(crate) fn lacks_partition(models: &[&Model], row: &str) -> String {
    let column = Quoted(PARTITION);
    let is_empty = format!("ifnull({row}.{column}, '') = ''");
    let declared: Vec<_> = models
        .iter()
        .filter(|model| model.has_empty_partition())
        .map(|model| format!("{} AND {} = ''", of_model(model, &format!("{row}.")), partition(model, row)))
        .collect();
    if declared.is_empty() {
        return is_empty;
    }
    format!("({is_empty} AND NOT (ifnull({}, 0) AND {row}.{column} IS NOT NULL))", declared.join(" OR "))
}

pub(crate) fn new_id() -> String {
    format!("new.{}", Quoted(ID))
}

pub(crate) fn old_id() -> String {
    format!("old.{}", Quoted(ID))
}

/// The template as an SQL expression. `row` is the prefix of its columns, `new` or `old`, and `own_id` is the SQL for the
/// record's own id.
///
/// The expression is `NULL` if a column without a text for `NULL` is `NULL`.
fn template_sql(template: &Template, row: &str, own_id: &str) -> String {
    // The concatenation with a text converts numbers to text.
    let mut sql = String::from("''");
    for piece in template.pieces() {
        sql.push_str(" || ");
        let _ = match piece {
            TemplatePiece::Text(text) => write!(sql, "{}", Literal(text)),
            TemplatePiece::Column { name: ID, .. } => write!(sql, "{own_id}"),
            TemplatePiece::Column { name, when_null: None } => write!(sql, "{row}.{}", Quoted(name)),
            TemplatePiece::Column { name, when_null: Some(text) } => {
                write!(sql, "ifnull({row}.{}, {})", Quoted(name), Literal(text))
            }
        };
    }
    sql
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use syncline_serializer::model::{Template, TemplatePiece};

    use super::template_sql;

    const TEMPLATE: Template = Template::new(&[
        TemplatePiece::Column { name: "dataset_id", when_null: None },
        TemplatePiece::Text(":it's:"),
        TemplatePiece::Column { name: "user_id", when_null: Some("nobody") },
        TemplatePiece::Text(":"),
        TemplatePiece::Column { name: "level", when_null: None },
    ]);

    #[test]
    fn columns_are_put_in() {
        let connection = Connection::open_in_memory().unwrap();
        let made = |values: &str| -> Option<String> {
            let sql = format!(
                "SELECT {} FROM (SELECT 'd1' AS dataset_id, {values}) AS new",
                template_sql(&TEMPLATE, "new", "new.id")
            );
            connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(made("'u1' AS user_id, -3 AS level").as_deref(), Some("d1:it's:u1:-3"));
        assert_eq!(made("NULL AS user_id, 'x' AS level").as_deref(), Some("d1:it's:nobody:x"));
        assert_eq!(made("'u1' AS user_id, NULL AS level"), None);
    }
}
