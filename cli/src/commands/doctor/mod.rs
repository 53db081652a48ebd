//! `doctor`: checks the path from here to Cashfree step by step, and prints problems with advice. It shows no value of a variable.
//!
//! ```text
//! environment ─▶ key pair ─▶ second factor ─▶ webhook secret ─▶ proxy ─▶ DNS ─▶ one call: TLS, clock, account, product
//! ```
//!
//! The call requests a verification that does not exist: a healthy account responds "not found".
//!
//! With `--report`, `calls` makes more calls, and `observation` keeps the names and types of their responses.

mod calls;
mod observation;

use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use cashfree_vkyc::http::HeaderMap;
use cashfree_vkyc::http::header::DATE;
use cashfree_vkyc::reqwest::Url;
use cashfree_vkyc::{Credentials, Environment, Error, ErrorKind, TwoFactorKey, VerificationId};
use indicatif::HumanDuration;

use crate::args::{Doctor, Global};
use crate::escape::line;
use crate::failure::{Exit, Failure};
use crate::files::{beside, is_device};
use crate::input::blocking;
use crate::output::{Output, Paint};
use crate::record::Record;
use crate::session::{ENVIRONMENT, Session, WEBHOOK_SECRET};
use calls::NOBODY;

/// Signatures of the second factor are valid for about five minutes.
const CLOCK: Duration = Duration::from_secs(60);
/// The time limit of a DNS look-up.
const LOOK_UP: Duration = Duration::from_secs(5);
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// A check that passed. One with a note may need the user's attention.
struct Passed {
    is_note: bool,
    message: String,
    next: &'static str,
}

fn fine(message: impl Into<String>) -> Passed {
    Passed { is_note: false, message: message.into(), next: "" }
}

fn note(message: impl Into<String>, next: &'static str) -> Passed {
    Passed { is_note: true, message: message.into(), next }
}

/// Prints each check when it is done, and keeps the exit code of the first failure.
struct Checks<'a> {
    output: &'a Output,
    wrong: Option<Exit>,
}

impl Checks<'_> {
    fn print(&mut self, check: &str, result: Result<Passed, Failure>) -> Result<(), Failure> {
        let (verdict, paint, message, next) = match result {
            Ok(Passed { is_note: true, message, next }) => ("note", Paint::Yellow, message, next.to_owned()),
            Ok(Passed { message, next, .. }) => ("fine", Paint::Green, message, next.to_owned()),
            Err(failure) => {
                self.wrong.get_or_insert(failure.exit());
                let lines = failure.lines(self.output.shows_sensitive);
                let (next, what): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(label, _)| *label == "next");
                let text =
                    |lines: Vec<(_, String)>| lines.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(": ");
                ("wrong", Paint::Red, text(what), text(next))
            }
        };
        if self.output.is_json {
            let record = Record::default().with("check", "", check).with("verdict", "", verdict);
            let next = (!next.is_empty()).then_some(next);
            return self.output.json(&record.with("message", "", message).with("next", "", next));
        }
        let word = self.output.paint(paint, &format!("{verdict:<5}"));
        self.output.line(&format!("{word}  {check:<14} {}", line(&message)))?;
        if next.is_empty() { Ok(()) } else { self.output.line(&format!("{:>21} {}", "→", line(&next))) }
    }
}

pub(crate) async fn run(args: &Doctor, global: &Global, output: &Output) -> Result<Exit, Failure> {
    if let Some(file) = &args.report
        && is_device(file, args.force)?
    {
        return Err(Failure::usage(format!("{} is not a file", file.display())).next("name a file"));
    }
    let mut checks = Checks { output, wrong: None };
    look(global, &mut checks).await?;
    if let Some(file) = &args.report {
        let written = report(args, &Session::new(global)?, file).await;
        checks.print("report", written)?;
    }
    match checks.wrong {
        None => Ok(Exit::Done),
        Some(exit) => Err(Failure::new(exit, "a check failed").next("see its advice above")),
    }
}

async fn report(args: &Doctor, session: &Session, file: &Path) -> Result<Passed, Failure> {
    let (name, part) = (file.display(), beside(file, ".part"));
    let unwritten = |error: io::Error| Failure::io(format!("{name} cannot be written"), &error);
    // Checked before any call costs money.
    fs::write(&part, "").map_err(unwritten)?;
    let report = calls::report(args, session).await;
    let report = report.inspect_err(|_| {
        let _ = fs::remove_file(&part);
    })?;
    let text = serde_json::to_string_pretty(&report).unwrap_or_default() + "\n";
    fs::write(&part, text).and_then(|()| fs::rename(&part, file)).map_err(unwritten)?;
    let next = "read it, then send it to the maintainers: it has names, types and codes, and no values";
    Ok(Passed { next, ..fine(format!("{} responses in {name}", report.observations.len())) })
}

async fn look(global: &Global, checks: &mut Checks<'_>) -> Result<(), Failure> {
    let session = match Session::new(global) {
        Ok(session) => session,
        Err(failure) => return checks.print("credentials", Err(failure)),
    };
    checks.print("environment", environment(global, &session))?;
    checks.print("key pair", key_pair(&session))?;
    checks.print("second factor", second_factor(&session))?;
    checks.print("webhooks", webhook_secret(&session))?;
    checks.print("proxy", Ok(proxy()))?;
    let Ok(environment) = session.environment() else { return Ok(()) };
    checks.print("DNS", host_name(&environment).await)?;
    if checks.wrong.is_some() {
        return checks.print("call", Ok(note("skipped, because a check above failed", "")));
    }
    call(&session, checks).await
}

