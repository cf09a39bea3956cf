//! `Server`: the side that answers (morango.md §14, §15).

use syncline_serializer::counters::Role;
use syncline_serializer::record_id::RecordId;

use crate::buffer::Buffer;
use crate::error::{Refusal, RefusalKind, ServerError};
use crate::message::{Answer, CreateSyncSession, CreateTransfer, Info, PatchTransfer, Request};
use crate::session::{Direction, SyncSession, Transfer};
use crate::stage::{Stage, Status};
use crate::store::SessionStore;
use crate::validate::validate;
use crate::work::Work;

/// The side that answers. All that it must remember is in the store's sessions, so it can be made for each request.
///
/// A stage is run in the request that asks for it. A session whose stage was cut in the middle of its work runs that work again:
/// only one client has the session, and it waits for the answer.
#[derive(Debug)]
pub struct Server<'s, S> {
    store: &'s mut S,
    work: Work,
}

type Answered<T, S> = Result<T, ServerError<<S as SessionStore>::Error>>;

impl<'s, S: SessionStore> Server<'s, S> {
    /// A server on `store`.
    pub fn new(store: &'s mut S) -> Self {
        Self { store, work: Work::default() }
    }

    /// The work of the server since the last call.
    pub fn take_work(&mut self) -> Work {
        std::mem::take(&mut self.work)
    }

    /// Answers a request.
    ///
    /// # Errors
    ///
    /// If the request is refused, or the database fails.
    pub fn answer(&mut self, request: Request) -> Answered<Answer, S> {
        match request {
            Request::Info => {
                let instance = self.store.instance().map_err(ServerError::Store)?;
                Ok(Answer::Info(Info { instance: instance.id, instance_json: instance.json }))
            }
            Request::CreateSyncSession(request) => self.create_sync_session(request),
            Request::FindSyncSession(id) => self.sync_session(id).map(|_| Answer::Done),
            Request::CloseSyncSession(id) => {
                self.sync_session(id)?;
                self.store.close_sync_session(id).map_err(ServerError::Store)?;
                Ok(Answer::Done)
            }
            Request::CreateTransfer(request) => self.create_transfer(request),
            Request::FindTransfer(id) => self.transfer(id).map(Answer::Transfer),
            Request::PatchTransfer(request) => self.patch(request),
            Request::CloseTransfer(id) => self.close_transfer(id),
            Request::GetBuffers { transfer, limit, offset } => {
                let transfer = self.transfer(transfer)?;
                if transfer.direction != Direction::Pull || !transfer.is_past(Stage::Queuing) {
                    return Err(forbidden("this transfer session has no buffers to give"));
                }
                let buffers = self.store.buffers(transfer.id, offset, limit).map_err(ServerError::Store)?;
                Ok(Answer::Buffers(buffers))
            }
            Request::PostBuffers(buffers) => self.take_buffers(&buffers),
        }
    }

    fn create_sync_session(&mut self, request: CreateSyncSession) -> Answered<Answer, S> {
        let instance = self.store.instance().map_err(ServerError::Store)?;
        if request.instance == instance.id {
            return Err(forbidden("the client is the same instance as this server"));
        }
        if request.profile != self.store.profile() {
            let message = format!(
                "the client syncs the profile `{}`, this is `{}`",
                request.profile,
                self.store.profile()
            );
            return Err(Refusal::new(RefusalKind::Invalid, message).into());
        }
        if let Some(known) = self.store.sync_session(request.id).map_err(ServerError::Store)? {
            // A client whose answer was lost asks again.
            if known.active && known.is_server && known.client_instance == request.instance {
                return Ok(Answer::SyncSessionCreated { server_json: known.server_json });
            }
            return Err(
                Refusal::new(RefusalKind::Invalid, "a sync session with this id was made before").into()
            );
        }
        let session = SyncSession {
            id: request.id,
            profile: request.profile,
            is_server: true,
            active: true,
            connection_path: request.connection_path,
            client_instance: request.instance,
            server_instance: instance.id,
            client_json: request.instance_json,
            server_json: instance.json.clone(),
        };
        self.store.create_sync_session(&session).map_err(ServerError::Store)?;
        Ok(Answer::SyncSessionCreated { server_json: instance.json })
    }

