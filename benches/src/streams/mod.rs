//! What the streams cost.

mod chains;

use std::hint::black_box;
use std::time::{Duration, Instant};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How often each takes its turn
    #[arg(long, default_value_t = 41)]
    rounds: usize,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let n = 1_000_000;
    let mut times = vec![Vec::new(); chains::WAYS.len()];
    for round in 0..arguments.rounds {
        for place in 0..chains::WAYS.len() {
            let at = (place + round) % chains::WAYS.len();
            let start = Instant::now();
            black_box((chains::WAYS[at].run)(black_box(n)));
            times[at].push(start.elapsed().as_secs_f64() * 1e9 / n as f64);
        }
    }
    let median = |mut v: Vec<f64>| { v.sort_by(f64::total_cmp); v[v.len()/2] };
    for (way, t) in chains::WAYS.iter().zip(&times) {
        let ratio = median(t.iter().zip(&times[0]).map(|(a, b)| a / b).collect());
        eprintln!("{:25} {:.3} ns {:.3}", way.name, median(t.clone()), ratio);
    }
    Ok(())
}

/// Runs one
pub(crate) fn once(name: usize, numbers: u64) -> anyhow::Result<()> {
    black_box((chains::WAYS[name].run)(black_box(numbers)));
    Ok(())
}
