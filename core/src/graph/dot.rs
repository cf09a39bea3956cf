//! Output of a graph in DOT, the language of Graphviz.

use std::fmt::Write as _;

use super::Flow;
use super::layout::{Layout, Part, Placed, folded, layout};

pub(super) fn dot(flows: &[Flow]) -> String {
    let mut text = "digraph {\n  \
        graph [fontname=\"Helvetica\", fontsize=11, labeljust=l, style=rounded, color=\"#bbbbbb\"]\n  \
        node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"filled,rounded\", fillcolor=\"#ffffff\"]\n  \
        edge [fontname=\"Helvetica\", fontsize=9, color=\"#555555\"]\n"
        .to_owned();
    for (number, flow) in flows.iter().enumerate() {
        draw(&layout(flow), number, &mut text);
    }
    text.push('}');
    text
}

fn draw(layout: &Layout<'_>, flow: usize, text: &mut String) {
    let _ = writeln!(text, "  subgraph cluster_{flow} {{");
    let title = format!("{}\n{}", layout.name, folded(&layout.total.words(), 66));
    let _ = writeln!(text, "    label={}", left(&title));
    let mut part_before = None;
    for (at, placed) in layout.boxes.iter().enumerate() {
        if placed.part != part_before {
            if part_before.is_some() {
                text.push_str("    }\n");
            }
            if let Some(Part { name, number }) = &placed.part {
                let _ = writeln!(text, "    subgraph cluster_{flow}_{number} {{\n    label={}", left(name));
            }
            part_before.clone_from(&placed.part);
        }
        let _ = writeln!(text, "    {}", node(placed, &format!("n{flow}_{at}")));
    }
    if part_before.is_some() {
        text.push_str("    }\n");
    }
    for (at, placed) in layout.boxes.iter().enumerate() {
        if let (Some(hands_on), true) = (&placed.hands_on, at + 1 < layout.boxes.len()) {
            let next = at + 1;
            let label = quoted(&format!(" {}", at_most(hands_on)));
            let _ = writeln!(text, "    n{flow}_{at} -> n{flow}_{next} [label={label}]");
        }
        for (number, branch) in placed.branches().iter().enumerate() {
            let id = format!("n{flow}_{at}_{number}");
            let _ = writeln!(text, "    {id} [label={}, fillcolor=\"#fdeaea\"]", quoted(&branch.to));
            let label = quoted(&format!(" {}", branch.label));
            let _ = writeln!(text, "    n{flow}_{at} -> {id} [style=dashed, label={label}]");
        }
    }
    text.push_str("  }\n");
}

fn node(placed: &Placed<'_>, id: &str) -> String {
    let mut label = placed.node.text.clone();
    for clause in &placed.node.clauses {
        let _ = write!(label, "\n{clause}");
    }
    if let Some(held) = placed.holding() {
        let _ = write!(label, "\n{}", folded(&held, 44));
    }
    let fill = if placed.is_source() || placed.is_sink() {
        ", fillcolor=\"#e8f0fe\""
    } else if placed.holding().is_some() {
        ", fillcolor=\"#fff4d6\""
    } else {
        ""
    };
    format!("{id} [label={}{fill}]", quoted(&label))
}

/// Replaces `<=` by the character `≤`.
fn at_most(text: &str) -> String {
    text.replace("<=", "\u{2264}")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('\n', "\\n"))
}

/// A quoted label whose lines are left-aligned.
fn left(text: &str) -> String {
    format!("\"{}\\l\"", escaped(text).replace('\n', "\\l"))
}

/// Graphviz reads HTML entities such as `&lt;` in labels.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use crate::{Collect, Pipeline, from_iter};

    #[test]
    fn a_name_is_shown_as_it_is() {
        let dot = Pipeline::new(r#"a "b" \l &lt; c"#, from_iter([1])).end(Collect::new()).graph().dot();
        assert!(dot.contains(r#"label="a \"b\" \\l &amp;lt; c\l"#), "{dot}");
    }
}
