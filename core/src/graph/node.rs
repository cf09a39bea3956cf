//! Nodes of a graph: a source, a stage or a sink.

use super::{Amount, Graph};

/// The text for a node that holds an unknown amount.
pub(super) const ITS_OWN: &str = "its own";

/// A source, a stage or a sink in a [`Graph`].
///
/// A stage of your own declares with [`Stage::node`](crate::Stage::node) how much it holds:
///
/// ```
/// use syncline_core::{Collect, Emit, Halt, Node, Pipeline, Stage, from_iter};
///
/// /// The means of five numbers.
/// struct Means { window: Vec<f64> }
///
/// impl Stage for Means {
///     type In = f64;
///     type Out = f64;
///
///     fn push(&mut self, n: f64, out: &mut impl Emit<f64>) -> Result<(), Halt> {
///         self.window.push(n);
///         if self.window.len() < 5 { return Ok(()) }
///         out.emit(self.window.drain(..).sum::<f64>() / 5.0)
///     }
///
///     fn node(&self) -> Node {
///         Node::stage("Means").holding(5_u64)
///     }
/// }
///
/// let means = Pipeline::new("means", from_iter([1.0])).pipe(Means { window: Vec::new() }).end(Collect::new());
/// assert!(means.graph().to_string().contains("5 items"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Node {
    pub(super) role: Role,
    pub(super) text: String,
    pub(super) shape: Shape,
    pub(super) holds: Holds,
    /// The clauses behind it: policies, `parallel`, `commit`.
    pub(super) clauses: Vec<String>,
    /// `true` if a policy keeps a copy of the item being processed.
    pub(super) keeps_copy: bool,
    /// The most items that threads hold.
    pub(super) window: Option<Amount>,
    pub(super) branches: Vec<Branch>,
    /// The stages of a part, which replace this node.
    pub(super) part: Option<Graph>,
}

/// The role of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Source,
    Stage,
    Sink,
}

/// The change of chunks in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// The same items, or items that count as equally large.
    Same,
    /// Chunks of the items.
    Gathers { items: Option<Amount>, bytes: Option<Amount> },
    /// The items of the chunks.
    TakesApart,
}

/// The items that a node holds, without the one being processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    /// This many of the items that it takes.
    Items(Amount),
    /// All items that are made from one item.
    WhatOneMakes,
    /// A phrase instead of a number of items.
    Words(String),
}

/// A second output of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branch {
    pub(super) label: &'static str,
    pub(super) to: String,
}

impl Node {
    fn new(role: Role, text: impl Into<String>, holds: Holds) -> Self {
        Self {
            role,
            text: text.into(),
            shape: Shape::Same,
            holds,
            clauses: Vec::new(),
            keeps_copy: false,
            window: None,
            branches: Vec::new(),
            part: None,
        }
    }

    /// A source. It holds an unknown amount, unless [`holding`](Node::holding) sets it.
    pub fn source(text: impl Into<String>) -> Self {
        Self::new(Role::Source, text, Holds::Words(ITS_OWN.to_owned()))
    }

    /// A stage of your own. It holds an unknown amount, unless [`holding`](Node::holding) sets it.
    pub fn stage(text: impl Into<String>) -> Self {
        Self::new(Role::Stage, text, Holds::Words(ITS_OWN.to_owned()))
    }

    /// A sink. It holds an unknown amount, unless [`holding`](Node::holding) sets it.
    pub fn sink(text: impl Into<String>) -> Self {
        Self::new(Role::Sink, text, Holds::Words(ITS_OWN.to_owned()))
    }

    /// Sets the most items that the node holds, in the items that it takes, without the one being processed.
    pub fn holding(mut self, items: impl Into<Amount>) -> Self {
        let items = items.into();
        self.holds = if items.is_zero() { Holds::Nothing } else { Holds::Items(items) };
        self
    }

    /// Sets a phrase for held data that is not a number of items: `"a row of each table"`.
    pub fn holding_in_words(mut self, words: impl Into<String>) -> Self {
        self.holds = Holds::Words(words.into());
        self
    }

    /// An operator that holds nothing.
    #[doc(hidden)]
    pub fn operator(text: impl Into<String>) -> Self {
        Self::new(Role::Stage, text, Holds::Nothing)
    }

    /// A stage that emits the items of chunks.
    #[doc(hidden)]
    pub fn taking_apart(mut self) -> Self {
        self.shape = Shape::TakesApart;
        self
    }

    /// A stage that holds and emits the items made from one item.
    #[doc(hidden)]
    pub fn spreading(mut self) -> Self {
        self.holds = Holds::WhatOneMakes;
        self.taking_apart()
    }

    /// A stage that holds `items` minus one, without the item being processed.
    #[doc(hidden)]
    pub fn holding_all_but_one(self, items: impl Into<Amount>) -> Self {
        self.holding(items.into().less_one())
    }

    /// A stage that collects items into chunks.
    #[doc(hidden)]
    pub fn gathering(text: impl Into<String>) -> Self {
        let mut node = Self::new(Role::Stage, text, Holds::Nothing);
        node.shape = Shape::Gathers { items: None, bytes: None };
        node
    }

    /// Sets the limit of items of its chunks.
    #[doc(hidden)]
    pub fn up_to(mut self, size: impl Into<Amount>) -> Self {
        if let Shape::Gathers { items, .. } = &mut self.shape {
            *items = Some(size.into());
        }
        self
    }

    /// Sets the limit of bytes of its chunks.
    #[doc(hidden)]
    pub fn up_to_bytes(mut self, limit: impl Into<Amount>) -> Self {
        if let Shape::Gathers { bytes, .. } = &mut self.shape {
            *bytes = Some(limit.into());
        }
        self
    }

    /// A part: its stages replace this node.
    #[doc(hidden)]
    pub fn part(text: impl Into<String>, part: Graph) -> Self {
        let mut node = Self::new(Role::Stage, text, Holds::Nothing);
        node.part = Some(part);
        node
    }

    /// Adds a clause.
    #[doc(hidden)]
    pub fn clause(mut self, text: impl Into<String>) -> Self {
        self.clauses.push(text.into());
        self
    }

    /// The node of a source, a stage or a sink with a name of its own.
    #[doc(hidden)]
    pub fn named(mut self, name: &str) -> Self {
        self.clauses.insert(0, format!("named {name:?}"));
        self
    }

    #[doc(hidden)]
    pub fn keeping_a_copy(mut self) -> Self {
        self.keeps_copy = true;
        self
    }

    #[doc(hidden)]
    pub fn on_threads(mut self, workers: &Amount, capacity: &Amount) -> Self {
        self.window = Some(workers.plus(capacity));
        self
    }

    #[doc(hidden)]
    pub fn branch(mut self, label: &'static str, to: impl Into<String>) -> Self {
        self.branches.push(Branch { label, to: to.into() });
        self
    }
}
