//! A command that failed: its exit code, what happened, why, and what to do, for people and for programs.
//!
//! All errors of the library are converted here, so that the same error has the same exit code in every command.

use std::io;
use std::process::ExitCode;

use cashfree_vkyc::{
    ConfigError, Delivery, DownloadError, Error, ErrorCode, ErrorKind, FileError, FileStep, WatchError, WatchErrorKind,
};
use serde_json::{Value, json};

use crate::escape;

/// The exit code of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    #[default]
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Authentication = 4,
    RateLimited = 5,
    TimedOut = 6,
    NotPassed = 7,
    BadSignature = 8,
    Unknown = 9,
    Interrupted = 130,
}

impl Exit {
    /// Each with its word in JSON, which is used if Cashfree has no code for the error, and its meaning.
    const ALL: [(Self, &str, &str); 11] = [
        (Self::Done, "done", "done"),
        (Self::Failed, "failed", "failed"),
        (Self::Usage, "usage", "usage: an argument, an option or an input cannot be used"),
        (Self::NotFound, "not_found", "not found in this account and environment"),
        (Self::Authentication, "authentication", "authentication: keys, allow-list or second factor"),
        (Self::RateLimited, "rate_limited", "rate limited"),
        (Self::TimedOut, "timed_out", "timed out"),
        (Self::NotPassed, "not_passed", "final, but not known to have passed"),
        (Self::BadSignature, "signature_invalid", "signature invalid"),
        (Self::Unknown, "unknown", "it may have been carried out: ask for it before you send another"),
        (Self::Interrupted, "interrupted", "interrupted"),
    ];

    /// All of them, for `--help`.
    pub(crate) fn table() -> String {
        let lines = Self::ALL.iter().map(|(exit, _, meaning)| format!("\n  {:<5}{meaning}", *exit as u8));
        format!("Exit codes:{}", lines.collect::<String>())
    }

    fn code(self) -> &'static str {
        Self::ALL.iter().find(|(exit, ..)| *exit == self).map_or("failed", |(_, code, _)| code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that failed. With the exit code `Done` it is no failure and prints nothing: the reader of the output has gone.
#[derive(Debug)]
pub(crate) struct Failure(Box<Details>);

#[derive(Debug, Default)]
struct Details {
    exit: Exit,
    code: String,
    what: String,
    why: String,
    next: String,
    request_id: Option<String>,
    /// Cashfree's own message, which may repeat personal data that was sent.
    message: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self(Box::new(Details { exit, code: exit.code().to_owned(), what: what.into(), ..Details::default() }))
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    pub(crate) fn why(mut self, why: impl ToString) -> Self {
        self.0.why = why.to_string();
        self
    }

    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.0.next = next.into();
        self
    }

    /// Sets the word for programs, which is more specific than the exit code.
    pub(crate) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = code.into();
        self
    }

    /// Reading or writing failed. A closed pipe, as of `head`, is no failure.
    pub(crate) fn io(what: impl Into<String>, error: &io::Error) -> Self {
        let next = match error.kind() {
            io::ErrorKind::BrokenPipe => return Self::new(Exit::Done, what),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room, and run the command again",
            io::ErrorKind::PermissionDenied => "check who may use it",
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::AddrInUse => "choose another port, or leave it out for one that is free",
            _ => "",
        };
        Self::new(Exit::Failed, what).why(error).next(next)
    }

