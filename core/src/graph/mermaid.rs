//! Output of a graph in the language of Mermaid.

use std::fmt::Write as _;

use super::Flow;
use super::layout::{Layout, Part, Placed, layout};

pub(super) fn mermaid(flows: &[Flow]) -> String {
    let mut text = "%%{init: {\"flowchart\": {\"wrappingWidth\": 420}}}%%\nflowchart TB\n".to_owned();
    // Mermaid draws the last subgraph on the left.
    for (number, flow) in flows.iter().enumerate().rev() {
        draw(&layout(flow), number, &mut text);
    }
    text.push_str(
        "  classDef end_ fill:#e8f0fe,stroke:#4a6fa5,color:#1a2b42\n  \
           classDef stage fill:#ffffff,stroke:#7a7a7a,color:#1a1a1a\n  \
           classDef holds fill:#fff4d6,stroke:#b58a1b,color:#3d2f08\n  \
           classDef branch fill:#fdeaea,stroke:#b05050,color:#4a1414\n  \
           classDef note fill:none,stroke:none,color:#555555",
    );
    text
}

fn draw(layout: &Layout<'_>, flow: usize, text: &mut String) {
    // Without a direction of its own, a subgraph is drawn in the other direction.
    let _ = writeln!(text, "  subgraph p{flow}[\"<b>{}</b>\"]\n    direction TB", escape(layout.name));
    let _ = writeln!(text, "    t{flow}[\"{}\"]:::note ~~~ n{flow}_0", escape(&layout.total.words()));
    let mut part_before = None;
    for (at, placed) in layout.boxes.iter().enumerate() {
        if placed.part != part_before {
            if part_before.is_some() {
                text.push_str("    end\n");
            }
            if let Some(Part { name, number }) = &placed.part {
                let _ =
                    writeln!(text, "    subgraph p{flow}_{number}[\"{}\"]\n    direction TB", escape(name));
            }
            part_before.clone_from(&placed.part);
        }
        let _ = writeln!(text, "    {}", node(placed, &format!("n{flow}_{at}")));
    }
    if part_before.is_some() {
        text.push_str("    end\n");
    }
    for (at, placed) in layout.boxes.iter().enumerate() {
        if let (Some(hands_on), true) = (&placed.hands_on, at + 1 < layout.boxes.len()) {
            let next = at + 1;
            let _ = writeln!(
                text,
                "    n{flow}_{at} -->|\"{}\"| n{flow}_{next}",
                escape(&hands_on.replace("<=", "\u{2264}"))
            );
        }
        for (number, branch) in placed.branches().iter().enumerate() {
            let id = format!("n{flow}_{at}_{number}");
            let _ = writeln!(text, "    {id}([\"{}\"]):::branch", escape(&branch.to));
            let _ = writeln!(text, "    n{flow}_{at} -.->|\"{}\"| {id}", escape(branch.label));
        }
    }
    text.push_str("  end\n");
}

fn node(placed: &Placed<'_>, id: &str) -> String {
    let mut label = escape(&placed.node.text);
    for clause in &placed.node.clauses {
        let _ = write!(label, "<br/><i>{}</i>", escape(clause));
    }
    if let Some(held) = placed.holding() {
        let _ = write!(label, "<br/>{}", escape(&held));
    }
    let (open, close, class) = if placed.is_source() || placed.is_sink() {
        ("([", "])", "end_")
    } else if placed.holding().is_some() {
        ("[", "]", "holds")
    } else {
        ("[", "]", "stage")
    };
    format!("{id}{open}\"{label}\"{close}:::{class}")
}

/// Escapes the characters that have a meaning in a label.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '#' | '"' | '<' | '>' | '&' | '`' | '\\' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use crate::graph::{Graph, Node};

    #[test]
    fn the_label_of_a_branch_is_escaped() {
        let node = Node::stage("own").branch("a \"copy\"", "Letters");
        let graph = Graph::of("p", [Node::source("from_iter"), node, Node::sink("Collect")]);
        assert!(graph.mermaid().contains("-.->|\"a #34;copy#34;\"|"), "{}", graph.mermaid());
    }
}
