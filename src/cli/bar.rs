//! The progress bar.

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// A bar on stderr, of unknown length; it shows on a terminal only, and goes away at the end.
pub(super) fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} records, {eta} left")
        .expect("the template is constant");
    ProgressBar::new(0).with_style(style).with_finish(ProgressFinish::AndClear)
}