    /// An error of clap, from its text: what is wrong, perhaps details and tips, perhaps the usage.
    pub(crate) fn of_clap(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("For more"));
        let (usage, mut said): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("Usage: "));
        let what = said.drain(..said.len().min(1)).collect::<String>();
        let usage = usage.first().map(|usage| format!(" (usage: {})", usage.trim_start_matches("Usage: ")));
        let next = format!("see `cashfree-vkyc --help`{}", usage.unwrap_or_default());
        Self::usage(what.trim_start_matches("error: ").trim_end_matches(':')).why(said.join("; ")).next(next)
    }

    pub(crate) fn exit(&self) -> Exit {
        self.0.exit
    }

    /// The word for programs: Cashfree's code if there is one.
    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    /// The cause, with Cashfree's message or the option that shows it.
    pub(crate) fn reason(&self, shows_sensitive: bool) -> String {
        let Details { why, message, .. } = &*self.0;
        match message {
            Some(message) if shows_sensitive => format!("{why} (Cashfree says: {message})"),
            Some(_) => format!("{why} (what Cashfree says of it may be a customer's: --show-sensitive shows it)"),
            None => why.clone(),
        }
    }

    /// What happened, why, and what to do, each with its label. Empty ones are left out.
    pub(crate) fn lines(&self, shows_sensitive: bool) -> Vec<(&'static str, String)> {
        let mut why = self.reason(shows_sensitive);
        // A gateway can put any text into the header; `--json` has it unchanged.
        if let Some(id) = self.0.request_id.as_deref().map(escape::name).filter(|id| !self.0.why.contains(id)) {
            why += &format!(" (request id {id})");
        }
        let lines = [("error", self.0.what.clone()), ("why", why), ("next", self.0.next.clone())];
        lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }

    /// The error for programs.
    pub(crate) fn json(&self, shows_sensitive: bool) -> Value {
        let Details { code, what, next, request_id, .. } = &*self.0;
        let reason = self.reason(shows_sensitive);
        let message = if reason.is_empty() { what.clone() } else { format!("{what}: {reason}") };
        let next = (!next.is_empty()).then_some(next);
        json!({ "error": { "code": code, "message": message, "next": next, "request_id": request_id } })
    }

    /// A call that failed, with its purpose.
    pub(crate) fn call(what: impl Into<String>, error: &Error) -> Self {
        let ((exit, word, next), why) = (defaults(error), words_of(error));
        let code = error.code().filter(|code| code.is_known()).map_or(word, |code| code.as_str());
        let next = error.advice().map_or_else(|| next.to_owned(), for_here);
        let mut failure = Self::new(exit, what).with_code(code).next(next);
        let message = error.api().and_then(|api| Some(escape::short(api.message.as_ref()?.expose().trim())));
        failure.0.message = message.filter(|message| !why.contains(message.as_str()));
        failure.0.request_id = error.request_id().map(str::to_owned);
        failure.0.why = why;
        // It names the address of this machine, which the user must add to the allow-list and only Cashfree knows.
        let is_forbidden = error.http_status().is_some_and(|status| status == 403);
        if is_forbidden && error.code() == Some(&ErrorCode::IpValidationFailed) {
            failure.0.why = failure.reason(true);
            failure.0.message = None;
        }
        failure
    }
}

impl Failure {
    /// A write that failed. If nobody knows whether it was carried out, this is all that is said of it, with the way to find out.
    pub(crate) fn write(what: &str, may_have: &str, ask: impl Into<String>, error: &Error) -> Self {
        if error.delivery() != Delivery::Unknown {
            return Self::call(what, error);
        }
        let mut failure = Self::new(Exit::Unknown, may_have).why(words_of(error)).next(ask);
        failure.0.request_id = error.request_id().map(str::to_owned);
        failure
    }
}

/// The library's message without its advice, which has its own line, and without a hint for Rust programs.
fn words_of(error: &Error) -> String {
    let words = error.to_string().replace(WITHHELD, "");
    let advice = error.advice().unwrap_or_default();
    words.replacen(advice, "", 1).replace("  ", " ").trim_end().to_owned()
}

/// The library's text in place of Cashfree's message.
const WITHHELD: &str = " (Cashfree's message: see Error::api)";

/// Replaces names of the Rust API in the spec's advice by options and variables.
fn for_here(advice: &str) -> String {
    [
        ("set ClientBuilder::two_factor", "set CASHFREE_PUBLIC_KEY_PATH"),
        ("Set ClientBuilder::two_factor with", "Set CASHFREE_PUBLIC_KEY or CASHFREE_PUBLIC_KEY_PATH to"),
        ("Environment::Production", "--env production"),
        ("Environment::Sandbox", "--env sandbox"),
    ]
    .iter()
    .fold(advice.to_owned(), |text, (rust, here)| text.replace(rust, here))
}

