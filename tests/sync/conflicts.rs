//! Records in conflict: both texts, and the answer that every device takes.

use syncline::model::Answer;
use syncline::{DatabaseError, RecordId, Syncable, profile};

use crate::devices::Device;

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "note", partition = "notes", source_id = "{name}")]
struct Note {
    id: RecordId,
    name: String,
    title: String,
}

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Notes, model = "tag", partition = "tags")]
struct Tag {
    id: RecordId,
}

profile! { Notes = "notes" { Note, Tag } }

/// Two devices that made the same note, with the titles `here` and `there`, after the second received the first's.
fn in_conflict() -> (Device, Device, RecordId) {
    let (mut here, mut there) = (Device::new::<Notes>(), Device::new::<Notes>());
    there.execute("INSERT INTO note (name, title) VALUES ('bread', 'there')");
    here.execute("INSERT INTO note (name, title) VALUES ('bread', 'here')");
    let dequeued = here.send::<Notes>(&mut there);
    assert_eq!((dequeued.conflicts, dequeued.written), (1, 0));
    (here, there, RecordId::derive("notes", "bread", "note"))
}

fn title(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text).unwrap()["title"].as_str().unwrap().to_owned()
}

#[test]
fn both_texts_of_each() {
    let (_, there, id) = in_conflict();
    let found: Vec<_> =
        there.database.conflicts::<Notes>().unwrap().collect::<Result<_, DatabaseError>>().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id.as_str(), found[0].model.as_str()), (id.as_str(), "note"));
    assert_eq!(title(&found[0].serialized), "there");
    assert_eq!(found[0].conflicting.iter().map(|text| title(text)).collect::<Vec<_>>(), ["here"]);
    assert!(found[0].dirty && !found[0].deleted);
    assert_eq!(there.database.conflict::<Notes>(id).unwrap().as_ref(), found.first());
    assert_eq!(there.database.conflict::<Notes>(RecordId::random()).unwrap(), None);
}

/// A peer may write its JSON with line breaks, so a text is not a line.
#[test]
fn a_text_may_have_line_breaks() {
    let (_, there, id) = in_conflict();
    there.execute(
        "UPDATE morango_store SET conflicting_serialized_data = \
         '{' || char(10) || ' \"title\": \"third\"' || char(10) || '}' || char(10) || conflicting_serialized_data",
    );
    let found = there.database.conflict::<Notes>(id).unwrap().unwrap();
    assert_eq!(found.conflicting.iter().map(|text| title(text)).collect::<Vec<_>>(), ["third", "here"]);
    let inspected = there.database.inspect::<Notes>(id).unwrap().unwrap().stored.unwrap();
    assert_eq!(inspected.conflicts, found.conflicting);
}

#[test]
fn all_of_many_in_the_order_of_their_ids() {
    let (_, there, _) = in_conflict();
    there.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
         INSERT INTO morango_store (id, serialized, deleted, hard_deleted, last_saved_instance, last_saved_counter, model_name, \
         profile, partition, source_id, conflicting_serialized_data, dirty_bit, _self_ref_fk) \
         SELECT printf('%032x', i * 7919 % 1009), '{}', 0, 0, '', 1, 'note', CASE WHEN i % 10 THEN 'notes' ELSE 'others' END, '', '', \
         CASE WHEN i % 2 THEN '{}' ELSE '' END, 0, '' FROM n",
    );
    let ids: Vec<_> = there.database.conflicts::<Notes>().unwrap().map(|found| found.unwrap().id).collect();
    assert_eq!(ids.len(), 501);
    assert!(ids.is_sorted());
}

