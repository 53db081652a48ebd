//! Webhooks: events that Cashfree sends when a verification changes, verified before they are decoded.
//!
//! They need no HTTP client and no particular server: a [`Verifier`] takes the headers and the raw body of a request and returns
//! an [`Event`], whose `data` is the same [`VideoKyc`](crate::VideoKyc) as in the response of a status call.
//!
//! ```text
//!  POST from Cashfree
//!   │ headers, raw bytes
//!   ▼ Verifier     headers ─▶ age ─▶ size ─▶ `{` ─▶ HMAC-SHA256, constant time ─▶ JSON    WebhookError: 401, 400, 413
//!  ▼ Event        unknown types and fields are kept
//!  ▼ handle_once  repeated deliveries: claim ─▶ your handler ─▶ complete or release    200; 503 or 500 to get it again
//!  ├─ supersedes()  any order: only a certainly newer event may overwrite a state
//!  └─ Watch::feed   wakes the watch of this verification
//! ```
//!
//! Respond with 200 as soon as the event is in your store. After any other status, and after a delay, Cashfree sends it again.
//! [`handle_once`] uses a [`Dedupe`] store; [`Handled::http_status`] and [`HandleOnceError::http_status`] return the status.
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
//! The feature `axum` has an extractor, `VerifiedEvent`. It responds with 401, 400 and 413, and with 408 and 503 if bodies stall
//! or are too many. `examples/service` is a complete program.
//!
//! ```
//! use std::sync::Arc;
//! use axum::{extract::FromRef, extract::State, http::StatusCode};
//! use cashfree_vkyc::webhook::{Dedupe, Event, VerifiedEvent, Verifier, handle_once};
//!
//! #[derive(Clone)]
//! struct App {
//!     verifier: Verifier,
//!     seen: Arc<dyn Dedupe>, // a `MemoryDedupe`, or a store that several instances share
//! }
//!
//! # impl FromRef<App> for Verifier {
//! #     fn from_ref(app: &App) -> Self {
//! #         app.verifier.clone()
//! #     }
//! # }
//! # impl App {
//! #     async fn keep(&self, _: &Event) -> std::io::Result<()> { Ok(()) }
//! # }
//! async fn receive(State(app): State<App>, VerifiedEvent(event): VerifiedEvent) -> StatusCode {
//!     match handle_once(&app.seen, &event, |event| app.keep(event)).await {
//!         Ok(handled) => handled.http_status(),
//!         Err(error) => error.http_status(),
//!     }
//! }
//! # let _: axum::Router<App> = axum::Router::new().route("/webhooks", axum::routing::post(receive));
//! ```
//!
//! # With other frameworks
//!
//! Handlers for actix-web and hyper: [docs/webhooks.md].
//!
//! [docs/webhooks.md]: https://github.com/cashfree-vkyc/cashfree-vkyc/blob/main/docs/webhooks.md

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "axum")]
mod body_reader;
mod dedupe;
mod error;
mod event;
mod handle_once;
mod memory_dedupe;
#[cfg(feature = "axum")]
mod read_limiter;
pub(crate) mod secrets;
mod signature;
mod signed_request;
mod timestamp;
mod verifier;

#[cfg(feature = "axum")]
pub use axum::{VerifiedBody, VerifiedEvent};
pub use dedupe::{Claim, ClaimToken, Dedupe, DedupeError, DedupeFuture};
pub use error::WebhookError;
pub use event::EventKey;
pub use handle_once::{HandleOnceError, Handled, handle_once};
pub use memory_dedupe::MemoryDedupe;
pub use secrets::Secrets;
pub use signed_request::SignedRequest;
pub use verifier::{CheckedHeaders, Verifier, VerifierError};

pub use crate::model::Event;
