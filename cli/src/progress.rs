//! Progress on the standard error, for those who look at it: in a pipe, nothing is drawn. Dropping it leaves a clean line.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// Counts towards a known end: how far, how fast, how long it will take.
pub(crate) fn counting(length: u64, done: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    bar.set_style(style("{bar:24} {pos}/{len}  {per_sec}  {eta} left  {msg}"));
    bar.set_position(done);
    bar.reset_eta();
    lively(bar)
}

/// Counts bytes.
pub(crate) fn bytes() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style("{bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left"));
    lively(bar)
}

/// Waits for what nobody knows the time of.
pub(crate) fn waiting() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style("{spinner} {msg}"));
    lively(bar)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn lively(bar: ProgressBar) -> ProgressBar {
    let bar = bar.with_finish(ProgressFinish::AndClear);
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(250));
    }
    bar
}
