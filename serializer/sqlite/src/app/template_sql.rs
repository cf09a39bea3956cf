//! Partitions and source ids as SQL expressions, for triggers and for rows that exist already.

use std::fmt::Write as _;

use syncline_serializer::model::columns::ID;
use syncline_serializer::model::{Template, TemplatePiece};

use crate::store::names::{Literal, Quoted};

/// The template as an SQL expression. `row` is the prefix of its columns, `new` or `old`, and `own_id` is the SQL for the
/// record's own id.
///
/// The expression is `NULL` if a column without a text for `NULL` is `NULL`.
pub(crate) fn template_sql(template: &Template, row: &str, own_id: &str) -> String {
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
