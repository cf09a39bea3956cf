//! Times in which a table is not tracked: its triggers are missing, other, or of another table.

use proptest::prelude::*;
use syncline::sqlite::{RunError, SchemaError};
use syncline::{Database, RecordId, Syncable, profile};

use super::super::all;
use super::super::declarations::{Author, Label, Note, Notebook, Notes};
use super::{TABLES, World};

/// A time without tracking, and the edits in it.
#[derive(Debug, Clone)]
pub(super) struct Lapse {
    how: How,
    table: usize,
    edits: Vec<Edit>,
}

#[derive(Debug, Clone, Copy)]
enum How {
    /// A migration tool makes a new table with the same rows.
    Rebuilt,
    /// Some of the triggers are dropped, and made again with the same text.
    Dropped { which: usize, made_again: bool },
    /// The table is put back from a backup, after tracked edits.
    PutBack { is_serialized: bool },
    /// An older version of the app creates its triggers.
    OlderVersion,
    /// A unique index is added, by which `REPLACE` removes rows.
    UniqueIndex,
    /// The table is dropped.
    DroppedTable,
}

/// An edit. Numbers select among existing rows.
#[derive(Debug, Clone, Copy)]
enum Edit {
    Update { row: usize, number: u8 },
    Delete { row: usize },
    Insert { number: u8 },
    Replace { row: usize },
}

pub(super) fn a_lapse() -> impl Strategy<Value = Lapse> {
    let how = prop_oneof![
        3 => Just(How::Rebuilt),
        4 => (any::<usize>(), any::<bool>()).prop_map(|(which, made_again)| How::Dropped { which, made_again }),
        3 => any::<bool>().prop_map(|is_serialized| How::PutBack { is_serialized }),
        3 => Just(How::OlderVersion),
        2 => Just(How::UniqueIndex),
        1 => Just(How::DroppedTable),
    ];
    let edit = prop_oneof![
        4 => (any::<usize>(), 0..8_u8).prop_map(|(row, number)| Edit::Update { row, number }),
        2 => any::<usize>().prop_map(|row| Edit::Delete { row }),
        2 => (0..8_u8).prop_map(|number| Edit::Insert { number }),
        2 => any::<usize>().prop_map(|row| Edit::Replace { row }),
    ];
    (how, prop::sample::select(&[1, 1, 1, 0, 2, 3][..]), prop::collection::vec(edit, 0..5))
        .prop_map(|(how, table, edits)| Lapse { how, table, edits })
}

/// The outcomes that are counted.
pub(super) const COUNTED: [&str; 10] = [
    "tables rebuilt",
    "triggers dropped",
    "triggers dropped and made again",
    "tables put back",
    "older versions in between",
    "unique indexes added",
    "tables dropped",
    "untracked rows marked",
    "untracked records only in the store",
    "runs of untracked tables refused",
];

