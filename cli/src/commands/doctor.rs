//! `doctor`: looks from here to Cashfree, step by step, and says what is wrong and what to do. No value of a variable is shown.
//!
//! ```text
//! environment ─▶ key pair ─▶ second factor ─▶ webhook secret ─▶ proxy ─▶ DNS ─▶ one call: TLS, clock, account, product
//! ```
//!
//! The call asks for a verification that nobody has: "not found" is what a healthy account answers.

use std::time::{Duration, SystemTime};

use cashfree_vkyc::http::HeaderMap;
use cashfree_vkyc::http::header::DATE;
use cashfree_vkyc::{Credentials, Environment, Error, ErrorKind, TwoFactorKey, VerificationId};
use serde::Serialize;

use crate::args::Global;
use crate::duration::ago;
use crate::escape::line;
use crate::failure::{Exit, Failure};
use crate::output::{Output, Paint};
use crate::session::Session;
use crate::variables::{ENVIRONMENT, WEBHOOK_SECRET};

/// An id that nobody gives.
const NOBODY: &str = "cashfree-vkyc-doctor";
/// Signatures of the second factor are good for about five minutes.
const CLOCK: Duration = Duration::from_secs(60);
/// How long a name may take to be found.
const LOOK_UP: Duration = Duration::from_secs(5);
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// What came of a look.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Fine,
    Note,
    Wrong,
}

#[derive(Serialize)]
struct Check {
    check: &'static str,
    verdict: Verdict,
    message: String,
    next: Option<String>,
}

impl Check {
    fn new(check: &'static str, verdict: Verdict, message: impl Into<String>) -> Self {
        Self { check, verdict, message: message.into(), next: None }
    }

    fn wrong(check: &'static str, failure: &Failure) -> Self {
        let lines = failure.lines();
        let said = |label| lines.iter().find(|(known, _)| *known == label).map(|(_, text)| text.clone());
        let message = [said("error"), said("why")].into_iter().flatten().collect::<Vec<_>>().join(": ");
        Self { next: said("next"), ..Self::new(check, Verdict::Wrong, message) }
    }

    fn next(mut self, next: &str) -> Self {
        self.next = Some(next.to_owned());
        self
    }
}

/// Tells each look as it is done, and remembers the worst.
struct Report<'a> {
    output: &'a Output,
    worst: Option<Exit>,
}

impl Report<'_> {
    fn tell(&mut self, check: &Check, exit: Exit) -> Result<(), Failure> {
        if check.verdict == Verdict::Wrong {
            self.worst.get_or_insert(exit);
        }
        if self.output.is_json() {
            return self.output.json(check);
        }
        let (word, paint) = match check.verdict {
            Verdict::Fine => ("fine", Paint::Green),
            Verdict::Note => ("note", Paint::Yellow),
            Verdict::Wrong => ("wrong", Paint::Red),
        };
        let word = self.output.paint(paint, &format!("{word:<5}"));
        self.output.line(&format!("{word}  {:<14} {}", check.check, line(&check.message)))?;
        match &check.next {
            Some(next) => self.output.line(&format!("{:>21} {}", "→", line(next))),
            None => Ok(()),
        }
    }
}

pub(crate) async fn run(global: &Global, output: &Output) -> Result<Exit, Failure> {
    let mut report = Report { output, worst: None };
    let session = match Session::new(global) {
        Ok(session) => session,
        Err(failure) => {
            report.tell(&Check::wrong("credentials", &failure), failure.exit())?;
            return end(&report);
        }
    };
    let environment = session.environment();
    report.tell(&of_environment(environment.as_ref(), global, &session), Exit::Usage)?;
    report.tell(&of_key_pair(&session), Exit::Authentication)?;
    report.tell(&of_second_factor(&session), Exit::Authentication)?;
    report.tell(&of_webhook_secret(&session), Exit::Authentication)?;
    report.tell(&of_proxy(), Exit::Failed)?;
    let Ok(environment) = environment else { return end(&report) };
    let dns = of_name(&environment).await;
    report.tell(&dns, Exit::Failed)?;
    if report.worst.is_some() {
        report.tell(&Check::new("call", Verdict::Note, "not tried, since it cannot succeed"), Exit::Failed)?;
        return end(&report);
    }
    call(&session, &mut report).await?;
    end(&report)
}

fn end(report: &Report<'_>) -> Result<Exit, Failure> {
    match report.worst {
        None => Ok(Exit::Done),
        Some(exit) => Err(Failure::new(exit, "something is wrong").next("see what is said above")),
    }
}

fn of_environment(environment: Result<&Environment, &Failure>, global: &Global, session: &Session) -> Check {
    let chosen = match (&global.env, session.variables.text(ENVIRONMENT)) {
        (Some(_), _) => "by --env",
        (None, Some(_)) => "by CASHFREE_ENVIRONMENT",
        (None, None) => "as nothing was chosen",
    };
    match environment {
        Ok(Environment::Sandbox) => Check::new("environment", Verdict::Fine, format!("Cashfree's sandbox, {chosen}")),
        Ok(Environment::Production) => Check::new("environment", Verdict::Fine, format!("production, {chosen}")),
        // Of another, its path may be nobody's business.
        Ok(other) => {
            let url = cashfree_vkyc::reqwest::Url::parse(other.base_url());
            let origin = url.map(|url| url.origin().ascii_serialization()).unwrap_or_default();
            Check::new("environment", Verdict::Fine, format!("{origin}, {chosen}"))
        }
        Err(failure) => Check::wrong("environment", failure),
    }
}