    /// Makes a transfer session. One that is active in this direction is the answer instead, so that a client whose answer was
    /// lost can ask again.
    fn create_transfer(&mut self, request: CreateTransfer) -> Answered<Answer, S> {
        let session = self.sync_session(request.sync_session)?;
        let active = self.store.active_transfer(session.id, request.direction).map_err(ServerError::Store)?;
        if let Some(active) = active {
            return Ok(Answer::Transfer(active));
        }
        let mut transfer = Transfer::new(request.id, session.id, request.filter, request.direction);
        transfer.status = Status::Completed;
        if self.store.transfer(transfer.id).map_err(ServerError::Store)?.is_some() {
            return Err(Refusal::new(
                RefusalKind::Invalid,
                "a transfer session with this id was made before",
            )
            .into());
        }
        self.store.create_transfer(&transfer).map_err(ServerError::Store)?;
        Ok(Answer::Transfer(transfer))
    }

    fn patch(&mut self, request: PatchTransfer) -> Answered<Answer, S> {
        let mut transfer = self.transfer(request.id)?;
        if transfer.status == Status::Errored {
            return Ok(Answer::Transfer(transfer));
        }
        // What was said stays said once the stage that used it is over.
        if let Some(fsic) = request.client_fsic
            && !transfer.is_past(Stage::Serializing)
        {
            transfer.client_fsic = fsic;
        }
        match transfer.direction {
            Direction::Push if !transfer.is_past(Stage::Queuing) => {
                transfer.total = request.total.or(transfer.total);
            }
            Direction::Pull if !transfer.is_past(Stage::Transferring) => {
                transfer.transferred = request.transferred.unwrap_or(transfer.transferred);
            }
            _ => {}
        }
        self.proceed(&mut transfer, request.stage)?;
        Ok(Answer::Transfer(transfer))
    }

    /// Runs the stages up to `target` that are not completed. Stops at one that is not complete after its work.
    fn proceed(&mut self, transfer: &mut Transfer, target: Stage) -> Answered<(), S> {
        for stage in Stage::ALL.into_iter().filter(|stage| *stage <= target) {
            if transfer.is_past(stage) {
                continue;
            }
            (transfer.stage, transfer.status) = (stage, Status::Started);
            self.save(transfer)?;
            match self.run(transfer) {
                Ok(status) => transfer.status = status,
                Err(error) => return Err(self.ended_by(transfer, error)),
            }
            self.save(transfer)?;
            if transfer.status != Status::Completed {
                break;
            }
        }
        Ok(())
    }

    /// The work of the session's stage.
    fn run(&mut self, transfer: &mut Transfer) -> Result<Status, S::Error> {
        let is_receiver = transfer.direction == Direction::Push;
        let filter = transfer.filter();
        match transfer.stage {
            Stage::Initializing => {}
            Stage::Serializing => {
                if !is_receiver {
                    self.work.serialized = Some(self.store.serialize(&filter)?);
                }
                let role = if is_receiver { Role::Receiver } else { Role::Sender };
                transfer.server_fsic = self.store.counters(&filter, role)?.to_string();
            }
            Stage::Queuing => {
                if !is_receiver {
                    let queued = self.store.queue(transfer.id)?;
                    self.work.queued = Some(queued);
                    transfer.total = Some(queued);
                }
            }
            Stage::Transferring => {
                if !transfer.is_complete() {
                    return Ok(Status::Pending);
                }
            }
            Stage::Dequeuing => {
                if is_receiver && transfer.transferred > 0 {
                    self.work.dequeued = Some(self.store.dequeue(transfer.id)?);
                }
            }
            Stage::Deserializing => {
                if is_receiver && transfer.transferred > 0 {
                    self.work.serialized_before = Some(self.store.serialize(&filter)?);
                    self.work.deserialized = Some(self.store.deserialize(&filter)?);
                }
            }
            Stage::Cleanup => {
                self.store.drop_buffers(transfer.id)?;
                transfer.active = false;
            }
        }
        Ok(Status::Completed)
    }