/// The answer reaches the peer, and both texts that lost are gone on both devices.
#[test]
fn an_answer_is_a_new_version_for_every_device() {
    for (answer, expected) in [
        (Answer::Mine, "there"),
        (Answer::Theirs, "here"),
        (Answer::Text(r#"{"name":"bread","title":"both"}"#.to_owned()), "both"),
    ] {
        let (mut here, mut there, id) = in_conflict();
        there.receive_notes();
        there.database.resolve::<Notes>(id, &answer).unwrap();
        let (text, conflicting, is_dirty) = there.stored(id);
        assert_eq!((title(&text).as_str(), conflicting.as_str()), (expected, ""));
        assert_eq!(is_dirty, expected != "there", "another text waits for the app");
        assert_eq!(there.database.conflicts::<Notes>().unwrap().count(), 0);
        there.receive_notes();

        let dequeued = there.send::<Notes>(&mut here);
        assert_eq!((dequeued.conflicts, dequeued.written), (0, 1), "{answer:?}");
        let (text, conflicting, is_dirty) = here.stored(id);
        assert_eq!((title(&text).as_str(), conflicting.as_str(), is_dirty), (expected, "", true));
        here.receive_notes();
        assert_eq!(here.one::<String>("SELECT title FROM note"), expected);
        // Nothing moves any more.
        assert_eq!(here.send::<Notes>(&mut there).written, 0);
        assert_eq!(there.one::<String>("SELECT title FROM note"), expected);
    }
}

#[test]
fn an_answer_as_a_record_keeps_the_keys_of_a_newer_version() {
    let (_, mut there, id) = in_conflict();
    there.execute("UPDATE morango_store SET serialized = json_set(serialized, '$.newer', 7)");
    let answer = Note { id, name: "bread".to_owned(), title: "both".to_owned() };
    there.database.resolve_as::<Notes, _>(&answer).unwrap();
    let (text, conflicting, _) = there.stored(id);
    let text: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (text["title"].as_str(), text["newer"].as_i64(), conflicting.as_str()),
        (Some("both"), Some(7), "")
    );
    assert_eq!(text["_morango_source_id"], "bread");
    assert_eq!(text["_morango_partition"], "notes");
    assert_eq!(text["id"], id.as_str());
}

#[test]
fn a_deleted_record_stays_deleted() {
    let (mut here, mut there, id) = in_conflict();
    there.receive_notes();
    there.execute("UPDATE morango_store SET deleted = 1; DELETE FROM note");
    there.execute("DELETE FROM morango_deletedmodels");
    there.database.resolve::<Notes>(id, &Answer::Theirs).unwrap();
    assert!(there.one::<bool>("SELECT deleted FROM morango_store"));
    assert_eq!(there.send::<Notes>(&mut here).written, 1);
    assert!(here.one::<bool>("SELECT deleted FROM morango_store"));
}

#[track_caller]
fn refused(there: &mut Device, id: RecordId, answer: &Answer, message: &str) {
    let before =
        (there.stored(id), there.one::<i64>("SELECT counter FROM morango_instanceidmodel WHERE current"));
    let error = there.database.resolve::<Notes>(id, answer).unwrap_err();
    assert!(error.to_string().contains(message), "{error}");
    let after =
        (there.stored(id), there.one::<i64>("SELECT counter FROM morango_instanceidmodel WHERE current"));
    assert_eq!(after, before, "nothing was changed");
}

#[test]
fn answers_that_are_refused() {
    let (_, mut there, id) = in_conflict();
    for text in ["", "[]", "{\"title\": ", "null"] {
        refused(&mut there, id, &Answer::Text(text.to_owned()), "is no JSON object");
    }
    let error = there.database.resolve_as::<Notes, _>(&Tag { id }).unwrap_err();
    assert!(error.to_string().contains("it is a `note`, and the answer is a `tag`"), "{error}");

    there.execute("UPDATE note SET title = 'edited since'");
    refused(&mut there, id, &Answer::Theirs, "serialise first");
    there.receive_notes();
    there.execute("DELETE FROM note");
    refused(&mut there, id, &Answer::Theirs, "serialise first");

    there.execute(
        "DELETE FROM morango_deletedmodels; UPDATE morango_store SET conflicting_serialized_data = ''",
    );
    refused(&mut there, id, &Answer::Mine, "is not in conflict");
    let unknown = there.database.resolve::<Notes>(RecordId::random(), &Answer::Mine).unwrap_err();
    assert!(matches!(unknown, DatabaseError::NotInConflict { .. }), "{unknown}");
}

/// A conflicting text of a peer that is no JSON cannot become the record's.
#[test]
fn a_text_of_a_peer_that_is_no_object_is_no_answer() {
    let (_, mut there, id) = in_conflict();
    there.execute("UPDATE morango_store SET conflicting_serialized_data = 'nonsense' || char(10)");
    refused(&mut there, id, &Answer::Theirs, "is no JSON object");
    there.database.resolve::<Notes>(id, &Answer::Mine).unwrap();
    assert_eq!(there.stored(id).1, "");
}

/// The error of an earlier text goes with that text, and stays with a text that stays.
#[test]
fn an_error_belongs_to_its_text() {
    for (answer, error) in [(Answer::Mine, Some("it failed")), (Answer::Theirs, None)] {
        let (_, mut there, id) = in_conflict();
        there.execute("UPDATE morango_store SET deserialization_error = 'it failed'");
        there.database.resolve::<Notes>(id, &answer).unwrap();
        let found: Option<String> = there.one("SELECT deserialization_error FROM morango_store");
        assert_eq!(found.as_deref(), error, "{answer:?}");
        assert!(there.stored(id).2);
    }
}
