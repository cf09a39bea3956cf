//! A peer that sends what it must not: each is refused, and nothing of it is in the store.

use syncline::prelude::*;
use syncline::sqlite::transfer::SyncStore;
use syncline::transfer::{
    Answer, Buffer, Direction, InProcess, Link, Refusal, Request, SessionStore as _, SyncError, SyncOptions,
    sync,
};

use crate::support::{Notes, Two, content, left_over, note};

/// A change of a record on its way, and a part of the message that refuses it.
type Fault = (&'static str, fn(&mut Buffer), &'static str);

const FAULTS: &[Fault] = &[
    ("another id", |buffer| buffer.record = other_id(), "its id is not the one that follows from"),
    ("another model", |buffer| buffer.model = "notebook".into(), "its id is not the one that follows from"),
    ("another source id", |buffer| buffer.source_id = "x".into(), "its id is not the one that follows from"),
    (
        "a partition of the filter that is not the record's",
        |buffer| buffer.partition = "home:other".into(),
        "its id is not the one that follows from",
    ),
    ("a partition outside of the filter", move_to_work, "is outside of the session's filter `home:`"),
    ("another session", |buffer| buffer.transfer_session = other_id(), "it is of the transfer session"),
    ("another profile", |buffer| buffer.profile = "tasks".into(), "its profile is `tasks`, not `notes`"),
    (
        "counters of another record",
        |buffer| buffer.counters[0].record = other_id(),
        "one of its counters is of the record",
    ),
    (
        "counters of another session",
        |buffer| buffer.counters[0].transfer_session = other_id(),
        "one of its counters is of the record",
    ),
    (
        "a counter out of range",
        |buffer| buffer.counters[0].counter = 1 << 31,
        "one of its counters is 2147483648",
    ),
    (
        "a last save out of range",
        |buffer| buffer.last_saved_counter = u32::MAX,
        "its counter 4294967295 is larger",
    ),
    ("a long model", |buffer| buffer.model = "m".repeat(41), "its model is longer than 40"),
    ("a long source id", |buffer| buffer.source_id = "s".repeat(97), "its source id is longer than 96"),
    ("a NUL", |buffer| buffer.self_ref_fk = "\0".into(), "its self-reference is longer than 32"),
    ("a long partition", |buffer| buffer.partition = "p".repeat(3000), "its partition is longer than 2704"),
];

fn other_id() -> RecordId {
    RecordId::parse("0123456789abcdef0123456789abcdef").unwrap()
}

/// A record that is right in itself, but in a partition that the session does not sync.
fn move_to_work(buffer: &mut Buffer) {
    buffer.partition = "work:notes:${id}".into();
    buffer.record = RecordId::derive(&buffer.partition, &buffer.source_id, &buffer.model);
    buffer.partition = buffer.partition.replace("${id}", buffer.record.as_str());
    for counter in &mut buffer.counters {
        counter.record = buffer.record;
    }
}

/// A link that changes the last record of each chunk, and texts of counters.
struct Tampering<'s, 'd> {
    link: InProcess<'s, SyncStore<'d, Notes>>,
    change: fn(&mut Buffer),
    fsic: Option<&'static str>,
}

impl Link for Tampering<'_, '_> {
    type Error = syncline::sqlite::TransferError;

    fn send(&mut self, mut request: Request) -> Result<Result<Answer, Refusal>, Self::Error> {
        match &mut request {
            Request::PostBuffers(buffers) => buffers.last_mut().into_iter().for_each(self.change),
            Request::PatchTransfer(patch) if patch.client_fsic.is_some() => {
                patch.client_fsic = self.fsic.map(str::to_owned).or(patch.client_fsic.take());
            }
            _ => {}
        }
        let mut answer = self.link.send(request)?;
        match &mut answer {
            Ok(Answer::Buffers(buffers)) => buffers.last_mut().into_iter().for_each(self.change),
            Ok(Answer::Transfer(transfer)) => {
                if let Some(fsic) = self.fsic {
                    fsic.clone_into(&mut transfer.server_fsic);
                }
            }
            _ => {}
        }
        Ok(answer)
    }
}

/// Runs a sync whose link changes things. Returns the message of the error and its causes.
fn tampered(
    two: &mut Two,
    direction: Direction,
    change: fn(&mut Buffer),
    fsic: Option<&'static str>,
) -> String {
    let instance = SyncStore::<Notes>::new(&mut two.there).instance().unwrap().id;
    let mut here = SyncStore::<Notes>::new(&mut two.here);
    let mut there = SyncStore::new(&mut two.there);
    let options =
        SyncOptions { filter: "home:".into(), directions: vec![direction], ..SyncOptions::default() };
    let mut link = Tampering { link: InProcess::new(&mut there), change, fsic };
    let error = sync(&mut here, &mut link, options, &mut ()).unwrap_err();
    assert!(error.is_final(), "{error:?}");
    let SyncError::Invalid { peer, direction: found, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*peer, *found), (instance, direction));
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[test]
fn a_record_that_was_tampered_with_is_refused_with_its_whole_session() {
    for direction in [Direction::Pull, Direction::Push] {
        let mut two = Two::new();
        for place in ["home", "work"] {
            for title in ["one", "two"] {
                note(&two.here, place, title);
                note(&two.there, place, title);
            }
        }
        two.here.serialize::<Notes>().run().unwrap();
        two.there.serialize::<Notes>().run().unwrap();
        let before = [content(&two.here), content(&two.there)];
        for (what, change, expected) in FAULTS {
            let message = tampered(&mut two, direction, *change, None);
            assert!(message.contains(expected), "{what}: {message}");
            assert!(
                message.contains("`morango_buffer`") && message.contains("the record "),
                "{what}: {message}"
            );
            assert_eq!([content(&two.here), content(&two.there)], before, "{what}");
            assert_eq!([left_over(&two.here), left_over(&two.there)], [(0, 0, 0, 0); 2], "{what}");
        }
        two.sync();
        two.assert_agree();
    }
}

#[test]
fn counters_that_cannot_be_true_end_the_session() {
    let me = "\"11111111111111111111111111111111\"";
    let long = format!(r#"{{"super": {{}}, "sub": {{"home:": {{{me}: 2147483648}}}}}}"#).leak();
    let outside = format!(r#"{{"super": {{}}, "sub": {{"work:": {{{me}: 1}}}}}}"#).leak();
    for (fsic, expected) in [
        ("no JSON", "cannot be used"),
        ("{}", "cannot be used"),
        ("[]", "cannot be used"),
        (&*long, "cannot be used"),
        (&*outside, "the partition `work:`, which is outside of the filter"),
        (r#"{"super": {}, "sub": {"home:": {"x' OR 1": 1}}}"#, "cannot be used"),
    ] {
        for direction in [Direction::Pull, Direction::Push] {
            let mut two = Two::new();
            note(&two.here, "home", "here");
            note(&two.there, "home", "there");
            let message = tampered(&mut two, direction, |_| {}, Some(fsic));
            assert!(message.contains(expected), "{fsic}: {message}");
            assert_eq!([left_over(&two.here), left_over(&two.there)], [(0, 0, 0, 0); 2], "{fsic}");
            two.sync();
            two.assert_agree();
        }
    }
}
