//! The server: connections, and how the bytes of a response come.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream;
use http::header::CONTENT_LENGTH;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::answer::answer;
use super::fault::Kind;
use super::refusal::Answer;
use super::shared::Shared;

/// How long to wait when no connection can be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// In how many parts a slow body comes.
const PARTS: usize = 8;

pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // A connection that broke before it was accepted is that client's business. Descriptors that ran out come back in
        // their own time.
        match listener.accept().await {
            Ok((stream, _)) => shared.tasks.spawn_serving(connection(stream, Arc::clone(&shared))),
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers on one connection need not wait for each other's acknowledgement.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(Notify::new());
    let told = Arc::clone(&reset);
    let service = service_fn(move |request: Request<Incoming>| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&told));
        async move {
            match answer(&shared, request).await {
                Some(answer) => Ok::<Response<Body>, Infallible>(answer),
                None => {
                    reset.notify_one();
                    std::future::pending().await
                }
            }
        }
    });
    let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let told_to_reset = matches!(select(&mut connection, pin!(reset.notified())).await, Either::Right(_));
    if told_to_reset {
        close_by_reset(&connection.into_parts().io.into_inner());
    }
}

/// The connection ends with RST rather than FIN as soon as it is dropped.
#[allow(
    deprecated,
    reason = "a linger of zero does not block, and its new name is not in the least tokio that suffices"
)]
fn close_by_reset(stream: &TcpStream) {
    let _ = stream.set_linger(Some(Duration::ZERO));
}

/// The response as HTTP, delivered as a fault orders.
pub(super) fn response(answer: Answer, delivery: Option<&Kind>) -> Response<Body> {
    let Answer { status, mut headers, body: bytes, .. } = answer;
    let body = match delivery {
        Some(Kind::Truncated) => {
            headers.insert(CONTENT_LENGTH, bytes.len().into());
            let half = bytes.slice(..bytes.len() / 2);
            in_parts(VecDeque::from([Part::Bytes(half), Part::Wait(Duration::from_millis(1)), Part::Break]))
        }
        Some(Kind::SlowBody(time)) => {
            headers.insert(CONTENT_LENGTH, bytes.len().into());
            let size = bytes.len().div_ceil(PARTS).max(1);
            let parts = (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size)));
            in_parts(parts.flat_map(|part| [Part::Wait(*time), Part::Bytes(part)]).collect())
        }
        _ => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

enum Part {
    Bytes(Bytes),
    Wait(Duration),
    /// The connection breaks.
    Break,
}

fn in_parts(parts: VecDeque<Part>) -> Body {
    let frames = stream::unfold(parts, |mut parts| async {
        loop {
            match parts.pop_front()? {
                Part::Bytes(bytes) => return Some((Ok(Frame::data(bytes)), parts)),
                Part::Wait(time) => tokio::time::sleep(time).await,
                Part::Break => return Some((Err(io::Error::other("a fault breaks the body off")), parts)),
            }
        }
    });
    StreamBody::new(frames).boxed_unsync()
}