impl World {
    /// Lets the table lapse, edits it, calls `create`, and ends the records that only the store has.
    pub(super) fn lapse(&mut self, lapse: &Lapse) {
        let Lapse { how, table, edits } = lapse;
        let (table, column) = TABLES[*table];
        if matches!(how, How::Rebuilt | How::PutBack { .. } | How::DroppedTable) {
            self.drop_app_triggers();
        }
        match how {
            How::Rebuilt => {
                self.rebuild(table, &format!("SELECT * FROM {table}"));
                self.edit_all(table, column, edits);
                self.count("tables rebuilt");
            }
            How::Dropped { which, made_again } => {
                let triggers = self.triggers(table);
                let dropped: Vec<_> = triggers
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| (which >> (index % 32)) & 1 == 0)
                    .collect();
                for (_, (name, _)) in &dropped {
                    self.execute(&format!("DROP TRIGGER \"{name}\""));
                }
                self.edit_all(table, column, edits);
                if !dropped.is_empty() && !made_again {
                    let refused = self.database.serialize::<Notes>().run().unwrap_err();
                    assert!(
                        matches!(&refused, RunError::Schema(SchemaError::NotTracked { table: named }) if named == table),
                        "{refused}"
                    );
                    self.count("runs of untracked tables refused");
                }
                if *made_again {
                    for (_, (_, sql)) in &dropped {
                        self.execute(sql);
                    }
                }
                self.count(if *made_again { "triggers dropped and made again" } else { "triggers dropped" });
            }
            How::PutBack { is_serialized } => {
                self.execute(&format!("CREATE TEMP TABLE backup AS SELECT * FROM {table}"));
                self.edit_all(table, column, edits);
                if *is_serialized {
                    self.serialize(None);
                }
                self.rebuild(table, "SELECT * FROM backup");
                self.execute("DROP TABLE backup");
                self.count("tables put back");
            }
            How::OlderVersion => {
                self.database.create::<older::Notes>().unwrap();
                self.edit_all("note", "body", edits);
                self.count("older versions in between");
            }
            How::UniqueIndex => {
                self.attempt("CREATE UNIQUE INDEX body ON note (body)");
                self.edit_all("note", "body", edits);
                self.execute("DROP INDEX IF EXISTS body");
                self.count("unique indexes added");
            }
            How::DroppedTable => {
                self.without_foreign_keys(|world| world.execute(&format!("DROP TABLE {table}")));
                self.count("tables dropped");
            }
        }
        self.mend(matches!(how, How::DroppedTable).then_some(table));
    }

    /// Calls `create`, and asserts its findings. If the table `dropped` was dropped, its unique index is made again.
    fn mend(&mut self, dropped: Option<&str>) {
        let found = self.database.create::<Notes>().unwrap().comparison;
        if dropped == Some("note") {
            self.execute(super::UNIQUE_TITLE);
            self.database.create::<Notes>().unwrap();
        }
        let tables: Vec<_> = TABLES.iter().map(|(table, _)| format!("SELECT id FROM {table}")).collect();
        let only_in_store: Vec<String> = all(
            self.connection(),
            &format!(
                "SELECT id FROM morango_store WHERE NOT deleted AND id NOT IN ({}) \
                 AND id NOT IN (SELECT id FROM morango_deletedmodels)",
                tables.join(" UNION ALL ")
            ),
        );
        assert_eq!(found.only_in_store(), only_in_store.len() as u64, "{only_in_store:?}: {found}");
        if found.differing() > 0 {
            self.count("untracked rows marked");
        }
        if found.only_in_store() == 0 {
            return;
        }
        self.count("untracked records only in the store");
        let database = &mut self.database;
        let ended = delete_only_in_store(database);
        assert_eq!(ended, found.only_in_store());
        assert_eq!(delete_only_in_store(database), 0);
    }

    fn execute(&self, sql: &str) {
        self.connection().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The triggers of this library on `table`: their names and their SQL.
    fn triggers(&self, table: &str) -> Vec<(String, String)> {
        let of_table =
            format!("type = 'trigger' AND tbl_name = '{table}' AND name GLOB 'syncline_*' ORDER BY rowid");
        let names: Vec<String> =
            all(self.connection(), &format!("SELECT name FROM sqlite_schema WHERE {of_table}"));
        let texts: Vec<String> =
            all(self.connection(), &format!("SELECT sql FROM sqlite_schema WHERE {of_table}"));
        names.into_iter().zip(texts).collect()
    }

    fn without_foreign_keys(&self, work: impl FnOnce(&Self)) {
        let are_enforced: bool =
            self.connection().pragma_query_value(None, "foreign_keys", |row| row.get(0)).unwrap();
        self.connection().pragma_update(None, "foreign_keys", false).unwrap();
        work(self);
        self.connection().pragma_update(None, "foreign_keys", are_enforced).unwrap();
    }

    /// Makes a new table with the result of `rows`, and gives it the name of `table`, as migration tools do.
    fn rebuild(&self, table: &str, rows: &str) {
        let of_table = format!("tbl_name = '{table}' AND sql NOT NULL AND name NOT GLOB 'syncline_*'");
        let sql = |kind: &str| -> Vec<String> {
            all(
                self.connection(),
                &format!("SELECT sql FROM sqlite_schema WHERE type = '{kind}' AND {of_table}"),
            )
        };
        let (made, indexes) = (sql("table").remove(0), sql("index"));
        let made = made.replacen(&format!("\"{table}\""), "made_anew", 1);
        self.without_foreign_keys(|world| {
            world.execute(&format!(
                "BEGIN; {made}; INSERT INTO made_anew {rows}; DROP TABLE {table}; \
                 ALTER TABLE made_anew RENAME TO {table}; {}; COMMIT",
                indexes.join("; ")
            ));
        });
    }

    fn edit_all(&self, table: &str, column: &str, edits: &[Edit]) {
        for edit in edits {
            let _there_is_such_a_row = self.edit(table, column, *edit);
        }
    }

    /// The id of a row of `table`, which may be one that no trigger has computed yet.
    fn pick_any(&self, table: &str, number: usize) -> Option<String> {
        let ids: Vec<String> = all(self.connection(), &format!("SELECT id FROM {table} ORDER BY id"));
        ids.get(number.checked_rem(ids.len())?).cloned()
    }

    fn edit(&self, table: &str, column: &str, edit: Edit) -> Option<()> {
        match edit {
            Edit::Update { row, number } => {
                let id = self.pick_any(table, row)?;
                self.attempt(&format!("UPDATE {table} SET {column} = 'T{number}' WHERE id = '{id}'"));
            }
            Edit::Delete { row } => {
                let id = self.pick_any(table, row)?;
                self.attempt(&format!("DELETE FROM {table} WHERE id = '{id}'"));
            }
            // The id of a label follows from its values, and another label may have it.
            Edit::Insert { .. } | Edit::Replace { .. } if table == "label" => {}
            Edit::Insert { number } => {
                let (columns, values) = match table {
                    "note" => {
                        let notebook = self.pick("notebook", number.into())?;
                        ("notebook_id, title, stars".to_owned(), format!("'{notebook}', 'T{number}', 0"))
                    }
                    _ => {
                        (TABLES.iter().find(|(name, _)| *name == table)?.1.to_owned(), format!("'{number}'"))
                    }
                };
                self.attempt(&format!("INSERT INTO {table} ({columns}) VALUES ({values})"));
            }
            // A row with the same value as another, which removes that one if the value is unique.
            Edit::Replace { row } => {
                if table != "note" {
                    return None;
                }
                let id = self.pick_any(table, row)?;
                self.attempt(&format!(
                    "REPLACE INTO note (notebook_id, title, body, stars) \
                     SELECT notebook_id, title || 'r', body, 0 FROM note WHERE id = '{id}'"
                ));
            }
        }
        Some(())
    }
}

