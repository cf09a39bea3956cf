use syncline::prelude::*;

pipeline! {
    Temperatures(readings: Vec<f64>) -> Vec<f64> {
        from_iter(readings) => distinct(1000, |reading| *reading) => map(|reading| reading + 1.0) => collect
    }
}

fn main() {}
