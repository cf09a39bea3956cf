//! A progress bar on a terminal.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState, ProgressStyle};

use crate::io::BytesRead;
use crate::run::{Observer, RunEnd};

/// A progress bar on stderr, drawn by the crate `indicatif`. It observes a run. With the feature `indicatif`.
///
/// ```
/// use syncline::{Bar, Collect, Pipeline, RunOptions, from_iter};
///
/// let bar = Bar::new("numbers");
/// let options = RunOptions::new().observed_by(&bar);
/// Pipeline::new("numbers", from_iter(0..1000)).end(Collect::new()).run_with(options)?;
/// # Ok::<(), syncline::Error>(())
/// ```
///
/// Over a file, whose number of items is unknown before it is read, [`over`](Bar::over) shows its bytes.
///
/// * Running: items done and to do, items a second, and the time that is left. A spinner if the total is not known.
/// * Finished: the bar disappears, or is replaced by one line after [`keep`](Bar::keep).
/// * Cancelled or failed: one line stays, with the outcome and the number of items. It has no bar and no percentage, because
///   a run can read all of its items and still make none of them durable.
/// * Nothing is drawn if stderr is not a terminal.
#[must_use = "a bar shows what it is told as an observer"]
pub struct Bar {
    drawn: ProgressBar,
    noun: &'static str,
    keep: bool,
    /// The bytes of the file that the run reads, and the number of its items so far.
    bytes: Option<(BytesRead, Arc<AtomicU64>)>,
}

/// The interval at which a spinner turns while no item arrives.
const TURN: Duration = Duration::from_millis(100);

impl Bar {
    /// Makes a bar. `noun` is the plural name of the items, such as `"records"`.
    pub fn new(noun: &'static str) -> Self {
        Self::of(ProgressBar::no_length(), noun)
    }

    /// Uses an existing bar of `indicatif`, for example one on another stream or of a `MultiProgress`. Its style is replaced.
    ///
    /// `noun` is the plural name of the items.
    pub fn of(bar: ProgressBar, noun: &'static str) -> Self {
        // A bar that is dropped during a run, by a panic, stays on the screen.
        Self { drawn: bar.with_finish(ProgressFinish::Abandon), noun, keep: false, bytes: None }
    }

