//! `doctor`: checks the path from here to Cashfree step by step, and prints what is wrong and what to do. It shows no value of a variable.
//!
//! ```text
//! environment ─▶ key pair ─▶ second factor ─▶ webhook secret ─▶ proxy ─▶ DNS ─▶ one call: TLS, clock, account, product
//! ```
//!
//! The call asks for a verification that does not exist: a healthy account answers "not found".

use std::time::{Duration, SystemTime};

use cashfree_vkyc::http::HeaderMap;
use cashfree_vkyc::http::header::DATE;
use cashfree_vkyc::{Credentials, Environment, Error, ErrorKind, TwoFactorKey, VerificationId};
use serde::Serialize;

use crate::args::Global;
use crate::duration::elapsed;
use crate::escape::line;
use crate::failure::{Exit, Failure};
use crate::output::{Output, Paint};
use crate::session::Session;
use crate::variables::{ENVIRONMENT, WEBHOOK_SECRET};

/// An id that does not exist.
const NOBODY: &str = "cashfree-vkyc-doctor";
/// Signatures of the second factor are valid for about five minutes.
const CLOCK: Duration = Duration::from_secs(60);
/// The time limit of a DNS look-up.
const LOOK_UP: Duration = Duration::from_secs(5);
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Fine,
    Note,
    Wrong,
}

/// The result of one check.
#[derive(Serialize)]
struct Check {
    check: &'static str,
    verdict: Verdict,
    message: String,
    next: Option<String>,
    /// The exit code of the command, if this is the first check that is wrong.
    #[serde(skip)]
    exit: Exit,
}

impl Check {
    fn new(check: &'static str, verdict: Verdict, message: impl Into<String>) -> Self {
        Self { check, verdict, message: message.into(), next: None, exit: Exit::Failed }
    }

    fn fine(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Verdict::Fine, message)
    }

    fn note(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Verdict::Note, message)
    }

    fn wrong(check: &'static str, message: impl Into<String>, next: &str) -> Self {
        Self::new(check, Verdict::Wrong, message).next(next)
    }

    fn failed(check: &'static str, failure: &Failure) -> Self {
        let (next, what): (Vec<_>, Vec<_>) = failure.lines().into_iter().partition(|(label, _)| *label == "next");
        let what: Vec<_> = what.into_iter().map(|(_, text)| text).collect();
        let next = next.into_iter().map(|(_, text)| text).next();
        Self { next, exit: failure.exit(), ..Self::new(check, Verdict::Wrong, what.join(": ")) }
    }

    fn next(self, next: &str) -> Self {
        Self { next: Some(next.to_owned()), ..self }
    }
}

/// Prints each check when it is done, and keeps the exit code of the first that is wrong.
struct Report<'a> {
    output: &'a Output,
    wrong: Option<Exit>,
}

impl Report<'_> {
    fn print(&mut self, check: &Check) -> Result<(), Failure> {
        if check.verdict == Verdict::Wrong {
            self.wrong.get_or_insert(check.exit);
        }
        if self.output.is_json() {
            return self.output.json(check);
        }
        let (word, paint) = match check.verdict {
            Verdict::Fine => ("fine ", Paint::Green),
            Verdict::Note => ("note ", Paint::Yellow),
            Verdict::Wrong => ("wrong", Paint::Red),
        };
        let word = self.output.paint(paint, word);
        self.output.line(&format!("{word}  {:<14} {}", check.check, line(&check.message)))?;
        let next = check.next.iter().map(|next| self.output.line(&format!("{:>21} {}", "→", line(next))));
        next.collect()
    }
}

pub(crate) async fn run(global: &Global, output: &Output) -> Result<Exit, Failure> {
    let mut report = Report { output, wrong: None };
    look(global, &mut report).await?;
    match report.wrong {
        None => Ok(Exit::Done),
        Some(exit) => Err(Failure::new(exit, "something is wrong").next("see what is said above")),
    }
}

async fn look(global: &Global, report: &mut Report<'_>) -> Result<(), Failure> {
    let session = match Session::new(global) {
        Ok(session) => session,
        Err(failure) => return report.print(&Check::failed("credentials", &failure)),
    };
    let environment = session.environment();
    report.print(&of_environment(environment.as_ref(), global, &session))?;
    for check in [of_key_pair(&session), of_second_factor(&session), of_webhook_secret(&session), of_proxy()] {
        report.print(&check)?;
    }
    let Ok(environment) = environment else { return Ok(()) };
    report.print(&of_name(&environment).await)?;
    if report.wrong.is_some() {
        return report.print(&Check::note("call", "not tried, since it cannot succeed"));
    }
    call(&session, report).await
}

fn of_environment(environment: Result<&Environment, &Failure>, global: &Global, session: &Session) -> Check {
    let chosen = match (&global.env, session.variables.text(ENVIRONMENT)) {
        (Some(_), _) => "by --env",
        (None, Some(_)) => "by CASHFREE_ENVIRONMENT",
        (None, None) => "as nothing was chosen",
    };
    let name = match environment {
        Ok(Environment::Sandbox) => "Cashfree's sandbox".to_owned(),
        Ok(Environment::Production) => "production".to_owned(),
        // Without the path, which may be private.
        Ok(other) => cashfree_vkyc::reqwest::Url::parse(other.base_url())
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default(),
        Err(failure) => return Check::failed("environment", failure),
    };
    Check::fine("environment", format!("{name}, {chosen}"))
}

