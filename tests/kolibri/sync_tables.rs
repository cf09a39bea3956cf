//! The sync tables of a new database equal those that Morango makes for Kolibri.

use rusqlite::Connection;
use syncline::Database;

use crate::fixtures::Scratch;

/// All columns, indexes and foreign keys of the sync tables. Names of indexes are left out.
fn parts(connection: &Connection) -> Vec<String> {
    let tables = "FROM sqlite_schema m";
    let of_morango = "WHERE m.type = 'table' AND m.name LIKE 'morango!_%' ESCAPE '!'";
    let sql = format!(
        "SELECT m.name || '.' || c.name || ' ' || lower(c.type) || CASE WHEN c.\"notnull\" THEN ' not null' ELSE '' END
                || CASE WHEN c.pk THEN ' primary key' ELSE '' END
             {tables}, pragma_table_info(m.name) c {of_morango}
         UNION ALL
         SELECT m.name || ' index of '
                || (SELECT group_concat(coalesce(name, ''), ', ' ORDER BY seqno) FROM pragma_index_info(i.name))
                || CASE WHEN i.\"unique\" THEN ' unique' ELSE '' END || CASE WHEN i.partial THEN ' partial' ELSE '' END
             {tables}, pragma_index_list(m.name) i {of_morango}
         UNION ALL
         SELECT m.name || '.' || f.\"from\" || ' refers to ' || f.\"table\" || '.' || f.\"to\"
             {tables}, pragma_foreign_key_list(m.name) f {of_morango}
         ORDER BY 1"
    );
    let mut statement = connection.prepare(&sql).unwrap();
    let parts = statement.query_map([], |row| row.get(0)).unwrap();
    parts.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn they_are_morangos_and_have_the_column_of_0_9() {
    let ours = Database::open(":memory:").unwrap();
    let mut expected = parts(&Scratch::of("kolibri-30").connect());
    assert!(expected.len() > 60, "{expected:?}");
    for table in ["morango_buffer", "morango_store"] {
        expected.push(format!("{table}._self_ref_order integer"));
    }
    expected.sort();
    assert_eq!(parts(ours.connection()), expected);
}
