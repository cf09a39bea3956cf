//! Graphs of pipelines in all three languages, from declarations and from pipelines that are built.

use std::num::NonZeroUsize;
use std::time::Duration;

use syncline::graph::{Graph, Node};
use syncline::policy::{Letter, dead_letter, retry, skip};
use syncline::sink::discard_output;
use syncline::{
    CancelToken, Collect, Commit, Emit, Failure, Halt, Pipeline, RunOptions, Sink, Stage, Transform,
    for_each, from_iter, pipeline, size,
};

/// Stage that parses numbers.
struct Parse;

impl Transform for Parse {
    type In = &'static str;
    type Out = u64;

    fn transform(&mut self, text: &'static str) -> Result<Option<u64>, Halt> {
        Ok(Some(text.parse()?))
    }
}

/// Sink of chunks.
struct Table;

impl Sink for Table {
    type In = Vec<u64>;
    type Output = ();

    fn consume(&mut self, _: Vec<u64>) -> Result<(), Halt> {
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Commit for Table {
    fn commit(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

const KIB: usize = 1024;
const BACKOFF: Duration = Duration::from_millis(20);

pipeline! {
    /// A pipeline with every kind of stage.
    Everything(texts: &[&'static str], letters: &mut Vec<Letter<&'static str>>, pages: NonZeroUsize) {
        from_iter(texts.iter().copied())
            => Parse
                on_error retry(3, BACKOFF)
                on_error dead_letter(for_each(|letter| { letters.push(letter); Ok(()) }))
            => map(|n| n * 2) parallel(2, capacity: 8)
            => tee(discard_output(Collect::new()))
            => buffer(500, bytes: size(64 * KIB), of: |n| n.to_string().len())
            => buffer(pages)
            => unbuffer
            => lookup(|chunk| Ok(chunk.iter().map(|n| n + 1).collect::<Vec<_>>()))
            => flat_map(|chunk| chunk)
            => map(|(n, _)| n)
            => buffer(const { size(4 * 25) })
            => Table on_error skip(10) commit every(10)
    }
}

fn size_of(n: usize) -> NonZeroUsize {
    size(n)
}

#[test]
fn as_text() {
    insta::assert_snapshot!(Everything::graph().text(), @"
    Everything: at most 711 + pages x 500 items are held, and what flat_map makes of one item, and what
      from_iter, Parse, for_each, discard_output and Table hold themselves

       stage                                       hands on                   holds at most
       from_iter(texts.iter().copied())            items                      its own
    => Parse                                       items                      its own and a copy of 1
                                                                              item
         on_error retry(3, BACKOFF)
         on_error dead_letter(for_each(..))
         failed => for_each(..)
    => map(..)                                     items                      10 items
         parallel(2, capacity: 8)
    => tee(discard_output(Collect::new()))         items                      -
         a copy of each => discard_output(Collect::new())
    => buffer(500, bytes: size(64 * KIB), of: ..)  chunks of <= 500           500 items or 64 KiB
    => buffer(pages)                               chunks of <= pages x 500   pages x 500 items
    => unbuffer                                    chunks of <= 500           -
    => lookup(..)                                  chunks of <= 500           -
    => flat_map(..)                                items                      what one item makes
    => map(..)                                     items                      -
    => buffer(const { .. })                        chunks of <= 100           100 items
    => Table                                                                  its own and a copy of 100
                                                                              items
         on_error skip(10)
         commit every(10)
    ");
}

pipeline! {
    /// A pipeline whose sizes are constant expressions.
    Sums(n: u64) -> u64 {
        from_iter(0..n)
            => map(|n| n + 1) parallel(2, capacity: KIB / 256 + 1)
            => for_each(|_| Ok(()))
    }
}

#[test]
fn a_constant_that_is_worked_out_is_shown_as_a_number() {
    assert_eq!(Sums::run(3).unwrap().output, 3);
    let text = Sums::graph().text();
    assert!(text.starts_with("Sums: at most 7 items are held"), "{text}");
}

#[test]
fn as_mermaid() {
    insta::assert_snapshot!(Everything::graph().mermaid(), @r#"
    %%{init: {"flowchart": {"wrappingWidth": 420}}}%%
    flowchart TB
      subgraph p0["<b>Everything</b>"]
        direction TB
        t0["at most 711 + pages x 500 items are held, and what flat_map makes of one item, and what from_iter, Parse, for_each, discard_output and Table hold themselves"]:::note ~~~ n0_0
        n0_0(["from_iter(texts.iter().copied())"]):::end_
        n0_1["Parse<br/><i>on_error retry(3, BACKOFF)</i><br/><i>on_error dead_letter(for_each(..))</i><br/>holds a copy of 1 item"]:::holds
        n0_2["map(..)<br/><i>parallel(2, capacity: 8)</i><br/>holds at most 10 items"]:::holds
        n0_3["tee(discard_output(Collect::new()))"]:::stage
        n0_4["buffer(500, bytes: size(64 * KIB), of: ..)<br/>holds at most 500 items or 64 KiB"]:::holds
        n0_5["buffer(pages)<br/>holds pages x 500 items"]:::holds
        n0_6["unbuffer"]:::stage
        n0_7["lookup(..)"]:::stage
        n0_8["flat_map(..)<br/>holds what one item makes"]:::holds
        n0_9["map(..)"]:::stage
        n0_10["buffer(const { .. })<br/>holds at most 100 items"]:::holds
        n0_11(["Table<br/><i>on_error skip(10)</i><br/><i>commit every(10)</i><br/>holds a copy of 100 items"]):::end_
        n0_0 -->|"items"| n0_1
        n0_1 -->|"items"| n0_2
        n0_1_0(["for_each(..)"]):::branch
        n0_1 -.->|"failed"| n0_1_0
        n0_2 -->|"items"| n0_3
        n0_3 -->|"items"| n0_4
        n0_3_0(["discard_output(Collect::new())"]):::branch
        n0_3 -.->|"a copy of each"| n0_3_0
        n0_4 -->|"chunks of ≤ 500"| n0_5
        n0_5 -->|"chunks of ≤ pages x 500"| n0_6
        n0_6 -->|"chunks of ≤ 500"| n0_7
        n0_7 -->|"chunks of ≤ 500"| n0_8
        n0_8 -->|"items"| n0_9
        n0_9 -->|"items"| n0_10
        n0_10 -->|"chunks of ≤ 100"| n0_11
      end
      classDef end_ fill:#e8f0fe,stroke:#4a6fa5,color:#1a2b42
      classDef stage fill:#ffffff,stroke:#7a7a7a,color:#1a1a1a
      classDef holds fill:#fff4d6,stroke:#b58a1b,color:#3d2f08
      classDef branch fill:#fdeaea,stroke:#b05050,color:#4a1414
      classDef note fill:none,stroke:none,color:#555555
    "#);
}

#[test]
fn as_dot() {
    insta::assert_snapshot!(Everything::graph().dot(), @r##"
    digraph {
      graph [fontname="Helvetica", fontsize=11, labeljust=l, style=rounded, color="#bbbbbb"]
      node [fontname="Helvetica", fontsize=11, shape=box, style="filled,rounded", fillcolor="#ffffff"]
      edge [fontname="Helvetica", fontsize=9, color="#555555"]
      subgraph cluster_0 {
        label="Everything\lat most 711 + pages x 500 items are held, and what flat_map makes\lof one item, and what from_iter, Parse, for_each, discard_output\land Table hold themselves\l"
        n0_0 [label="from_iter(texts.iter().copied())", fillcolor="#e8f0fe"]
        n0_1 [label="Parse\non_error retry(3, BACKOFF)\non_error dead_letter(for_each(..))\nholds a copy of 1 item", fillcolor="#fff4d6"]
        n0_2 [label="map(..)\nparallel(2, capacity: 8)\nholds at most 10 items", fillcolor="#fff4d6"]
        n0_3 [label="tee(discard_output(Collect::new()))"]
        n0_4 [label="buffer(500, bytes: size(64 * KIB), of: ..)\nholds at most 500 items or 64 KiB", fillcolor="#fff4d6"]
        n0_5 [label="buffer(pages)\nholds pages x 500 items", fillcolor="#fff4d6"]
        n0_6 [label="unbuffer"]
        n0_7 [label="lookup(..)"]
        n0_8 [label="flat_map(..)\nholds what one item makes", fillcolor="#fff4d6"]
        n0_9 [label="map(..)"]
        n0_10 [label="buffer(const { .. })\nholds at most 100 items", fillcolor="#fff4d6"]
        n0_11 [label="Table\non_error skip(10)\ncommit every(10)\nholds a copy of 100 items", fillcolor="#e8f0fe"]
        n0_0 -> n0_1 [label=" items"]
        n0_1 -> n0_2 [label=" items"]
        n0_1_0 [label="for_each(..)", fillcolor="#fdeaea"]
        n0_1 -> n0_1_0 [style=dashed, label=" failed"]
        n0_2 -> n0_3 [label=" items"]
        n0_3 -> n0_4 [label=" items"]
        n0_3_0 [label="discard_output(Collect::new())", fillcolor="#fdeaea"]
        n0_3 -> n0_3_0 [style=dashed, label=" a copy of each"]
        n0_4 -> n0_5 [label=" chunks of ≤ 500"]
        n0_5 -> n0_6 [label=" chunks of ≤ pages x 500"]
        n0_6 -> n0_7 [label=" chunks of ≤ 500"]
        n0_7 -> n0_8 [label=" chunks of ≤ 500"]
        n0_8 -> n0_9 [label=" items"]
        n0_9 -> n0_10 [label=" items"]
        n0_10 -> n0_11 [label=" chunks of ≤ 100"]
      }
    }
    "##);
}

/// A pipeline that is built knows its sizes.
#[test]
fn of_what_is_built() {
    let letters = for_each(|_: Letter<&'static str>| Ok(()));
    let built = Pipeline::new("built", from_iter(["1", "2"]))
        .pipe(Parse)
        .on_error(retry(3, BACKOFF, |_| true))
        .on_error(dead_letter(letters))
        .map_parallel(size(2), 8, |n| n * 2)
        .tee(discard_output(Collect::new()))
        .buffer_weighed(size(500), size(64 * KIB), |n| n.to_string().len())
        .buffer(size_of(7))
        .unbuffer()
        .unbuffer()
        .filter(|n| *n > 0)
        .take(100)
        .buffer_within(size(100), BACKOFF)
        .end(Table)
        .on_error_split(skip(10))
        .commit_every(size(10));
    insta::assert_snapshot!(built.graph().text(), @"
    built: at most 4,211 items are held, and what for_each, Collect and Table hold themselves

       stage                              hands on               holds at most
       from_iter                          items                  -
    => Parse                              items                  a copy of 1 item
         on_error retry(3, 20ms)
         on_error dead_letter(for_each)
         failed => for_each
    => map                                items                  10 items
         parallel(2, capacity: 8)
    => tee                                items                  -
         a copy of each => Collect
    => buffer(500, bytes: 65536, of: ..)  chunks of <= 500       500 items or 64 KiB
    => buffer(7)                          chunks of <= 7 x 500   3,500 items
    => unbuffer                           chunks of <= 500       -
    => unbuffer                           items                  -
    => filter                             items                  -
    => take(100)                          items                  -
    => buffer(100, within: 20ms)          chunks of <= 100       100 items
    => Table                                                     its own and a copy of 100 items
         on_error skip(10)
         commit every(10)
    ");
    built.run_with(RunOptions::new().cancelled_by(&CancelToken::new())).unwrap();
}

pipeline! {
    /// A pipeline with parallel stages and policies.
    Guarded(letters: &mut Vec<Letter<u64>>) -> Vec<u64> {
        from_iter(0..10_u64)
            => try_map(|n| Ok(n.checked_sub(5).ok_or(std::fmt::Error)?)) parallel(2, capacity: 8)
                on_error retry(3, BACKOFF)
                on_error dead_letter(for_each(|letter| { letters.push(letter); Ok(()) }))
            => Collect::new()
    }
}

/// A policy that needs copies holds one for each item on a thread. The graph of the built pipeline says the same.
#[test]
fn policies_on_threads() {
    insta::assert_snapshot!(Guarded::graph().text(), @"
    Guarded: at most 20 items are held, and what from_iter, for_each and Collect hold themselves

       stage                 hands on   holds at most
       from_iter(0..10_u64)  items      its own
    => try_map(..)           items      10 items and a copy of 10 items
         on_error retry(3, BACKOFF)
         on_error dead_letter(for_each(..))
         parallel(2, capacity: 8)
         failed => for_each(..)
    => Collect::new()                   its own
    ");
    let built = Pipeline::new("Guarded", from_iter(0..10_u64))
        .try_map_parallel(size(2), 8, |n: u64| Ok(n))
        .on_error((retry(3, BACKOFF, |_| true), dead_letter(for_each(|_: Letter<u64>| Ok(())))))
        .end(Collect::new());
    insta::assert_snapshot!(built.graph().text(), @"
    Guarded: at most 20 items are held, and what for_each and Collect hold themselves

       stage      hands on   holds at most
       from_iter  items      -
    => try_map    items      10 items and a copy of 10 items
         parallel(2, capacity: 8)
         on_error retry(3, 20ms)
         on_error dead_letter(for_each)
         failed => for_each
    => Collect               every item
    ");
}

/// Stage that emits pairs.
struct Pairs;

impl Stage for Pairs {
    type In = u8;
    type Out = (u8, u8);

    fn push(&mut self, item: u8, out: &mut impl Emit<(u8, u8)>) -> Result<(), Halt> {
        out.emit((item, item))
    }

    fn node(&self) -> Node {
        Node::stage("Pairs").holding(1_u64)
    }
}

/// A custom stage can declare how many items it holds, and the graph counts them.
#[test]
fn a_stage_may_say_what_it_holds() {
    let graph = |node: fn(Graph) -> Graph| {
        let pairs = Pipeline::new("pairs", from_iter(0..3)).pipe(Pairs);
        node(pairs.end(for_each(|_| Ok(()))).graph()).text().lines().next().map(str::to_owned)
    };
    let first = "pairs: at most 1 item is held, and what for_each holds itself";
    assert_eq!(graph(|graph| graph).as_deref(), Some(first));
    let told = graph(|graph| graph.with("for_each", |node| node.holding(0_u64)).named("both"));
    assert_eq!(told.as_deref(), Some("both: at most 1 item is held"));
}

/// Special characters in labels are escaped, and shown as they are written.
#[test]
fn odd_characters_are_quoted() {
    let odd = Pipeline::new("a \"b\" <c> \\ #d", from_iter(0..1)).end(Collect::new()).graph();
    assert!(odd.dot().contains(r#"label="a \"b\" <c> \\ #d\l"#), "{}", odd.dot());
    let mermaid = odd.mermaid();
    assert!(mermaid.contains("a #34;b#34; #60;c#62; #92; #35;d"), "{mermaid}");
}
