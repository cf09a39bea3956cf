//! Measures several ways in interleaved rounds, and takes medians.

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;

/// A way to do the work: its name, and a function of the number of items.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) run: fn(u64) -> u64,
}

/// The time of one way.
#[derive(Debug)]
pub(crate) struct Took {
    /// The median time per item.
    pub(crate) nanoseconds: f64,
    /// The median of the ratios to the first way within each round.
    pub(crate) ratio: f64,
    /// The fastest tenth. Threads that exchange chunks either sleep between them or do not, and a median can be of either. The
    /// fastest tenth is of rounds without sleep.
    pub(crate) fast: f64,
}

/// Runs each way once in each round, on `numbers` items. The order rotates.
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
    let took = |own: &Vec<f64>| Took {
        nanoseconds: quantile(own.clone(), 2),
        ratio: quantile(ratios(own), 2),
        fast: quantile(own.clone(), 10),
    };
    times.iter().map(took).collect()
}

/// The quantile that a `part`th of `values` does not exceed. For two parts, the median.
fn quantile(mut values: Vec<f64>, part: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let (place, between) = (values.len() / part, values.len().is_multiple_of(part));
    match values.get(place) {
        Some(value) if between && place > 0 => f64::midpoint(values[place - 1], *value),
        Some(value) => *value,
        None => f64::NAN,
    }
}

/// The instructions per item: the difference between a run of few items and one of many. `None` without valgrind.
///
/// Both runs are so short that only the first chunks are timed, the same ones in both. The number of timed chunks depends on the
/// clock, and a program under valgrind runs at another speed: on a busy machine the figures of metered ways are wrong.
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
        assert_eq!(quantile(vec![3.0, 1.0, 2.0], 2), 2.0);
        assert_eq!(quantile(vec![4.0, 1.0, 2.0, 3.0], 2), 2.5);
        assert!(quantile(Vec::new(), 2).is_nan());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "no arithmetic but halving")]
    fn a_tenth_is_below_the_tenth() {
        assert_eq!(quantile((1..=41).map(f64::from).collect(), 10), 5.0);
        assert_eq!(quantile((1..=40).map(f64::from).collect(), 10), 4.5);
        assert_eq!(quantile(vec![7.0], 10), 7.0);
    }
}
