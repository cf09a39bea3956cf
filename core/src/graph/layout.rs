//! What a graph says of each node: what travels behind it, and the most that it holds.

use super::node::{Branch, Holds, Role, Shape};
use super::{Amount, Flow, Node};

/// A pipeline, worked out.
pub(super) struct Layout<'g> {
    pub(super) name: &'g str,
    pub(super) boxes: Vec<Placed<'g>>,
    pub(super) total: Total,
}

/// A node, worked out.
pub(super) struct Placed<'g> {
    pub(super) node: &'g Node,
    /// What leaves it: `items`, or `chunks of <= 500`. Nothing leaves a sink.
    pub(super) hands_on: Option<String>,
    /// The most that it holds.
    pub(super) holds: String,
    /// The part that it belongs to, as it is used, and which use that is.
    pub(super) part: Option<Part>,
}

impl Placed<'_> {
    pub(super) fn is_sink(&self) -> bool {
        self.node.role == Role::Sink
    }

    pub(super) fn is_source(&self) -> bool {
        self.node.role == Role::Source
    }

    /// What it holds, as a sentence, where there is something to say.
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

/// A part as it is used, in others that use it, and which use that is.
#[derive(Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) number: usize,
}

/// What is shown where nothing is held.
pub(super) const NOTHING: &str = "-";

/// What is shown where nobody said.
pub(super) const ITS_OWN: &str = "its own";

/// Numbers that are known, added up, and those that are not.
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

    /// `None` when nothing was added.
    fn amount(&self) -> Option<Amount> {
        let sum = self.unknown.iter().fold(Amount::from(self.number), |sum, more| sum.plus(more));
        (!sum.is_zero()).then_some(sum)
    }
}

/// What a whole pipeline holds at most.
#[derive(Default)]
pub(super) struct Total {
    items: Sum,
    /// Of chunks that bytes alone close.
    bytes: Sum,
    /// What chunks weigh that bytes close too.
    weight: Sum,
    /// Some of the items are bounded by their number only.
    is_partly_weighed: bool,
    /// Nodes that hold what nobody said.
    own: Vec<String>,
    /// Nodes that hold what one item becomes.
    makers: Vec<String>,
}

impl Total {
    /// The node that is shown as `text` holds what nobody said.
    fn holds_its_own(&mut self, text: &str) {
        let name = short(text);
        if !self.own.contains(&name) {
            self.own.push(name);
        }
    }

    /// In words.
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

/// `names`, and what they do.
fn verb(names: &[String], one: &str, several: &str) -> String {
    match names {
        [name] => format!("{name} {one}"),
        [first @ .., last] => format!("{} and {last} {several}", first.join(", ")),
        [] => String::new(),
    }
}

/// Works out `flow`.
pub(super) fn layout(flow: &Flow) -> Layout<'_> {
    let mut work = Work { boxes: Vec::new(), total: Total::default(), travels: Vec::new(), parts: 0 };
    work.place_all(&flow.nodes, None);
    Layout { name: &flow.name, boxes: work.boxes, total: work.total }
}

/// Chunks that travel: of so many items, and so many bytes, at most.
#[derive(Clone)]
struct Chunk {
    items: Option<Amount>,
    bytes: Option<Amount>,
}

struct Work<'g> {
    boxes: Vec<Placed<'g>>,
    total: Total,
    /// The chunks that travel here, the outermost last. None: single items.
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
        // In what it takes.
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
        // What goes there is held by whoever is there.
        node.branches.iter().for_each(|branch| self.total.holds_its_own(&branch.to));
        if let Some(window) = &node.window {
            words.push(self.count(window));
        }
        // A chunk that a sink fails at is split, so it is kept until it is written.
        let has_policy =
            node.clauses.iter().any(|clause| clause.starts_with("on_error") && clause != "on_error fail");
        let splits = node.role == Role::Sink && has_policy && !self.travels.is_empty();
        if node.keeps_copy || splits {
            // Of each item that threads hold, or of the one in hand.
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

    /// How many single items are in one that travels here; `None` where only bytes bound it.
    fn unit(&self) -> Option<Amount> {
        let mut sizes = self.travels.iter().map(|chunk| chunk.items.clone());
        sizes.try_fold(Amount::from(1_u64), |product, size| Some(product.times(&size?)))
    }

    /// `number` of what travels here is held: in single items.
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

    /// A chunk is gathered of what travels here.
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

/// Broken into lines of about so many characters.
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

/// `StoreLookup::new(run)` is called `StoreLookup` where one speaks of it.
pub(super) fn short(text: &str) -> String {
    let name = text.split(['(', '{']).next().unwrap_or(text).trim();
    let name = name.strip_suffix("::new").or_else(|| name.strip_suffix("::default")).unwrap_or(name);
    name.split("::<").next().unwrap_or(name).to_owned()
}