    /// Leaves a line with the number of items and the time after a run that finished.
    pub fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// Shows the bytes that are read of a file: the part of its size, and the time that is left at the present rate.
    ///
    /// ```no_run
    /// use syncline::io::{lines, open_counted};
    /// use syncline::prelude::*;
    /// use syncline::{Bar, RunOptions};
    ///
    /// let file = open_counted("words.txt")?;
    /// let bar = Bar::new("words").over(&file.get_ref().progress());
    /// Pipeline::new("words", lines(file)).count().run_with(RunOptions::new().observed_by(&bar))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over(mut self, bytes: &BytesRead) -> Self {
        self.bytes = Some((bytes.clone(), Arc::default()));
        self
    }

    fn style(&self, template: &str) {
        let noun = self.noun.replace('{', "{{").replace('}', "}}");
        let template = template.replace("{noun}", &noun);
        let mut style = ProgressStyle::with_template(&template).expect("the templates are constant");
        if let Some((_, items)) = &self.bytes {
            let items = Arc::clone(items);
            style = style.with_key("items", move |_: &ProgressState, out: &mut dyn fmt::Write| {
                let _ = write!(out, "{}", HumanCount(items.load(Ordering::Relaxed)));
            });
        }
        self.drawn.set_style(style.with_key("rate", rate));
    }

    /// Replaces the bar by a line that begins with the outcome, `what`.
    fn leave(&self, what: &str) {
        if self.bytes.is_some() {
            let of = self.drawn.length().map_or("", |_| " of {total_bytes}");
            self.style(&format!("{what} {{items}} {{noun}}, {{bytes}}{of}, {{elapsed}}"));
            return self.drawn.abandon();
        }
        let of = self.drawn.length().map_or("", |_| " of {human_len}");
        self.style(&format!("{what} {{human_pos}}{of} {{noun}}, {{elapsed}}"));
        self.drawn.abandon();
    }

    fn begin(&self, total: Option<u64>) {
        if let Some((bytes, items)) = &self.bytes {
            items.store(0, Ordering::Relaxed);
            if let Some(total) = bytes.total() {
                self.drawn.set_length(total);
                self.style(
                    "{bar:20} {percent:>3} % {bytes} of {total_bytes}, {items} {noun}, {bytes_per_sec}, {eta} left",
                );
            } else {
                self.style("{spinner} {bytes}, {items} {noun}, {bytes_per_sec}");
                self.drawn.enable_steady_tick(TURN);
            }
        } else if let Some(total) = total {
            self.drawn.set_length(total);
            self.style("{bar:30} {percent:>3} % {human_pos} of {human_len} {noun}, {rate}, {eta} left");
        } else {
            self.style("{spinner} {human_pos} {noun}, {rate}");
            self.drawn.enable_steady_tick(TURN);
        }
        self.drawn.reset();
    }

    fn step(&self, items: u64) {
        let Some((bytes, so_far)) = &self.bytes else { return self.drawn.inc(items) };
        so_far.fetch_add(items, Ordering::Relaxed);
        let read = bytes.read();
        // A file may grow while it is read.
        if self.drawn.length().is_some_and(|total| total < read) {
            self.drawn.set_length(read);
        }
        self.drawn.set_position(read);
    }

    fn finish(&self, end: RunEnd) {
        self.drawn.disable_steady_tick();
        match end {
            RunEnd::Finished if self.keep && self.bytes.is_some() => {
                self.step(0);
                self.style("{items} {noun} in {elapsed}, {bytes}, {bytes_per_sec}");
                self.drawn.abandon();
            }
            RunEnd::Finished if self.keep => {
                self.style("{human_pos} {noun} in {elapsed}, {rate}");
                self.drawn.abandon();
            }
            RunEnd::Finished => self.drawn.finish_and_clear(),
            RunEnd::Cancelled => self.leave("cancelled after"),
            RunEnd::Failed => self.leave("failed after"),
        }
    }
}

/// Writes the rate as whole items a second.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // A terminal that takes no text cannot show an error either.
    let _ = write!(out, "{:.0}/s", state.per_sec());
}

impl Observer for Bar {
    fn start(&mut self, total: Option<u64>) {
        self.begin(total);
    }

    fn advance(&mut self, items: u64) {
        self.step(items);
    }

    fn end(&mut self, end: RunEnd) {
        self.finish(end);
    }
}

/// Observes through a reference, so that the bar can be read after the run.
impl Observer for &Bar {
    fn start(&mut self, total: Option<u64>) {
        self.begin(total);
    }

    fn advance(&mut self, items: u64) {
        self.step(items);
    }

    fn end(&mut self, end: RunEnd) {
        self.finish(end);
    }
}

