//! The buffers of transfer sessions: which sessions left some, and the removal of those that no transfer needs any more.
//!
//! Both sides of a transfer fill buffers, and empty them when it ends. A transfer that breaks off leaves its buffers in the file
//! (morango.md §14). Nothing of them is needed: the next sync transfers again what the receiver lacks.

mod cleanup;
mod session;

pub use cleanup::{Cleaned, Cleanup};
pub use session::{BufferedSession, SessionState};
pub(crate) use session::{ids, read, state};
