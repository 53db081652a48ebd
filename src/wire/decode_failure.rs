//! Why a body does not decode: which field, and where. For the errors of calls and of webhooks.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Segment;

use super::escaped::Escaped;

/// What keeps a body from being a `T`. Says nothing of the values in it.
pub(crate) struct DecodeFailure {
    /// Whether the body is JSON at all.
    pub(crate) is_json: bool,
    /// Where decoding stopped, as in `items[3].name`. `None` when it was not at a field.
    pub(crate) field_path: Option<String>,
    /// All of it, in words.
    pub(crate) detail: String,
}

impl DecodeFailure {
    /// Decodes the body once more, to learn where that stops. serde's own words are not used: they quote the value.
    pub(crate) fn of<T: DeserializeOwned>(body: &[u8]) -> Self {
        let because = |is_json, detail: &str| Self { is_json, field_path: None, detail: detail.to_owned() };
        if body.is_empty() {
            return because(false, "the body is empty");
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let error = match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Err(error) => error,
            Ok(_) if json.end().is_err() => return because(false, "something follows the JSON value"),
            Ok(_) => return because(true, "none of the documented fields is there"),
        };
        let is_known = |segment: &Segment| !matches!(segment, Segment::Unknown);
        let is_at_field = error.path().iter().next().is_some() && error.path().iter().all(is_known);
        let field_path = is_at_field.then(|| error.path().to_string());
        let place = format!("line {}, column {}", error.inner().line(), error.inner().column());
        let category = error.inner().classify();
        let detail = match (category, &field_path) {
            (Category::Eof, Some(path)) => format!("the JSON ends within the field `{}`, at {place}", Escaped(path)),
            (Category::Eof, None) => format!("the JSON ends too early, at {place}"),
            (Category::Data, Some(path)) => format!("the field `{}` does not fit, at {place}", Escaped(path)),
            (Category::Data, None) => format!("the JSON is not an object with the documented fields, at {place}"),
            _ => format!("the body is not JSON, at {place}"),
        };
        Self { is_json: category == Category::Data, field_path, detail }
    }
}
