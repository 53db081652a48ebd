//! Why a command did not do what it was asked for: its exit code, and what, why and what to do, for people and for programs.
//!
//! The library's errors come in here and nowhere else, so that the same thing has the same code in every command.

use std::io;
use std::process::ExitCode;

use cashfree_vkyc::{ConfigError, DownloadError, Error, ErrorCode, ErrorKind, WatchError, WatchErrorKind};

use crate::escape;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    NotFound = 3,
    Authentication = 4,
    RateLimited = 5,
    TimedOut = 6,
    NotPassed = 7,
    BadSignature = 8,
    Interrupted = 130,
}

impl Exit {
    const ALL: [(Self, &str); 10] = [
        (Self::Done, "done"),
        (Self::Failed, "failed"),
        (Self::Usage, "usage: an argument, an option or an input cannot be used"),
        (Self::NotFound, "not found in this account and environment"),
        (Self::Authentication, "authentication: keys, allow-list or second factor"),
        (Self::RateLimited, "rate limited"),
        (Self::TimedOut, "timed out"),
        (Self::NotPassed, "final, but not known to have passed"),
        (Self::BadSignature, "signature invalid"),
        (Self::Interrupted, "interrupted"),
    ];

    /// All of them, for `--help`.
    pub(crate) fn table() -> String {
        let lines = Self::ALL.iter().map(|(exit, words)| format!("\n  {:<5}{words}", *exit as u8));
        format!("Exit codes:{}", lines.collect::<String>())
    }

    /// The word for it in JSON, where there is none of Cashfree's.
    const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Authentication => "authentication",
            Self::RateLimited => "rate_limited",
            Self::TimedOut => "timed_out",
            Self::NotPassed => "not_passed",
            Self::BadSignature => "signature_invalid",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure(Box<Told>);

#[derive(Debug)]
struct Told {
    exit: Exit,
    code: String,
    what: String,
    why: String,
    next: String,
    request_id: Option<String>,
    /// Cashfree's own sentence, which may repeat what was sent; and whether it is shown.
    said: Option<(String, bool)>,
    /// Nobody listens any more, which is no fault.
    silent: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        let (what, code) = (what.into(), exit.code().to_owned());
        let (why, next) = (String::new(), String::new());
        Self(Box::new(Told { exit, code, what, why, next, request_id: None, said: None, silent: false }))
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

    /// A word for programs that says more than the exit code.
    pub(crate) fn code(mut self, code: impl Into<String>) -> Self {
        self.0.code = code.into();
        self
    }

    /// The reader of our output has gone, as `head` does.
    pub(crate) fn closed_pipe() -> Self {
        let mut failure = Self::new(Exit::Done, "the output was closed");
        failure.0.silent = true;
        failure
    }

    /// Writing the results failed.
    pub(crate) fn writing(what: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::closed_pipe() } else { Self::io(what, error) }
    }

    pub(crate) fn io(what: impl Into<String>, error: &io::Error) -> Self {
        let next = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room, and run the command again",
            io::ErrorKind::PermissionDenied => "check who may use it",
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::AddrInUse => "choose another port, or leave it out for one that is free",
            _ => "",
        };
        Self::new(Exit::Failed, what).why(error).next(next)
    }

    pub(crate) fn of_clap(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        Self::usage(what).next("see `cashfree-vkyc --help`")
    }

    pub(crate) fn exit(&self) -> Exit {
        self.0.exit
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.0.silent
    }

    /// Shows Cashfree's own sentence, where somebody asked for what may be a customer's.
    pub(crate) fn reveal(mut self, shows: bool) -> Self {
        if let Some((_, shown)) = &mut self.0.said {
            *shown |= shows;
        }
        self
    }

    /// Why, with what Cashfree said of it or how to see that.
    pub(crate) fn reason(&self) -> String {
        let why = &self.0.why;
        match &self.0.said {
            Some((text, true)) => format!("{why} (Cashfree says: {text})"),
            Some((_, false)) => {
                format!("{why} (what Cashfree says of it may be a customer's: --show-sensitive shows it)")
            }
            None => why.clone(),
        }
    }

    /// What happened, why, and what to do: a line each, those without a word left out.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        // What a gateway writes there may be anything; who needs it as it came has --json.
        let id = self.0.request_id.as_deref().map(escape::name);
        let why = match id {
            Some(id) if !self.0.why.contains(&id) => format!("{} (request id {id})", self.reason()),
            _ => self.reason(),
        };
        let lines = [("error", self.0.what.clone()), ("why", why), ("next", self.0.next.clone())];
        lines.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }

    pub(crate) fn to_json(&self) -> String {
        let Told { code, what, next, request_id, .. } = &*self.0;
        let why = self.reason();
        let message = if why.is_empty() { what.clone() } else { format!("{what}: {why}") };
        let next = (!next.is_empty()).then_some(next);
        let error = serde_json::json!({ "code": code, "message": message, "next": next, "request_id": request_id });
        escape::json(&serde_json::json!({ "error": error })).unwrap_or_default()
    }

    /// A call that failed, with what it was for.
    pub(crate) fn call(what: impl Into<String>, error: &Error) -> Self {
        let exit = exit_of(error);
        let advice = error.advice().unwrap_or_default();
        let why = words_of(error);
        let said = said(error).filter(|said| !why.contains(said.as_str()));
        let mut failure = Self::new(exit, what).why(why).next(match (advice, exit) {
            ("", _) => cure(error).to_owned(),
            (advice, _) => for_here(advice),
        });
        failure.0.said = said.map(|said| (said, is_about_this_machine(error)));
        if let Some(code) = error.code().filter(|code| code.is_known()) {
            code.as_str().clone_into(&mut failure.0.code);
        } else if exit == Exit::Failed {
            failure.0.code = kind_word(error.kind()).to_owned();
        }
        failure.0.request_id = error.request_id().map(str::to_owned);
        failure
    }
}

