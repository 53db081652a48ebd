//! `webhook`: verifies, signs and receives, with the secret of the environment.

mod listen;

use cashfree_vkyc::http::{HeaderMap, HeaderName, HeaderValue};
use cashfree_vkyc::webhook::{Event, WebhookError};
use cashfree_vkyc::{OutcomeRules, Timestamp};
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::args::Webhook;
use crate::escape::short;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;
use crate::session::Session;
use crate::view::{Account, state};

/// More than any webhook has; the verifier's own limit is lower.
const MOST: u64 = 1024 * 1024;

/// A verified event. Its fields are those of the JSON that we print.
#[derive(Serialize)]
struct Told<'a> {
    event_type: &'a str,
    event_time: Option<&'a str>,
    key: String,
    /// Whether it came before, where somebody looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<bool>,
    #[serde(flatten)]
    account: Account<'a>,
}

pub(crate) async fn run(args: &Webhook, session: &Session, output: &Output) -> Result<Exit, Failure> {
    match args {
        Webhook::Verify { headers, any_age } => verify(headers, *any_age, session, output).await,
        Webhook::Sign { force } => sign(*force, session, output).await,
        Webhook::Listen { port, forward } => listen::run(*port, forward.as_deref(), session, output).await,
    }
}

async fn verify(headers: &[String], any_age: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let (verifier, headers) = (session.verifier()?, read(headers)?);
    let verifier = if any_age { verifier.tolerance(None) } else { verifier };
    let body = input::all(MOST, "the body of the webhook, byte for byte").await?;
    let event = verifier.verify(&headers, &body).map_err(|error| refused(&error))?;
    tell(&event, None, output)?;
    Ok(Exit::Done)
}

async fn sign(force: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let verifier = session.verifier()?;
    let body = input::all(MOST, "the body to sign").await?;
    if !force && !is_object(&body) {
        return Err(Failure::usage("the body is no JSON object")
            .why("it would be refused, however it is signed")
            .next("pass an event as Cashfree sends it, or --force"));
    }
    let headers = verifier.sign(body).headers();
    let pairs = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    if output.is_json() {
        output.json(&pairs.collect::<std::collections::BTreeMap<_, _>>())?;
    } else {
        for (name, value) in pairs {
            output.line(&format!("{name}: {value}"))?;
        }
    }
    Ok(Exit::Done)
}

/// Whether it can be a webhook: what does not begin as an object is refused before it is read.
fn is_object(body: &[u8]) -> bool {
    body.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// `NAME: VALUE`, or a file of them.
fn read(headers: &[String]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::new();
    for header in headers {
        let Some(path) = header.strip_prefix('@') else {
            add(&mut map, header)?;
            continue;
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("the headers in {path} cannot be read")).why(error))?;
        text.lines().filter(|line| !line.trim().is_empty()).try_for_each(|line| add(&mut map, line))?;
    }
    Ok(map)
}

fn add(map: &mut HeaderMap, line: &str) -> Result<(), Failure> {
    let pair = line.split_once(':').and_then(|(name, value)| {
        Some((HeaderName::try_from(name.trim()).ok()?, HeaderValue::from_str(value.trim()).ok()?))
    });
    let (name, value) = pair.ok_or_else(|| Failure::usage("a header is not NAME: VALUE"))?;
    map.append(name, value);
    Ok(())
}

/// Why a webhook does not pass. Who did not sign it has a code of its own; what cannot be read is another matter.
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

/// Prints an event, and whether it came before.
fn tell(event: &Event, again: Option<bool>, output: &Output) -> Result<(), Failure> {
    let rules = OutcomeRules::default();
    let account = Account::new(&event.data, &rules, None, output.shows_sensitive());
    let event_time = event.event_time.as_ref().map(Timestamp::as_str);
    if output.is_json() {
        let key = event.key().to_string();
        return output.json(&Told { event_type: event.event_type.as_str(), event_time, key, again, account });
    }
    let mut line = format!("{}  {}", short(event_time.unwrap_or("no time")), event.event_type);
    if !account.status.is_empty() {
        line += &format!("  {}", state(&event.data));
    }
    let id = account.verification_id.map(str::to_owned);
    if let Some(id) = id.or_else(|| account.reference_id.map(|id| id.to_string())) {
        line += &format!("  {}", short(&id));
    }
    if again == Some(true) {
        line += "  again";
    }
    output.line(&line)
}
