//! A failed command: its exit code, what failed, why, and what to do, for people and for programs.
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
    /// Each with its meaning, and with its code in JSON, for errors without a code of Cashfree's.
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
        (Self::Unknown, "unknown", "it may have been carried out: check before you send another"),
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

/// A failed command. With the exit code `Done` it is not a failure and prints nothing: the reader of the output has gone.
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
    /// Cashfree's own message, which may repeat personal data from the request.
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

    /// Sets the code for programs, which is more specific than the exit code.
    pub(crate) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = code.into();
        self
    }

    /// A failed read or write. A closed pipe, such as that of `head`, is not a failure.
    pub(crate) fn io(what: impl Into<String>, error: &io::Error) -> Self {
        let next = match error.kind() {
            io::ErrorKind::BrokenPipe => return Self::new(Exit::Done, what),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, and run the command again",
            io::ErrorKind::PermissionDenied => "check the permissions",
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::AddrInUse => "choose another port, or omit --port to get a free one",
            _ => "",
        };
        Self::new(Exit::Failed, what).why(error).next(next)
    }

    /// An error of clap, from its text: the problem, perhaps details and tips, perhaps the usage.
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

    /// The code for programs: Cashfree's if there is one.
    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    /// The cause, with Cashfree's message or the option that shows it.
    pub(crate) fn reason(&self, shows_sensitive: bool) -> String {
        let Details { why, message, .. } = &*self.0;
        match message {
            Some(message) if shows_sensitive => format!("{why} (Cashfree says: {message})"),
            Some(_) => format!("{why} (Cashfree's message may contain personal data: --show-sensitive shows it)"),
            None => why.clone(),
        }
    }

    /// The failure, its cause and the advice, each with its label. Empty ones are left out.
    pub(crate) fn lines(&self, shows_sensitive: bool) -> Vec<(&'static str, String)> {
        let mut why = self.reason(shows_sensitive);
        // A gateway can put any text into the header. `--json` has it unchanged.
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

    /// A failed call, with its purpose.
    pub(crate) fn call(what: impl Into<String>, error: &Error) -> Self {
        let ((exit, word, next), why) = (defaults(error), words_of(error));
        let code = error.code().filter(|code| code.is_known()).map_or(word, |code| code.as_str());
        let next = error.advice().map_or_else(|| next.to_owned(), for_here);
        let mut failure = Self::new(exit, what).with_code(code).next(next);
        let message = error.api().and_then(|api| Some(escape::short(api.message.as_ref()?.expose().trim())));
        failure.0.message = message.filter(|message| !why.contains(message.as_str()));
        failure.0.request_id = error.request_id().map(str::to_owned);
        failure.0.why = why;
        // This message has the address of this machine for the allow-list. Only Cashfree knows it.
        let is_forbidden = error.http_status().is_some_and(|status| status == 403);
        if is_forbidden && error.code() == Some(&ErrorCode::IpValidationFailed) {
            failure.0.why = failure.reason(true);
            failure.0.message = None;
        }
        failure
    }
}

impl Failure {
    /// A failed write. If it may have been carried out, the message says only this, and the advice is how to find out.
    pub(crate) fn write(what: &str, may_have: &str, ask: impl Into<String>, error: &Error) -> Self {
        if error.delivery() != Delivery::Unknown {
            return Self::call(what, error);
        }
        let mut failure = Self::new(Exit::Unknown, may_have).why(words_of(error)).next(ask);
        failure.0.request_id = error.request_id().map(str::to_owned);
        failure
    }
}

/// The library's message, without a hint for Rust programs, and without its advice, which has its own line.
fn words_of(error: &Error) -> String {
    let words = error.to_string().replace(WITHHELD, "");
    let advice = error.advice().unwrap_or_default();
    words.replacen(advice, "", 1).replace("  ", " ").trim_end().to_owned()
}

/// The library's text in place of Cashfree's message.
const WITHHELD: &str = " (Cashfree's message: see Error::api)";

/// Replaces names of the Rust API in the spec's advice with options and variables.
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

