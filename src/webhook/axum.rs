//! The extractor for axum: takes the raw body, bounded, and answers for what is refused (feature `axum`).

use std::sync::Arc;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::error::WebhookError;
use super::verifier::Verifier;
use crate::model::Event;

/// A webhook that was verified, as the argument of an axum handler. The state is the [`Verifier`], or holds one (by
/// `FromRef`), behind an `Arc` or not.
///
/// What is refused never reaches the handler: it is answered with [`WebhookError::http_status`] and the error's words.
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
        let verifier = Verifier::from_ref(state);
        let (head, body) = request.into_parts();
        // Who has no signature to show gets no memory of ours.
        verifier.check_headers(&head.headers)?;
        let body = read(body, &head.headers, verifier.body_limit()).await?;
        verifier.verify(&head.headers, &body).map(Self)
    }
}

/// The whole body, unless it is too large; one that says so in its head is not read at all.
async fn read(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, WebhookError> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit)) {
        return Err(WebhookError::TooLarge { limit });
    }
    match Limited::new(body, limit).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(WebhookError::TooLarge { limit }),
        Err(_) => Err(WebhookError::Unreadable),
    }
}

impl IntoResponse for WebhookError {
    fn into_response(self) -> Response {
        (self.http_status(), self.to_string()).into_response()
    }
}
