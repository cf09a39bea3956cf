//! Streams: errors, latency, cancellation.

mod errors;
mod latency;