fn of_key_pair(session: &Session) -> Check {
    match session.variables.credentials() {
        Ok(_) => {
            let names = format!("{} and {} are set", Credentials::ID_VARIABLE, Credentials::SECRET_VARIABLE);
            Check::new("key pair", Verdict::Fine, names)
        }
        Err(error) => Check::wrong("key pair", &error.into()),
    }
}

fn of_second_factor(session: &Session) -> Check {
    match session.variables.two_factor() {
        Ok(Some(key)) => {
            Check::new("second factor", Verdict::Fine, format!("an RSA public key of {} bits", key.bits()))
        }
        Ok(None) => {
            let names = format!("neither {} nor {} is set", TwoFactorKey::VARIABLE, TwoFactorKey::PATH_VARIABLE);
            let check = Check::new("second factor", Verdict::Note, names);
            check.next("an account with an IP allow-list needs none")
        }
        Err(error) => Check::wrong("second factor", &error.into()),
    }
}

fn of_webhook_secret(session: &Session) -> Check {
    match session.verifier() {
        Ok(_) if session.variables.get(WEBHOOK_SECRET).is_some() => {
            Check::new("webhooks", Verdict::Fine, format!("{WEBHOOK_SECRET} is set"))
        }
        Ok(_) => Check::new("webhooks", Verdict::Fine, "the client secret verifies them")
            .next("Cashfree signs with the oldest active key pair: if that is another, set CASHFREE_WEBHOOK_SECRET"),
        Err(failure) => Check::wrong("webhooks", &failure),
    }
}

fn of_proxy() -> Check {
    let set: Vec<_> =
        PROXIES.into_iter().filter(|name| std::env::var_os(name).is_some_and(|text| !text.is_empty())).collect();
    match set.is_empty() {
        true => Check::new("proxy", Verdict::Fine, "none"),
        false => Check::new("proxy", Verdict::Note, format!("calls go by what is set: {}", set.join(", "))),
    }
}

async fn of_name(environment: &Environment) -> Check {
    let url = cashfree_vkyc::reqwest::Url::parse(environment.base_url()).ok();
    let Some((host, port)) = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?))) else {
        return Check::new("DNS", Verdict::Wrong, "the URL has no host");
    };
    let host = host.trim_matches(['[', ']']);
    let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((host, port))).await;
    match found.map(|found| found.map(|mut addresses| addresses.next().is_some())) {
        Ok(Ok(true)) => Check::new("DNS", Verdict::Fine, format!("{host} is found")),
        // Behind a proxy, names are for the proxy to look up.
        _ if of_proxy().verdict == Verdict::Note => {
            Check::new("DNS", Verdict::Note, format!("{host} is not found from here, which a proxy may make up for"))
        }
        Ok(Err(error)) => Check::new("DNS", Verdict::Wrong, format!("{host} is not found: {error}"))
            .next("check the spelling of the URL, and the resolver of this machine"),
        _ => Check::new("DNS", Verdict::Wrong, format!("{host} is not found within {} s", LOOK_UP.as_secs()))
            .next("check the resolver of this machine"),
    }
}

/// One call, and all that can be told from it.
async fn call(session: &Session, report: &mut Report<'_>) -> Result<(), Failure> {
    let client = match session.client() {
        Ok(client) => client,
        Err(failure) => return report.tell(&Check::wrong("call", &failure), failure.exit()),
    };
    let nobody = VerificationId::new(NOBODY).map_err(|error| Failure::usage(error.to_string()))?;
    match client.status(nobody).await {
        Ok(vkyc) => {
            report.tell(&Check::new("connection", Verdict::Fine, "a response came"), Exit::Done)?;
            report.tell(&of_clock(vkyc.headers()), Exit::Failed)?;
            report.tell(&Check::new("account", Verdict::Fine, "keys and product are accepted"), Exit::Done)
        }
        Err(error) => {
            let failure = Failure::call("the call failed", &error).reveal(report.output.shows_sensitive());
            let Some(headers) = error.headers() else {
                return report.tell(&Check::wrong(of_kind(error.kind()), &failure), failure.exit());
            };
            report.tell(&Check::new("connection", Verdict::Fine, "a response came"), Exit::Done)?;
            report.tell(&of_clock(headers), Exit::Failed)?;
            report.tell(&of_account(&error, &failure), failure.exit())
        }
    }
}

const fn of_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Tls => "TLS",
        _ => "connection",
    }
}

fn of_clock(headers: &HeaderMap) -> Check {
    let theirs = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let Some(theirs) = theirs else {
        return Check::new("clock", Verdict::Note, "the response has no date to compare with");
    };
    let now = SystemTime::now();
    let (off, word) = match now.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if off <= CLOCK {
        return Check::new("clock", Verdict::Fine, "within a minute of the server's");
    }
    let check = Check::new("clock", Verdict::Wrong, format!("{} {word} the server's", ago(off)));
    check.next("synchronise this machine's clock: signatures of the second factor and webhooks go by it")
}

fn of_account(error: &Error, failure: &Failure) -> Check {
    if error.is_not_found() {
        return Check::new("account", Verdict::Fine, "keys, allow-list and product are accepted");
    }
    let status = error.http_status().map_or(0, |status| status.as_u16());
    if status == 404 && error.code().is_none() {
        let check =
            Check::new("product", Verdict::Wrong, "404 without a code: a wrong path, or Video KYC is not switched on");
        return check.next("check the URL of the environment; else ask your account manager at Cashfree");
    }
    Check::wrong("account", failure)
}
