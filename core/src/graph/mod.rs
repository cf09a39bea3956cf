//! A pipeline as a picture: what it is made of, in what order, and how much each part holds.

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

/// What a pipeline is made of: as text for a terminal, and for Mermaid and Graphviz to draw.
///
/// A [`pipeline!`](https://docs.rs/syncline) has one without being run, by its `graph()`: sizes that are constants are shown
/// as numbers, others as they were declared. A pipeline that is built has one too, by
/// [`Pipeline::graph`](crate::Pipeline::graph) and [`Runnable::graph`](crate::Runnable::graph), and knows its sizes.
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
/// # What "at most" means
///
/// What a stage holds is counted in single items: a chunk of up to 500 counts as 500. A `map`, and a stage of one's own, is
/// taken to hand on chunks no larger than those it is given. The item that is in hand is not counted.
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
    /// The graph of one pipeline, upstream first.
    #[doc(hidden)]
    pub fn of(name: impl Into<String>, nodes: impl IntoIterator<Item = Node>) -> Self {
        Self { flows: vec![Flow { name: name.into(), nodes: nodes.into_iter().collect() }] }
    }

    /// Both, drawn side by side: pipelines that do one job together.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        self.flows.extend(other.flows);
        self
    }

    /// The same, its first pipeline named so.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        if let Some(flow) = self.flows.first_mut() {
            flow.name = name.into();
        }
        self
    }

    /// The same, its first source shown as `text`: where the source is an argument, who gives it knows it better.
    #[must_use]
    pub fn reading(mut self, text: impl Into<String>) -> Self {
        let source = self.flows.first_mut().and_then(|flow| flow.nodes.first_mut());
        if let Some(source) = source.filter(|node| node.role == Role::Source) {
            source.text = text.into();
        }
        self
    }

    /// The same, with those nodes changed whose type or function is called `name`: a pipeline that is drawn without being
    /// built knows nothing of what stages of one's own hold.
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

    /// Every pipeline on a line, as it would be declared.
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

    /// As text, a line for each stage, for a terminal of 100 columns.
    #[must_use]
    pub fn text(&self) -> String {
        text::text(&self.flows)
    }

    /// For [Mermaid](https://mermaid.js.org), which GitHub draws too: a `flowchart`.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::mermaid(&self.flows)
    }

    /// For [Graphviz](https://graphviz.org), in its language DOT: `dot -Tsvg`.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::dot(&self.flows)
    }
}

/// As [`Graph::text`].
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
