//! The command `graph`.

use syncline::flow;

use super::{Format, GraphArguments, output};

pub(super) fn run(arguments: &GraphArguments) -> anyhow::Result<()> {
    let graph = flow::graph();
    output::text(&match arguments.format {
        Format::Text => graph.text(),
        Format::Mermaid => graph.mermaid(),
        Format::Dot => graph.dot(),
    })
}