/// The exit code, the code for programs if Cashfree has none, and the next step if the spec has no advice.
fn defaults(error: &Error) -> (Exit, &'static str, &'static str) {
    const NETWORK: &str = "check --env, and run `cashfree-vkyc doctor`";
    const PROXY: &str = "check the proxies, gateways and caches between this machine and Cashfree";
    const DECODE: &str = "check whether a proxy responds instead of Cashfree; if not, report it with the request id";
    const OTHER: &str = "run `cashfree-vkyc explain <CODE>` and `cashfree-vkyc doctor`";
    let of_exit = |exit: Exit, next| (exit, exit.code(), next);
    match error.kind() {
        ErrorKind::Timeout => of_exit(Exit::TimedOut, "try again, or allow more with --timeout"),
        ErrorKind::RateLimited => of_exit(Exit::RateLimited, "wait a minute, and send fewer requests"),
        ErrorKind::InvalidRequest => of_exit(Exit::Usage, "correct the named value, and run the command again"),
        _ if error.is_not_found() => of_exit(Exit::NotFound, "check the id and --env; it may not exist yet"),
        _ if error.is_authentication() => of_exit(Exit::Authentication, "run `cashfree-vkyc doctor`"),
        ErrorKind::Connect => (Exit::Failed, "connect", NETWORK),
        ErrorKind::Tls => (Exit::Failed, "tls", NETWORK),
        ErrorKind::Redirect => (Exit::Failed, "redirect", NETWORK),
        ErrorKind::Io => (Exit::Failed, "io", "try again later"),
        ErrorKind::TooLarge => (Exit::Failed, "too_large", OTHER),
        ErrorKind::Decode => (Exit::Failed, "decode", DECODE),
        ErrorKind::Mismatch => (Exit::Failed, "mismatch", PROXY),
        _ if error.is_conflict() => of_exit(Exit::Failed, "use another id, or fetch the existing one"),
        _ if error.is_retryable() => of_exit(Exit::Failed, "try again later"),
        _ => of_exit(Exit::Failed, OTHER),
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let unusable = "a setting cannot be used";
        let (exit, what, next) = match &error {
            ConfigError::VariablesMissing { .. } => (
                Exit::Authentication,
                "there are no credentials",
                "export them, or pass --credentials-file; to work offline, `cashfree-vkyc sandbox` prints some",
            ),
            ConfigError::Value { .. } | ConfigError::File { .. } => {
                (Exit::Authentication, unusable, "correct the variable or the credentials file")
            }
            ConfigError::Url { .. } => {
                (Exit::Usage, unusable, "set CASHFREE_ENVIRONMENT or --env to `sandbox`, `production` or a URL")
            }
            _ => (Exit::Usage, unusable, "see `cashfree-vkyc --help`"),
        };
        Self::new(exit, what).why(error).next(next)
    }
}

impl Failure {
    /// A watch that failed or ran out of time.
    pub(crate) fn watch(error: &WatchError) -> Self {
        match (error.kind(), error.error()) {
            (WatchErrorKind::ExceededMaxWait, _) => Self::new(Exit::TimedOut, "the verification did not end in time")
                .why(error)
                .next("run the same command again, or allow more with --max-wait"),
            (_, Some(call)) => Self::call("the verification cannot be watched", call),
            _ => Self::new(Exit::Failed, "the verification cannot be watched").why(error),
        }
    }

    /// A failed output file. If it cannot be used at all, this is a usage error.
    pub(crate) fn file(error: &FileError) -> Self {
        match error.step {
            FileStep::Write | FileStep::Complete => Self::io("the output cannot be written", &error.source).why(error),
            _ => Self::usage("the output cannot be used").why(error),
        }
    }

    /// A failed download.
    pub(crate) fn download(error: &DownloadError) -> Self {
        let what = "the recording was not downloaded";
        let is_timeout = matches!(error, DownloadError::Timeout { .. });
        let failure = Self::new(if is_timeout { Exit::TimedOut } else { Exit::Failed }, what).why(error);
        match error {
            DownloadError::Status(call) => Self::call(what, call),
            DownloadError::Write(error) => Self::io("the recording cannot be written", error),
            DownloadError::File(error) => Self::file(error),
            DownloadError::Timeout { .. } | DownloadError::Interrupted(_) => {
                failure.next("run the same command again: it resumes the download")
            }
            _ => failure,
        }
    }
}
