//! What a command says: data on the standard output, all else on the standard error, and neither ever panics.
//!
//! ```text
//! a terminal   a table as wide as the terminal, colours
//! a pipe       label TAB value, a line each
//! --json       one object, or one a line
//! ```

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::args::{Colour, Global};
use crate::escape::{self, line};
use crate::failure::Failure;

const STDOUT: &str = "the standard output cannot be written";

/// Colours by their number among the ANSI ones.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Bold = 1,
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// Where a command speaks to, and how.
pub(crate) struct Output {
    json: bool,
    terminal: bool,
    looked_at: bool,
    colours: [bool; 2],
    width: Option<u16>,
    show_sensitive: bool,
    if_interrupted: RefCell<Interruption>,
}

/// What an interruption is to the command that runs.
#[derive(Clone, Default)]
pub(crate) enum Interruption {
    #[default]
    Plain,
    /// With something to do about it.
    Resumable(String),
    /// The way in which it ends.
    Expected,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let colours = |terminal: bool| match global.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        let terminal = io::stdout().is_terminal();
        Self {
            json: global.json,
            terminal,
            looked_at: (terminal && io::stderr().is_terminal()) || global.verbose > 0,
            colours: [colours(terminal), colours(io::stderr().is_terminal())],
            width: terminal.then(width).flatten(),
            show_sensitive: global.show_sensitive,
            if_interrupted: RefCell::default(),
        }
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether somebody looks on, and not a script: both streams are a terminal, or `-v` says so.
    pub(crate) const fn is_looked_at(&self) -> bool {
        self.looked_at
    }

    pub(crate) const fn shows_sensitive(&self) -> bool {
        self.show_sensitive
    }

    pub(crate) const fn colours_errors(&self) -> bool {
        let [_, errors] = self.colours;
        errors
    }

    /// Text in a colour, where colours are wanted.
    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        let [colours, _] = self.colours;
        painted(colours, paint, text)
    }

    /// A line of data.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| Failure::writing(STDOUT, &error))
    }

    /// A line of data for programs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = escape::json(value).map_err(|error| Failure::io(STDOUT, &error.into()))?;
        self.line(&text)
    }

    /// Labels and values: a table, or a line each.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn pairs(&self, title: &str, rows: &[(&str, String)]) -> Result<(), Failure> {
        if !self.terminal {
            let lines: Vec<_> = rows.iter().map(|(label, value)| format!("{label}\t{}", line(value))).collect();
            return self.line(&lines.join("\n"));
        }
        self.line(&self.paint(Paint::Bold, title))?;
        let mut table = self.table();
        for (label, value) in rows {
            table.add_row([*label, &line(value)]);
        }
        self.line(&table.trim_fmt())
    }

    /// Columns with a head: a table, or values with tabs between them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn columns<const N: usize>(&self, head: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
        if !self.terminal {
            let lines: Vec<_> = rows.iter().map(|row| row.join("\t")).collect();
            return self.line(&lines.join("\n"));
        }
        let mut table = self.table();
        table.set_header(head);
        table.add_rows(rows);
        self.line(&table.trim_fmt())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(width) = self.width {
            table.set_width(width);
        }
        table
    }

    /// A line for people, on the standard error.
    pub(crate) fn note(&self, text: &str) {
        to_stderr(&line(text));
    }

    /// A line for programs, on the standard error.
    pub(crate) fn json_note(&self, value: &impl Serialize) {
        if let Ok(text) = escape::json(value) {
            to_stderr(&text);
        }
    }

    /// A question, whose answer stands on the same line.
    pub(crate) fn ask(&self, text: &str) {
        let _ = write!(io::stderr().lock(), "{text}");
    }

    /// What to say to whoever interrupts from here on.
    pub(crate) fn when_interrupted(&self, text: impl Into<String>) {
        *self.if_interrupted.borrow_mut() = Interruption::Resumable(text.into());
    }

    /// From here on, interrupting is how it ends.
    pub(crate) fn until_interrupted(&self) {
        *self.if_interrupted.borrow_mut() = Interruption::Expected;
    }

    pub(crate) fn if_interrupted(&self) -> Interruption {
        self.if_interrupted.borrow().clone()
    }

    /// # Errors
    /// When what was written before cannot be.
    pub(crate) fn flush(&self) -> Result<(), Failure> {
        io::stdout().lock().flush().map_err(|error| Failure::writing(STDOUT, &error))
    }

    /// Says why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        if self.json {
            return to_stderr(&failure.to_json());
        }
        for (label, text) in failure.lines() {
            let label = if label == "error" {
                format!("{}: ", painted(self.colours_errors(), Paint::Red, label))
            } else {
                format!("{label:>7}: ")
            };
            to_stderr(&format!("{label}{}", line(&text)));
        }
    }
}

fn painted(wanted: bool, paint: Paint, text: &str) -> String {
    if wanted { format!("\x1b[{}m{text}\x1b[0m", paint as u8) } else { text.to_owned() }
}

/// As wide as `COLUMNS` says, or the terminal.
fn width() -> Option<u16> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    said.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0)).filter(|width| *width > 0)
}

/// # Errors
/// When it cannot be written.
pub(crate) fn to_stdout(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(|error| Failure::writing(STDOUT, &error))
}

/// Where nobody listens on the standard error, there is nobody to tell.
pub(crate) fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tracing on the standard error: `-v` what the library does, `-vv` also what the HTTP stack below it says of connections. Neither
/// has ids, queries, headers or bodies; TRACE of that stack might.
pub(crate) fn log(verbose: u8, colours: bool) {
    let filter = match verbose {
        0 => return,
        1 => Targets::new().with_target("cashfree_vkyc", LevelFilter::DEBUG),
        _ => Targets::new().with_default(LevelFilter::DEBUG).with_target("cashfree_vkyc", LevelFilter::TRACE),
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colours).without_time();
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
}
