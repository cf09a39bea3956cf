//! Syncs that are cut: between any two steps, before and after every operation on either database, and with answers that are
//! lost. The next sync finishes them.

use std::cell::Cell;
use std::fs;
use std::time::Duration;

use syncline::counters::{Fsic, Role};
use syncline::dequeue::Dequeued;
use syncline::deserialize::Deserialized;
use syncline::filter::Filter;
use syncline::prelude::*;
use syncline::sqlite::TransferError;
use syncline::sqlite::transfer::{SyncError, SyncStore};
use syncline::transfer::{
    Answer, Buffer, Direction, InProcess, Instance, Link, Refusal, Request, Retry, SessionStore, SyncOptions,
    SyncSession, Transfer, Unfinished, sync,
};
use syncline::transfer_session::InvalidTransfer;
use syncline::{CancelToken, Serialized, size};

use crate::support::{Note, Notes, Two, content, left_over, moved, note, notebook, store, without_waiting};

/// Two databases with notes on both sides, deletions, and a record in conflict.
fn two_with_everything() -> Two {
    let mut two = Two::new();
    let shared = [note(&two.here, "home", "edited"), note(&two.here, "home", "deleted")];
    two.sync();
    let mut edited: Note = two.here.get(shared[0]).unwrap().unwrap();
    edited.title = "again".into();
    two.here.update(&edited).unwrap();
    two.here.delete::<Note>(shared[1]).unwrap();
    for index in 0..5 {
        note(&two.here, "home", &format!("here {index}"));
        note(&two.there, "work", &format!("there {index}"));
    }
    notebook(&two.here, "Bread", "rye");
    notebook(&two.there, "Bread", "wheat");
    two
}

/// Copies of the files of two databases. They keep the instances.
struct Template {
    two: Two,
}

impl Template {
    fn new() -> Self {
        let two = two_with_everything();
        for database in [&two.here, &two.there] {
            database.connection().pragma_update(None, "wal_checkpoint", "truncate").unwrap();
        }
        Self { two }
    }

    fn copy(&self) -> Two {
        let folder = tempfile::TempDir::new().unwrap();
        let [here, there] = self.two.paths().map(|path| {
            let copy = folder.path().join(path.file_name().unwrap());
            fs::copy(&path, &copy).unwrap();
            without_waiting(Database::open_existing(copy).unwrap())
        });
        Two { folder, here, there }
    }
}

#[track_caller]
fn assert_finished(two: &mut Two, expected: &[Vec<Vec<String>>; 2], when: &str) {
    assert_eq!([content(&two.here), content(&two.there)], *expected, "{when}");
    assert_eq!(store(&two.here), store(&two.there), "{when}");
    let again = two.sync();
    assert_eq!(moved(&again), (0, 0), "{when}");
    assert_eq!([left_over(&two.here), left_over(&two.there)], [(0, 0, 0, 0); 2], "{when}");
}

/// The outcome of an undisturbed sync.
fn undisturbed(template: &Template) -> [Vec<Vec<String>>; 2] {
    let mut two = template.copy();
    two.here.sync::<Notes>().with(&mut two.there).chunk_size(size(2)).run().unwrap();
    [content(&two.here), content(&two.there)]
}

#[test]
fn cancelled_at_any_step_the_next_sync_finishes_it() {
    let template = Template::new();
    let expected = undisturbed(&template);
    let mut resumed = 0;
    for step in 0.. {
        let mut two = template.copy();
        let token = CancelToken::new();
        let steps = Cell::new(0);
        let run = two
            .here
            .sync::<Notes>()
            .with(&mut two.there)
            .chunk_size(size(2))
            .cancelled_by(&token)
            .progress(|_| {
                if steps.replace(steps.get() + 1) == step {
                    token.cancel();
                }
            })
            .run();
        match run {
            Ok(_) => {
                assert!(step > 20, "{step} steps");
                break;
            }
            Err(error) => assert!(error.is_cancelled(), "{error:?}"),
        }
        let finished = two.here.sync::<Notes>().with(&mut two.there).chunk_size(size(2)).run().unwrap();
        resumed += u64::from(finished.transfers[0].is_resumed);
        assert_finished(&mut two, &expected, &format!("after step {step}"));
    }
    assert!(resumed > 20, "{resumed} were resumed");
}

/// A countdown to a fault.
struct Countdown {
    left: Cell<u64>,
    /// `true` if the operation is done before the fault, so that only its result is lost.
    is_late: bool,
}

impl Countdown {
    fn around<T>(&self, work: impl FnOnce() -> Result<T, TransferError>) -> Result<T, TransferError> {
        let fault = || Err(TransferError::NoSession { id: RecordId::NEW });
        if self.left.get() == 0 {
            return fault();
        }
        self.left.set(self.left.get() - 1);
        if self.left.get() > 0 {
            return work();
        }
        if self.is_late {
            work()?;
        }
        fault()
    }
}

