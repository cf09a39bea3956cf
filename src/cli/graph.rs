//! The command `graph`.

use super::arguments::{Format, GraphArguments};
use super::output;
use crate::sqlite::flow;

pub(super) fn run(arguments: &GraphArguments) -> anyhow::Result<()> {
    let graph = flow::graph();
    output::text(&match arguments.format {
        Format::Text => graph.text(),
        Format::Mermaid => graph.mermaid(),
        Format::Dot => graph.dot(),
    })
}
