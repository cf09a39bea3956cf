//! Morango's sync protocol as a state machine, without sockets, threads and clocks (morango.md §10, §14, §15).
//!
//! * [`Client`] is the side that begins. It is asked what to do next: send a request, wait, or nothing more. It is given the
//!   answers.
//! * [`Server`] is the other side: it takes a request and gives the answer.
//! * [`SessionStore`] are the operations of both on a database. A backend implements it.
//! * [`Link`] carries a request to a server and brings the answer back. [`sync`] runs a client over a link until it is done.
//!   A server in the same process [is a link](InProcess).
//!
//! The requests have the shape of Morango's HTTP calls, so a link over HTTP only has to write and read them.
//!
//! **Resuming.** A side writes the stage and its status to its transfer session before it begins the work of a stage, and every
//! piece of work is one transaction that may be repeated. So after a cut the same session goes on: [`Client`] looks for it.
//! Only a fault of what the peer sent ends a session for good: both sides drop its buffers, and the next sync opens another.
//!
//! Certificates are not needed between databases of one process: the messages and rows have places for them, which are empty.

mod buffer;
mod client;
mod client_transfer;
mod drive;
mod error;
mod message;
mod retry;
mod server;
mod session;
mod stage;
mod store;
mod validate;
mod work;

pub use buffer::{Buffer, BufferCounter};
pub use client::{Client, Next, SyncOptions};
pub use drive::{InProcess, Link, Observe, SyncProgress, sync};
pub use error::{Refusal, RefusalKind, ServerError, SyncError};
pub use message::{Answer, CreateSyncSession, CreateTransfer, Info, PatchTransfer, Request};
pub use retry::Retry;
pub use server::Server;
pub use session::{Direction, SyncSession, Transfer};
pub use stage::{Stage, Status};
pub use store::{Instance, SessionStore, Unfinished};
pub use validate::InvalidBuffer;
pub use work::{Synced, Transferred, Work};
