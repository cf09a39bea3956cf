//! `Client`: the side that begins: it looks for what an earlier run left, opens a sync session, runs transfers, and ends it.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::Duration;

use syncline_core::size;
use syncline_serializer::record_id::RecordId;

use crate::client_transfer::{After, ClientTransfer, Failed};
use crate::error::{Fault, Refusal, RefusalKind, SyncError};
use crate::message::{Answer, CreateSyncSession, Info, Request};
use crate::session::{Direction, SyncSession, Transfer};
use crate::stage::{Stage, Status};
use crate::store::{Instance, SessionStore, Unfinished};
use crate::work::{Transferred, Work};

/// The settings of a sync.
#[derive(Debug, Clone)]
pub struct SyncOptions {
    /// The prefixes of the partitions, separated by line breaks. Empty for everything.
    pub filter: String,
    /// The transfers, in their order.
    pub directions: Vec<Direction>,
    /// The largest number of records in a chunk.
    pub chunk: NonZeroUsize,
    /// The way to the peer, for the sessions: a path or a URL.
    pub connection_path: String,
}

impl Default for SyncOptions {
    /// Everything, a pull and then a push, in chunks of 500.
    fn default() -> Self {
        Self {
            filter: String::new(),
            directions: vec![Direction::Pull, Direction::Push],
            chunk: size(500),
            connection_path: String::new(),
        }
    }
}

/// The next step of a [`Client`]: a request to send, a pause, or the end.
#[derive(Debug)]
pub enum Next {
    /// Send this request, and give its answer to [`Client::answered`].
    Send(Request),
    /// Call [`Client::next`] again after this time.
    Wait(Duration),
    /// Nothing: the sync is over.
    Done,
}

/// The side that begins a sync: a state machine without sockets, threads and clocks.
///
/// [`next`](Self::next) says what to send. If a request did not get through, calling it again gives the same request. All work
/// on the database happens in these calls.
#[derive(Debug)]
pub struct Client {
    options: SyncOptions,
    state: State,
    me: Option<Instance>,
    peer: Option<Info>,
    session: Option<RecordId>,
    /// The transfers that are left, but for the current one.
    left: VecDeque<Left>,
    transfer: Option<ClientTransfer>,
    done: Vec<Transferred>,
    /// The number of times that the server was asked again for the current stage.
    polls: u32,
    waits: bool,
}

#[derive(Debug)]
enum State {
    Begin,
    /// Looks for the sessions of an earlier run.
    Finding(VecDeque<Unfinished>),
    Opening(Box<SyncSession>),
    Transferring,
    Closing,
    Over,
}

/// A transfer to be done.
#[derive(Debug)]
enum Left {
    Resumed(Transfer),
    New(Direction),
}

/// The error of a step of a client whose link has the error `L`.
type StepError<S, L> = SyncError<<S as SessionStore>::Error, L>;

impl Client {
    /// A client that does as `options` say.
    #[must_use]
    pub fn new(options: SyncOptions) -> Self {
        Self {
            left: options.directions.iter().copied().map(Left::New).collect(),
            options,
            state: State::Begin,
            me: None,
            peer: None,
            session: None,
            transfer: None,
            done: Vec::new(),
            polls: 0,
            waits: false,
        }
    }

    /// The transfer session that is being run.
    #[must_use]
    pub fn transfer(&self) -> Option<&Transfer> {
        self.transfer.as_ref().map(ClientTransfer::row)
    }

    /// The number of transfers that are over.
    #[must_use]
    pub fn finished(&self) -> usize {
        self.done.len()
    }

    /// The reports of the transfers that are over. `theirs` is what the server did in each.
    #[must_use]
    pub fn into_reports(self, theirs: Vec<Work>) -> Vec<Transferred> {
        let mut theirs = theirs.into_iter();
        let add = |mut report: Transferred| {
            report.work = report.work.and(theirs.next().unwrap_or_default());
            report
        };
        self.done.into_iter().map(add).collect()
    }

