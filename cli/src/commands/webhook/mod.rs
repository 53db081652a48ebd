//! `webhook`: verifies, signs and receives webhooks, with the secret of the environment.

mod listen;

use cashfree_vkyc::http::{HeaderMap, HeaderName, HeaderValue};
use cashfree_vkyc::webhook::WebhookError;
use serde::de::IgnoredAny;

use crate::args::Webhook;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::session::Session;

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
    let body = input::all("the body of the webhook, byte for byte").await?;
    let event = verifier.verify(&headers, &body).map_err(|error| refused(&error))?;
    listen::print(&event, None, output)?;
    Ok(Exit::Done)
}

async fn sign(force: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let verifier = session.verifier()?;
    let body = input::all("the body to sign").await?;
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
    let (exit, next) = match error {
        WebhookError::TooLarge { .. } | WebhookError::NotJson { .. } | WebhookError::WrongShape { .. } => {
            (Exit::Failed, "")
        }
        WebhookError::BadSignature => {
            (Exit::BadSignature, "pass the body byte for byte, and check CASHFREE_WEBHOOK_SECRET")
        }
        WebhookError::Stale { .. } => (Exit::BadSignature, "pass --any-age for one that was kept"),
        WebhookError::MissingHeader { .. } | WebhookError::MalformedHeader { .. } => {
            (Exit::BadSignature, "pass every header of it with -H")
        }
        _ => (Exit::BadSignature, ""),
    };
    Failure::new(exit, "the webhook does not pass").why(error).next(next)
}
