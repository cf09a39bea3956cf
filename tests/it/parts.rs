//! Parts: declared once, used in several pipelines, in other parts, and as a method.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::thread;

use syncline::run::{BoxedPipeline, BoxedSendPipeline};
use syncline::{
    CancelToken, Collect, Halt, Pipeline, RunOptions, Transform, for_each, from_iter, pipeline, size,
};

/// Stage that parses numbers.
struct Parse<'a>(&'a str);

impl Transform for Parse<'_> {
    type In = String;
    type Out = i64;

    fn transform(&mut self, text: String) -> Result<Option<i64>, Halt> {
        Ok(Some(text.trim_end_matches(self.0).parse()?))
    }
}

mod words {
    use super::pipeline;

    pipeline! {
        /// Lines without comments, space around them, and blank ones.
        #[derive(PartialEq, Eq)]
        pub(super) Tidy(comment: char): &'static str -> String {
            map(move |line| line.split(comment).next().unwrap_or_default().trim().to_lowercase())
                => filter(|line| !line.is_empty())
        }
    }
}

use words::Tidy;

pipeline! {
    /// Parses numbers and skips some failures. A part that uses a part, with a policy.
    Numbers(unit: &str, failures: u64): &'static str -> i64 {
        through(Tidy('#')) => Parse(unit) on_error skip(failures)
    }
}

pipeline! {
    /// Chunks of items with equal keys, as text. Uses every kind of buffer, for any type.
    Grouped<'k, T, const N: usize>(key: &'k [usize; N], size: NonZeroUsize): T -> String
    where
        T: Display + Clone + 'k,
    {
        buffer(size)
            => unbuffer
            => buffer(100, by: |item| key[item.to_string().len() % N])
            => unbuffer
            => buffer(100, bytes: 1, of: |_| 1)
            => unbuffer
            => buffer(2, within: std::time::Duration::MAX)
            => map(|chunk| chunk.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"))
    }
}

pipeline! {
    Squares(): i64 -> i64 {
        map(|n| n * n) parallel(2)
    }
}

