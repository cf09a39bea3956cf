//! The graph of the built-in flow.

use syncline_core::{Graph, Node};

use super::pipeline::{SerializeDeletions, SerializeRecords};

/// The graph of the three pipelines of a serialise run, in their order: records, deletions, hard deletions. It needs no
/// database.
///
/// ```
/// let graph = syncline_serializer::serialize::graph();
/// assert!(graph.one_line().starts_with("DirtyRows => buffer(CHUNK"));
/// ```
#[must_use]
pub fn graph() -> Graph {
    let holds = |words: &'static str| move |node: Node| node.holding_in_words(words);
    let nothing = |node: Node| node.holding(0_u64);
    let records = SerializeRecords::graph()
        .named("records")
        .reading("DirtyRows")
        .with("DirtyRows", holds("25 rows of each model, or 128 KiB; ahead on a thread, 800 more"))
        .with("StoreLookup", nothing)
        .with("SelfRefOrder", holds("the orders of 4,096 records"))
        .with("StoreUpdate", nothing)
        .with("StoreWriter", nothing);
    let deletions = |name, list| {
        SerializeDeletions::graph()
            .named(name)
            .reading(format!("ListedIds of {list}"))
            .with(&format!("ListedIds of {list}"), holds("a page of 500 ids"))
            .with("DeletionLookup", nothing)
            .with("DeletionWriter", nothing)
    };
    records
        .beside(deletions("deletions", "morango_deletedmodels"))
        .beside(deletions("hard deletions", "morango_harddeletedmodels"))
}
