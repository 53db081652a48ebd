//! `webhook`: verifies, signs and receives webhooks, with the secret of the environment.
//!
//! `webhook listen` is an endpoint on this machine. Cashfree reaches it through a tunnel, and the sandbox directly.
//!
//! ```text
//! POST ─▶ verify ─┬─ refused: a line on stderr, 401 · 400 · 413
//!                 └─ event ─▶ a line on stdout ─▶ 200, or the status of the response to --forward
//! ```

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::routing::post;
use cashfree_vkyc::reqwest::{self, Url};
use cashfree_vkyc::webhook::{Event, Verifier, WebhookError};
use cashfree_vkyc::{OutcomeRules, Timestamp};
use serde::de::IgnoredAny;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::args::Webhook;
use crate::escape::{line, short};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::{Output, to_stderr};
use crate::record::{Record, state, verification};
use crate::session::Session;

pub(crate) async fn run(args: &Webhook, session: &Session, output: &Output) -> Result<Exit, Failure> {
    match args {
        Webhook::Verify { headers, any_age } => verify(headers, *any_age, session, output).await,
        Webhook::Sign { force } => sign(*force, session, output).await,
        Webhook::Listen { port, forward } => listen(*port, forward.as_ref(), session, output).await,
    }
}

async fn verify(headers: &[String], any_age: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let (verifier, headers) = (session.verifier()?, read(headers)?);
    let verifier = if any_age { verifier.tolerance(None) } else { verifier };
    let body = input::all("the body of the webhook, byte for byte").await?;
    let event = verifier.verify(&headers, &body).map_err(|error| refused(&error))?;
    print(&event, None, output)?;
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
        WebhookError::TooLarge { .. }
        | WebhookError::NotJson { .. }
        | WebhookError::WrongShape { .. }
        | WebhookError::OtherProduct => (Exit::Failed, ""),
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

struct Endpoint {
    verifier: Verifier,
    /// Verified events, each with a channel that reports that it was printed.
    events: mpsc::Sender<(Box<Event>, oneshot::Sender<()>)>,
    forward: Option<(reqwest::Client, Url)>,
}

async fn listen(port: u16, forward: Option<&Url>, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let (events, mut received) = mpsc::channel(64);
    let forward = forward.map(forwarder).transpose()?;
    let endpoint = Endpoint { verifier: session.verifier()?, events, forward };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| Failure::io(format!("port {port} cannot be opened"), &error))?;
    let address = listener.local_addr().map_err(|error| Failure::io("the port cannot be told", &error))?;
    output.until_interrupted();
    output.note(&format!("listening on http://{address}/, until Ctrl-C"));
    let router = Router::new().fallback(post(receive)).with_state(Arc::new(endpoint));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    // 32 bytes for each event. Only a sender with the secret can add one.
    let mut known = HashSet::new();
    while let Some((event, printed)) = received.recv().await {
        print(&event, Some(!known.insert(event.key())), output)?;
        // The sender may have closed the connection.
        let _ = printed.send(());
    }
    server.abort();
    Ok(Exit::Done)
}

fn forwarder(url: &Url) -> Result<(reqwest::Client, Url), Failure> {
    let refuse = |why: String| Failure::usage("--forward cannot be used").why(why).next("write an http or https URL");
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("it is no http or https URL".to_owned()));
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    Ok((client.map_err(|error| refuse(error.without_url().to_string()))?, url.clone()))
}

async fn receive(State(endpoint): State<Arc<Endpoint>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let (event, body) = match endpoint.verify(&head.headers, body).await {
        Ok(verified) => verified,
        Err((status, why)) => {
            to_stderr(&format!("refused: {}", line(&why)));
            return status;
        }
    };
    let (printed, is_printed) = oneshot::channel();
    // Only an event that was printed is answered with 200. Cashfree sends any other again.
    if endpoint.events.send((Box::new(event), printed)).await.is_err() || is_printed.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    endpoint.forward(head.headers, body).await
}

impl Endpoint {
    /// Verifies the headers, then the body, within the verifier's limits.
    async fn verify(&self, headers: &HeaderMap, body: Body) -> Result<(Event, Bytes), (StatusCode, String)> {
        let refuse = |error: WebhookError| (error.http_status(), error.to_string());
        let head = self.verifier.check_headers(headers).map_err(refuse)?;
        let read = to_bytes(body, self.verifier.body_limit());
        let body = tokio::time::timeout(self.verifier.read_limit(), read)
            .await
            .map_err(|_| (StatusCode::REQUEST_TIMEOUT, "the body did not come in time".to_owned()))?
            .map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or broke off".to_owned()))?;
        head.verify(&body).map(|event| (event, body)).map_err(refuse)
    }

    /// Sends a webhook on unchanged, and returns the status of the response.
    async fn forward(&self, mut headers: HeaderMap, body: Bytes) -> StatusCode {
        let Some((client, url)) = &self.forward else { return StatusCode::OK };
        // These belong to the incoming connection; the client sets its own.
        for name in [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING] {
            headers.remove(name);
        }
        match client.post(url.clone()).headers(headers).body(body).send().await {
            Ok(response) => response.status(),
            Err(error) => {
                to_stderr(&format!("not forwarded: {}", line(&error.without_url().to_string())));
                StatusCode::BAD_GATEWAY
            }
        }
    }
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
