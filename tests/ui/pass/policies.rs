//! Policies, parallel stages and options of a run.

use std::time::Duration;

use syncline::policy::Letter;
use syncline::{CancelToken, Collect, Commit, Failure, Halt, RunOptions, Sink, Transform, for_each, from_iter, pipeline};

struct Parse;

impl Transform for Parse {
    type In = &'static str;
    type Out = u32;

    fn transform(&mut self, text: &'static str) -> Result<Option<u32>, Halt> {
        Ok(Some(text.parse()?))
    }
}

/// A sink that fails at chunks with a seven.
struct Table(Vec<u32>);

impl Sink for Table {
    type In = Vec<u32>;
    type Output = Vec<u32>;

    fn consume(&mut self, rows: Vec<u32>) -> Result<(), Halt> {
        if rows.contains(&7) {
            return Err(Failure::new("a seven").into());
        }
        self.0.extend(rows);
        Ok(())
    }

    fn finish(self) -> Result<Vec<u32>, Failure> {
        Ok(self.0)
    }
}

impl Commit for Table {
    fn commit(&mut self) -> Result<(), Failure> {
        self.0.push(0);
        Ok(())
    }
}

/// A sink that records dead letters and the number of letters at each commit.
struct Letters<'a>(&'a mut Vec<&'static str>, &'a mut Vec<usize>);

impl Sink for Letters<'_> {
    type In = Letter<u32>;
    type Output = ();

    fn consume(&mut self, letter: Letter<u32>) -> Result<(), Halt> {
        self.0.push(letter.stage);
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Commit for Letters<'_> {
    fn commit(&mut self) -> Result<(), Failure> {
        self.1.push(self.0.len());
        Ok(())
    }
}

pipeline! {
    Committed(letters: Letters<'_>) -> Vec<u32> {
        from_iter([7, 1, 2, 7, 7, 3])
            => buffer(2)
            => Table(Vec::new()) on_error retry(1, Duration::ZERO) on_error dead_letter(letters) commit every(1)
    }
}

pipeline! {
    /// A sink of unknown type does not commit.
    CommittedOnce<K: Sink<In = Letter<u32>, Output = ()>>(letters: K) -> Vec<u32> {
        from_iter([7, 1]) => buffer(2) => Table(Vec::new()) on_error dead_letter(letters) commit every(1)
    }
}

pipeline! {
    Rows(words: Vec<&'static str>, letters: &mut Vec<&'static str>) -> Vec<u32> {
        from_iter(words)
            => Parse
                on_error retry(1, Duration::ZERO, if: |error| error.is::<std::io::Error>())
                on_error dead_letter(for_each(|letter: Letter<&'static str>| { letters.push(letter.item); Ok(()) }))
            => map(|n| n + 1) parallel(2)
            => map(|n| n - 1) parallel(2, capacity: 3)
            => buffer(3)
            => Table(Vec::new()) on_error skip(1) commit every(1)
    }
}

/// Returns an error for sevens.
fn check(n: u32) -> Result<u32, Failure> {
    if n == 7 { Err(Failure::new("a seven").at(n)) } else { Ok(n) }
}

pipeline! {
    Checked(numbers: Vec<u32>, letters: &mut Vec<(u32, String)>) -> Vec<u32> {
        from_iter(numbers)
            => try_map(|n| Ok(check(n)?)) parallel(2) on_error skip(1)
            => try_map(|n| Ok(n.checked_sub(1).ok_or(std::fmt::Error)?)) parallel(2, capacity: 3)
                on_error retry(1, Duration::ZERO)
                on_error dead_letter(for_each(|letter: Letter<u32>| {
                    letters.push((letter.item, letter.error.to_string()));
                    Ok(())
                }))
            => try_map(|n| Ok(check(n)?)) on_error fail
            => Collect::new()
    }
}

const HOUR: Duration = Duration::from_secs(3600);

pipeline! {
    /// A seven is tried 61 times, unless the limit ends that.
    Patient(numbers: Vec<u32>, limit: Duration) {
        from_iter(numbers)
            => try_map(|n| Ok(check(n)?)) parallel(2)
                on_error retry(60, Duration::from_nanos(1), cap: Duration::from_micros(1), jitter, within: limit)
            => for_each(|n| { if n == 8 { Err("an eight")? } Ok(()) })
                on_error retry(2, HOUR, within: limit, if: |error| error.to_string() == "an eight", cap: HOUR,)
                on_error skip(1)
    }
}

pipeline! {
    Echo<T: Clone>((first, second): (T, T), mut items: Vec<T>) -> Vec<T> {
        { items.extend([first, second]); from_iter(items) } => Collect::new() on_error fail commit once
    }
}

fn main() {
    let mut letters = Vec::new();
    let outcome = Rows::run(vec!["1", "x", "7", "3", "4"], &mut letters).unwrap();
    assert_eq!(outcome.output, [1, 3, 0, 4, 0]);
    assert_eq!(letters, ["x"]);
    assert_eq!(outcome.report.stage("Table").unwrap().skipped(), 1);
    assert!(Rows::graph().one_line().contains("Parse on_error retry(1, Duration::ZERO, if: ..) on_error dead_letter("));
    assert!(Rows::graph().one_line().contains("map(..) parallel(2, capacity: 3)"));

    Patient::run(vec![1, 8], Duration::from_millis(1)).unwrap();
    let error = Patient::run(vec![1, 7], HOUR).unwrap_err().to_string();
    assert!(error.starts_with("pipeline Patient failed in stage try_map at 7 after 61 attempts in "), "{error}");
    let graph = Patient::graph().one_line().to_string();
    let policy = "on_error retry(60, Duration::from_nanos(1), cap: Duration::from_micros(1), jitter, within: limit)";
    assert!(graph.contains(policy), "{graph}");
    assert!(graph.contains("on_error retry(2, HOUR, cap: HOUR, within: limit, if: ..)"), "{graph}");

    let (mut letters, mut commits) = (Vec::new(), Vec::new());
    let outcome = Committed::run(Letters(&mut letters, &mut commits)).unwrap();
    assert_eq!(outcome.output, [1, 0, 2, 0, 3, 0]);
    assert_eq!((letters, commits), (vec!["Table"; 3], vec![1, 2, 3]));
    let (mut letters, mut commits) = (Vec::new(), Vec::new());
    CommittedOnce::run(Letters(&mut letters, &mut commits)).unwrap();
    assert_eq!((letters.len(), commits.len()), (1, 0));

    let mut letters = Vec::new();
    let outcome = Checked::run(vec![3, 7, 0, 1], &mut letters).unwrap();
    assert_eq!(outcome.output, [2, 0]);
    assert_eq!(letters, [(0, std::fmt::Error.to_string())]);
    let stages: Vec<_> = outcome.report.stages().iter().filter(|stage| stage.name() == "try_map").collect();
    assert_eq!(stages.iter().map(|stage| (stage.skipped(), stage.retried())).collect::<Vec<_>>(), [(1, 0), (1, 1), (0, 0)]);
    assert!(Checked::graph().one_line().contains("try_map(..) on_error skip(1) parallel(2)"));
    // One more than the limit.
    let error = Checked::run(vec![7, 7], &mut letters).unwrap_err();
    assert_eq!((error.stage(), error.record()), (Some("try_map"), Some("7")));

    let token = CancelToken::new();
    assert_eq!(Echo::run((2, 3), vec![1]).unwrap().output, [1, 2, 3]);
    token.cancel();
    let options = RunOptions::new().cancelled_by(&token);
    assert!(Echo::run_with((2, 3), vec![1], options).unwrap_err().is_cancelled());
}