/// The exit code, the word for programs if Cashfree has no code, and the next step if the spec has no advice.
fn defaults(error: &Error) -> (Exit, &'static str, &'static str) {
    const NETWORK: &str = "check --env, and see what `cashfree-vkyc doctor` says";
    const PROXY: &str = "see what stands between this machine and Cashfree: a proxy, a gateway, a cache";
    const DECODE: &str = "see whether a proxy answers in Cashfree's place; else report it with the request id";
    const OTHER: &str = "see what `cashfree-vkyc explain <CODE>` and `cashfree-vkyc doctor` say";
    let of_exit = |exit: Exit, next| (exit, exit.code(), next);
    match error.kind() {
        ErrorKind::Timeout => of_exit(Exit::TimedOut, "try again, or allow more with --timeout"),
        ErrorKind::RateLimited => of_exit(Exit::RateLimited, "wait a minute, and send fewer"),
        ErrorKind::InvalidRequest => of_exit(Exit::Usage, "correct what is named, and run the command again"),
        _ if error.is_not_found() => of_exit(Exit::NotFound, "check the id and --env; it may have yet to be initiated"),
        _ if error.is_authentication() => of_exit(Exit::Authentication, "see what `cashfree-vkyc doctor` says"),
        ErrorKind::Connect => (Exit::Failed, "connect", NETWORK),
        ErrorKind::Tls => (Exit::Failed, "tls", NETWORK),
        ErrorKind::Redirect => (Exit::Failed, "redirect", NETWORK),
        ErrorKind::Io => (Exit::Failed, "io", "try again in a while"),
        ErrorKind::TooLarge => (Exit::Failed, "too_large", OTHER),
        ErrorKind::Decode => (Exit::Failed, "decode", DECODE),
        ErrorKind::Mismatch => (Exit::Failed, "mismatch", PROXY),
        _ if error.is_conflict() => of_exit(Exit::Failed, "use another id, or ask for the one that is there"),
        _ if error.is_retryable() => of_exit(Exit::Failed, "try again in a while"),
        _ => of_exit(Exit::Failed, OTHER),
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let unusable = "this cannot be set up";
        let (exit, what, next) = match &error {
            ConfigError::VariablesMissing { .. } => (
                Exit::Authentication,
                "no credentials",
                "export them, or pass --credentials-file; `cashfree-vkyc sandbox` prints those of an offline stand-in",
            ),
            ConfigError::Value { .. } | ConfigError::File { .. } => {
                (Exit::Authentication, unusable, "set the variable anew, or correct the credentials file")
            }
            ConfigError::Url { .. } => {
                (Exit::Usage, unusable, "CASHFREE_ENVIRONMENT or --env is `sandbox`, `production` or a URL")
            }
            _ => (Exit::Usage, unusable, "see `cashfree-vkyc --help`"),
        };
        Self::new(exit, what).why(error).next(next)
    }
}

impl Failure {
    /// A watch that ended without what it waited for.
    pub(crate) fn watch(error: &WatchError) -> Self {
        match (error.kind(), error.error()) {
            (WatchErrorKind::ExceededMaxWait, _) => Self::new(Exit::TimedOut, "it did not end in the time allowed")
                .why(error)
                .next("watch it again; the id is all that is needed"),
            (_, Some(call)) => Self::call("the verification cannot be watched", call),
            _ => Self::new(Exit::Failed, "the verification cannot be watched").why(error),
        }
    }

    /// An output file that failed. One that cannot be used is a usage error.
    pub(crate) fn file(error: &FileError) -> Self {
        match error.step {
            FileStep::Write | FileStep::Complete => Self::io("the output cannot be written", &error.source).why(error),
            _ => Self::usage("the output cannot be used").why(error),
        }
    }

    /// A download that failed.
    pub(crate) fn download(error: &DownloadError) -> Self {
        let what = "the recording was not downloaded";
        let is_timeout = matches!(error, DownloadError::Timeout { .. });
        let failure = Self::new(if is_timeout { Exit::TimedOut } else { Exit::Failed }, what).why(error);
        match error {
            DownloadError::Status(call) => Self::call(what, call),
            DownloadError::Write(error) => Self::io("the recording cannot be written", error),
            DownloadError::File(error) => Self::file(error),
            DownloadError::Timeout { .. } | DownloadError::Interrupted(_) => {
                failure.next("run the command again: it goes on where it broke off")
            }
            _ => failure,
        }
    }
}