impl fmt::Debug for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bar").field("position", &self.drawn.position()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressBar, ProgressDrawTarget};

    use super::Bar;
    use crate::io::{counted, lines};
    use crate::testing::{Probe, Script};
    use crate::{CancelToken, Collect, Error, Pipeline, RunOptions, from_iter};

    /// The content of a terminal of 80 columns after `run`.
    fn shown(keep: bool, run: impl FnOnce(RunOptions<'_>) -> Result<(), Error>) -> String {
        let terminal = InMemoryTerm::new(10, 80);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let bar = Bar::of(ProgressBar::with_draw_target(None, target), "records");
        let bar = if keep { bar.keep() } else { bar };
        let _ = run(RunOptions::new().observed_by(&bar));
        terminal.contents()
    }

    #[test]
    fn a_finished_one_goes_away_or_says_what_was_done() {
        let run = |options: RunOptions<'_>| {
            Pipeline::new("n", from_iter(0..1695)).end(Collect::new()).run_with(options).map(drop)
        };
        assert_eq!(shown(false, run), "");
        let kept = shown(true, run);
        assert!(kept.starts_with("1,695 records in "), "{kept}");
    }

    #[test]
    fn one_that_failed_at_the_very_end_does_not_look_finished() {
        let left = shown(true, |options| {
            let probe = Probe::new().fail_at_end();
            Pipeline::new("n", from_iter(0..1695)).end(probe).run_with(options).map(drop)
        });
        assert!(left.starts_with("failed after 1,695 of 1,695 records, "), "{left}");
        assert!(!left.contains('%') && !left.contains('\u{2588}'), "{left}");
    }

    #[test]
    fn one_of_unknown_length_says_how_far_it_came() {
        let left = shown(false, |options| {
            let script = Script::new().items([1, 2]).idle().items([3]).fail("the cable was pulled");
            Pipeline::new("n", script).end(Collect::new()).run_with(options).map(drop)
        });
        assert!(left.starts_with("failed after 3 records, "), "{left}");
    }

    #[test]
    fn one_that_was_cancelled_says_so() {
        let token = CancelToken::new();
        let left = shown(false, |options| {
            let endless = Pipeline::new("n", from_iter(0..)).inspect(|_| token.cancel());
            endless.end(Collect::new()).run_with(options.cancelled_by(&token)).map(drop)
        });
        assert!(left.starts_with("cancelled after 1 records, "), "{left}");
    }

    #[test]
    fn one_over_a_file_shows_its_bytes() {
        let text = "0123456789abcde\n".repeat(1024);
        let terminal = InMemoryTerm::new(10, 120);
        for total in [Some(text.len() as u64), None, Some(100)] {
            let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
            let file = counted(text.as_bytes());
            let file = if let Some(total) = total { file.of(total) } else { file };
            let bar =
                Bar::of(ProgressBar::with_draw_target(None, target), "lines").over(&file.progress()).keep();
            let mut middle = String::new();
            Pipeline::new("n", lines(file))
                .scan(0, |n, _| {
                    *n += 1;
                    if *n == 600 {
                        bar.drawn.force_draw();
                        middle = terminal.contents();
                    }
                })
                .end(Collect::new())
                .run_with(RunOptions::new().observed_by(&bar))
                .unwrap();
            // The number of lines in a chunk depends on the time that they take.
            let expected = match total {
                Some(100) => "100 % ",
                Some(_) => " KiB of 16.00 KiB, ",
                None => " KiB, ",
            };
            assert!(middle.contains(expected) && middle.contains(" lines, "), "{middle}");
            assert!(middle.contains("/s"), "{middle}");
            let kept = terminal.contents();
            assert!(kept.contains("1,024 lines in ") && kept.contains(", 16.00 KiB, "), "{kept}");
        }
        let file = counted(text.as_bytes()).of(text.len() as u64);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let bar = Bar::of(ProgressBar::with_draw_target(None, target), "lines").over(&file.progress());
        let fails = Pipeline::new("n", lines(file)).scan(0, |n, _| {
            *n += 1;
            *n
        });
        let fails = fails.try_map(|n| if n == 700 { Err("no".into()) } else { Ok(n) });
        assert!(fails.count().run_with(RunOptions::new().observed_by(&bar)).is_err());
        let left = terminal.contents();
        assert!(left.contains("failed after 700 lines, ") && left.contains(" of 16.00 KiB, "), "{left}");
    }

    /// Reads the terminal in the middle of a run.
    #[test]
    fn a_running_one_shows_rate_and_total() {
        let terminal = InMemoryTerm::new(10, 80);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let bar = Bar::of(ProgressBar::with_draw_target(None, target), "records");
        let mut middle = String::new();
        Pipeline::new("n", from_iter(0..1024))
            .inspect(|n| {
                if *n == 600 {
                    bar.drawn.force_draw();
                    middle = terminal.contents();
                }
            })
            .end(Collect::new())
            .run_with(RunOptions::new().observed_by(&bar))
            .unwrap();
        assert!(middle.contains(" of 1,024 records, "), "{middle}");
        assert!(middle.contains("/s, "), "{middle}");
    }
}
