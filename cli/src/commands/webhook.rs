//! `webhook`: verifies, signs and receives webhooks, with the secret of the environment.
//!
//! `webhook listen` is an endpoint on this machine. Cashfree reaches it through a tunnel, and the sandbox directly.
//!
//! ```text
//! POST ─▶ verify ─┬─ refused: a line on stderr, 400 · 401 · 408 · 413 · 503
//!                 └─ event ─▶ a line on stdout ─┬─ 200, or the status of the response to --forward
//!                                               └─ blocked: 503
//! ```

use std::collections::HashSet;
use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum_core::body::Body;
use axum_core::extract::{FromRequest as _, Request};
use axum_core::response::{IntoResponse as _, Response};
use cashfree_vkyc::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use cashfree_vkyc::reqwest::{self, Url};
use cashfree_vkyc::webhook::{Event, VerifiedBody, Verifier, WebhookError};
use cashfree_vkyc::{OutcomeRules, Timestamp};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::de::IgnoredAny;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::args::Webhook;
use crate::escape::{line, short};
use crate::failure::{Exit, Failure};
use crate::input::{self, MAX_TEXT};
use crate::output::{Output, to_stderr, to_stdout};
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
    let (verifier, headers) = (session.verifier()?, read(headers).await?);
    let verifier = if any_age { verifier.tolerance(None) } else { verifier };
    let body = input::all("the body of the webhook, byte for byte").await?;
    let event = verifier.verify(&headers, &body).map_err(|error| refused(&error))?;
    output.line(&text(&event, None, output)?)?;
    Ok(Exit::Done)
}

async fn sign(force: bool, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let verifier = session.verifier()?;
    let body = input::all("the body to sign").await?;
    // Receivers reject a body that does not begin like an object before they read it.
    let is_object = body.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(&body).is_ok();
    if !force && !is_object {
        return Err(Failure::usage("the body is not a JSON object")
            .why("receivers refuse it even if the signature is valid")
            .next("pass an event as Cashfree sends it, or --force"));
    }
    let headers = verifier.sign(body).headers();
    let pairs = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    output.each(pairs, |name, value| format!("{name}: {value}"))?;
    Ok(Exit::Done)
}

/// Reads headers as `NAME: VALUE`, or from files of such lines.
async fn read(headers: &[String]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::new();
    for header in headers {
        let lines = match header.strip_prefix('@') {
            None => header.clone(),
            Some(path) => {
                let file = path.to_owned();
                // A pipe may block.
                let text = input::blocking(move || input::bounded(File::open(file)?, MAX_TEXT)).await;
                let failure =
                    |why: &dyn fmt::Display| Failure::usage(format!("the headers in {path} cannot be read")).why(why);
                String::from_utf8(text.map_err(|error| failure(&error))?)
                    .map_err(|_| failure(&"they are not UTF-8 text"))?
            }
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

/// A webhook that was refused. An unreadable body has another exit code than a wrong signature.
fn refused(error: &WebhookError) -> Failure {
    let (exit, next) = match error {
        WebhookError::TooLarge { .. }
        | WebhookError::NotJson { .. }
        | WebhookError::WrongShape { .. }
        | WebhookError::OtherProduct => (Exit::Failed, ""),
        WebhookError::BadSignature => {
            (Exit::BadSignature, "pass the body byte for byte, and check CASHFREE_WEBHOOK_SECRET")
        }
        WebhookError::Stale { .. } => (Exit::BadSignature, "pass --any-age for a stored webhook"),
        WebhookError::MissingHeader { .. } | WebhookError::MalformedHeader { .. } => {
            (Exit::BadSignature, "pass all its headers with -H")
        }
        _ => (Exit::BadSignature, ""),
    };
    Failure::new(exit, "the webhook is not valid").why(error).next(next)
}

/// The most connections. Further senders wait until one ends.
const MAX_SENDERS: usize = 256;

/// The time limit for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(5);

/// The most bytes of a head.
const MAX_HEAD: usize = 64 * 1024;

/// The time limit for printing an event.
const PRINT_TIME: Duration = Duration::from_secs(5);

/// The time limit of `--forward` without `--timeout`.
const FORWARD_TIME: Duration = Duration::from_secs(10);

/// The wait when no connection can be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// A line for one of the standard streams. Another thread writes both: a blocked reader must not block the endpoint.
enum Line {
    /// A verified event, with a channel that reports that it was printed.
    Event(Box<Event>, oneshot::Sender<()>),
    Note(String),
}

struct Endpoint {
    verifier: Verifier,
    lines: mpsc::Sender<Line>,
    forward: Option<(reqwest::Client, Url)>,
}

async fn listen(port: u16, forward: Option<&Url>, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let (lines, mut received) = mpsc::channel(64);
    let forward = forward.map(|url| forwarder(url, session.timeout.unwrap_or(FORWARD_TIME))).transpose()?;
    let endpoint = Endpoint { verifier: session.verifier()?, lines, forward };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| Failure::io(format!("port {port} cannot be opened"), &error))?;
    let address = listener.local_addr().map_err(|error| Failure::io("the port cannot be read", &error))?;
    output.until_interrupted();
    output.note(&format!("listening on http://{address}/, until Ctrl-C"));
    let server = tokio::spawn(serve(listener, Arc::new(endpoint)));
    // 32 bytes per event. Only a sender with the secret can add one.
    let mut known = HashSet::new();
    while let Some(next) = received.recv().await {
        match next {
            Line::Event(event, printed) => {
                let text = text(&event, Some(!known.insert(event.key())), output)?;
                in_thread(move || to_stdout(&format!("{text}\n"))).await?;
                // The sender may have closed the connection.
                let _ = printed.send(());
            }
            Line::Note(text) => {
                in_thread(move || {
                    to_stderr(&line(&text));
                    Ok(())
                })
                .await?
            }
        }
    }
    server.abort();
    Ok(Exit::Done)
}

async fn in_thread(write: impl FnOnce() -> Result<(), Failure> + Send + 'static) -> Result<(), Failure> {
    let written = tokio::task::spawn_blocking(write).await;
    written.unwrap_or_else(|error| Err(Failure::new(Exit::Failed, "a thread cannot be started").why(error)))
}

async fn serve(listener: TcpListener, endpoint: Arc<Endpoint>) {
    let senders = Arc::new(Semaphore::new(MAX_SENDERS));
    // The semaphore is never closed.
    while let Ok(sender) = Arc::clone(&senders).acquire_owned().await {
        // A connection may break before it is accepted, and descriptors may run out for a while.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let endpoint = Arc::clone(&endpoint);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let endpoint = Arc::clone(&endpoint);
            async move { Ok::<_, Infallible>(endpoint.receive(request.map(Body::new)).await) }
        });
        let mut server = http1::Builder::new();
        // One request per connection: a sender that does not read responses could hold a connection that is kept alive.
        server.keep_alive(false).timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(MAX_HEAD);
        tokio::spawn(async move {
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
            drop(sender);
        });
    }
}

