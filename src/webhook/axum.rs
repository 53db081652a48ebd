//! The extractor for axum: takes the raw body, bounded, and answers for what is refused (feature `axum`).

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

/// A webhook that was verified, as the argument of an axum handler. The state is the [`Verifier`], or holds one (by
/// `FromRef`), behind an `Arc` or not.
///
/// What is refused never reaches the handler: it is answered with [`WebhookError::http_status`] and the error's words.
///
/// What headers give away (a signature that is missing or none, a time too far from now) is refused before the body is read.
/// They prove nothing, so anybody can have a body read: at most [`Verifier::max_body_bytes`] of it, for
/// [`Verifier::read_timeout`], and all of them within [`Verifier::max_buffered_bytes`]. How long a head may take, and how
/// many connections there are, is for the server or the proxy before it.
///
/// Runs in tokio with its timer on, as `#[tokio::main]` makes it; elsewhere, a body that is not there at once is a panic of
/// tokio's.
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

/// So that a state may stand behind an `Arc`, which the state's own crate could not say.
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

/// The body of a webhook whose signature was verified, for an inbox: store it by its key, answer 200, and decode it later by
/// [`Event::from_slice`]. So no genuine event is lost, even one that this version cannot decode.
///
/// It is extracted as [`VerifiedEvent`] is, with the same bounds.
///
/// ```
/// use axum::http::StatusCode;
/// use axum::{Router, routing::post};
/// use cashfree_vkyc::webhook::{EventKey, VerifiedBody, Verifier};
///
/// /// Writes the body to your table, unless the key is there.
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
    /// The bytes as they were signed. They contain personal data.
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

/// The body of a request whose signature is right.
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
