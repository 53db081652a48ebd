//! The output of a command: data on the standard output, all else on the standard error. A failed write never panics.
//!
//! ```text
//! a terminal   a table as wide as the terminal, colours
//! a pipe       label TAB value, one per line
//! --json       one object, or one per line
//! ```

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use clap::ColorChoice;
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use serde::Serialize;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::Global;
use crate::escape::{self, line};
use crate::failure::{Exit, Failure};
use crate::record::Record;

const STDOUT: &str = "the standard output cannot be written";

/// Colours with their ANSI numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Bold = 1,
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// The form of the output, from the options and the terminal.
pub(crate) struct Output {
    pub(crate) is_json: bool,
    /// Whether a person reads the output: both streams are a terminal, or `-v` was passed.
    pub(crate) is_watched: bool,
    pub(crate) shows_sensitive: bool,
    pub(crate) colours_errors: bool,
    colours: bool,
    is_terminal: bool,
    if_interrupted: RefCell<Result<Exit, Failure>>,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let (stdout, stderr) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let colours = |terminal| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        };
        Self {
            is_json: global.json,
            is_watched: (stdout && stderr) || global.verbose > 0,
            shows_sensitive: global.show_sensitive,
            colours_errors: colours(stderr),
            colours: colours(stdout),
            is_terminal: stdout,
            if_interrupted: RefCell::new(Err(Failure::new(Exit::Interrupted, "interrupted"))),
        }
    }

    /// Colours a text of the standard output, if colours are on.
    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        painted(self.colours, paint, text)
    }

    /// Prints a line of data.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        to_stdout(&format!("{text}\n"))
    }

    /// Prints a value as a line of JSON.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        self.line(&self.json_text(value)?)
    }

    /// Returns a value as JSON on one line.
    ///
    /// # Errors
    /// When it has no form in JSON.
    pub(crate) fn json_text(&self, value: &impl Serialize) -> Result<String, Failure> {
        escape::json(value).map_err(|error| Failure::io(STDOUT, &error))
    }

    /// Prints a record: JSON, a table, or a line for each value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn record(&self, title: &str, record: &Record) -> Result<(), Failure> {
        if self.is_json { self.json(record) } else { self.pairs(title, &record.rows()) }
    }

    /// Prints labels and values: a table, or one per line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn pairs(&self, title: &str, rows: &[(&str, String)]) -> Result<(), Failure> {
        if !self.is_terminal {
            let lines: Vec<_> = rows.iter().map(|(label, value)| format!("{label}\t{}", line(value))).collect();
            return self.line(&lines.join("\n"));
        }
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(width) = width() {
            table.set_width(width);
        }
        table.add_rows(rows.iter().map(|(label, value)| [(*label).to_owned(), line(value)]));
        self.line(&self.paint(Paint::Bold, title))?;
        self.line(&table.trim_fmt())
    }

    /// Prints names and values: one JSON object, or one line each in this form.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn each<'a>(
        &self,
        mut pairs: impl Iterator<Item = (&'a str, &'a str)>,
        form: fn(&str, &str) -> String,
    ) -> Result<(), Failure> {
        if self.is_json {
            // Not redacted, because `sandbox` prints credentials.
            let pairs = serde_json::to_string(&pairs.collect::<BTreeMap<_, _>>());
            return self.line(&pairs.map_err(|error| Failure::io(STDOUT, &error.into()))?);
        }
        pairs.try_for_each(|(name, value)| self.line(&form(name, value)))
    }

    /// Prints a line for people on the standard error.
    pub(crate) fn note(&self, text: &str) {
        to_stderr(&line(text));
    }

    /// Prints a line for programs on the standard error.
    pub(crate) fn json_note(&self, value: &impl Serialize) {
        to_stderr(&escape::json(value).unwrap_or_default());
    }

    /// Sets the advice that Ctrl-C prints from now on.
    pub(crate) fn when_interrupted(&self, next: impl Into<String>) {
        *self.if_interrupted.borrow_mut() = Err(Failure::new(Exit::Interrupted, "interrupted").next(next));
    }

    /// Makes Ctrl-C the normal end of the command.
    pub(crate) fn until_interrupted(&self) {
        *self.if_interrupted.borrow_mut() = Ok(Exit::Done);
    }

    /// Returns the result of the command after Ctrl-C.
    pub(crate) fn interrupted(&self) -> Result<Exit, Failure> {
        self.if_interrupted.replace(Ok(Exit::Done))
    }

    /// Prints the failure of the command, unless it ended because nobody reads its output. Returns its exit code.
    pub(crate) fn fail(&self, failure: &Failure) -> Exit {
        print_failure(failure, self.is_json, self.shows_sensitive, self.colours_errors)
    }
}

/// Prints a failure in its three lines, or as JSON, and returns its exit code.
pub(crate) fn print_failure(failure: &Failure, is_json: bool, shows_sensitive: bool, colours: bool) -> Exit {
    match failure.exit() {
        Exit::Done => {}
        _ if is_json => to_stderr(&escape::json(&failure.json(shows_sensitive)).unwrap_or_default()),
        _ => failure.lines(shows_sensitive).iter().for_each(|(label, text)| {
            let label = match *label {
                "error" => format!("{}: ", painted(colours, Paint::Red, label)),
                label => format!("{label:>7}: "),
            };
            to_stderr(&format!("{label}{}", line(text)));
        }),
    }
    failure.exit()
}

fn painted(wanted: bool, paint: Paint, text: &str) -> String {
    if wanted { format!("\x1b[{}m{text}\x1b[0m", paint as u8) } else { text.to_owned() }
}

/// The width from `COLUMNS`, else that of the terminal.
fn width() -> Option<u16> {
    let set = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    set.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0)).filter(|width| *width > 0)
}

/// # Errors
/// When it cannot be written.
pub(crate) fn to_stdout(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::io(STDOUT, &error))
}

/// Prints a line on the standard error. A closed standard error is ignored: there is nowhere to report it.
pub(crate) fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes tracing to the standard error: `-v` for the library, `-vv` also for connections of the HTTP stack. Neither has ids,
/// queries, headers or bodies; TRACE of the HTTP stack might.
pub(crate) fn log(verbose: u8, colours: bool) {
    let filter = match verbose {
        0 => return,
        1 => "cashfree_vkyc=debug",
        _ => "debug,cashfree_vkyc=trace",
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colours).without_time();
    let targets: Targets = filter.parse().unwrap_or_default();
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}

/// A progress bar with a known end: position, rate, and remaining time.
pub(crate) fn counting_bar(length: u64, done: u64) -> ProgressBar {
    let bar = bar(Some(length), "{bar:24} {pos}/{len}  {per_sec}  {eta} left  {msg}").with_position(done);
    bar.reset_eta();
    bar
}

/// A progress bar of bytes.
pub(crate) fn bytes_bar() -> ProgressBar {
    bar(None, "{bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left")
}

/// A line that shows how long the current state has lasted.
pub(crate) fn waiting_bar() -> ProgressBar {
    bar(None, "{spinner} {msg} {elapsed}")
}

/// Draws nothing in a pipe. A dropped bar leaves a clean line.
fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    let bar = bar.with_style(style).with_finish(ProgressFinish::AndClear);
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(250));
    }
    bar
}
