//! One source, stage or sink of a graph.

use super::layout::ITS_OWN;
use super::{Amount, Graph};

/// A source, a stage or a sink, as a [`Graph`] shows it.
///
/// A stage of one's own says with [`Stage::node`](crate::Stage::node) what it holds:
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
    /// What is declared behind it: policies, `parallel`, `commit`.
    pub(super) clauses: Vec<String>,
    /// A copy of the item in hand is kept, for a policy.
    pub(super) keeps_copy: bool,
    /// How many items threads hold at most.
    pub(super) window: Option<Amount>,
    pub(super) branches: Vec<Branch>,
    /// The stages of a part, which stand in its place.
    pub(super) part: Option<Graph>,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Source,
    Stage,
    Sink,
}

/// What a stage makes of what travels: single items, or chunks of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// What it is given, or what is taken for as large.
    Same,
    /// Chunks.
    Gathers { items: Option<Amount>, bytes: Option<Amount> },
    /// What was in the chunks.
    TakesApart,
}

/// What a node holds besides the item in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    /// So many of the items that it takes.
    Items(Amount),
    /// All that one item becomes.
    WhatOneMakes,
    /// In words that are in no number of items.
    Words(String),
}

/// A second way out.
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

    /// A source. What it holds is its own affair, unless [`holding`](Node::holding) says so.
    pub fn source(text: impl Into<String>) -> Self {
        Self::new(Role::Source, text, Holds::Words(ITS_OWN.to_owned()))
    }

    /// A stage of somebody's own. What it holds is its own affair, unless [`holding`](Node::holding) says so.
    pub fn stage(text: impl Into<String>) -> Self {
        Self::new(Role::Stage, text, Holds::Words(ITS_OWN.to_owned()))
    }

    /// A sink. What it holds is its own affair, unless [`holding`](Node::holding) says so.
    pub fn sink(text: impl Into<String>) -> Self {
        Self::new(Role::Sink, text, Holds::Words(ITS_OWN.to_owned()))
    }

    /// It holds so many of what it takes at most, besides the one in hand.
    pub fn holding(mut self, items: impl Into<Amount>) -> Self {
        let items = items.into();
        self.holds = if items.is_zero() { Holds::Nothing } else { Holds::Items(items) };
        self
    }

    /// It holds what no number of items says: `"a row of each table"`.
    pub fn holding_in_words(mut self, words: impl Into<String>) -> Self {
        self.holds = Holds::Words(words.into());
        self
    }

    /// An operator of the language, which holds nothing.
    #[doc(hidden)]
    pub fn operator(text: impl Into<String>) -> Self {
        Self::new(Role::Stage, text, Holds::Nothing)
    }

    /// The node of a stage that hands on the items of chunks.
    #[doc(hidden)]
    pub fn taking_apart(mut self) -> Self {
        self.shape = Shape::TakesApart;
        self
    }

    /// The node of a stage that holds the items that one item becomes, and hands them on.
    #[doc(hidden)]
    pub fn spreading(mut self) -> Self {
        self.holds = Holds::WhatOneMakes;
        self.taking_apart()
    }

    /// The node of a stage that holds all but one of `items`, besides the item in hand.
    #[doc(hidden)]
    pub fn holding_all_but_one(self, items: impl Into<Amount>) -> Self {
        self.holding(items.into().less_one())
    }

    /// A stage that gathers items into chunks.
    #[doc(hidden)]
    pub fn gathering(text: impl Into<String>) -> Self {
        let mut node = Self::new(Role::Stage, text, Holds::Nothing);
        node.shape = Shape::Gathers { items: None, bytes: None };
        node
    }

    /// Its chunks have so many items at most.
    #[doc(hidden)]
    pub fn up_to(mut self, size: impl Into<Amount>) -> Self {
        if let Shape::Gathers { items, .. } = &mut self.shape {
            *items = Some(size.into());
        }
        self
    }

    /// Its chunks are closed once they have so many bytes.
    #[doc(hidden)]
    pub fn up_to_bytes(mut self, limit: impl Into<Amount>) -> Self {
        if let Shape::Gathers { bytes, .. } = &mut self.shape {
            *bytes = Some(limit.into());
        }
        self
    }

    /// A part that is used here: its stages stand in its place.
    #[doc(hidden)]
    pub fn part(text: impl Into<String>, part: Graph) -> Self {
        let mut node = Self::new(Role::Stage, text, Holds::Nothing);
        node.part = Some(part);
        node
    }

    /// What is declared behind it.
    #[doc(hidden)]
    pub fn clause(mut self, text: impl Into<String>) -> Self {
        self.clauses.push(text.into());
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
