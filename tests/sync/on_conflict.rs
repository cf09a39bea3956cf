//! The rule of a profile for records in conflict, asked while received records are merged.

use syncline::model::{Answer, Conflict};
use syncline::{PartitionedProfile, RecordId, Syncable, profile};

use crate::devices::Device;

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile(Mine, Theirs, ByField, Last, Joined, Odd),
    model = "note",
    partition = "notes",
    source_id = "{name}"
)]
struct Note {
    id: RecordId,
    name: String,
    title: String,
    edited: i64,
    #[syncable(references = Note, on_delete = set_null)]
    parent_id: Option<RecordId>,
}

profile! { Mine = "notes" { Note } }
profile! { Theirs = "notes-2" (on_conflict = theirs) { Note } }
profile! { ByField = "notes-3" (on_conflict = by_field) { Note } }
profile! { Last = "notes-4" (on_conflict = last(by = edited)) { Note } }
profile! { Joined = "notes-5" (on_conflict = joined) { Note } }
profile! { Odd = "notes-6" (on_conflict = odd) { Note } }

/// Joins the two titles, this device's first: not symmetric.
fn joined(conflict: &Conflict<'_>) -> Answer {
    let [mut mine, theirs] =
        [conflict.mine, conflict.theirs].map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
    let titles = [&mine, &theirs].map(|text| text["title"].as_str().unwrap().to_owned());
    mine["title"] = titles.join("+").into();
    Answer::Text(mine.to_string())
}

fn odd(_: &Conflict<'_>) -> Answer {
    Answer::Text("no object".to_owned())
}

fn id() -> RecordId {
    RecordId::derive("notes", "bread", "note")
}

fn devices<P: PartitionedProfile>() -> (Device, Device) {
    let (here, there) = (Device::new::<P>(), Device::new::<P>());
    here.execute("INSERT INTO note (name, title, edited) VALUES ('bread', 'here', 10)");
    there.execute("INSERT INTO note (name, title, edited) VALUES ('bread', 'there', 9)");
    (here, there)
}

fn titles(texts: &str) -> Vec<String> {
    let titles = syncline::json::values(texts).map(|text| {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["title"].as_str().unwrap().to_owned()
    });
    titles.collect()
}

/// The title and the conflicting titles on `there`, after it received `here`'s version.
fn received<P: PartitionedProfile>() -> (Vec<String>, Vec<String>) {
    let (mut here, mut there) = devices::<P>();
    let dequeued = here.send::<P>(&mut there);
    assert_eq!((dequeued.conflicts, dequeued.unusable_answers), (1, 0));
    let (text, conflicting, is_dirty) = there.stored(id());
    assert!(is_dirty);
    (titles(&text), titles(&conflicting))
}