/// Lists all records that only the store has as deleted.
fn delete_only_in_store(database: &mut Database) -> u64 {
    [
        database.delete_only_in_store::<Notebook>(),
        database.delete_only_in_store::<Note>(),
        database.delete_only_in_store::<Label>(),
        database.delete_only_in_store::<Author>(),
    ]
    .into_iter()
    .map(Result::unwrap)
    .sum()
}

/// An older version of the app: its notes have no body.
mod older {
    use super::{RecordId, Syncable, profile};

    #[derive(Debug, Clone, Syncable)]
    #[syncable(profile = Notes, model = "notebook", partition = "{id}:notes")]
    pub(super) struct Notebook {
        id: RecordId,
        title: String,
    }

    #[derive(Debug, Clone, Syncable)]
    #[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes")]
    pub(super) struct Note {
        id: RecordId,
        #[syncable(references = Notebook, on_delete = cascade)]
        notebook_id: RecordId,
        title: String,
        stars: i64,
        #[syncable(references = Note, on_delete = cascade)]
        parent_id: Option<RecordId>,
        #[syncable(local, default = 0)]
        scroll_position: i64,
    }

    #[derive(Debug, Clone, Syncable)]
    #[syncable(
        profile = Notes,
        model = "label",
        partition = "{notebook_id}:labels:{author_id}",
        partition_without(author_id = "{notebook_id}:labels"),
        source_id = "{note_id}:{word}"
    )]
    pub(super) struct Label {
        id: RecordId,
        notebook_id: RecordId,
        #[syncable(references = Note, on_delete = cascade)]
        note_id: RecordId,
        #[syncable(references = Author, on_delete = set_null)]
        author_id: Option<RecordId>,
        #[syncable(default = "later")]
        word: String,
    }

    #[derive(Debug, Clone, Syncable)]
    #[syncable(profile = Notes, model = "author", table = "people", source_id = "{id}", partition = "people")]
    pub(super) struct Author {
        id: RecordId,
        name: String,
    }

    profile! {
        pub(super) Notes = "notes" { Note, Notebook, Label, Author }
    }
}