fn environment(global: &Global, session: &Session) -> Result<Passed, Failure> {
    let name = match session.environment()? {
        Environment::Sandbox => "Cashfree's sandbox".to_owned(),
        Environment::Production => "production".to_owned(),
        // The path may be private.
        other => Url::parse(other.base_url()).map(|url| url.origin().ascii_serialization()).unwrap_or_default(),
    };
    Ok(fine(match (&global.env, session.variables.get(ENVIRONMENT)) {
        (Some(_), _) => format!("{name}, by --env"),
        (None, Some(_)) => format!("{name}, by {ENVIRONMENT}"),
        (None, None) => format!("{name}, the default"),
    }))
}

fn key_pair(session: &Session) -> Result<Passed, Failure> {
    session.variables.credentials()?;
    Ok(fine(format!("{} and {} are set", Credentials::ID_VARIABLE, Credentials::SECRET_VARIABLE)))
}

fn second_factor(session: &Session) -> Result<Passed, Failure> {
    let (pem, path) = (TwoFactorKey::VARIABLE, TwoFactorKey::PATH_VARIABLE);
    Ok(match session.variables.two_factor()? {
        Some(key) => fine(format!("an RSA public key of {} bits", key.bits())),
        None => note(format!("neither {pem} nor {path} is set"), "an account with an IP allow-list needs none"),
    })
}

fn webhook_secret(session: &Session) -> Result<Passed, Failure> {
    let _verifier = session.verifier()?;
    if session.variables.get(WEBHOOK_SECRET).is_some() {
        return Ok(fine(format!("{WEBHOOK_SECRET} is set")));
    }
    let next = "Cashfree signs with the oldest active key pair: if this is not the oldest, set CASHFREE_WEBHOOK_SECRET";
    Ok(Passed { next, ..fine("the client secret verifies them") })
}

fn proxy() -> Passed {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|text| !text.is_empty());
    let set: Vec<_> = PROXIES.into_iter().filter(is_set).collect();
    if set.is_empty() { fine("none") } else { note(format!("calls use {}", set.join(", ")), "") }
}

async fn host_name(environment: &Environment) -> Result<Passed, Failure> {
    let wrong = |what: String, next| Err(Failure::new(Exit::Failed, what).next(next));
    let Ok(url) = Url::parse(environment.base_url()) else { return wrong("the URL cannot be read".to_owned(), "") };
    let host = url.host_str().unwrap_or_default().to_owned();
    let look_up = blocking(move || url.socket_addrs(|| None));
    match tokio::time::timeout(LOOK_UP, look_up).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(fine(format!("{host} resolves"))),
        // A proxy resolves names itself.
        _ if proxy().is_note => Ok(note(format!("{host} does not resolve here; the proxy may resolve it"), "")),
        Ok(Err(error)) => wrong(
            format!("{host} does not resolve: {error}"),
            "check the spelling of the URL, and the resolver of this machine",
        ),
        _ => {
            let what = format!("{host} does not resolve within {} s", LOOK_UP.as_secs());
            wrong(what, "check the resolver of this machine")
        }
    }
}

/// Makes one call, and checks its response.
async fn call(session: &Session, checks: &mut Checks<'_>) -> Result<(), Failure> {
    let client = session.client()?;
    let nobody = VerificationId::new(NOBODY).map_err(|error| Failure::usage(error.to_string()))?;
    let response = client.status(nobody).await;
    let headers = response.as_ref().map_or_else(Error::headers, |vkyc| Some(vkyc.headers()));
    if let Some(headers) = headers {
        checks.print("connection", Ok(fine("the server responds")))?;
        checks.print("clock", clock(headers))?;
    }
    match response.as_ref().err().filter(|error| !error.is_not_found()) {
        None => checks.print("account", Ok(fine("keys, allow-list and product are accepted"))),
        Some(error) if error.http_status().is_some_and(|status| status == 404) && error.code().is_none() => {
            let what = "404 without a code: the path is wrong, or Video KYC is not enabled";
            let next = "check the URL of the environment; if it is correct, ask your account manager at Cashfree";
            checks.print("product", Err(Failure::new(Exit::Failed, what).next(next)))
        }
        Some(error) => {
            let check = match (headers, error.kind()) {
                (Some(_), _) => "account",
                (None, ErrorKind::Tls) => "TLS",
                (None, _) => "connection",
            };
            checks.print(check, Err(Failure::call("the call failed", error)))
        }
    }
}

fn clock(headers: &HeaderMap) -> Result<Passed, Failure> {
    let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let Some(theirs) = theirs else { return Ok(note("the response has no date to compare with", "")) };
    let (off, word) = match SystemTime::now().duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if off <= CLOCK {
        return Ok(fine("within a minute of the server's"));
    }
    Err(Failure::new(Exit::Failed, format!("{} {word} the server's", HumanDuration(off)))
        .next("synchronise this machine's clock: signatures of the second factor and webhooks depend on it"))
}