/// The library's words for an error, without what stands on a line of its own or is a matter of Rust programs.
fn words_of(error: &Error) -> String {
    let words = error.to_string().replace(WITHHELD, "");
    let words = match error.advice() {
        Some(advice) => words.replacen(advice, "", 1).replace("  ", " "),
        None => words,
    };
    words.trim_end().to_owned()
}

/// What the library says in the place of Cashfree's sentence.
const WITHHELD: &str = " (Cashfree's message: see Error::api)";

/// Cashfree's sentence.
fn said(error: &Error) -> Option<String> {
    let message = error.api()?.message.as_ref()?;
    Some(escape::short(message.expose().trim())).filter(|text| !text.is_empty())
}

/// Whether the sentence names the address from which this machine is seen. It is what has to be put on the allow-list, and nobody
/// else can tell it.
fn is_about_this_machine(error: &Error) -> bool {
    error.http_status().is_some_and(|status| status == 403) && error.code() == Some(&ErrorCode::IpValidationFailed)
}

/// Advice of the spec names what Rust programs set; here it is an option or a variable.
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

fn exit_of(error: &Error) -> Exit {
    match error.kind() {
        ErrorKind::InvalidRequest => Exit::Usage,
        ErrorKind::Timeout => Exit::TimedOut,
        ErrorKind::RateLimited => Exit::RateLimited,
        _ if error.is_not_found() => Exit::NotFound,
        _ if error.is_authentication() => Exit::Authentication,
        _ => Exit::Failed,
    }
}

const fn kind_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Connect => "connect",
        ErrorKind::Tls => "tls",
        ErrorKind::Io => "io",
        ErrorKind::TooLarge => "too_large",
        ErrorKind::Redirect => "redirect",
        ErrorKind::Decode => "decode",
        ErrorKind::Mismatch => "mismatch",
        _ => "failed",
    }
}

/// What to do where the spec has no advice.
fn cure(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::Tls | ErrorKind::Redirect => {
            "check --env, and see what `cashfree-vkyc doctor` says"
        }
        ErrorKind::Timeout => "try again, or allow more with --timeout",
        ErrorKind::RateLimited => "wait a minute, and send fewer",
        ErrorKind::Mismatch => "see what stands between this machine and Cashfree: a proxy, a gateway, a cache",
        ErrorKind::Decode => "see whether a proxy answers in Cashfree's place; else report it with the request id",
        ErrorKind::InvalidRequest => "correct what is named, and run the command again",
        _ if error.is_not_found() => "check the id and --env; it may have yet to be initiated",
        _ if error.is_authentication() => "see what `cashfree-vkyc doctor` says",
        _ if error.is_conflict() => "use another id, or ask for the one that is there",
        _ if error.is_retryable() => "try again in a while",
        _ => "see what `cashfree-vkyc explain <CODE>` and `cashfree-vkyc doctor` say",
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let what = match &error {
            ConfigError::VariablesMissing { .. } | ConfigError::CredentialsMissing => "no credentials",
            _ => "this cannot be set up",
        };
        let (exit, next) = match &error {
            ConfigError::VariablesMissing { .. } => (
                Exit::Authentication,
                "export them, or pass --credentials-file; `cashfree-vkyc sandbox` prints those of an offline stand-in",
            ),
            ConfigError::Value { .. } | ConfigError::File { .. } => {
                (Exit::Authentication, "set the variable anew, or correct the credentials file")
            }
            ConfigError::Url { .. } => {
                (Exit::Usage, "CASHFREE_ENVIRONMENT or --env is `sandbox`, `production` or a URL")
            }
            _ => (Exit::Usage, "see `cashfree-vkyc --help`"),
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

    /// A download that failed.
    pub(crate) fn download(error: &DownloadError) -> Self {
        let what = "the recording was not downloaded";
        match error {
            DownloadError::Status(call) => Self::call(what, call),
            DownloadError::Write(error) => Self::io("the recording cannot be written", error),
            DownloadError::Timeout { .. } => {
                Self::new(Exit::TimedOut, what).why(error).next("run the command again: it goes on where it broke off")
            }
            DownloadError::Interrupted(_) => {
                Self::new(Exit::Failed, what).why(error).next("run the command again: it goes on where it broke off")
            }
            _ => Self::new(Exit::Failed, what).why(error),
        }
    }
}
