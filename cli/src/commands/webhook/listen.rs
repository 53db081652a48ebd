//! `webhook listen`: an endpoint on this machine. Cashfree reaches it through a tunnel, and the sandbox directly.
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
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use cashfree_vkyc::reqwest::{self, Url};
use cashfree_vkyc::webhook::{Event, Verifier, WebhookError};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::escape::line;
use crate::failure::{Exit, Failure};
use crate::output::{Output, to_stderr};
use crate::session::Session;

struct Endpoint {
    verifier: Verifier,
    /// Verified events, each with a channel that reports that it was printed.
    events: mpsc::Sender<(Box<Event>, oneshot::Sender<()>)>,
    forward: Option<(reqwest::Client, Url)>,
}

pub(super) async fn run(port: u16, forward: Option<&Url>, session: &Session, output: &Output) -> Result<Exit, Failure> {
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
        super::print(&event, Some(!known.insert(event.key())), output)?;
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