#[test]
fn each_rule() {
    let texts = |text: &str, conflicting: &[&str]| {
        (vec![text.to_owned()], conflicting.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(received::<Mine>(), texts("there", &["here"]));
    assert_eq!(received::<Theirs>(), texts("here", &["there"]));
    assert_eq!(received::<Last>(), texts("here", &["there"]));
    // The higher title and the higher time, so both texts lost.
    assert_eq!(received::<ByField>(), texts("there", &["here", "there"]));
    assert_eq!(received::<Joined>(), texts("there+here", &["here", "there"]));
}

/// The answer is the version that the receiver authors, so the sender takes it without another conflict.
#[test]
fn the_sender_takes_the_answer() {
    fn check<P: PartitionedProfile>(title: &str) {
        let (mut here, mut there) = devices::<P>();
        here.send::<P>(&mut there);
        there.receive_notes();
        let dequeued = there.send::<P>(&mut here);
        assert_eq!((dequeued.conflicts, dequeued.written), (0, 1), "{}", P::NAME);
        assert_eq!(here.stored(id()).0, there.stored(id()).0);
        assert_eq!(titles(&here.stored(id()).0), [title]);
    }
    check::<Mine>("there");
    check::<Theirs>("here");
    check::<ByField>("there");
    check::<Last>("here");
    check::<Joined>("there+here");
}

/// Three devices, each of which has its own version, in a ring until nothing moves: they agree, after few rounds.
#[test]
fn a_conflict_ends() {
    fn check<P: PartitionedProfile>() {
        let (here, there) = devices::<P>();
        let third = Device::new::<P>();
        third.execute("INSERT INTO note (name, title, edited) VALUES ('bread', 'third', 10)");
        let mut ring = [here, there, third];
        let mut quiet = 0;
        for step in 0..24 {
            let (left, right) = ring.split_at_mut(1 + step % 2);
            let [from, to] =
                if step % 4 < 2 { [&mut left[0], &mut right[0]] } else { [&mut right[0], &mut left[0]] };
            let dequeued = from.send::<P>(to);
            to.receive_notes();
            quiet = if dequeued.conflicts + dequeued.written == 0 { quiet + 1 } else { 0 };
        }
        assert!(quiet >= 8, "{}: still moving", P::NAME);
        let texts: Vec<_> = ring.iter().map(|device| device.stored(id()).0).collect();
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    }
    check::<Mine>();
    check::<Theirs>();
    check::<ByField>();
    check::<Last>();
    check::<Joined>();
}

/// Two devices that receive each other's version at the same time give the same answer, if the rule is symmetric.
#[test]
fn symmetric_rules_answer_alike() {
    fn check<P: PartitionedProfile>() -> [String; 2] {
        let (mut here, mut there) = devices::<P>();
        // Copies of the devices as they were before, so that each receives the version of the other.
        let (mut here_before, mut there_before) = devices::<P>();
        here_before.send::<P>(&mut there);
        there_before.send::<P>(&mut here);
        [here.stored(id()).0, there.stored(id()).0]
    }
    for [here, there] in [check::<ByField>(), check::<Last>()] {
        assert_eq!(here, there);
    }
    let [here, there] = check::<Mine>();
    assert_ne!(here, there);
}

#[test]
fn an_answer_that_is_no_object_leaves_the_text_of_this_device() {
    let (mut here, mut there) = devices::<Odd>();
    let dequeued = here.send::<Odd>(&mut there);
    assert_eq!((dequeued.conflicts, dequeued.unusable_answers), (1, 1));
    let (text, conflicting, _) = there.stored(id());
    assert_eq!((titles(&text), titles(&conflicting)), (vec!["there".to_owned()], vec!["here".to_owned()]));
}

/// A text of a peer that is no JSON does not become the record's, whatever the rule says, and is kept.
#[test]
fn a_received_text_that_is_no_object_loses() {
    fn check<P: PartitionedProfile>() {
        let (mut here, mut there) = devices::<P>();
        here.serialize::<P>();
        here.execute("UPDATE morango_store SET serialized = 'nonsense'");
        let dequeued = here.send::<P>(&mut there);
        assert_eq!(dequeued.conflicts, 1);
        let (text, conflicting, _) = there.stored(id());
        assert_eq!((titles(&text), conflicting.as_str()), (vec!["there".to_owned()], "nonsense\n"));
    }
    check::<Mine>();
    check::<Theirs>();
    check::<ByField>();
    check::<Last>();
}

/// The flags of a deletion are those of either side, and a hard deleted record has no text to decide about.
#[test]
fn deletions() {
    let (mut here, mut there) = devices::<Theirs>();
    there.serialize::<Theirs>();
    there.execute("DELETE FROM note");
    here.send::<Theirs>(&mut there);
    let flags = "SELECT deleted || ',' || hard_deleted FROM morango_store";
    assert_eq!(there.one::<String>(flags), "1,0");
    assert_eq!(titles(&there.stored(id()).0), ["here"]);

    let (mut here, mut there) = devices::<Joined>();
    there.serialize::<Joined>();
    there.execute(
        "UPDATE morango_store SET hard_deleted = 1, deleted = 1, serialized = '{}'; DELETE FROM note",
    );
    there.execute("DELETE FROM morango_deletedmodels");
    let dequeued = here.send::<Joined>(&mut there);
    assert_eq!((dequeued.conflicts, dequeued.unusable_answers), (1, 0));
    assert_eq!(there.one::<String>(flags), "1,1");
    assert_eq!(there.stored(id()).0, "{}");
}

/// The store's column with the parent follows the text.
#[test]
fn an_answer_may_move_a_record() {
    fn check<P: PartitionedProfile>(expected: &str) {
        let (mut here, mut there) = devices::<P>();
        let parent = RecordId::derive("notes", "baking", "note");
        here.execute("INSERT INTO note (name, title, edited) VALUES ('baking', '', 1)");
        here.execute(&format!("UPDATE note SET parent_id = '{parent}' WHERE name = 'bread'"));
        here.send::<P>(&mut there);
        let of = "SELECT _self_ref_fk FROM morango_store WHERE source_id = 'bread'";
        assert_eq!(there.one::<String>(of), expected, "{}", P::NAME);
    }
    let parent = RecordId::derive("notes", "baking", "note");
    check::<Mine>("");
    check::<Theirs>(parent.as_str());
    check::<Last>(parent.as_str());
    check::<ByField>(parent.as_str());
    check::<Joined>("");
}

/// More conflicts than a chunk, and texts larger than a chunk's bytes.
#[test]
fn many_conflicts() {
    let (mut here, mut there) = (Device::new::<Theirs>(), Device::new::<Theirs>());
    for (device, title) in [(&here, "here"), (&there, "there")] {
        device.execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1203) \
             INSERT INTO note (name, title, edited) SELECT i, '{title}' || CASE WHEN i % 400 = 0 THEN hex(zeroblob(1500000)) \
             ELSE '' END, i FROM n"
        ));
    }
    let dequeued = here.send::<Theirs>(&mut there);
    assert_eq!((dequeued.conflicts, dequeued.unusable_answers), (1203, 0));
    let sql = "SELECT count(*) FROM morango_store WHERE serialized ->> 'title' GLOB 'here*'";
    assert_eq!(there.one::<i64>(sql), 1203);
}
