//! Output of a graph as text, with a line for each stage.

use std::fmt::Write as _;

use super::Flow;
use super::layout::{Layout, layout};

/// The columns of the terminal, and the longest text of a stage that fits on its line.
const COLUMNS: usize = 100;
const LONGEST: usize = 54;

pub(super) fn text(flows: &[Flow]) -> String {
    let texts: Vec<_> = flows.iter().map(|flow| table(&layout(flow))).collect();
    texts.join("\n\n")
}

fn table(layout: &Layout<'_>) -> String {
    let mut text = wrapped(&format!("{}: {}", layout.name, layout.total.words()), COLUMNS, 2);
    let indent = |part: bool| if part { 2 } else { 0 };
    let widths = layout.boxes.iter().map(|placed| placed.node.text.len() + indent(placed.part.is_some()));
    let width = widths.filter(|width| *width <= LONGEST).max().unwrap_or(0).max("stage".len());
    let edges = layout.boxes.iter().filter_map(|placed| placed.hands_on.as_ref().map(String::len));
    let edge = edges.max().unwrap_or(0).max("hands on".len()) + 1;
    let _ = write!(text, "\n\n   {:width$}  {:edge$}  holds at most", "stage", "hands on");
    let mut part_before = None;
    for placed in &layout.boxes {
        if let (Some(part), true) = (&placed.part, placed.part != part_before) {
            let _ = write!(text, "\n=> {}:", part.name);
        }
        part_before.clone_from(&placed.part);
        let arrow = if placed.is_source() { "  " } else { "=>" };
        let stage = format!("{:indent$}{}", "", placed.node.text, indent = indent(placed.part.is_some()));
        let hands_on = placed.hands_on.as_deref().unwrap_or("");
        let before = 3 + width + 2 + edge + 2;
        let holds = wrapped(&placed.holds, COLUMNS.saturating_sub(before).max(20), before);
        if stage.len() > width {
            // The text is too long for its column: the other columns are on the next line.
            let _ = write!(text, "\n{arrow} {stage}\n   {:width$}  {hands_on:edge$}  {holds}", "");
        } else {
            let _ = write!(text, "\n{arrow} {stage:width$}  {hands_on:edge$}  {holds}");
        }
        for clause in &placed.node.clauses {
            let _ = write!(text, "\n     {:indent$}{clause}", "", indent = indent(placed.part.is_some()));
        }
        for branch in placed.branches() {
            let (indent, label, to) = (indent(placed.part.is_some()), branch.label, &branch.to);
            let _ = write!(text, "\n     {:indent$}{label} => {to}", "");
        }
    }
    text
}

/// `words`, in lines of `columns`, all but the first behind `indent` spaces.
fn wrapped(words: &str, columns: usize, indent: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in words.split(' ') {
        if column > 0 && column + 1 + word.len() > columns {
            let _ = write!(text, "\n{:indent$}", "");
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.len();
    }
    text
}
