//! A stage of your own, and its tests.
//!
//! ```text
//! cargo run --example custom_stage
//! ```

use std::io::{self, Write};

use syncline::prelude::*;

/// A stage that emits the mean of every `size` numbers, and of the remaining numbers at the end.
///
/// * Shape: one mean for `size` numbers.
/// * Memory: a sum and a count.
/// * End: emits the mean of the held numbers. Error: the held numbers are lost.
#[derive(Debug)]
struct Mean {
    size: u32,
    sum: f64,
    count: u32,
}

impl Mean {
    fn of(size: u32) -> Self {
        Self { size, sum: 0.0, count: 0 }
    }

    fn emit_mean(&mut self, out: &mut impl Emit<f64>) -> Result<(), Halt> {
        let mean = self.sum / f64::from(self.count);
        (self.sum, self.count) = (0.0, 0);
        out.emit(mean)
    }
}

impl Stage for Mean {
    type In = f64;
    type Out = f64;

    fn push(&mut self, number: f64, out: &mut impl Emit<f64>) -> Result<(), Halt> {
        if !number.is_finite() {
            // An error ends the run. The run's error names this stage and this number.
            return Err(Failure::new("the mean needs finite numbers").at(number).into());
        }
        self.sum += number;
        self.count += 1;
        if self.count >= self.size { self.emit_mean(out) } else { Ok(()) }
    }

    fn finish(&mut self, out: &mut impl Emit<f64>) -> Result<(), Halt> {
        if self.count > 0 { self.emit_mean(out) } else { Ok(()) }
    }
}

syncline::pipeline! {
    /// The means of every three temperatures.
    Means(temperatures: Vec<f64>) -> Vec<f64> {
        from_iter(temperatures) => Mean::of(3) => Collect::new()
    }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let means = Means::run(vec![19.5, 20.0, 20.5, 30.0])?.output;
    writeln!(out, "means: {means:?}")?;

    if let Err(error) = Means::run(vec![19.5, f64::NAN]) {
        writeln!(out, "error: {error}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use syncline::testing::{Ending, Probe, Script, fail_at_each_chunk};
    use syncline::{Collect, Pipeline};

    use super::Mean;

    #[test]
    fn the_rest_is_emitted_at_the_end_and_idling_is_not_the_end() {
        let source = Script::new().items([1.0, 2.0]).idle().items([3.0, 10.0]);
        let outcome = Pipeline::new("test", source).pipe(Mean::of(3)).end(Collect::new()).run().unwrap();
        assert_eq!(outcome.output, [2.0, 10.0]);
    }

    #[test]
    fn held_numbers_are_lost_on_an_error() {
        let probe = Probe::new();
        let seen = probe.seen();
        let source = Script::new().items([1.0, 2.0, 3.0, 4.0]).fail("the sensor fell off");
        Pipeline::new("test", source).pipe(Mean::of(3)).end(probe).run().unwrap_err();
        assert_eq!((seen.items(), seen.ending()), (vec![2.0], Ending::Dropped));
    }

    #[test]
    fn a_run_that_failed_at_any_point_can_be_restarted() {
        let points = fail_at_each_chunk(
            Vec::new,
            |means, fault| {
                let source = fault.source(Script::new().one_by_one([1.0, 2.0, 3.0, 4.0]));
                means.extend(
                    Pipeline::new("test", source).pipe(Mean::of(2)).end(Collect::new()).run()?.output,
                );
                Ok(())
            },
            Vec::clone,
        );
        assert_eq!(points, 5);
    }
}
