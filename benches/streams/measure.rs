//! Rounds in which all take turns, and medians of them.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;

/// Something to measure: how it is called, and what it does to so many numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) run: fn(u64) -> u64,
}

/// What one way took.
#[derive(Debug)]
pub(crate) struct Took {
    /// The median of the rounds.
    pub(crate) nanoseconds: f64,
    /// The median of how often it took as long as the first way, within each round.
    pub(crate) ratio: f64,
}

/// Runs each way once a round, on `numbers` numbers, beginning with another one each time.
pub(crate) fn interleaved(ways: &[Way], rounds: usize, numbers: u64) -> Vec<Took> {
    #[expect(clippy::cast_precision_loss, reason = "a number of items")]
    let items = numbers as f64;
    let mut times = vec![Vec::with_capacity(rounds); ways.len()];
    for round in 0..rounds {
        for place in 0..ways.len() {
            let at = (place + round) % ways.len();
            let start = Instant::now();
            black_box((ways[at].run)(black_box(numbers)));
            times[at].push(start.elapsed().as_secs_f64() * 1e9 / items);
        }
    }
    let first = &times[0];
    let ratios = |own: &[f64]| own.iter().zip(first).map(|(own, first)| own / first).collect();
    times.iter().map(|own| Took { nanoseconds: median(own.clone()), ratio: median(ratios(own)) }).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// How many instructions the way takes for a number: the difference between a few numbers and many. `None` where there is
/// no valgrind.
///
/// So few numbers that no chunk but the first is timed, whatever the clock says: the rest is what happens to each item. Reading
/// the clock is held to a hundredth of a run by time, and valgrind makes time pass otherwise.
pub(crate) fn instructions(way: &Way) -> anyhow::Result<Option<f64>> {
    const FEW: u32 = 10_000;
    const MANY: u32 = 40_000;
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    let collected = |numbers: u32| -> anyhow::Result<f64> {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(std::env::current_exe()?)
            .args(["once", way.name, &numbers.to_string()])
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        text.lines()
            .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
            .with_context(|| format!("valgrind said:\n{text}"))
    };
    Ok(Some((collected(MANY)? - collected(FEW)?) / f64::from(MANY - FEW)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "no arithmetic but halving")]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }
}
