//! The reasons for which counters of a peer are refused.

/// The reason why the text of an FSIC is refused.
///
/// Morango takes any JSON and fails later, in its SQL or its arithmetic. Here nothing of a refused text is used (quirk Q9).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCounters {
    /// The text is not JSON, or not an object of objects.
    #[error("the counters are not the JSON that Morango writes")]
    Unreadable(#[source] serde_json::Error),
    /// A part of the object is missing.
    #[error("the counters have no `{0}`, so they are not of the format for partitions")]
    Part(&'static str),
    /// The key of a counter is not the id of an instance.
    #[error("`{0}` is not the id of an instance: an id has 32 hex digits in lower case")]
    Instance(String),
    /// A counter is not a number, or out of its range.
    #[error("instance {instance} has the counter {counter}: a counter is an integer from 0 to 2147483647")]
    Counter {
        /// The instance.
        instance: String,
        /// The JSON that stands in place of a counter.
        counter: String,
    },
}
