//! `webhook listen`: an endpoint on this machine. Cashfree reaches it by a tunnel; the sandbox, as it is.
//!
//! ```text
//! POST ─▶ verify ─┬─ refused: a line on stderr, 401 · 400 · 413
//!                 └─ event ─▶ a line on stdout ─▶ 200, or what --forward answers
//! ```

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use cashfree_vkyc::reqwest;
use cashfree_vkyc::webhook::{Event, Verifier};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// What an endpoint is made of.
struct Endpoint {
    verifier: Verifier,
    events: mpsc::Sender<Came>,
    forward: Option<(reqwest::Client, String)>,
}

/// What came, for whoever prints it, which says when that is done.
enum Came {
    Event(Box<Event>, oneshot::Sender<()>),
    Refused(String),
    NotForwarded(String),
}

pub(super) async fn run(port: u16, forward: Option<&str>, session: &Session, output: &Output) -> Result<Exit, Failure> {
    let (events, mut came) = mpsc::channel(64);
    let forward = forward.map(forwarder).transpose()?;
    let endpoint = Endpoint { verifier: session.verifier()?, events, forward };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| Failure::io(format!("port {port} cannot be opened"), &error))?;
    let address = listener.local_addr().map_err(|error| Failure::io("the port cannot be told", &error))?;
    output.until_interrupted();
    output.note(&format!("listening on http://{address}/, until Ctrl-C"));
    let router = Router::new().fallback(receive).with_state(Arc::new(endpoint));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    // 32 bytes an event, of those alone that somebody could sign.
    let mut known = HashSet::new();
    while let Some(came) = came.recv().await {
        match came {
            Came::Event(event, printed) => {
                let again = !known.insert(event.key());
                super::tell(&event, Some(again), output)?;
                // Who asked may have gone.
                let _ = printed.send(());
            }
            Came::Refused(why) => output.note(&format!("refused: {why}")),
            Came::NotForwarded(why) => output.note(&format!("not forwarded: {why}")),
        }
    }
    server.abort();
    Ok(Exit::Done)
}

fn forwarder(url: &str) -> Result<(reqwest::Client, String), Failure> {
    let refuse = |why: String| Failure::usage("--forward cannot be used").why(why).next("write an http or https URL");
    let parsed: axum::http::Uri =
        url.parse().map_err(|error: axum::http::uri::InvalidUri| refuse(error.to_string()))?;
    if !matches!(parsed.scheme_str(), Some("http" | "https")) || parsed.host().is_none() {
        return Err(refuse("it is no http or https URL".to_owned()));
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    Ok((client.map_err(|error| refuse(error.without_url().to_string()))?, url.to_owned()))
}

async fn receive(State(endpoint): State<Arc<Endpoint>>, request: Request) -> StatusCode {
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    let (head, body) = request.into_parts();
    let (event, body) = match checked(&endpoint.verifier, &head.headers, body).await {
        Ok(passed) => passed,
        Err((status, why)) => {
            let _ = endpoint.events.send(Came::Refused(why)).await;
            return status;
        }
    };
    let (printed, is_printed) = oneshot::channel();
    // 200 is for what was printed: after anything else, it is sent again.
    if endpoint.events.send(Came::Event(Box::new(event), printed)).await.is_err() || is_printed.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    endpoint.forward(head.headers, body).await
}

/// Head, then body, within the verifier's limits.
async fn checked(verifier: &Verifier, headers: &HeaderMap, body: Body) -> Result<(Event, Bytes), (StatusCode, String)> {
    let refuse = |error: cashfree_vkyc::webhook::WebhookError| (error.http_status(), error.to_string());
    let head = verifier.check_headers(headers).map_err(refuse)?;
    let read = tokio::time::timeout(verifier.read_limit(), to_bytes(body, verifier.body_limit())).await;
    let body = match read {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err((StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or broke off".to_owned())),
        Err(_) => return Err((StatusCode::REQUEST_TIMEOUT, "the body did not come in time".to_owned())),
    };
    head.verify(&body).map(|event| (event, body)).map_err(refuse)
}

impl Endpoint {
    /// Sends it on as it came, and answers what that answers.
    async fn forward(&self, mut headers: HeaderMap, body: Bytes) -> StatusCode {
        let Some((client, url)) = &self.forward else { return StatusCode::OK };
        // Those of this connection; the client sets its own.
        for name in [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING] {
            headers.remove(name);
        }
        match client.post(url).headers(headers).body(body).send().await {
            Ok(answer) => answer.status(),
            Err(error) => {
                let _ = self.events.send(Came::NotForwarded(error.without_url().to_string())).await;
                StatusCode::BAD_GATEWAY
            }
        }
    }
}
