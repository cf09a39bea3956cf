//! `ClientTransfer`: one transfer session, as the client runs it.

use syncline_serializer::counters::Role;

use crate::error::Fault;
use crate::message::{Answer, CreateTransfer, PatchTransfer, Request};
use crate::session::{Direction, Transfer};
use crate::stage::{Stage, Status};
use crate::store::SessionStore;
use crate::validate::validate;
use crate::work::Transferred;

/// One transfer session. In each stage it does its own work first, then asks the server for the server's.
#[derive(Debug)]
pub(crate) struct ClientTransfer {
    row: Transfer,
    chunk: usize,
    /// `true` if the own work of the stage is done, and the server is to be asked.
    is_prepared: bool,
    /// The number of records in the chunk that was sent last.
    sent: u64,
    /// `true` if a chunk was received that the server has not been told of.
    is_untold: bool,
    report: Transferred,
}

/// The reason why a step failed.
#[derive(Debug)]
pub(crate) enum Failed<E: std::error::Error + 'static> {
    /// The database of this side failed.
    Store(E),
    /// The peer sent what cannot be taken.
    Peer(Fault<E>),
}

impl<E: std::error::Error + 'static> Failed<E> {
    /// An error of a store, which may be a fault of what the peer sent.
    pub(crate) fn of<S: SessionStore<Error = E>>(error: E) -> Self {
        if S::invalid(&error).is_some() { Self::Peer(Fault::Transfer(error)) } else { Self::Store(error) }
    }
}

/// The state of a stage after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// There is more to do.
    More,
    /// The server has not finished: ask again later.
    Poll,
}

impl ClientTransfer {
    /// Goes on with the transfer session `row`, which is in the store.
    pub(crate) fn new(row: Transfer, chunk: usize, is_resumed: bool) -> Self {
        let mut report = Transferred::new(row.direction);
        report.is_resumed = is_resumed;
        Self { row, chunk, is_prepared: false, sent: 0, is_untold: false, report }
    }

    pub(crate) fn row(&self) -> &Transfer {
        &self.row
    }

    pub(crate) fn into_report(mut self) -> Transferred {
        self.report.records = self.row.transferred;
        self.report
    }

    /// The next request. `None` if the transfer is over.
    pub(crate) fn next<S: SessionStore>(
        &mut self,
        store: &mut S,
    ) -> Result<Option<Request>, Failed<S::Error>> {
        loop {
            if !self.is_prepared {
                match (self.row.stage, self.row.status) {
                    (Stage::Cleanup, Status::Completed) => return Ok(None),
                    (_, Status::Started) => {}
                    _ => {
                        self.begin_next();
                        self.save(store)?;
                    }
                }
                self.prepare(store)?;
                self.is_prepared = true;
            }
            match self.request(store)? {
                Some(request) => return Ok(Some(request)),
                None => self.complete(store)?,
            }
        }
    }

    /// The own work of the stage.
    fn prepare<S: SessionStore>(&mut self, store: &mut S) -> Result<(), Failed<S::Error>> {
        let is_receiver = self.row.direction == Direction::Pull;
        let filter = self.row.filter();
        let work = &mut self.report.work;
        match self.row.stage {
            Stage::Initializing | Stage::Transferring | Stage::Cleanup => {}
            Stage::Serializing => {
                if !is_receiver {
                    work.serialized = Some(store.serialize(&filter).map_err(Failed::of::<S>)?);
                }
                let role = if is_receiver { Role::Receiver } else { Role::Sender };
                self.row.client_fsic = store.counters(&filter, role).map_err(Failed::of::<S>)?.to_string();
            }
            Stage::Queuing => {
                if !is_receiver {
                    let queued = store.queue(self.row.id).map_err(Failed::of::<S>)?;
                    work.queued = Some(queued);
                    self.row.total = Some(queued);
                }
            }
            Stage::Dequeuing => {
                if is_receiver && self.row.transferred > 0 {
                    work.dequeued = Some(store.dequeue(self.row.id).map_err(Failed::of::<S>)?);
                }
            }
            Stage::Deserializing => {
                if is_receiver && self.row.transferred > 0 {
                    work.serialized_before = Some(store.serialize(&filter).map_err(Failed::of::<S>)?);
                    work.deserialized = Some(store.deserialize(&filter).map_err(Failed::of::<S>)?);
                }
            }
        }
        Ok(())
    }

    /// The request of the stage. `None` if it needs none.
    fn request<S: SessionStore>(&mut self, store: &mut S) -> Result<Option<Request>, Failed<S::Error>> {
        let row = &self.row;
        let mut patch =
            PatchTransfer { id: row.id, stage: row.stage, client_fsic: None, total: None, transferred: None };
        match row.stage {
            Stage::Initializing => {
                return Ok(Some(Request::CreateTransfer(CreateTransfer {
                    id: row.id,
                    sync_session: row.sync_session,
                    filter: row.filter.clone(),
                    direction: row.direction,
                })));
            }
            Stage::Cleanup => return Ok(Some(Request::CloseTransfer(row.id))),
            Stage::Serializing => patch.client_fsic = Some(row.client_fsic.clone()),
            Stage::Queuing if row.direction == Direction::Push => patch.total = row.total,
            Stage::Transferring if row.direction == Direction::Push => return self.next_chunk(store),
            Stage::Transferring if !self.is_untold && !row.is_complete() => {
                return Ok(Some(Request::GetBuffers {
                    transfer: row.id,
                    limit: self.chunk,
                    offset: row.transferred,
                }));
            }
            Stage::Transferring => patch.transferred = Some(row.transferred),
            Stage::Queuing | Stage::Dequeuing | Stage::Deserializing => {}
        }
        Ok(Some(Request::PatchTransfer(patch)))
    }

