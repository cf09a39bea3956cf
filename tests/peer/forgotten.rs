//! Hard deletions by this library: they must list the same ids as Morango's own models.

use syncline::{Access, Database, RecordId};
use syncline_kolibri::models::{AttemptLog, Bookmark, ContentSessionLog};

use crate::compare::differences;
use crate::databases::Case;
use crate::fixtures::Scratch;
use crate::morango::Morango;
use crate::none;

/// A record and the function that deletes it.
struct Deletion {
    model: &'static str,
    /// The query for its id.
    sql: &'static str,
    delete: fn(&Database, RecordId),
}

const DELETIONS: [Deletion; 2] = [
    Deletion {
        model: "bookmark",
        sql: "SELECT min(id) FROM bookmarks_bookmark",
        delete: |db, id| assert!(db.hard_delete::<Bookmark>(id).unwrap()),
    },
    Deletion {
        model: "contentsessionlog",
        sql: "SELECT sessionlog_id FROM logger_attemptlog GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
        delete: |db, id| {
            // Kolibri's tables do not cascade, so referring rows are deleted first.
            for attempt in attempts(db, id) {
                assert!(db.hard_delete::<AttemptLog>(attempt).unwrap());
            }
            assert!(db.hard_delete::<ContentSessionLog>(id).unwrap());
        },
    },
];

fn attempts(db: &Database, session: RecordId) -> Vec<RecordId> {
    let connection = Access::connection(db);
    let mut select = connection.prepare("SELECT id FROM logger_attemptlog WHERE sessionlog_id = ?1").unwrap();
    let ids = select.query_map([session.as_str()], |row| row.get::<_, String>(0)).unwrap();
    ids.map(|id| RecordId::parse(&id.unwrap()).unwrap()).collect()
}

/// Deletes each record once by Morango and once by this library, compares the lists, and visits this library's database.
pub(crate) fn each(morango: &Morango, visit: &mut impl FnMut(&str, Result<Case, String>)) {
    for Deletion { model, sql, delete } in DELETIONS {
        let original = Scratch::of("kolibri-30-serialized");
        let id: String = original.one(sql);
        let (morangos, ours) = (original.copy(), original.copy());
        let listed = morango.hard_delete(morangos.path(), model, &id);
        let database = Database::open_existing(ours.path()).unwrap();
        delete(&database, RecordId::parse(&id).unwrap());
        database.close().unwrap();
        let name = format!("hard deleted, a {model}");
        println!("{name}: Morango listed {listed}");
        let same = none(&differences(morangos.path(), ours.path()));
        let case = same.map(|()| Case { name: name.clone(), database: ours, filters: Vec::new() });
        visit(&name, case);
    }
}
