//! The server: connections, and the transfer of responses.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream::{self, StreamExt as _};
use http::Request;
use http::header::CONTENT_LENGTH;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::core::Core;
use super::exchange::respond;
use super::fault::Kind;
use super::response::Response;

/// The wait when no connection can be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// The number of parts of a slow body.
const PARTS: usize = 8;

type Body = UnsyncBoxBody<Bytes, io::Error>;

pub(super) async fn serve(listener: TcpListener, core: Arc<Core>) {
    loop {
        // A connection may break before it is accepted, and descriptors may run out for a while.
        match listener.accept().await {
            Ok((stream, _)) => core.tasks.spawn(connection(stream, Arc::clone(&core))),
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
        }
    }
}

async fn connection(stream: TcpStream, core: Arc<Core>) {
    // Small responses on one connection need not wait for each other's acknowledgement.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(Notify::new());
    let on_reset = Arc::clone(&reset);
    let service = service_fn(move |request: Request<Incoming>| {
        let (core, reset) = (Arc::clone(&core), Arc::clone(&on_reset));
        async move {
            let Some(response) = respond(&core, request).await else {
                reset.notify_one();
                return std::future::pending().await;
            };
            Ok::<_, Infallible>(http_response(response))
        }
    });
    let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let is_reset = matches!(select(&mut connection, pin!(reset.notified())).await, Either::Right(_));
    if is_reset {
        close_by_reset(&connection.into_parts().io.into_inner());
    }
}

/// Ends the connection with RST instead of FIN when it is dropped.
#[allow(deprecated, reason = "a linger of zero does not block, and the oldest supported tokio lacks the new name")]
fn close_by_reset(stream: &TcpStream) {
    let _ = stream.set_linger(Some(Duration::ZERO));
}

/// The HTTP response. A fault may affect the transfer of its body.
fn http_response(response: Response) -> http::Response<Body> {
    let Response { status, mut headers, body: bytes, transfer, .. } = response;
    let mut with_length = || headers.insert(CONTENT_LENGTH, bytes.len().into());
    let body = match transfer {
        Some(Kind::Truncated) => {
            with_length();
            let half = bytes.slice(..bytes.len() / 2);
            let broken = io::Error::other("a fault ends the body");
            in_parts(vec![(Duration::ZERO, Ok(half)), (Duration::from_millis(1), Err(broken))])
        }
        Some(Kind::SlowBody(time)) => {
            with_length();
            let size = bytes.len().div_ceil(PARTS).max(1);
            let parts = (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size)));
            in_parts(parts.map(|part| (time, Ok(part))).collect())
        }
        _ => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
    };
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// A body in parts, with a wait before each. An error breaks the connection.
fn in_parts(parts: Vec<(Duration, io::Result<Bytes>)>) -> Body {
    let frames = stream::iter(parts).then(async |(wait, part)| {
        tokio::time::sleep(wait).await;
        part.map(Frame::data)
    });
    StreamBody::new(frames).boxed_unsync()
}
