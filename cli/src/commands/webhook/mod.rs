//! `webhook`: verifies, signs and receives webhooks, with the secret of the environment.

mod listen;

use cashfree_vkyc::http::{HeaderMap, HeaderName, HeaderValue};
use cashfree_vkyc::webhook::{Event, WebhookError};
use cashfree_vkyc::{OutcomeRules, Timestamp};
use serde::de::IgnoredAny;

use crate::args::Webhook;
use crate::escape::short;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::record::Record;
use crate::session::Session;
use crate::view::{state, verification};

/// The largest body that is read. The verifier's own limit is lower.
const MOST: u64 = 1024 * 1024;

pub(crate) async fn run(args: &Webhook, session: &Session, output: &Output) -> Result<Exit, Failure> {
    match args {
        Webhook::Verify { headers, any_age } => verify(headers, *any_age, session, output).await,
        Webhook::Sign { force } => sign(*force, session, output).await,
        Webhook::Listen { port, forward } => listen::run(*port, forward.as_ref(), session, output).await,
    }
}

async fn verify(headers: &[String], any_age: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let (verifier, headers) = (session.verifier()?, read(headers)?);
    let verifier = if any_age { verifier.tolerance(None) } else { verifier };
    let body = input::all(MOST, "the body of the webhook, byte for byte").await?;
    let event = verifier.verify(&headers, &body).map_err(|error| refused(&error))?;
    print(&event, None, output)?;
    Ok(Exit::Done)
}

async fn sign(force: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let verifier = session.verifier()?;
    let body = input::all(MOST, "the body to sign").await?;
    // Receivers refuse a body that does not begin as an object before they read it.
    let is_object = body.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(&body).is_ok();
    if !force && !is_object {
        return Err(Failure::usage("the body is no JSON object")
            .why("it would be refused, however it is signed")
            .next("pass an event as Cashfree sends it, or --force"));
    }
    let headers = verifier.sign(body).headers();
    let pairs = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    output.each(pairs, |name, value| format!("{name}: {value}"))?;
    Ok(Exit::Done)
}

/// Reads headers as `NAME: VALUE`, or from files of such lines.
fn read(headers: &[String]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::new();
    for header in headers {
        let lines = match header.strip_prefix('@') {
            None => header.clone(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("the headers in {path} cannot be read")).why(error))?,
        };
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let (name, value) = pair(line).ok_or_else(|| Failure::usage("a header is not NAME: VALUE"))?;
            map.append(name, value);
        }
    }
    Ok(map)
}

fn pair(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim().parse().ok()?, value.trim().parse().ok()?))
}

/// A webhook that was refused. An unreadable body is no matter of the signature, and has another exit code.
fn refused(error: &WebhookError) -> Failure {
    let exit = match error {
        WebhookError::TooLarge { .. } | WebhookError::NotJson { .. } | WebhookError::WrongShape { .. } => Exit::Failed,
        _ => Exit::BadSignature,
    };
    let next = match error {
        WebhookError::BadSignature => "pass the body byte for byte, and check CASHFREE_WEBHOOK_SECRET",
        WebhookError::Stale { .. } => "pass --any-age for one that was kept",
        WebhookError::MissingHeader { .. } | WebhookError::MalformedHeader { .. } => "pass every header of it with -H",
        _ => "",
    };
    Failure::new(exit, "the webhook does not pass").why(error).next(next)
}

/// Prints an event. `again` is whether a listener received it before.
fn print(event: &Event, again: Option<bool>, output: &Output) -> Result<(), Failure> {
    let (vkyc, time) = (&event.data, event.event_time.as_ref().map(Timestamp::as_str));
    if output.is_json {
        let record = Record::default()
            .with("event_type", "", event.event_type.as_str())
            .with("event_time", "", time)
            .with("key", "", event.key().to_string());
        let record = again.into_iter().fold(record, |record, again| record.with("again", "", again));
        let vkyc = verification(vkyc, &OutcomeRules::default(), None, output.shows_sensitive);
        return output.json(&record.with_all(vkyc));
    }
    let id = vkyc.verification_id.clone().or_else(|| vkyc.reference_id.map(|id| id.to_string()));
    let parts = [
        Some(short(time.unwrap_or("no time"))),
        Some(event.event_type.to_string()),
        (!vkyc.status.as_str().is_empty()).then(|| state(vkyc)),
        id.as_deref().map(short),
        (again == Some(true)).then(|| "again".to_owned()),
    ];
    output.line(&parts.into_iter().flatten().collect::<Vec<_>>().join("  "))
}
