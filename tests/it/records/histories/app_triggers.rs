//! Triggers of the app on its own tables, of each kind that `create` accepts.

use proptest::prelude::*;

use super::super::all;
use super::super::declarations::Notes;
use super::World;

/// A trigger that is made, or dropped if it exists.
#[derive(Debug, Clone)]
pub(super) struct AppTrigger {
    kind: usize,
    is_temporary: bool,
    /// The app calls `create` afterwards.
    starts: bool,
}

/// The triggers: the name under which each is counted, its event, and the rest of its SQL.
const KINDS: [(&str, &str, &str); 10] = [
    (
        "app triggers: last modified",
        "AFTER UPDATE ON main.note WHEN new.stars IS old.stars",
        "UPDATE note SET stars = stars + 1 WHERE id = new.id",
    ),
    (
        "app triggers: a local column",
        "AFTER UPDATE OF title, body ON main.note",
        "UPDATE note SET scroll_position = scroll_position + 1 WHERE id = new.id",
    ),
    (
        "app triggers: immutable rows",
        "BEFORE UPDATE OF word ON main.label WHEN old.word = '3'",
        "SELECT RAISE(ABORT, 'fixed')",
    ),
    (
        "app triggers: rows that stay",
        "BEFORE DELETE ON main.people WHEN old.name GLOB '4*'",
        "SELECT RAISE(ABORT, 'kept')",
    ),
    (
        "app triggers: ignored inserts",
        "BEFORE INSERT ON main.label WHEN new.word = '2'",
        "SELECT RAISE(IGNORE)",
    ),
    (
        "app triggers: ignored updates",
        "BEFORE UPDATE OF name ON main.people WHEN old.name GLOB '5*'",
        "SELECT RAISE(IGNORE)",
    ),
    (KEEPS, "BEFORE DELETE ON main.label WHEN old.word = '1'", "SELECT RAISE(IGNORE)"),
    (
        "app triggers: a log in another tracked table",
        "AFTER UPDATE OF title ON main.note WHEN new.title IS NOT old.title",
        "INSERT INTO people (name) VALUES ('was ' || old.title)",
    ),
    (
        "app triggers: a log of deletions in another tracked table",
        "AFTER DELETE ON main.note",
        "INSERT INTO people (name) VALUES ('had ' || old.title)",
    ),
    (
        "app triggers: more rows of the same table",
        "AFTER INSERT ON main.note WHEN length(new.title) < 4",
        "INSERT OR IGNORE INTO note (notebook_id, title, stars) VALUES (new.notebook_id, new.title || 'c', 0)",
    ),
];

/// A trigger that keeps rows which are deleted.
const KEEPS: &str = "app triggers: ignored deletions";

pub(super) fn an_app_trigger() -> impl Strategy<Value = AppTrigger> {
    (0..KINDS.len(), any::<bool>(), any::<bool>()).prop_map(|(kind, is_temporary, starts)| AppTrigger {
        kind,
        is_temporary,
        starts,
    })
}

/// The names under which the triggers are counted.
pub(super) fn counted() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, ..)| *name).chain(["temporary app triggers"])
}

impl World {
    /// Makes the trigger as another program, or drops it.
    pub(super) fn toggle(&mut self, trigger: &AppTrigger) {
        let AppTrigger { kind, is_temporary, starts } = trigger;
        let (name, event, body) = KINDS[*kind];
        if self.app_triggers().iter().any(|known| known == name) {
            self.connection().execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
        } else {
            let (temporary, event) =
                if *is_temporary { ("TEMP", event.to_owned()) } else { ("", event.replace("main.", "")) };
            let sql = format!("CREATE {temporary} TRIGGER \"{name}\" {event} BEGIN {body}; END");
            self.connection().execute_batch(&sql).unwrap();
            self.count(name);
            if *is_temporary {
                self.count("temporary app triggers");
            }
        }
        if *starts {
            let found = self.database.create::<Notes>().unwrap().comparison;
            assert!(found.is_equal(), "{name}: {found}");
        }
    }

    /// The names of the app's triggers.
    fn app_triggers(&self) -> Vec<String> {
        all(
            self.connection(),
            "SELECT name FROM (SELECT * FROM main.sqlite_schema UNION ALL SELECT * FROM temp.sqlite_schema) \
             WHERE type = 'trigger' AND name GLOB 'app triggers*'",
        )
    }

    /// Returns `true` if a trigger keeps some of the rows that are deleted.
    pub(super) fn keeps_rows(&self) -> bool {
        self.app_triggers().iter().any(|name| name == KEEPS)
    }

    /// Drops all triggers of the app, as a migration tool does before it makes a table anew: their bodies may name the
    /// table.
    pub(super) fn drop_app_triggers(&self) {
        for name in self.app_triggers() {
            self.connection().execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
        }
    }
}