fn forwarder(url: &Url, timeout: Duration) -> Result<(reqwest::Client, Url), Failure> {
    let refuse = |why: String| Failure::usage("--forward cannot be used").why(why).next("write an http or https URL");
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("it is not an http or https URL".to_owned()));
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(timeout).build();
    Ok((client.map_err(|error| refuse(error.without_url().to_string()))?, url.clone()))
}

impl Endpoint {
    /// Verifies a request within the verifier's limits, prints it, and forwards it.
    async fn receive(&self, request: Request) -> Response {
        if request.method() != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        let headers = request.headers().clone();
        let body = VerifiedBody::from_request(request, &self.verifier).await;
        match body.and_then(|VerifiedBody { bytes, .. }| Ok((Event::from_slice(&bytes)?, bytes))) {
            Err(error) => {
                self.note(format!("refused: {error}"));
                error.into_response()
            }
            // Only a printed event gets 200. Cashfree sends any other again.
            Ok((event, body)) => match tokio::time::timeout(PRINT_TIME, self.print(event)).await {
                Ok(Some(())) => self.forward(headers, body).await.into_response(),
                _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            },
        }
    }

    /// Prints a line for people, unless the standard streams are blocked.
    fn note(&self, text: String) {
        let _ = self.lines.try_send(Line::Note(text));
    }

    /// Waits until an event is printed. `None`: it cannot be printed.
    async fn print(&self, event: Event) -> Option<()> {
        let (printed, is_printed) = oneshot::channel();
        self.lines.send(Line::Event(Box::new(event), printed)).await.ok()?;
        is_printed.await.ok()
    }

    /// Forwards a webhook unchanged, and returns the status of the response.
    async fn forward(&self, mut headers: HeaderMap, body: Vec<u8>) -> StatusCode {
        let Some((client, url)) = &self.forward else { return StatusCode::OK };
        // These belong to the incoming connection; the client sets its own.
        for name in [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING] {
            headers.remove(name);
        }
        match client.post(url.clone()).headers(headers).body(body).send().await {
            Ok(response) => response.status(),
            Err(error) => {
                let status = if error.is_timeout() { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
                self.note(format!("not forwarded: {}", error.without_url()));
                status
            }
        }
    }
}

/// An event as a line. `again` is whether a listener received it before.
fn text(event: &Event, again: Option<bool>, output: &Output) -> Result<String, Failure> {
    let (vkyc, time) = (&event.data, event.event_time.as_ref().map(Timestamp::as_str));
    if output.is_json {
        let record = Record::default()
            .with("event_type", "", event.event_type.as_str())
            .with("event_time", "", time)
            .with("key", "", event.key().to_string());
        let record = again.into_iter().fold(record, |record, again| record.with("again", "", again));
        let vkyc = verification(vkyc, &OutcomeRules::default(), None, output.shows_sensitive, None);
        return output.json_text(&record.with_all(vkyc));
    }
    let id = vkyc.verification_id.clone().or_else(|| vkyc.reference_id.map(|id| id.to_string()));
    let parts = [
        Some(short(time.unwrap_or("no time"))),
        Some(event.event_type.to_string()),
        (!vkyc.status.as_str().is_empty()).then(|| state(vkyc)),
        id.as_deref().map(short),
        (again == Some(true)).then(|| "again".to_owned()),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join("  "))
}