fn of_key_pair(session: &Session) -> Check {
    let names = format!("{} and {} are set", Credentials::ID_VARIABLE, Credentials::SECRET_VARIABLE);
    let pair = session.variables.credentials();
    pair.map_or_else(|error| Check::failed("key pair", &error.into()), |_| Check::fine("key pair", names))
}

fn of_second_factor(session: &Session) -> Check {
    const NAME: &str = "second factor";
    match session.variables.two_factor() {
        Ok(Some(key)) => Check::fine(NAME, format!("an RSA public key of {} bits", key.bits())),
        Ok(None) => {
            let names = format!("neither {} nor {} is set", TwoFactorKey::VARIABLE, TwoFactorKey::PATH_VARIABLE);
            Check::note(NAME, names).next("an account with an IP allow-list needs none")
        }
        Err(error) => Check::failed(NAME, &error.into()),
    }
}

fn of_webhook_secret(session: &Session) -> Check {
    match session.verifier() {
        Ok(_) if session.variables.get(WEBHOOK_SECRET).is_some() => {
            Check::fine("webhooks", format!("{WEBHOOK_SECRET} is set"))
        }
        Ok(_) => Check::fine("webhooks", "the client secret verifies them")
            .next("Cashfree signs with the oldest active key pair: if that is another, set CASHFREE_WEBHOOK_SECRET"),
        Err(failure) => Check::failed("webhooks", &failure),
    }
}

fn of_proxy() -> Check {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|text| !text.is_empty());
    let set: Vec<_> = PROXIES.into_iter().filter(is_set).collect();
    match set.is_empty() {
        true => Check::fine("proxy", "none"),
        false => Check::note("proxy", format!("calls go by what is set: {}", set.join(", "))),
    }
}

async fn of_name(environment: &Environment) -> Check {
    let url = cashfree_vkyc::reqwest::Url::parse(environment.base_url()).ok();
    let Some((host, port)) = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?))) else {
        return Check::wrong("DNS", "the URL has no host", "write the URL in full, as in https://host/path");
    };
    let host = host.trim_matches(['[', ']']);
    let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await;
    match found.map(|found| found.map(|mut addresses| addresses.next().is_some())) {
        Ok(Ok(true)) => Check::fine("DNS", format!("{host} is found")),
        // A proxy looks names up by itself.
        _ if of_proxy().verdict == Verdict::Note => {
            Check::note("DNS", format!("{host} is not found from here, which a proxy may make up for"))
        }
        Ok(Err(error)) => Check::wrong(
            "DNS",
            format!("{host} is not found: {error}"),
            "check the spelling of the URL, and the resolver of this machine",
        ),
        _ => Check::wrong(
            "DNS",
            format!("{host} is not found within {} s", LOOK_UP.as_secs()),
            "check the resolver of this machine",
        ),
    }
}

/// Makes one call, and checks what it shows.
async fn call(session: &Session, report: &mut Report<'_>) -> Result<(), Failure> {
    let client = match session.client() {
        Ok(client) => client,
        Err(failure) => return report.print(&Check::failed("call", &failure)),
    };
    let nobody = VerificationId::new(NOBODY).map_err(|error| Failure::usage(error.to_string()))?;
    let (headers, account) = match client.status(nobody).await {
        Ok(vkyc) => (Some(vkyc.headers().clone()), Check::fine("account", "keys and product are accepted")),
        Err(error) => (error.headers().cloned(), of_error(&error, report.output.shows_sensitive())),
    };
    if let Some(headers) = headers {
        report.print(&Check::fine("connection", "a response came"))?;
        report.print(&of_clock(&headers))?;
    }
    report.print(&account)
}

fn of_clock(headers: &HeaderMap) -> Check {
    let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let Some(theirs) = theirs else {
        return Check::note("clock", "the response has no date to compare with");
    };
    let (off, word) = match SystemTime::now().duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if off <= CLOCK {
        return Check::fine("clock", "within a minute of the server's");
    }
    Check::wrong(
        "clock",
        format!("{} {word} the server's", elapsed(off)),
        "synchronise this machine's clock: signatures of the second factor and webhooks go by it",
    )
}

fn of_error(error: &Error, shows_sensitive: bool) -> Check {
    if error.is_not_found() {
        return Check::fine("account", "keys, allow-list and product are accepted");
    }
    if error.http_status().is_some_and(|status| status == 404) && error.code().is_none() {
        return Check::wrong(
            "product",
            "404 without a code: a wrong path, or Video KYC is not switched on",
            "check the URL of the environment; else ask your account manager at Cashfree",
        );
    }
    let name = match (error.headers(), error.kind()) {
        (Some(_), _) => "account",
        (None, ErrorKind::Tls) => "TLS",
        (None, _) => "connection",
    };
    Check::failed(name, &Failure::call("the call failed", error).reveal(shows_sensitive))
}
