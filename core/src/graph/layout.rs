//! Layout of a graph: computes for each node the items that it emits and the most that it holds.

use super::node::{Branch, Holds, ITS_OWN, Role, Shape};
use super::{Amount, Flow, Node};

/// A pipeline with computed texts.
pub(super) struct Layout<'g> {
    pub(super) name: &'g str,
    pub(super) boxes: Vec<Placed<'g>>,
    pub(super) total: Total,
}

/// A node with computed texts.
pub(super) struct Placed<'g> {
    pub(super) node: &'g Node,
    /// The emitted items: `items`, or `chunks of <= 500`. `None` for a sink.
    pub(super) hands_on: Option<String>,
    /// The most that the node holds.
    pub(super) holds: String,
    /// The part that the node belongs to.
    pub(super) part: Option<Part>,
}

impl Placed<'_> {
    pub(super) fn is_sink(&self) -> bool {
        self.node.role == Role::Sink
    }

    pub(super) fn is_source(&self) -> bool {
        self.node.role == Role::Source
    }

    /// The held items as a phrase, or `None` if there is nothing to show.
    pub(super) fn holding(&self) -> Option<String> {
        let counted = self.holds.starts_with(|first: char| first.is_ascii_digit());
        let at_most = if counted && !matches!(self.node.holds, Holds::Words(_)) { "at most " } else { "" };
        let besides =
            if self.holds.starts_with(ITS_OWN) { &self.holds[ITS_OWN.len()..] } else { &self.holds };
        let held = besides.trim_start_matches(" and ");
        (!held.is_empty() && held != NOTHING).then(|| format!("holds {at_most}{held}"))
    }

    pub(super) fn branches(&self) -> &[Branch] {
        &self.node.branches
    }
}

/// One use of a part: its name, with the names of the parts around it, and its number.
#[derive(Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) number: usize,
}

/// The text for a node that holds nothing.
pub(super) const NOTHING: &str = "-";

/// A sum of amounts, of which some may be unknown.
#[derive(Default)]
struct Sum {
    number: u64,
    unknown: Vec<Amount>,
}

impl Sum {
    fn add(&mut self, more: &Amount) {
        match more.number() {
            Some(number) => self.number = self.number.saturating_add(number),
            None => self.unknown.push(more.clone()),
        }
    }

    /// The sum, or `None` if it is zero.
    fn amount(&self) -> Option<Amount> {
        let sum = self.unknown.iter().fold(Amount::from(self.number), |sum, more| sum.plus(more));
        (!sum.is_zero()).then_some(sum)
    }
}

/// The most that a whole pipeline holds.
#[derive(Default)]
pub(super) struct Total {
    items: Sum,
    /// The bytes of chunks that have a limit of bytes only.
    bytes: Sum,
    /// The bytes of chunks that have a limit of items as well.
    weight: Sum,
    /// `true` if some items have a limit by number only.
    is_partly_weighed: bool,
    /// The nodes that hold an unknown amount.
    own: Vec<String>,
    /// The nodes that hold all items made from one item.
    makers: Vec<String>,
}

impl Total {
    /// Records that the node with this text holds an unknown amount.
    fn holds_its_own(&mut self, text: &str) {
        let name = short(text);
        if !self.own.contains(&name) {
            self.own.push(name);
        }
    }

    /// The total as a phrase.
    pub(super) fn words(&self) -> String {
        let mut held: Vec<String> = Vec::new();
        let (items, bytes) = (self.items.amount(), self.bytes.amount());
        let weight = self.weight.amount().filter(|_| !self.is_partly_weighed);
        let weight = weight.map_or_else(String::new, |bytes| format!(" or {}", bytes.bytes()));
        held.extend(items.as_ref().map(|items| items.items() + &weight));
        held.extend(bytes.as_ref().map(|bytes| format!("{} and an item more", bytes.bytes())));
        let held = match held.as_slice() {
            [] => "no item is held".to_owned(),
            [one] if one == "1 item" => "at most 1 item is held".to_owned(),
            held => format!("at most {} are held", held.join(" and ")),
        };
        let besides = if items.is_none() && bytes.is_none() { " but " } else { ", and " };
        let mut more = Vec::new();
        if !self.makers.is_empty() {
            more.push(format!("what {} of one item", verb(&self.makers, "makes", "make")));
        }
        if !self.own.is_empty() {
            let themselves = if self.own.len() == 1 { "itself" } else { "themselves" };
            more.push(format!("what {} {themselves}", verb(&self.own, "holds", "hold")));
        }
        if more.is_empty() { held } else { format!("{held}{besides}{}", more.join(", and ")) }
    }
}

/// Joins `names`, with the verb `one` or `several` behind them.
fn verb(names: &[String], one: &str, several: &str) -> String {
    match names {
        [name] => format!("{name} {one}"),
        [first @ .., last] => format!("{} and {last} {several}", first.join(", ")),
        [] => String::new(),
    }
}

/// Computes the layout of `flow`.
pub(super) fn layout(flow: &Flow) -> Layout<'_> {
    let mut work = Work { boxes: Vec::new(), total: Total::default(), travels: Vec::new(), parts: 0 };
    work.place_all(&flow.nodes, None);
    Layout { name: &flow.name, boxes: work.boxes, total: work.total }
}

/// The limits of a chunk: its items and its bytes.
#[derive(Clone)]
struct Chunk {
    items: Option<Amount>,
    bytes: Option<Amount>,
}

struct Work<'g> {
    boxes: Vec<Placed<'g>>,
    total: Total,
    /// The chunks at this point of the pipeline, the outermost last. Empty for single items.
    travels: Vec<Chunk>,
    parts: usize,
}