/// A store that fails at an operation and at every later one, as if the process had ended.
struct Faulty<'d, 'c> {
    store: SyncStore<'d, Notes>,
    countdown: &'c Countdown,
}

impl SessionStore for Faulty<'_, '_> {
    type Error = TransferError;

    fn invalid(error: &TransferError) -> Option<&InvalidTransfer> {
        SyncStore::<Notes>::invalid(error)
    }

    fn profile(&self) -> &str {
        self.store.profile()
    }

    fn expected_id(&self, model: &str, partition: &str, source_id: &str) -> Option<RecordId> {
        self.store.expected_id(model, partition, source_id)
    }

    fn instance(&mut self) -> Result<Instance, TransferError> {
        self.countdown.around(|| self.store.instance())
    }

    fn create_sync_session(&mut self, session: &SyncSession) -> Result<(), TransferError> {
        self.countdown.around(|| self.store.create_sync_session(session))
    }

    fn sync_session(&mut self, id: RecordId) -> Result<Option<SyncSession>, TransferError> {
        self.countdown.around(|| self.store.sync_session(id))
    }

    fn unfinished(&mut self, client: RecordId, server: RecordId) -> Result<Vec<Unfinished>, TransferError> {
        self.countdown.around(|| self.store.unfinished(client, server))
    }

    fn take_over(&mut self, id: RecordId) -> Result<(), TransferError> {
        self.countdown.around(|| self.store.take_over(id))
    }

    fn close_sync_session(&mut self, id: RecordId) -> Result<(), TransferError> {
        self.countdown.around(|| self.store.close_sync_session(id))
    }

    fn create_transfer(&mut self, transfer: &Transfer) -> Result<(), TransferError> {
        self.countdown.around(|| self.store.create_transfer(transfer))
    }

    fn transfer(&mut self, id: RecordId) -> Result<Option<Transfer>, TransferError> {
        self.countdown.around(|| self.store.transfer(id))
    }

    fn active_transfer(
        &mut self,
        sync_session: RecordId,
        direction: Direction,
    ) -> Result<Option<Transfer>, TransferError> {
        self.countdown.around(|| self.store.active_transfer(sync_session, direction))
    }

    fn save_transfer(&mut self, transfer: &Transfer) -> Result<(), TransferError> {
        self.countdown.around(|| self.store.save_transfer(transfer))
    }

    fn drop_buffers(&mut self, id: RecordId) -> Result<(), TransferError> {
        self.countdown.around(|| self.store.drop_buffers(id))
    }

    fn serialize(&mut self, filter: &Filter) -> Result<Serialized, TransferError> {
        self.countdown.around(|| self.store.serialize(filter))
    }

    fn counters(&mut self, filter: &Filter, role: Role) -> Result<Fsic, TransferError> {
        self.countdown.around(|| self.store.counters(filter, role))
    }

    fn queue(&mut self, id: RecordId) -> Result<u64, TransferError> {
        self.countdown.around(|| self.store.queue(id))
    }

    fn buffers(&mut self, id: RecordId, offset: u64, limit: usize) -> Result<Vec<Buffer>, TransferError> {
        self.countdown.around(|| self.store.buffers(id, offset, limit))
    }

    fn insert_buffers(&mut self, id: RecordId, buffers: &[Buffer]) -> Result<u64, TransferError> {
        self.countdown.around(|| self.store.insert_buffers(id, buffers))
    }

    fn dequeue(&mut self, id: RecordId) -> Result<Dequeued, TransferError> {
        self.countdown.around(|| self.store.dequeue(id))
    }

    fn deserialize(&mut self, filter: &Filter) -> Result<Deserialized, TransferError> {
        self.countdown.around(|| self.store.deserialize(filter))
    }
}

fn in_chunks_of_two() -> SyncOptions {
    SyncOptions { chunk: size(2), ..SyncOptions::default() }
}

#[test]
fn cut_around_any_operation_on_either_database_the_next_sync_finishes_it() {
    let template = Template::new();
    let expected = undisturbed(&template);
    for is_late in [false, true] {
        for operation in 1.. {
            let mut two = template.copy();
            let countdown = Countdown { left: Cell::new(operation), is_late };
            let faulty = |database| Faulty { store: SyncStore::new(database), countdown: &countdown };
            let mut there = faulty(&mut two.there);
            let mut here = faulty(&mut two.here);
            let run = sync(&mut here, &mut InProcess::new(&mut there), in_chunks_of_two(), &mut ());
            drop((here, there));
            if run.is_ok() {
                assert!(operation > 70, "{operation} operations");
                break;
            }
            two.sync();
            assert_finished(&mut two, &expected, &format!("after operation {operation}, late: {is_late}"));
        }
    }
}

/// A link over which every request is sent twice: the first answer is lost.
struct Lossy<'s, 'd> {
    link: InProcess<'s, SyncStore<'d, Notes>>,
    is_lost: bool,
    lost: u64,
}

