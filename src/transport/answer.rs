//! An answer that is no success: which error it is, with everything that a caller may want to know of it.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::config::Credentials;
use crate::error::{Delivery, Error, ErrorKind, Printable};
use crate::generated::types::ApiError;
use crate::transport::{Exchange, Operation};

/// Explains an answer that progenitor could not turn into a `T`, or that says nothing.
pub(super) fn explain<T: DeserializeOwned>(
    operation: &'static Operation,
    exchange: Exchange,
    credentials: &Credentials,
) -> Error {
    let Exchange { http_status, headers, body } = exchange;
    let api = api_error(&body, credentials);
    let kind = match http_status.as_u16() {
        429 => ErrorKind::RateLimited,
        300..400 => ErrorKind::Redirect,
        // Cashfree also sends its error body under a success status.
        200..300 if api.is_none() => ErrorKind::Decode,
        _ => ErrorKind::Api,
    };
    let (mut detail, mut field_path) = (String::new(), None);
    if kind == ErrorKind::Decode && http_status == 200 {
        (detail, field_path) = what_does_not_fit::<T>(&body);
    } else if kind == ErrorKind::Decode {
        detail = "the spec describes no such success".into();
    } else if api.is_none() && kind != ErrorKind::Redirect {
        let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or("unnamed type");
        detail = format!("the body is not Cashfree's error body: {} bytes of {}", body.len(), Printable(media_type));
    }
    Error::without_answer(operation, kind, Delivery::Answered, detail)
        .with_answer(http_status, headers, body)
        .with_api(api)
        .with_field_path(field_path)
}

/// The body as Cashfree's error body. `None` when it is something else, or says nothing.
fn api_error(body: &[u8], credentials: &Credentials) -> Option<ApiError> {
    let mut api: ApiError = serde_json::from_slice(body).ok()?;
    if let Some(scrubbed) = api.message.as_deref().and_then(|message| credentials.scrub(message)) {
        api.message = Some(scrubbed);
    }
    let says_something = api.type_.is_some() || api.code.is_some() || api.message.is_some();
    says_something.then_some(api)
}

/// Decodes once more, to learn where it stops. serde's own words are not used: they quote the value.
fn what_does_not_fit<T: DeserializeOwned>(body: &[u8]) -> (String, Option<String>) {
    if body.is_empty() {
        return ("the body is empty".into(), None);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let error = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => error,
        Ok(_) if json.end().is_err() => return ("something follows the JSON value".into(), None),
        Ok(_) => return ("none of the documented fields is there".into(), None),
    };
    let is_at_field = error.inner().classify() == Category::Data && error.path().iter().next().is_some();
    let path = is_at_field.then(|| error.path().to_string());
    let place = format!("line {}, column {}", error.inner().line(), error.inner().column());
    let detail = match (error.inner().classify(), &path) {
        (Category::Eof, _) => format!("the JSON ends too early, at {place}"),
        (Category::Data, Some(path)) => format!("the field `{}` does not fit, at {place}", Printable(path)),
        (Category::Data, None) => format!("the JSON is not an object with the documented fields, at {place}"),
        _ => format!("the body is not JSON, at {place}"),
    };
    (detail, path)
}