    /// Says what to do next. Does the work of this side that comes before it.
    ///
    /// # Errors
    ///
    /// If the database fails, or the peer is the same instance.
    pub fn next<S: SessionStore, L: std::error::Error + 'static>(
        &mut self,
        store: &mut S,
    ) -> Result<Next, StepError<S, L>> {
        if std::mem::take(&mut self.waits) {
            self.polls += 1;
            let pause = Duration::from_millis(300) * (2_u32.saturating_pow(self.polls) - 1);
            return Ok(Next::Wait(pause.min(LONGEST_PAUSE)));
        }
        loop {
            match &mut self.state {
                State::Begin => {
                    if self.me.is_none() {
                        self.me = Some(store.instance().map_err(SyncError::store)?);
                    }
                    return Ok(Next::Send(Request::Info));
                }
                State::Finding(unfinished) => {
                    if let Some(first) = unfinished.front() {
                        return Ok(Next::Send(Request::FindSyncSession(first.session.id)));
                    }
                    let session = self.new_session(store.profile());
                    // Written before the peer writes it, so that it is found if the answer never comes.
                    store.create_sync_session(&session).map_err(SyncError::store)?;
                    self.session = Some(session.id);
                    self.state = State::Opening(Box::new(session));
                }
                State::Opening(session) => {
                    return Ok(Next::Send(Request::CreateSyncSession(CreateSyncSession {
                        id: session.id,
                        profile: session.profile.clone(),
                        connection_path: session.connection_path.clone(),
                        instance: session.client_instance,
                        instance_json: session.client_json.clone(),
                    })));
                }
                State::Transferring => {
                    if let Some(request) = self.next_of_transfer(store)? {
                        return Ok(Next::Send(request));
                    }
                    self.state = State::Closing;
                }
                State::Closing => {
                    return Ok(Next::Send(Request::CloseSyncSession(self.session.unwrap_or_default())));
                }
                State::Over => return Ok(Next::Done),
            }
        }
    }

    fn new_session(&self, profile: &str) -> SyncSession {
        let (me, peer) = (self.me.as_ref(), self.peer.as_ref());
        SyncSession {
            id: RecordId::random(),
            profile: profile.to_owned(),
            is_server: false,
            active: true,
            connection_path: self.options.connection_path.clone(),
            client_instance: me.map(|me| me.id).unwrap_or_default(),
            server_instance: peer.map(|peer| peer.instance).unwrap_or_default(),
            client_json: me.map(|me| me.json.clone()).unwrap_or_default(),
            server_json: peer.map(|peer| peer.instance_json.clone()).unwrap_or_default(),
        }
    }

    /// The next request of this transfer or of the following ones.
    fn next_of_transfer<S: SessionStore, L: std::error::Error + 'static>(
        &mut self,
        store: &mut S,
    ) -> Result<Option<Request>, StepError<S, L>> {
        loop {
            let Some(transfer) = &mut self.transfer else {
                let Some(left) = self.left.front() else { return Ok(None) };
                let begun = self.begin(store, left).map_err(SyncError::store)?;
                self.left.pop_front();
                self.transfer = Some(begun);
                continue;
            };
            match transfer.next(store) {
                Ok(Some(request)) => return Ok(Some(request)),
                Ok(None) => self.done.extend(self.transfer.take().map(ClientTransfer::into_report)),
                Err(failed) => return Err(self.failed(failed)),
            }
        }
    }

    fn begin<S: SessionStore>(&self, store: &mut S, left: &Left) -> Result<ClientTransfer, S::Error> {
        let chunk = self.options.chunk.get();
        Ok(match left {
            Left::Resumed(row) => ClientTransfer::new(row.clone(), chunk, true),
            Left::New(direction) => {
                let session = self.session.unwrap_or_default();
                let row = Transfer::new(RecordId::random(), session, self.options.filter.clone(), *direction);
                store.create_transfer(&row)?;
                ClientTransfer::new(row, chunk, false)
            }
        })
    }

    /// Takes the answer to the last request, or its refusal.
    ///
    /// # Errors
    ///
    /// If the answer cannot be used, the request was refused, or the database fails.
    pub fn answered<S: SessionStore, L: std::error::Error + 'static>(
        &mut self,
        store: &mut S,
        answer: Result<Answer, Refusal>,
    ) -> Result<(), StepError<S, L>> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => return self.refused(store, &refusal),
        };
        match (&mut self.state, answer) {
            (State::Begin, Answer::Info(info)) => {
                let Some(me) = &self.me else { return Err(self.unfit()) };
                if me.id == info.instance {
                    return Err(SyncError::SameInstance { instance: me.id, is_foreign: me.is_foreign });
                }
                let unfinished = store.unfinished(me.id, info.instance).map_err(SyncError::store)?;
                self.peer = Some(info);
                let filter = &self.options.filter;
                let directions = &self.options.directions;
                let fits = |transfer: &Transfer| {
                    transfer.filter == *filter && directions.contains(&transfer.direction)
                };
                let fitting = unfinished.into_iter().filter(|left| left.transfers.iter().all(fits));
                self.state = State::Finding(fitting.collect());
            }
            (State::Finding(unfinished), Answer::Done) => {
                let Some(first) = unfinished.pop_front() else { return Err(self.unfit()) };
                store.take_over(first.session.id).map_err(SyncError::store)?;
                self.session = Some(first.session.id);
                for transfer in first.transfers.into_iter().rev() {
                    self.left.push_front(Left::Resumed(transfer));
                }
                self.state = State::Transferring;
            }
            (State::Opening(_), Answer::SyncSessionCreated { .. }) => self.state = State::Transferring,
            (State::Transferring, answer) => {
                let Some(transfer) = &mut self.transfer else { return Err(self.unfit()) };
                match transfer.answered(store, answer) {
                    Ok(After::More) => self.polls = 0,
                    Ok(After::Poll) => self.waits = true,
                    Err(failed) => return Err(self.failed(failed)),
                }
            }
            (State::Closing, Answer::Done) => self.close(store)?,
            _ => return Err(self.unfit()),
        }
        Ok(())
    }

    fn refused<S: SessionStore, L: std::error::Error + 'static>(
        &mut self,
        store: &mut S,
        refusal: &Refusal,
    ) -> Result<(), StepError<S, L>> {
        if refusal.kind == RefusalKind::NotFound {
            match &mut self.state {
                // The session of an earlier run is over on the other side.
                State::Finding(unfinished) => {
                    if let Some(first) = unfinished.pop_front() {
                        return store.close_sync_session(first.session.id).map_err(SyncError::store);
                    }
                }
                State::Transferring => {
                    let transfer = self.transfer.as_mut();
                    match transfer.map(|transfer| transfer.is_gone(store)) {
                        Some(Ok(true)) => return Ok(()),
                        Some(Err(failed)) => return Err(self.failed(failed)),
                        _ => {}
                    }
                }
                State::Closing => return self.close(store),
                _ => {}
            }
        }
        Err(self.invalid(Fault::Answer(format!("it refused: {refusal}"))))
    }

    fn close<S: SessionStore, L: std::error::Error + 'static>(
        &mut self,
        store: &mut S,
    ) -> Result<(), StepError<S, L>> {
        store.close_sync_session(self.session.unwrap_or_default()).map_err(SyncError::store)?;
        self.state = State::Over;
        Ok(())
    }

    /// Ends the session on this side, after a fault of the peer. Returns the request that ends it on the other.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub fn abandon<S: SessionStore>(&mut self, store: &mut S) -> Result<Option<Request>, S::Error> {
        self.state = State::Over;
        if let Some(transfer) = self.transfer.take() {
            let ended = Transfer { status: Status::Errored, active: false, ..transfer.row().clone() };
            store.drop_buffers(ended.id)?;
            store.save_transfer(&ended)?;
        }
        let Some(session) = self.session.take() else { return Ok(None) };
        store.close_sync_session(session)?;
        Ok(Some(Request::CloseSyncSession(session)))
    }

    fn failed<S: std::error::Error + 'static, L: std::error::Error + 'static>(
        &self,
        failed: Failed<S>,
    ) -> SyncError<S, L> {
        match failed {
            Failed::Peer(fault) => self.invalid(fault),
            Failed::Store(source) => match self.transfer() {
                Some(Transfer { direction, stage, .. }) => {
                    SyncError::CutHere { direction: *direction, stage: *stage, source: Box::new(source) }
                }
                None => SyncError::store(source),
            },
        }
    }

    /// The peer could not be reached, or its database failed.
    pub(crate) fn cut<S: std::error::Error + 'static, L: std::error::Error + 'static>(
        &self,
        source: L,
    ) -> SyncError<S, L> {
        match self.transfer() {
            Some(Transfer { direction, stage, .. }) => {
                SyncError::CutThere { direction: *direction, stage: *stage, source: Box::new(source) }
            }
            None => SyncError::peer(source),
        }
    }

    fn invalid<S: std::error::Error + 'static, L: std::error::Error + 'static>(
        &self,
        source: Fault<S>,
    ) -> SyncError<S, L> {
        let transfer = self.transfer();
        SyncError::Invalid {
            peer: self.peer.as_ref().map(|peer| peer.instance).unwrap_or_default(),
            direction: transfer.map_or(Direction::Pull, |transfer| transfer.direction),
            stage: transfer.map_or(Stage::Initializing, |transfer| transfer.stage),
            source: Box::new(source),
        }
    }

    fn unfit<S: std::error::Error + 'static, L: std::error::Error + 'static>(&self) -> SyncError<S, L> {
        self.invalid(Fault::Answer("its answer does not fit the request".to_owned()))
    }
}

/// The longest pause before a server is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
