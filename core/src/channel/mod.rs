//! Channels as sources and sinks.
//!
//! `std::sync::mpsc` is always available, `crossbeam_channel` with the feature `crossbeam`. Implement [`ReceivingEnd`]
//! and [`SendingEnd`] for other channels.

mod receive;
mod send;
pub(crate) mod spin;

pub use receive::{FromChannel, Received, ReceivingEnd, from_channel};
pub use send::{SendingEnd, ToChannel, to_channel};
