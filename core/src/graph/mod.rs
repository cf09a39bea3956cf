//! Graphs: a pipeline's stages in order, with the number of items that each holds, as text, Mermaid and DOT.

mod amount;
mod dot;
mod layout;
mod mermaid;
mod node;
mod part;
mod text;

use std::fmt;

pub use amount::Amount;
pub use node::Node;
pub use part::{DrawsNothing, DrawsPart, Part};

use node::Role;

/// The stages of a pipeline, for display: as text on a terminal, or in the languages of Mermaid and Graphviz.
///
/// A [`pipeline!`](https://docs.rs/syncline) has a `graph()` without a run. It shows sizes that are constants as
/// numbers, and other sizes as declared. A pipeline that is built with methods has
/// [`Pipeline::graph`](crate::Pipeline::graph) and [`Runnable::graph`](crate::Runnable::graph), which know all sizes.
///
/// ```
/// use syncline_core::{Collect, Pipeline, from_iter, size};
///
/// let graph = Pipeline::new("chunks", from_iter(0..9)).buffer(const { size(4) }).unbuffer().end(Collect::new()).graph();
/// assert_eq!(graph.one_line(), "from_iter => buffer(4) => unbuffer => Collect");
/// assert_eq!(
///     graph.text(),
///     "chunks: at most 4 items are held, and what Collect holds itself\n\
///      \n\
///      \x20  stage      hands on         holds at most\n\
///      \x20  from_iter  items            -\n\
///      => buffer(4)  chunks of <= 4   4 items\n\
///      => unbuffer   items            -\n\
///      => Collect                     every item"
/// );
/// ```
///
/// # The meaning of "at most"
///
/// Held items are counted as single items: a chunk of up to 500 items counts as 500. A `map`, or a stage of your own,
/// is assumed to emit chunks no larger than the chunks it takes. The item being processed is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    flows: Vec<Flow>,
}

/// One pipeline of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flow {
    name: String,
    nodes: Vec<Node>,
}

impl Graph {
    /// The graph of one pipeline. The first node is the source.
    #[doc(hidden)]
    pub fn of(name: impl Into<String>, nodes: impl IntoIterator<Item = Node>) -> Self {
        Self { flows: vec![Flow { name: name.into(), nodes: nodes.into_iter().collect() }] }
    }

    /// Returns a graph of both, drawn side by side, for pipelines that do one job together.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        self.flows.extend(other.flows);
        self
    }

    /// Sets the name of the graph's first pipeline.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        if let Some(flow) = self.flows.first_mut() {
            flow.name = name.into();
        }
        self
    }

    /// Sets the text of the first source, for a source that is an argument and has no expression of its own.
    #[must_use]
    pub fn reading(mut self, text: impl Into<String>) -> Self {
        let source = self.flows.first_mut().and_then(|flow| flow.nodes.first_mut());
        if let Some(source) = source.filter(|node| node.role == Role::Source) {
            source.text = text.into();
        }
        self
    }

    /// Changes all nodes whose type or function has the name `name`. Use it in a graph without a built pipeline, which
    /// does not know what your own stages hold.
    ///
    /// ```
    /// use syncline_core::{Collect, Pipeline, Node, from_iter};
    ///
    /// let graph = Pipeline::new("all", from_iter(0..9)).end(Collect::new()).graph();
    /// let graph = graph.with("Collect", |node| node.holding_in_words("nine numbers"));
    /// assert!(graph.text().ends_with("nine numbers"));
    /// ```
    #[must_use]
    pub fn with(mut self, name: &str, change: impl Fn(Node) -> Node) -> Self {
        for node in self.flows.iter_mut().flat_map(|flow| &mut flow.nodes) {
            if layout::short(&node.text) == name {
                *node = change(node.clone());
            }
        }
        self
    }

    /// Each pipeline on one line, as it would be declared.
    #[must_use]
    pub fn one_line(&self) -> String {
        let lines = self.flows.iter().map(|flow| {
            let nodes = flow.nodes.iter().map(|node| {
                let clauses = node.clauses.iter().map(|clause| format!(" {clause}"));
                node.text.clone() + &clauses.collect::<String>()
            });
            nodes.collect::<Vec<_>>().join(" => ")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A text with a line for each stage, for a terminal of 100 columns.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(&self.flows)
    }

    /// A `flowchart` for [Mermaid](https://mermaid.js.org), which GitHub draws as well.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::mermaid(&self.flows)
    }

    /// A graph in DOT for [Graphviz](https://graphviz.org): `dot -Tsvg`.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::dot(&self.flows)
    }
}

/// Prints [`Graph::text`].
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