#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer is lost")
    }
}

impl std::error::Error for Lost {}

impl Link for Lossy<'_, '_> {
    type Error = Lost;

    fn send(&mut self, request: Request) -> Result<Result<Answer, Refusal>, Lost> {
        let answer = self.link.send(request).unwrap();
        self.is_lost = !self.is_lost;
        self.lost += u64::from(self.is_lost);
        if self.is_lost { Err(Lost) } else { Ok(answer) }
    }

    fn retry(&mut self, _: &Lost, retry: &mut Retry) -> Option<Duration> {
        retry.pause(0.0)
    }

    fn wait(&mut self, _: Duration) {}
}

#[test]
fn a_request_that_is_sent_twice_counts_once() {
    let template = Template::new();
    let expected = undisturbed(&template);
    let mut two = template.copy();
    let (mut here, mut there) = (SyncStore::<Notes>::new(&mut two.here), SyncStore::new(&mut two.there));
    let mut link = Lossy { link: InProcess::new(&mut there), is_lost: false, lost: 0 };
    let synced = sync(&mut here, &mut link, in_chunks_of_two(), &mut ()).unwrap();
    assert!(link.lost > 20, "{} lost", link.lost);
    let undisturbed = template.copy().sync();
    assert_eq!(moved(&synced), moved(&undisturbed));
    drop(here);
    assert_finished(&mut two, &expected, "after repeated requests");
}

#[test]
fn a_link_that_stays_down_ends_the_run_and_the_next_resumes() {
    let template = Template::new();
    let expected = undisturbed(&template);
    let mut two = template.copy();
    let mut told = Vec::new();
    {
        let (mut here, mut there) = (SyncStore::<Notes>::new(&mut two.here), SyncStore::new(&mut two.there));
        let mut link = Down { link: InProcess::new(&mut there), left: 9, pauses: &mut told };
        let error = sync(&mut here, &mut link, in_chunks_of_two(), &mut ()).unwrap_err();
        assert!(error.to_string().starts_with("the peer failed in the pull"), "{error}");
    }
    assert_eq!(told.len(), Retry::LIMIT as usize);
    let resumed = two.sync();
    assert!(resumed.transfers[0].is_resumed);
    assert_finished(&mut two, &expected, "after the link was down");
}

/// A link that is down after some requests.
struct Down<'s, 'd, 'p> {
    link: InProcess<'s, SyncStore<'d, Notes>>,
    left: u32,
    pauses: &'p mut Vec<Duration>,
}

impl Link for Down<'_, '_, '_> {
    type Error = Lost;

    fn send(&mut self, request: Request) -> Result<Result<Answer, Refusal>, Lost> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 { Err(Lost) } else { Ok(self.link.send(request).unwrap()) }
    }

    fn retry(&mut self, _: &Lost, retry: &mut Retry) -> Option<Duration> {
        retry.pause(1.0)
    }

    fn wait(&mut self, pause: Duration) {
        self.pauses.push(pause);
    }
}

#[test]
fn a_locked_peer_is_an_error_after_which_the_next_sync_resumes() {
    let template = Template::new();
    let expected = undisturbed(&template);
    let mut two = template.copy();
    let lock = syncline::rusqlite::Connection::open(&two.paths()[1]).unwrap();
    let begun = Cell::new(false);
    let error = two
        .here
        .sync::<Notes>()
        .with(&mut two.there)
        .busy_timeout(Duration::from_millis(20))
        .progress(|progress| {
            if progress.direction == Direction::Push && !begun.replace(true) {
                lock.execute_batch("BEGIN IMMEDIATE").unwrap();
            }
        })
        .run()
        .unwrap_err();
    let SyncError::CutThere { direction: Direction::Push, source, .. } = error else { panic!("{error:?}") };
    assert!(source.is_transient(), "{source:?}");
    lock.execute_batch("ROLLBACK").unwrap();
    let resumed = two.sync();
    assert!(resumed.transfers[0].is_resumed && resumed.transfers[0].direction == Direction::Push);
    assert_finished(&mut two, &expected, "after the lock");
}

#[test]
fn a_session_of_another_filter_is_left_alone() {
    let template = Template::new();
    let mut two = template.copy();
    let token = CancelToken::new();
    let run = two.here.sync::<Notes>().with(&mut two.there).filter("home:").cancelled_by(&token);
    run.progress(|progress| {
        if progress.done > 0 {
            token.cancel();
        }
    })
    .run()
    .unwrap_err();
    let synced = two.sync();
    assert!(synced.transfers.iter().all(|transfer| !transfer.is_resumed), "{synced}");
    assert_eq!(left_over(&two.here).0, 1);
    let synced = two.here.sync::<Notes>().with(&mut two.there).filter("home:").run().unwrap();
    assert!(synced.transfers[0].is_resumed, "{synced}");
    assert_eq!([left_over(&two.here), left_over(&two.there)], [(0, 0, 0, 0); 2]);
}