pipeline! {
    /// A pipeline of all these parts.
    Report(lines: &[&'static str], unit: &str) -> Vec<String> {
        from_iter(lines.iter().copied())
            => through(Numbers(unit, 1))
            => through(Squares)
            => through(Grouped(&[0, 1], size(3)))
            => Collect::new()
    }
}

const LINES: [&str; 5] = ["3kg # bread", "", "# nothing", "many", "4kg"];

#[test]
fn the_stages_of_a_part_are_stages_of_the_whole() {
    let outcome = Report::run(&LINES, "kg").unwrap();
    assert_eq!(outcome.output, ["9+16"]);
    let rows: Vec<_> = outcome.report.stages().iter().map(syncline::report::StageReport::name).collect();
    assert_eq!(
        rows,
        [
            "from_iter",
            "map",
            "filter",
            "Parse",
            "map",
            "buffer",
            "unbuffer",
            "buffer",
            "unbuffer",
            "buffer",
            "unbuffer",
            "buffer",
            "map",
            "Collect"
        ]
    );
    let report = &outcome.report;
    assert_eq!(
        report.stage("filter").map(|filter| (filter.items_in(), filter.filtered())),
        Some((Some(5), 2))
    );
    assert_eq!(report.stage("Parse").map(syncline::report::StageReport::skipped), Some(1));
}

#[test]
fn an_error_in_a_part_names_its_stage() {
    let error = Report::run(&["many", "more"], "kg").unwrap_err();
    assert_eq!((error.pipeline(), error.stage()), ("Report", Some("Parse")));
}

#[test]
fn a_part_is_a_method_too() {
    let built = Pipeline::unmetered("built", from_iter(LINES))
        .through(|lines| Tidy::extend(lines, '#'))
        .through(|lines| lines.map(|line| line.len()))
        .end(Collect::new());
    assert_eq!(built.graph().one_line(), "from_iter => map => filter => map => Collect");
    assert_eq!(built.run().unwrap().output, [3, 4, 3]);
    assert_eq!(Tidy, Tidy.clone());
    let mut seen = Vec::new();
    let to = for_each(|n: i64| {
        seen.push(n);
        Ok(())
    });
    Pipeline::new("squares", from_iter([1, -2])).through(Squares::extend).end(to).run().unwrap();
    assert_eq!(seen, [1, 4]);
}

#[test]
fn its_stages_stand_in_the_graph_of_who_uses_it() {
    assert_eq!(Tidy::STAGES, ["map(..)", "filter(..)"]);
    assert_eq!(Numbers::graph().one_line(), "through(Tidy('#')) => Parse(unit) on_error skip(failures)");
    insta::assert_snapshot!(Report::graph(), @"
    Report: at most 268 + size items are held, and what from_iter, Parse and Collect hold themselves

       stage                                          hands on            holds at most
       from_iter(lines.iter().copied())               items               its own
    => through(Numbers(unit, 1)) > through(Tidy('#')):
    =>   map(..)                                      items               -
    =>   filter(..)                                   items               -
    => through(Numbers(unit, 1)):
    =>   Parse(unit)                                  items               its own
           on_error skip(failures)
    => through(Squares):
    =>   map(..)                                      items               66 items
           parallel(2)
    => through(Grouped(&[0, 1], size(3))):
    =>   buffer(size)                                 chunks of <= size   size items
    =>   unbuffer                                     items               -
    =>   buffer(100, by: ..)                          chunks of <= 100    100 items
    =>   unbuffer                                     items               -
    =>   buffer(100, bytes: 1, of: ..)                chunks of <= 100    100 items or 1 byte
    =>   unbuffer                                     items               -
    =>   buffer(2, within: std::time::Duration::MAX)  chunks of <= 2      2 items
    =>   map(..)                                      chunks of <= 2      -
    => Collect::new()                                                     its own
    ");
    insta::assert_snapshot!(Numbers::graph().mermaid(), @r#"
    %%{init: {"flowchart": {"wrappingWidth": 420}}}%%
    flowchart TB
      subgraph p0["<b>Numbers</b>"]
        direction TB
        t0["no item is held but what Parse holds itself"]:::note ~~~ n0_0
        subgraph p0_1["through(Tidy('#35;'))"]
        direction TB
        n0_0["map(..)"]:::stage
        n0_1["filter(..)"]:::stage
        end
        n0_2["Parse(unit)<br/><i>on_error skip(failures)</i>"]:::stage
        n0_0 -->|"items"| n0_1
        n0_1 -->|"items"| n0_2
      end
      classDef end_ fill:#e8f0fe,stroke:#4a6fa5,color:#1a2b42
      classDef stage fill:#ffffff,stroke:#7a7a7a,color:#1a1a1a
      classDef holds fill:#fff4d6,stroke:#b58a1b,color:#3d2f08
      classDef branch fill:#fdeaea,stroke:#b05050,color:#4a1414
      classDef note fill:none,stroke:none,color:#555555
    "#);
    insta::assert_snapshot!(Numbers::graph().dot(), @r##"
    digraph {
      graph [fontname="Helvetica", fontsize=11, labeljust=l, style=rounded, color="#bbbbbb"]
      node [fontname="Helvetica", fontsize=11, shape=box, style="filled,rounded", fillcolor="#ffffff"]
      edge [fontname="Helvetica", fontsize=9, color="#555555"]
      subgraph cluster_0 {
        label="Numbers\lno item is held but what Parse holds itself\l"
        subgraph cluster_0_1 {
        label="through(Tidy('#'))\l"
        n0_0 [label="map(..)"]
        n0_1 [label="filter(..)"]
        }
        n0_2 [label="Parse(unit)\non_error skip(failures)"]
        n0_0 -> n0_1 [label=" items"]
        n0_1 -> n0_2 [label=" items"]
      }
    }
    "##);
}

/// Named pipelines of different types.
struct Jobs<'a>(Vec<BoxedPipeline<'a, Vec<String>>>);

#[test]
fn pipelines_are_values_that_can_be_kept() {
    let unit = "kg".to_owned();
    let built = Pipeline::new("built", from_iter(["a", "b"])).map(str::to_owned).end(Collect::new());
    let jobs = Jobs(vec![Report::prepare(&LINES, &unit).boxed(), built.boxed()]);
    let names: Vec<_> = jobs.0.iter().map(|job| (job.name().to_owned(), job.graph().one_line())).collect();
    assert_eq!(names[0].0, "Report");
    assert_eq!(names[1], ("built".to_owned(), "from_iter => map => Collect".to_owned()));
    let outputs: Vec<_> = jobs.0.into_iter().map(|job| job.run().unwrap().output).collect();
    assert_eq!(outputs, [vec!["9+16"], vec!["a", "b"]]);
}

/// A prepared pipeline with a buffer can be sent to a thread.
#[test]
fn pipelines_that_are_prepared_can_be_run_on_another_thread() {
    let job: BoxedSendPipeline<'_, _> = Counted::prepare(&LINES).boxed_send();
    let output = thread::scope(|scope| scope.spawn(|| job.run()).join()).unwrap().unwrap().output;
    assert_eq!(output, Counted::run(&LINES).unwrap().output);
}

/// A prepared pipeline does not start before `run`, and uses the options of that call.
#[test]
fn a_prepared_pipeline_is_run_when_it_is_told() {
    let token = CancelToken::new();
    let prepared = Report::prepare(&LINES, "kg");
    assert_eq!(prepared.graph(), &Report::graph());
    token.cancel();
    let run = prepared.run_with(RunOptions::new().cancelled_by(&token));
    assert!(run.unwrap_err().is_cancelled());
}

pipeline! {
    /// Metered, which is the default.
    Counted(lines: &[&'static str]) -> Vec<Vec<String>> {
        from_iter(lines.iter().copied()) => through(Tidy('#')) => buffer(2) => Collect::new()
    }
}

pipeline! {
    /// The same pipeline, unmetered.
    #[syncline(unmetered)]
    #[derive(PartialEq)]
    Uncounted(lines: &[&'static str]) -> Vec<Vec<String>> {
        from_iter(lines.iter().copied()) => through(Tidy('#')) => buffer(2) => Collect::new()
    }
}

#[test]
fn an_unmetered_pipeline_hands_on_the_same_items() {
    for n in [0, 1, 3, 4, 5, 1000] {
        let lines: Vec<_> = ["One", "# two", "three # 3", ""].into_iter().cycle().take(n).collect();
        let (counted, uncounted) = (Counted::run(&lines).unwrap(), Uncounted::run(&lines).unwrap());
        assert_eq!(counted.output, uncounted.output);
        let stage = |report: &syncline::Report| {
            let stage = report.stage("buffer").unwrap();
            (stage.items_in(), stage.items_out())
        };
        assert_eq!(stage(&uncounted.report), (Some(0), Some(0)));
        assert_eq!(stage(&counted.report).0, Some(counted.output.concat().len() as u64));
    }
}

pipeline! {
    /// Has the most arguments that clippy allows. The generated functions must not trigger its lint.
    Seven(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64) -> Vec<u64> {
        from_iter([a, b, c, d, e, f]) => through(PlusSeven(a, b, c, d, e, f, g)) => Collect::new()
    }
}

pipeline! {
    PlusSeven(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64): u64 -> u64 {
        map(move |n| n + a + b + c + d + e + f + g)
    }
}

#[test]
fn seven_arguments_are_not_too_many() {
    assert_eq!(Seven::run(1, 2, 3, 4, 5, 6, 7).unwrap().output, [29, 30, 31, 32, 33, 34]);
}
