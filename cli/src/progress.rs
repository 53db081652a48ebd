//! Progress on the standard error. Nothing is drawn in a pipe, and a dropped bar leaves a clean line.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// Counts towards a known number: position, rate, and the time that is left.
pub(crate) fn counting(length: u64, done: u64) -> ProgressBar {
    let bar = bar(Some(length), "{bar:24} {pos}/{len}  {per_sec}  {eta} left  {msg}").with_position(done);
    bar.reset_eta();
    bar
}

/// Counts bytes.
pub(crate) fn bytes() -> ProgressBar {
    bar(None, "{bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left")
}

/// Shows for how long the current state has lasted.
pub(crate) fn waiting() -> ProgressBar {
    bar(None, "{spinner} {msg} {elapsed}")
}

fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let bar = bar.with_style(style).with_finish(ProgressFinish::AndClear);
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(250));
    }
    bar
}
