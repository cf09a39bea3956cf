//! The settings of a run.

use syncline_serializer::filter::Filter;

/// The settings of a run in a transaction of the caller.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct DeserializeOptions {
    /// The filter.
    pub filter: Filter,
    /// `true` to leave out records that failed before.
    pub skip_erroring: bool,
    /// `true` to write over rows of the app with changes that are not serialised, as Morango does. They are lost then. By default
    /// such a row is left alone.
    pub overwrites_unsaved: bool,
    /// The time of the run, in microseconds since 1970-01-01 UTC. `None` for now.
    pub now: Option<i64>,
    /// `true` to leave out the checks of the schema, which the caller has made.
    pub schema_is_checked: bool,
}
