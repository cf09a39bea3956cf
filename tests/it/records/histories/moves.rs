//! Writes that give a record another identity.

use proptest::prelude::*;
use rusqlite::{ErrorCode, OptionalExtension as _};
use syncline::RecordId;

use super::super::all;
use super::World;

/// The ways to give a note another notebook or source id.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    Replace,
    MakeAgain { at_once: bool },
    InsertKnown,
    Upsert,
    Update,
    ChangeId,
}

/// A move. Numbers select among existing records.
#[derive(Debug, Clone)]
pub(super) struct Move {
    how: How,
    note: usize,
    notebook: usize,
    title: u8,
    identity: Given,
    dirty: bool,
}

/// The parts of the identity that a row supplies.
#[derive(Debug, Clone, Copy)]
enum Given {
    Nothing,
    Partition,
    Both { known: bool },
}

/// The names under which refused and successful moves are counted.
pub(super) const COUNTED: [(&str, &str); 6] = [
    ("replaced elsewhere: refused", "replaced elsewhere: done"),
    ("made again elsewhere: refused", "made again elsewhere: done"),
    ("inserted with a known id: refused", "inserted with a known id: done"),
    ("moved by an upsert: refused", "moved by an upsert: done"),
    ("moved by an update: refused", "moved by an update: done"),
    ("id changed to a known one: refused", "id changed to a known one: done"),
];

pub(super) fn a_move() -> impl Strategy<Value = Move> {
    let how = prop_oneof![
        2 => Just(How::Replace),
        2 => any::<bool>().prop_map(|at_once| How::MakeAgain { at_once }),
        2 => Just(How::InsertKnown),
        1 => Just(How::Upsert),
        1 => Just(How::Update),
        1 => Just(How::ChangeId),
    ];
    let identity = prop_oneof![
        3 => Just(Given::Nothing),
        1 => Just(Given::Partition),
        2 => any::<bool>().prop_map(|known| Given::Both { known }),
    ];
    (how, any::<usize>(), any::<usize>(), 0..8_u8, identity, any::<bool>()).prop_map(
        |(how, note, notebook, title, identity, dirty)| Move { how, note, notebook, title, identity, dirty },
    )
}

/// The identity of a record in the store.
struct Known {
    partition: String,
    source_id: String,
    model: String,
}

impl World {
    /// Executes the move as another program, and asserts the outcome that is predicted before.
    pub(super) fn attempt_move(&mut self, a_move: &Move) -> Option<()> {
        let Move { how, note, notebook: number, title, identity, dirty } = a_move;
        let id = match how {
            How::InsertKnown => self.known_id(*note, None)?,
            _ => self.pick("note", *note)?,
        };
        let notebook = self.pick("notebook", *number)?;
        let (about, partition) = match how {
            // The note stays in its notebook.
            How::ChangeId => {
                let sql = format!("SELECT _morango_partition FROM note WHERE id = '{id}'");
                let partition: String = all(self.connection(), &sql).remove(0);
                let there = (number % 3 > 0).then_some(&*partition);
                (self.known_id(*number, there)?, partition)
            }
            _ => (id, format!("{notebook}:notes")),
        };
        let known = self.known(about);
        let has = format!("SELECT _morango_source_id FROM note WHERE id = '{id}'");
        let has: Vec<String> = all(self.connection(), &has);
        let source_id = match identity {
            Given::Both { known: false } => Some("by hand".to_owned()),
            Given::Both { known: true } => known.as_ref().map(|known| known.source_id.clone()),
            Given::Nothing | Given::Partition => None,
        };
        // A column that is set to its old value counts as not set.
        let source_id =
            source_id.filter(|source_id| !matches!(how, How::ChangeId) || !has.contains(source_id));
        let moves = known.as_ref().is_some_and(|known| {
            known.model != "note"
                || known.partition != partition
                || source_id.as_ref().is_some_and(|source_id| *source_id != known.source_id)
        });

        let mut columns = vec!["id", "notebook_id", "title", "stars", "_morango_dirty_bit"];
        let mut values = vec![
            format!("'{about}'"),
            format!("'{notebook}'"),
            format!("'T{title}'"),
            "0".to_owned(),
            dirty.to_string(),
        ];
        if !matches!(identity, Given::Nothing) {
            columns.push("_morango_partition");
            values.push(format!("'{partition}'"));
        }
        let or_as_it_is =
            source_id.as_ref().map_or("_morango_source_id".to_owned(), |source_id| format!("'{source_id}'"));
        if source_id.is_some() {
            columns.push("_morango_source_id");
            values.push(or_as_it_is.clone());
        }
        let row = format!("INTO note ({}) VALUES ({})", columns.join(", "), values.join(", "));
        let sql = match how {
            How::Replace | How::InsertKnown => format!("REPLACE {row}"),
            How::MakeAgain { at_once: true } => {
                format!("BEGIN; DELETE FROM note WHERE id = '{id}'; INSERT {row}; COMMIT")
            }
            How::MakeAgain { at_once: false } => format!("DELETE FROM note WHERE id = '{id}'; INSERT {row}"),
            How::Upsert => format!(
                "INSERT {row} ON CONFLICT (id) DO UPDATE SET stars = stars + 1, \
                 _morango_partition = '{partition}', _morango_source_id = {or_as_it_is}"
            ),
            How::Update => format!(
                "UPDATE note SET _morango_partition = '{partition}', _morango_source_id = {or_as_it_is} WHERE id = '{id}'"
            ),
            How::ChangeId => format!(
                "UPDATE note SET id = '{about}', _morango_source_id = {or_as_it_is} WHERE id = '{id}'"
            ),
        };
        let done = self.connection().execute_batch(&sql);
        if !self.connection().is_autocommit() {
            self.connection().execute_batch("ROLLBACK").unwrap();
        }
        let (refused, let_through) = COUNTED[match how {
            How::Replace => 0,
            How::MakeAgain { .. } => 1,
            How::InsertKnown => 2,
            How::Upsert => 3,
            How::Update => 4,
            How::ChangeId => 5,
        }];
        match done {
            Ok(()) => {
                assert!(!moves, "it moved: {sql}");
                self.count(let_through);
            }
            Err(error)
                if error.to_string().starts_with("syncline: the sync store has this record with another") =>
            {
                assert!(moves, "it did not move: {sql}");
                self.count(refused);
            }
            // A unique title, or a foreign key.
            Err(error) => {
                assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation), "{sql}: {error}");
                assert!(!error.to_string().contains("syncline"), "{sql}: {error}");
            }
        }
        Some(())
    }

    /// The id of a record in the store that is no note any more, usually a former note, in `partition` if given.
    fn known_id(&self, number: usize, partition: Option<&str>) -> Option<RecordId> {
        let of_any_model = number.is_multiple_of(8);
        let there = partition.map_or("1".to_owned(), |partition| format!("partition = '{partition}'"));
        let ids: Vec<String> = all(
            self.connection(),
            &format!(
                "SELECT id FROM morango_store WHERE (model_name = 'note' OR {of_any_model}) AND {there} \
                 AND id NOT IN (SELECT id FROM note) ORDER BY id"
            ),
        );
        let id = ids.get(number.checked_rem(ids.len())?)?;
        Some(RecordId::parse(id).unwrap())
    }

    fn known(&self, id: RecordId) -> Option<Known> {
        self.connection()
            .query_row(
                "SELECT partition, source_id, model_name FROM morango_store WHERE id = ?1",
                [id.as_str()],
                |row| Ok(Known { partition: row.get(0)?, source_id: row.get(1)?, model: row.get(2)? }),
            )
            .optional()
            .unwrap()
    }
}
