//! Webhooks: events that Cashfree sends when a verification moves, verified before they are read.
//!
//! No HTTP client is needed, and no server is chosen for you: a [`Verifier`] takes the headers and the raw body of a
//! request and gives an [`Event`], whose `data` is the same [`VideoKyc`](crate::VideoKyc) as the answer of a status call.
//!
//! ```text
//!  POST from Cashfree
//!   │ headers, raw bytes
//!   ▼ Verifier     size ─▶ headers ─▶ HMAC-SHA256, constant time ─▶ age ─▶ JSON      WebhookError: 401, 400, 413
//!   ▼ Event        an unknown type or field survives
//!   ├─ key()         Dedupe: the same event comes more than once
//!   ├─ supersedes()  events come in any order: only what is surely newer may overwrite
//!   └─ Watch::feed   wakes whoever waits for this verification
//! ```
//!
//! Answer with 200 as soon as the event is safe in your store; anything else, and any delay, makes Cashfree send it again.
//!
//! ```
//! use cashfree_vkyc::webhook::{Verifier, WebhookError};
//!
//! fn receive(verifier: &Verifier, headers: &http::HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
//!     let event = verifier.verify(headers, body)?;
//!     println!("{}: {} / {}", event.event_type, event.data.status, event.data.sub_status);
//!     Ok(())
//! }
//!
//! // The client secret of the account; during a rotation, the old one and the new one.
//! let verifier = Verifier::new(["old-secret", "new-secret"])?;
//!
//! // For tests: a request as Cashfree signs it.
//! let request = verifier.sign(r#"{"event_type":"VKYC_USER_CALL_QUEUED","data":{"reference_id":1358}}"#);
//! assert!(receive(&verifier, &request.headers(), request.body()).is_ok());
//! assert!(receive(&verifier, &request.headers(), b"{}").is_err());
//! # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
//! ```
//!
//! # With axum
//!
//! The feature `axum` has an extractor, `VerifiedEvent`, which answers 401, 400 and 413 itself; `examples/webhook_axum.rs`
//! is a whole program.
//!
//! # With actix-web
//!
//! actix-web 4 has header types of an older `http`; copy them.
//!
//! ```
//! use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
//! use cashfree_vkyc::webhook::Verifier;
//!
//! async fn receive(verifier: web::Data<Verifier>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
//!     let headers = request.headers().iter().filter_map(|(name, value)| {
//!         Some((
//!             http::HeaderName::from_bytes(name.as_str().as_bytes()).ok()?,
//!             http::HeaderValue::from_bytes(value.as_bytes()).ok()?,
//!         ))
//!     });
//!     match verifier.verify(&headers.collect(), &body) {
//!         Ok(event) => HttpResponse::Ok().body(event.event_type.to_string()),
//!         Err(error) => {
//!             let status = StatusCode::from_u16(error.http_status().as_u16()).unwrap_or(StatusCode::BAD_REQUEST);
//!             HttpResponse::build(status).body(error.to_string())
//!         }
//!     }
//! }
//!
//! # fn app(verifier: Verifier) {
//! let app = actix_web::App::new()
//!     .app_data(web::Data::new(verifier))
//!     .app_data(web::PayloadConfig::new(1024 * 1024))
//!     .route("/webhooks", web::post().to(receive));
//! # }
//! ```
//!
//! # With hyper
//!
//! ```
//! use cashfree_vkyc::webhook::Verifier;
//! use http::{Request, Response, StatusCode};
//! use http_body_util::{BodyExt as _, LengthLimitError, Limited};
//! use hyper::body::Incoming;
//!
//! async fn receive(verifier: Verifier, request: Request<Incoming>) -> Response<String> {
//!     let (head, body) = request.into_parts();
//!     let status = match Limited::new(body, verifier.body_limit()).collect().await {
//!         Ok(body) => match verifier.verify(&head.headers, &body.to_bytes()) {
//!             Ok(event) => {
//!                 println!("{}", event.event_type);
//!                 StatusCode::OK
//!             }
//!             Err(error) => error.http_status(),
//!         },
//!         Err(error) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
//!         Err(_) => StatusCode::BAD_REQUEST,
//!     };
//!     let mut response = Response::new(String::new());
//!     *response.status_mut() = status;
//!     response
//! }
//! ```

#[cfg(feature = "axum")]
mod axum;
mod dedupe;
mod error;
mod event;
mod legacy_signature;
pub(crate) mod secrets;
mod signature;
mod signed_request;
mod timestamp;
mod verifier;

#[cfg(feature = "axum")]
pub use axum::VerifiedEvent;
pub use dedupe::{Claim, Dedupe, DedupeError, DedupeFuture, MemoryDedupe};
pub use error::WebhookError;
pub use event::EventKey;
pub use secrets::Secrets;
pub use signed_request::SignedRequest;
pub use verifier::{Verifier, VerifierError};

pub use crate::model::{Event, EventType};
