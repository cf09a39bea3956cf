//! `Link` and `sync`: a client that runs over a link until it is done.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use crate::client::{Client, Next, SyncOptions};
use crate::error::{Refusal, ServerError, SyncError};
use crate::message::{Answer, Request};
use crate::retry::Retry;
use crate::server::Server;
use crate::session::Direction;
use crate::stage::Stage;
use crate::store::SessionStore;
use crate::work::{Synced, Work};

/// The way to a server.
pub trait Link {
    /// The reason why a request did not get through, or was not answered.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Sends a request, and returns the answer or the refusal.
    ///
    /// # Errors
    ///
    /// If the request did not get through, or the server failed. It may have done the work all the same.
    fn send(&mut self, request: Request) -> Result<Result<Answer, Refusal>, Self::Error>;

    /// The pause before a request is sent again that ended with `error`. By default none is sent again.
    fn retry(&mut self, error: &Self::Error, retry: &mut Retry) -> Option<Duration> {
        let _ = (error, retry);
        None
    }

    /// Waits.
    fn wait(&mut self, pause: Duration) {
        std::thread::sleep(pause);
    }

    /// The work of the server since the last call, if the link can tell.
    fn take_work(&mut self) -> Work {
        Work::default()
    }
}

/// The observer of a sync.
pub trait Observe {
    /// Called before each request of a transfer.
    fn progress(&mut self, progress: SyncProgress);

    /// `true` if the sync is to end here.
    fn is_cancelled(&self) -> bool;
}

/// How far a sync has come. It prints as `pull, transferring: 500 of 28090`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncProgress {
    /// The direction of the transfer.
    pub direction: Direction,
    /// Its stage.
    pub stage: Stage,
    /// The number of records that were handed over.
    pub done: u64,
    /// The number of records to be handed over, once it is known.
    pub total: Option<u64>,
}

impl fmt::Display for SyncProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.direction, self.stage)?;
        match self.total {
            Some(total) => write!(f, ": {} of {total}", self.done),
            None => Ok(()),
        }
    }
}

/// Runs a sync of `store` with the server at the other end of `link`.
///
/// # Errors
///
/// If a database or the link fails, the peer sends what cannot be taken, or the sync is cancelled.
pub fn sync<S: SessionStore, L: Link>(
    store: &mut S,
    link: &mut L,
    options: SyncOptions,
    observer: &mut impl Observe,
) -> Result<Synced, SyncError<S::Error, L::Error>> {
    let mut client = Client::new(options);
    match run(&mut client, store, link, observer) {
        Ok(theirs) => Ok(Synced { transfers: client.into_reports(theirs), elapsed: Duration::ZERO }),
        Err(error) => {
            if error.is_final() {
                abandon(&mut client, store, link);
            }
            Err(error)
        }
    }
}

/// Returns what the server did in each transfer.
fn run<S: SessionStore, L: Link>(
    client: &mut Client,
    store: &mut S,
    link: &mut L,
    observer: &mut impl Observe,
) -> Result<Vec<Work>, SyncError<S::Error, L::Error>> {
    let mut retry = Retry::default();
    let mut theirs = Vec::new();
    loop {
        let next = client.next(store)?;
        if client.finished() > theirs.len() {
            theirs.push(link.take_work());
        }
        let request = match next {
            Next::Send(request) => request,
            Next::Wait(pause) => {
                if observer.is_cancelled() {
                    return Err(SyncError::Cancelled);
                }
                link.wait(pause);
                continue;
            }
            Next::Done => return Ok(theirs),
        };
        if let Some(transfer) = client.transfer() {
            observer.progress(SyncProgress {
                direction: transfer.direction,
                stage: transfer.stage,
                done: transfer.transferred,
                total: transfer.total,
            });
        }
        if observer.is_cancelled() {
            return Err(SyncError::Cancelled);
        }
        match link.send(request) {
            Ok(answer) => {
                retry.reset();
                client.answered(store, answer)?;
            }
            Err(error) => match link.retry(&error, &mut retry) {
                Some(pause) => link.wait(pause),
                None => return Err(client.cut(error)),
            },
        }
    }
}

/// Ends the session on both sides. The error that is the reason stays the result, so failures here are only logged.
fn abandon<S: SessionStore, L: Link>(client: &mut Client, store: &mut S, link: &mut L) {
    match client.abandon(store) {
        Ok(Some(request)) => match link.send(request) {
            Ok(Ok(_)) => {}
            Ok(Err(refusal)) => tracing::debug!("the peer did not end the session: {refusal}"),
            Err(error) => tracing::warn!("the peer could not be told to end the session: {error}"),
        },
        Ok(None) => {}
        Err(error) => tracing::warn!("the session could not be ended: {error}"),
    }
}

/// A server in this process.
#[derive(Debug)]
pub struct InProcess<'s, S>(Server<'s, S>);

impl<'s, S: SessionStore> InProcess<'s, S> {
    /// A link to a server on `store`.
    pub fn new(store: &'s mut S) -> Self {
        Self(Server::new(store))
    }
}

impl<S: SessionStore> Link for InProcess<'_, S> {
    type Error = S::Error;

    fn send(&mut self, request: Request) -> Result<Result<Answer, Refusal>, S::Error> {
        match self.0.answer(request) {
            Ok(answer) => Ok(Ok(answer)),
            Err(ServerError::Refused(refusal)) => Ok(Err(refusal)),
            Err(ServerError::Store(error)) => Err(error),
        }
    }

    fn take_work(&mut self) -> Work {
        self.0.take_work()
    }
}

/// An observer that sees nothing and never cancels.
impl Observe for () {
    fn progress(&mut self, _: SyncProgress) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

const _: () = {
    const fn is_an_error<E: std::error::Error>() {}
    is_an_error::<SyncError<Infallible, Infallible>>();
};
