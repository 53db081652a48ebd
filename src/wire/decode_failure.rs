//! The reason and position of a decoding failure, for the errors of calls and of webhooks.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use super::printed::Name;
use super::repair::repaired;

/// The reason why a body is not a `T`. Contains none of its values.
pub(crate) struct DecodeFailure {
    /// Whether the body is JSON at all.
    pub(crate) is_json: bool,
    /// The path of the field where decoding stopped, as in `items[3].name`. `None` if it was not at a field. A key that does not
    /// look like a name is replaced by its length.
    pub(crate) field_path: Option<String>,
    /// The reason and the position, as text.
    pub(crate) detail: String,
}

impl DecodeFailure {
    /// Decodes the body again to find the position. serde's own messages are not used, because they quote the value.
    pub(crate) fn of<T: DeserializeOwned>(body: &[u8]) -> Self {
        let because = |is_json, detail: &str| Self { is_json, field_path: None, detail: detail.to_owned() };
        if body.is_empty() {
            return because(false, "the body is empty");
        }
        let repaired = repaired(body);
        let mut json = serde_json::Deserializer::from_slice(repaired.as_ref().map_or(body, |text| text.as_bytes()));
        let error = match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Err(error) => error,
            Ok(_) if json.end().is_err() => return because(false, "something follows the JSON value"),
            Ok(_) => {
                return because(
                    true,
                    "it repeats none of the ids that were sent, in the same case, or has none of the documented fields",
                );
            }
        };
        let field_path = printed_path(error.path());
        let place = format!("line {}, column {}", error.inner().line(), error.inner().column());
        let category = error.inner().classify();
        let detail = match (category, &field_path) {
            (Category::Eof, Some(path)) => format!("the JSON ends within the field `{}`, at {place}", path),
            (Category::Eof, None) => format!("the JSON ends too early, at {place}"),
            (Category::Data, Some(path)) => format!("the field `{}` does not fit, at {place}", path),
            (Category::Data, None) => format!("the JSON is not an object with the documented fields, at {place}"),
            _ => format!("the body is not JSON, at {place}"),
        };
        Self { is_json: category == Category::Data, field_path, detail }
    }
}

/// Formats the path to a field. Its names come from the document and may be anything.
fn printed_path(path: &Path) -> Option<String> {
    let mut printed = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => printed.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                let dot = if printed.is_empty() { "" } else { "." };
                printed.push_str(&format!("{dot}{}", Name(name)));
            }
            Segment::Unknown => return None,
        }
    }
    (!printed.is_empty()).then_some(printed)
}