    fn take_buffers(&mut self, buffers: &[Buffer]) -> Answered<Answer, S> {
        let Some(first) = buffers.first() else {
            return Err(Refusal::new(RefusalKind::Invalid, "there are no buffers in it").into());
        };
        let mut transfer = self.transfer(first.transfer_session)?;
        if transfer.direction != Direction::Push {
            return Err(forbidden("this transfer session does not allow pushes"));
        }
        if transfer.status == Status::Errored {
            return Err(forbidden("this transfer session has ended with an error"));
        }
        if !transfer.is_past(Stage::Queuing) || transfer.stage > Stage::Transferring {
            return Err(forbidden("this transfer session takes no buffers in its stage"));
        }
        if let Err(invalid) = validate(&*self.store, &transfer, buffers) {
            self.end(&mut transfer)?;
            return Err(Refusal::new(RefusalKind::Invalid, invalid.to_string()).into());
        }
        if transfer.stage < Stage::Transferring {
            (transfer.stage, transfer.status) = (Stage::Transferring, Status::Started);
            self.save(&transfer)?;
        }
        self.store.insert_buffers(transfer.id, buffers).map_err(ServerError::Store)?;
        Ok(Answer::Done)
    }

    /// Ends a transfer session. One whose records were not all handed over, or that has an error, ends all the same (quirks
    /// Q21, Q23).
    fn close_transfer(&mut self, id: RecordId) -> Answered<Answer, S> {
        let mut transfer = self.transfer(id)?;
        if transfer.status != Status::Errored {
            self.proceed(&mut transfer, Stage::Cleanup)?;
        }
        if transfer.active {
            self.end(&mut transfer)?;
        }
        Ok(Answer::Done)
    }

    /// A fault of what the peer sent ends the session for good.
    fn ended_by(&mut self, transfer: &mut Transfer, error: S::Error) -> ServerError<S::Error> {
        let Some(invalid) = S::invalid(&error) else { return ServerError::Store(error) };
        let message = format!("in {}: {}", transfer.stage, chain(invalid));
        match self.end(transfer) {
            Ok(()) => Refusal::new(RefusalKind::Invalid, message).into(),
            Err(failed) => failed,
        }
    }

    fn end(&mut self, transfer: &mut Transfer) -> Answered<(), S> {
        self.store.drop_buffers(transfer.id).map_err(ServerError::Store)?;
        transfer.status = Status::Errored;
        transfer.active = false;
        self.save(transfer)
    }

    fn save(&mut self, transfer: &Transfer) -> Answered<(), S> {
        self.store.save_transfer(transfer).map_err(ServerError::Store)
    }

    fn sync_session(&mut self, id: RecordId) -> Answered<SyncSession, S> {
        let session = self.store.sync_session(id).map_err(ServerError::Store)?;
        let session = session.filter(|session| session.active && session.is_server);
        session.ok_or_else(|| Refusal::new(RefusalKind::NotFound, no_session("sync", id)).into())
    }

    fn transfer(&mut self, id: RecordId) -> Answered<Transfer, S> {
        let transfer = self.store.transfer(id).map_err(ServerError::Store)?;
        let Some(transfer) = transfer.filter(|transfer| transfer.active) else {
            return Err(Refusal::new(RefusalKind::NotFound, no_session("transfer", id)).into());
        };
        self.sync_session(transfer.sync_session)?;
        Ok(transfer)
    }
}

fn no_session(kind: &str, id: RecordId) -> String {
    format!("there is no active {kind} session {id}")
}

fn forbidden<E: std::error::Error + 'static>(message: &str) -> ServerError<E> {
    Refusal::new(RefusalKind::Forbidden, message).into()
}

/// The messages of an error and its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
