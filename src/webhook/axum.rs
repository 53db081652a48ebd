//! Extractors for axum: read the raw body within bounds, and respond to rejected requests (feature `axum`).

use std::fmt;
use std::sync::Arc;

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::RETRY_AFTER;

use super::error::WebhookError;
use super::event::EventKey;
use super::verifier::Verifier;
use crate::model::Event;

/// A verified webhook, as the argument of an axum handler. The state is the [`Verifier`], or contains one (`FromRef`); either may
/// be in an `Arc`.
///
/// A rejected request never reaches the handler: the response has [`WebhookError::http_status`] and the message of the error.
///
/// A missing or malformed signature, or a time too far from now, is rejected before the body is read. Valid headers prove
/// nothing, so anyone can have a body read: at most [`Verifier::max_body_bytes`], for at most [`Verifier::read_timeout`], and all
/// bodies within [`Verifier::max_buffered_bytes`]. The server, or the proxy before it, limits the time for the head of a request
/// and the number of connections.
///
/// Runs in tokio with its timer enabled, as in `#[tokio::main]`. Elsewhere, tokio panics unless the body is complete at once.
///
/// ```
/// use axum::{Router, routing::post};
/// use cashfree_vkyc::webhook::{VerifiedEvent, Verifier};
///
/// async fn receive(VerifiedEvent(event): VerifiedEvent) {
///     println!("{}", event.event_type);
/// }
///
/// let app: Router = Router::new().route("/webhooks", post(receive)).with_state(Verifier::new("secret")?);
/// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
/// ```
///
/// With a state of your own:
///
/// ```
/// use std::sync::Arc;
/// use axum::{Router, extract::FromRef, routing::post};
/// use cashfree_vkyc::webhook::{VerifiedEvent, Verifier};
///
/// struct App {
///     verifier: Verifier,
/// }
///
/// impl FromRef<App> for Verifier {
///     fn from_ref(app: &App) -> Self {
///         app.verifier.clone()
///     }
/// }
///
/// async fn receive(VerifiedEvent(event): VerifiedEvent) {
///     println!("{}", event.event_type);
/// }
///
/// let app = Arc::new(App { verifier: Verifier::new("secret")? });
/// let app: Router = Router::new().route("/webhooks", post(receive)).with_state(app);
/// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedEvent(
    /// The event.
    pub Event,
);

/// Allows a state within an `Arc`, for which the state's own crate could not implement this.
impl<T> FromRef<Arc<T>> for Verifier
where
    Self: FromRef<T>,
{
    fn from_ref(state: &Arc<T>) -> Self {
        Self::from_ref(state.as_ref())
    }
}

impl<S> FromRequest<S> for VerifiedEvent
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebhookError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookError> {
        verified(request, state).await.and_then(|body| Event::from_slice(&body).map(Self))
    }
}

/// The body of a verified webhook, for an inbox: store it by its key, respond with 200, and decode it later with [`Event::from_slice`].
/// This loses no genuine event, even if this version cannot decode it.
///
/// The same bounds as for [`VerifiedEvent`] apply.
///
/// ```
/// use axum::http::StatusCode;
/// use axum::{Router, routing::post};
/// use cashfree_vkyc::webhook::{EventKey, VerifiedBody, Verifier};
///
/// /// Writes the body to your table, unless it has the key already.
/// async fn store(key: EventKey, body: &[u8]) -> std::io::Result<()> {
///     Ok(())
/// }
///
/// async fn receive(VerifiedBody { key, bytes }: VerifiedBody) -> StatusCode {
///     match store(key, &bytes).await {
///         Ok(()) => StatusCode::OK,
///         Err(_) => StatusCode::SERVICE_UNAVAILABLE, // Cashfree sends it again
///     }
/// }
///
/// let app: Router = Router::new().route("/webhooks", post(receive)).with_state(Verifier::new("secret")?);
/// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct VerifiedBody {
    /// The same for each delivery of an event.
    pub key: EventKey,
    /// The bytes that were signed. They contain personal data.
    pub bytes: Vec<u8>,
}

impl<S> FromRequest<S> for VerifiedBody
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebhookError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookError> {
        let bytes = verified(request, state).await?;
        Ok(Self { key: EventKey::of(&bytes), bytes })
    }
}

impl fmt::Debug for VerifiedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedBody").field("key", &self.key).field("bytes", &self.bytes.len()).finish()
    }
}

/// Returns the body of a request with a valid signature.
async fn verified<S>(request: Request, state: &S) -> Result<Vec<u8>, WebhookError>
where
    Verifier: FromRef<S>,
{
    let verifier = Verifier::from_ref(state);
    let (head, body) = request.into_parts();
    let checked = verifier.check_headers(&head.headers)?;
    let body = verifier.body_reader.read(body, verifier.body_limit(), verifier.read_limit()).await?;
    checked.verify_signature(&body)?;
    Ok(body)
}

impl IntoResponse for WebhookError {
    fn into_response(self) -> Response {
        let mut response = (self.http_status(), self.to_string()).into_response();
        if self == Self::TooBusy {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