impl<'g> Work<'g> {
    fn place_all(&mut self, nodes: &'g [Node], part: Option<&Part>) {
        for node in nodes {
            match &node.part {
                None => self.place(node, part),
                Some(graph) => {
                    self.parts += 1;
                    let outer = part.map(|part| format!("{} > ", part.name)).unwrap_or_default();
                    let part = Part { name: outer + &node.text, number: self.parts };
                    graph.flows.iter().for_each(|flow| self.place_all(&flow.nodes, Some(&part)));
                }
            }
        }
    }

    fn place(&mut self, node: &'g Node, part: Option<&Part>) {
        let mut words = Vec::new();
        // Counted in the items that the node takes.
        match &node.holds {
            Holds::Nothing => {}
            Holds::Items(items) => words.push(self.count(items)),
            Holds::WhatOneMakes => {
                words.push("what one item makes".to_owned());
                self.total.makers.push(short(&node.text));
            }
            Holds::Words(its_own) => {
                words.push(its_own.clone());
                self.total.holds_its_own(&node.text);
            }
        }
        // The node at the end of the branch holds the branch's items.
        node.branches.iter().for_each(|branch| self.total.holds_its_own(&branch.to));
        if let Some(window) = &node.window {
            words.push(self.count(window));
        }
        // A sink with a policy splits a chunk at an error, so it keeps a copy until the chunk is written.
        let has_policy =
            node.clauses.iter().any(|clause| clause.starts_with("on_error") && clause != "on_error fail");
        let splits = node.role == Role::Sink && has_policy && !self.travels.is_empty();
        if node.keeps_copy || splits {
            // A copy of each item on the threads, or of the item being processed.
            let kept = node.window.clone().unwrap_or_else(|| Amount::from(1_u64));
            words.push(format!("a copy of {}", self.count(&kept)));
        }
        match &node.shape {
            Shape::Same => {}
            Shape::TakesApart => {
                self.travels.pop();
            }
            Shape::Gathers { items, bytes } => {
                words.push(self.gathered(items.as_ref(), bytes.as_ref()));
                self.travels.push(Chunk { items: items.clone(), bytes: bytes.clone() });
            }
        }
        let hands_on = (node.role != Role::Sink).then(|| self.travelling());
        let holds = if words.is_empty() { NOTHING.to_owned() } else { words.join(" and ") };
        self.boxes.push(Placed { node, hands_on, holds, part: part.cloned() });
    }

    /// The number of single items in one item at this point, or `None` if only bytes limit it.
    fn unit(&self) -> Option<Amount> {
        let mut sizes = self.travels.iter().map(|chunk| chunk.items.clone());
        sizes.try_fold(Amount::from(1_u64), |product, size| Some(product.times(&size?)))
    }

    /// Adds `number` items of this point to the total. Returns the amount in single items.
    fn count(&mut self, number: &Amount) -> String {
        if let Some(unit) = self.unit() {
            let items = number.times(&unit);
            self.total.is_partly_weighed = true;
            self.total.items.add(&items);
            items.items()
        } else {
            let bytes = self.travels.last().and_then(|chunk| chunk.bytes.as_ref());
            let bytes = bytes.map_or_else(|| number.clone(), |bytes| number.times(bytes));
            self.total.bytes.add(&bytes);
            bytes.bytes()
        }
    }

    /// Adds a chunk that is collected at this point to the total. Returns its size.
    fn gathered(&mut self, items: Option<&Amount>, bytes: Option<&Amount>) -> String {
        let was_partly_weighed = self.total.is_partly_weighed;
        let items = items.map(|items| self.count(items));
        match (items, bytes) {
            (Some(items), Some(bytes)) => {
                self.total.is_partly_weighed = was_partly_weighed;
                self.total.weight.add(bytes);
                format!("{items} or {}", bytes.bytes())
            }
            (Some(items), None) => items,
            (None, Some(bytes)) => {
                self.total.bytes.add(bytes);
                bytes.bytes()
            }
            (None, None) => ITS_OWN.to_owned(),
        }
    }

    fn travelling(&self) -> String {
        match self.travels.as_slice() {
            [] => "items".to_owned(),
            [Chunk { items: Some(items), .. }] => format!("chunks of <= {items}"),
            [Chunk { bytes: Some(bytes), .. }] => format!("chunks of ~{}", bytes.bytes()),
            [_] => "chunks".to_owned(),
            nested => {
                let sizes = nested
                    .iter()
                    .rev()
                    .map(|chunk| chunk.items.as_ref().map_or_else(|| "some".to_owned(), ToString::to_string));
                format!("chunks of <= {}", sizes.collect::<Vec<_>>().join(" x "))
            }
        }
    }
}

/// Breaks `words` into lines of about `columns` characters.
pub(super) fn folded(words: &str, columns: usize) -> String {
    let mut folded = String::new();
    let mut column = 0;
    for word in words.split(' ') {
        if column + word.len() > columns {
            folded.push('\n');
            column = 0;
        } else if column > 0 {
            folded.push(' ');
        }
        folded.push_str(word);
        column += word.len() + 1;
    }
    folded
}

/// The short name of a node: `StoreLookup` for `StoreLookup::new(run)`.
pub(super) fn short(text: &str) -> String {
    let name = text.split(['(', '{']).next().unwrap_or(text).trim();
    let name = name.strip_suffix("::new").or_else(|| name.strip_suffix("::default")).unwrap_or(name);
    name.split("::<").next().unwrap_or(name).to_owned()
}
