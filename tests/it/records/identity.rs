//! Identities of records, and the methods for one record.

use std::error::Error as _;

use syncline::record::{Identity, InvalidRecord};
use syncline::sqlite::RecordError;
use syncline::{Access as _, RecordId, Syncable, profile};

use super::Scratch;
use super::declarations::{Author, Label, Note, Notebook, note, notebook};

/// The record of the golden vector of morango.md §18.
#[derive(Debug, Default, Syncable)]
#[syncable(profile = Golden, model = "facilityuser", partition = "{dataset}:user-ro:{id}", source_id = "{name}")]
struct User {
    id: RecordId,
    dataset: String,
    name: String,
}

profile! { Golden = "golden" { User } }

#[track_caller]
fn why(result: Result<(), RecordError>) -> InvalidRecord {
    match result.unwrap_err() {
        RecordError::InvalidRecord { source, .. } => source,
        other => panic!("{other}: {:?}", other.source()),
    }
}

#[test]
fn the_golden_id_comes_out() {
    let user = User { dataset: "d1".to_owned(), name: "src1".to_owned(), ..User::default() };
    let id = RecordId::parse("b52beb8b1b253efcae9319f3e52fd06f").unwrap();
    let expected = Identity {
        id,
        source_id: "src1".to_owned(),
        partition: "d1:user-ro:b52beb8b1b253efcae9319f3e52fd06f".to_owned(),
    };
    assert_eq!(Identity::of(&user), Ok(expected.clone()));
    assert_eq!(Identity::derive::<User>("d1:user-ro:${id}", "src1"), Ok(expected));
}

#[test]
fn a_record_is_inserted_read_updated_and_deleted() {
    let scratch = Scratch::new();
    let db = &scratch.database;
    let home = notebook(db, "Home");
    let mut bread = Note {
        notebook_id: home,
        title: "Bread".to_owned(),
        body: Some("Rye".to_owned()),
        stars: 3,
        scroll_position: 7,
        ..Note::default()
    };
    db.insert(&mut bread).unwrap();
    assert_eq!(db.get::<Note>(bread.id).unwrap().as_ref(), Some(&bread));
    assert_eq!(db.get::<Note>(home).unwrap(), None);

    let identity = db.identity::<Note>(bread.id).unwrap().unwrap();
    assert_eq!(identity.partition, format!("{home}:notes"));
    assert_eq!(RecordId::derive(&identity.partition, &identity.source_id, "note"), bread.id);
    let of_home = db.identity::<Notebook>(home).unwrap().unwrap();
    assert_eq!(of_home.partition, format!("{home}:notes"));
    assert_eq!(RecordId::derive("${id}:notes", &of_home.source_id, "notebook"), home);

    bread.body = None;
    assert!(db.update(&bread).unwrap());
    assert_eq!(db.get::<Note>(bread.id).unwrap().as_ref(), Some(&bread));
    assert_eq!(db.identity::<Note>(bread.id).unwrap(), Some(identity));

    assert!(db.delete::<Note>(bread.id).unwrap());
    assert!(!db.delete::<Note>(bread.id).unwrap());
    assert!(!db.update(&bread).unwrap());
    assert_eq!(db.get::<Note>(bread.id).unwrap(), None);
}

#[test]
fn two_machines_make_one_record_of_one_thing() {
    let [one, other] = [Scratch::new(), Scratch::new()];
    let [id, again] = [&one, &other].map(|scratch| {
        scratch.execute("PRAGMA foreign_keys = OFF");
        let thing = RecordId::parse("a0000000000000000000000000000001").unwrap();
        let mut label =
            Label { notebook_id: thing, note_id: thing, word: "now".to_owned(), ..Label::default() };
        scratch.database.insert(&mut label).unwrap();
        label.id
    });
    assert_eq!(id, again);
    let a = "a0000000000000000000000000000001";
    assert_eq!(id, RecordId::derive(&format!("{a}:labels"), &format!("{a}:now"), "label"));
}

#[test]
fn a_missing_field_takes_the_other_template() {
    let a = RecordId::random();
    let mut label = Label { notebook_id: a, note_id: a, word: "now".to_owned(), ..Label::default() };
    assert_eq!(Identity::of(&label).unwrap().partition, format!("{a}:labels"));
    label.author_id = Some(a);
    assert_eq!(Identity::of(&label).unwrap().partition, format!("{a}:labels:{a}"));
}

#[test]
fn an_id_may_be_the_apps_own() {
    let scratch = Scratch::new();
    let id = RecordId::random();
    let mut author = Author { id, name: "Ada".to_owned() };
    scratch.database.insert(&mut author).unwrap();
    assert_eq!(author.id, id);
    let identity = scratch.database.identity::<Author>(id).unwrap().unwrap();
    assert_eq!((identity.source_id.as_str(), identity.partition.as_str()), (id.as_str(), "people"));
    let mut author = Author::default();
    scratch.database.insert(&mut author).unwrap();
    assert!(!author.id.is_new());
}