    fn next_chunk<S: SessionStore>(&mut self, store: &mut S) -> Result<Option<Request>, Failed<S::Error>> {
        let row = &self.row;
        if row.is_complete() {
            return Ok(None);
        }
        let buffers = store.buffers(row.id, row.transferred, self.chunk).map_err(Failed::of::<S>)?;
        if buffers.is_empty() {
            let text = "the buffers of this side were dropped before all were sent".to_owned();
            return Err(Failed::Peer(Fault::Answer(text)));
        }
        self.sent = buffers.len() as u64;
        Ok(Some(Request::PostBuffers(buffers)))
    }

    /// Takes the answer to the last request.
    pub(crate) fn answered<S: SessionStore>(
        &mut self,
        store: &mut S,
        answer: Answer,
    ) -> Result<After, Failed<S::Error>> {
        match (self.row.stage, answer) {
            (Stage::Transferring, Answer::Done) => {
                let sent = self.row.transferred + std::mem::take(&mut self.sent);
                self.row.transferred = sent.min(self.row.total.unwrap_or_default());
                self.report.chunks += 1;
                self.save(store)?;
                return Ok(After::More);
            }
            (Stage::Transferring, Answer::Buffers(buffers)) => {
                if buffers.is_empty() {
                    let text = format!(
                        "it has no more buffers after {} of {}",
                        self.row.transferred,
                        self.row.total.unwrap_or_default()
                    );
                    return Err(Failed::Peer(Fault::Answer(text)));
                }
                validate(store, &self.row, &buffers)
                    .map_err(|invalid| Failed::Peer(Fault::Buffer(invalid)))?;
                let new = store.insert_buffers(self.row.id, &buffers).map_err(Failed::of::<S>)?;
                if new == 0 {
                    let text = "it sent records again that it had sent before".to_owned();
                    return Err(Failed::Peer(Fault::Answer(text)));
                }
                self.row.transferred += new;
                self.report.chunks += 1;
                self.is_untold = true;
                return Ok(After::More);
            }
            (Stage::Cleanup, Answer::Done) => {
                store.drop_buffers(self.row.id).map_err(Failed::of::<S>)?;
                self.row.active = false;
            }
            (stage, Answer::Transfer(theirs)) if stage != Stage::Cleanup => {
                self.is_untold = false;
                if let Some(after) = self.compare(&theirs).map_err(Failed::Peer)? {
                    return Ok(after);
                }
            }
            (stage, _) => {
                let text = format!("its answer does not fit the request, in {stage}");
                return Err(Failed::Peer(Fault::Answer(text)));
            }
        }
        self.complete(store)?;
        Ok(After::More)
    }

    /// Takes over what the server says about the session. `None` if the stage is completed.
    fn compare<E: std::error::Error + 'static>(
        &mut self,
        theirs: &Transfer,
    ) -> Result<Option<After>, Fault<E>> {
        let row = &mut self.row;
        if (theirs.id, &theirs.filter, theirs.direction) != (row.id, &row.filter, row.direction) {
            return Err(Fault::Answer(format!("it goes on with another transfer session, {}", theirs.id)));
        }
        if theirs.status == Status::Errored {
            return Err(Fault::Answer(format!("its side of the session has an error, in {}", theirs.stage)));
        }
        if row.stage == Stage::Transferring {
            return Ok((!row.is_complete()).then_some(After::More));
        }
        if !theirs.is_past(row.stage) {
            return Ok(Some(After::Poll));
        }
        match (row.stage, row.direction) {
            (Stage::Serializing, _) => row.server_fsic.clone_from(&theirs.server_fsic),
            (Stage::Queuing, Direction::Pull) => {
                let Some(total) = theirs.total else {
                    return Err(Fault::Answer("it does not say how many records it has queued".to_owned()));
                };
                row.total = Some(total);
            }
            _ => {}
        }
        Ok(None)
    }

    /// The server no longer knows the session. Returns `true` if that was to be reached.
    pub(crate) fn is_gone<S: SessionStore>(&mut self, store: &mut S) -> Result<bool, Failed<S::Error>> {
        if self.row.stage != Stage::Cleanup {
            return Ok(false);
        }
        self.answered(store, Answer::Done).map(|_| true)
    }

    /// Completes the stage, and writes down that the next one has begun.
    fn complete<S: SessionStore>(&mut self, store: &mut S) -> Result<(), Failed<S::Error>> {
        self.row.status = Status::Completed;
        self.is_prepared = false;
        self.begin_next();
        self.save(store)
    }

    fn begin_next(&mut self) {
        if self.row.status == Status::Completed {
            let Some(next) = self.row.stage.next() else { return };
            self.row.stage = next;
        }
        self.row.status = Status::Started;
    }

    fn save<S: SessionStore>(&mut self, store: &mut S) -> Result<(), Failed<S::Error>> {
        store.save_transfer(&self.row).map_err(Failed::of::<S>)
    }
}