#[test]
fn a_deleted_record_is_again_what_it_was() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let bread = note(&scratch.database, home, "Bread", None);
    let mut kept = scratch.database.get::<Note>(bread).unwrap().unwrap();
    let was = scratch.database.identity::<Note>(bread).unwrap().unwrap();
    scratch.database.delete::<Note>(bread).unwrap();
    assert_eq!(why(scratch.database.insert(&mut kept)), InvalidRecord::UnknownIdentity);
    scratch.database.insert_as(&mut kept, was.clone()).unwrap();
    scratch.serialize();

    scratch.database.delete::<Note>(bread).unwrap();
    scratch.serialize();
    // The store has the record's identity.
    scratch.database.insert(&mut kept).unwrap();
    assert_eq!(scratch.database.identity::<Note>(bread).unwrap(), Some(was));
    scratch.serialize();
    assert_eq!(
        scratch.all::<bool>(&format!("SELECT deleted FROM morango_store WHERE id = '{bread}'")),
        [false]
    );
}

#[test]
fn what_cannot_sync_is_refused() {
    let scratch = Scratch::new();
    let db = &scratch.database;
    let home = notebook(db, "Home");

    let mut nowhere = Note::default();
    assert_eq!(why(db.insert(&mut nowhere)), InvalidRecord::EmptyReference { column: "notebook_id" });
    assert!(nowhere.id.is_new(), "a record that was refused has no id");

    let mut label = Label { id: home, notebook_id: home, note_id: home, ..Label::default() };
    assert!(matches!(why(db.insert(&mut label)), InvalidRecord::AnotherId { .. }));
    label = Label { notebook_id: home, note_id: home, word: "x".repeat(64), ..Label::default() };
    let too_long = InvalidRecord::TooLong { what: "source id", length: 97, longest: 96 };
    assert_eq!(why(db.insert(&mut label)), too_long);

    let mut bread = Note { notebook_id: home, title: "Bread".to_owned(), ..Note::default() };
    assert_eq!(why(db.update(&bread).map(drop)), InvalidRecord::NotInserted);
    db.insert(&mut bread).unwrap();
    assert!(db.insert(&mut bread.clone()).is_err(), "there is such a record");
    bread.notebook_id = notebook(db, "Work");
    assert_eq!(why(db.update(&bread).map(drop)), InvalidRecord::Moves { column: "notebook_id" });
    assert_eq!(db.get::<Note>(bread.id).unwrap().unwrap().notebook_id, home);
}

#[test]
fn a_transaction_takes_it_back() {
    let mut scratch = Scratch::new();
    let transaction = scratch.database.connection_mut().transaction().unwrap();
    let mut home = Notebook::default();
    transaction.insert(&mut home).unwrap();
    assert!(transaction.delete::<Notebook>(home.id).unwrap());
    transaction.insert(&mut Notebook::default()).unwrap();
    transaction.rollback().unwrap();
    assert_eq!(scratch.all::<i64>("SELECT count(*) FROM notebook"), [0]);
    assert_eq!(scratch.listed(), [""; 0]);
}

#[test]
fn an_identity_that_the_store_knows_otherwise_is_refused_by_name() {
    let mut scratch = Scratch::new();
    let home = notebook(&scratch.database, "Home");
    let bread = note(&scratch.database, home, "Bread", None);
    scratch.serialize();
    let known = scratch.database.identity::<Note>(bread).unwrap().unwrap();
    scratch.execute("DELETE FROM note");
    // In tables of this library, and in those of another application without triggers.
    for somebody_elses in [false, true] {
        if somebody_elses {
            scratch.execute("CREATE TABLE django_migrations (id); DROP TRIGGER syncline_note_is_who_it_was");
        }
        let mut again = Note { notebook_id: home, title: "Bread".to_owned(), ..Note::default() };
        let elsewhere = Identity { partition: "elsewhere".to_owned(), ..known.clone() };
        let error = scratch.database.insert_as(&mut again, elsewhere).unwrap_err();
        assert_eq!(error.to_string(), format!("record `{bread}` of model `note` cannot be written"));
        assert_eq!(
            error.source().unwrap().to_string(),
            format!(
                "the sync store has it as a `note` in the partition `{home}:notes` with the source id `{}`, which \
                 never change: insert it with these, or with another id",
                known.source_id
            )
        );
        assert!(again.id.is_new());
    }
    let mut again = Note { notebook_id: home, title: "Bread".to_owned(), ..Note::default() };
    scratch.database.insert_as(&mut again, known).unwrap();

    // An id that the app chose can be that of another record.
    let mut author = Author { id: home, ..Author::default() };
    let error = scratch.database.insert(&mut author).unwrap_err();
    assert!(
        error.source().unwrap().to_string().starts_with("the sync store has it as a `notebook`"),
        "{error}"
    );
}
