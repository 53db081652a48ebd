//! The names of the items of a surface, and the information in such a name.
//!
//! ```text
//! query tags                       a parameter            query tags: []          what it holds
//! request application/json         a body                 request application/json: owner.name
//! 200 header x-request-id          of a response          200 application/json: tags[]
//! received application/json: data  of a webhook           callback done application/json: id
//! 200 application/json: a<not>     a schema under a keyword that is not understood
//! ```

/// The place of statements about an operation as a whole.
pub(crate) const OPERATION: &str = "operation";

/// The kind of item that a place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Operation,
    Server,
    Auth,
    Parameter,
    RequestBody,
    RequestField,
    Response { success: bool },
    ResponseBody { success: bool },
    ResponseField,
    ResponseHeader,
    Callback,
    NotUnderstood,
    State,
    Call,
    KnownError,
}

impl Kind {
    /// The kind of item that a place names.
    pub(crate) fn of(place: &str) -> Self {
        let (head, field) = halves(place);
        let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
        match word {
            OPERATION => Self::Operation,
            "server" => Self::Server,
            "auth" => Self::Auth,
            "state" => Self::State,
            "call" => Self::Call,
            "error" => Self::KnownError,
            _ if field.is_some_and(|field| field.contains('<')) => Self::NotUnderstood,
            "query" | "path" | "header" | "cookie" | "elsewhere" if field.is_some() => Self::RequestField,
            "query" | "path" | "header" | "cookie" | "elsewhere" => Self::Parameter,
            "request" if field.is_some() => Self::RequestField,
            "request" => Self::RequestBody,
            _ if field.is_some() => Self::ResponseField,
            "callback" => rest.split_once(' ').map_or(Self::Callback, |(_, rest)| Self::of_answer(word, rest)),
            _ => Self::of_answer(word, rest),
        }
    }

    /// The kind of an item under a status, or under a request that the API sends.
    fn of_answer(status: &str, rest: &str) -> Self {
        match rest.split_once(' ').map_or(rest, |(word, _)| word) {
            "" => Self::Response { success: status.starts_with('2') },
            "header" | "query" | "path" | "cookie" | "elsewhere" => Self::ResponseHeader,
            _ => Self::ResponseBody { success: !status.starts_with(['4', '5']) },
        }
    }

    /// Whether the item is part of a request.
    pub(crate) const fn is_request(self) -> bool {
        matches!(self, Self::Parameter | Self::RequestBody | Self::RequestField)
    }
}

/// The part before a field, and the field.
fn halves(place: &str) -> (&str, Option<&str>) {
    place.split_once(": ").map_or((place, None), |(head, field)| (head, Some(field)))
}

/// The last name of a place, and the part before it.
pub(crate) fn split(place: &str) -> (&str, &str) {
    // A URL is one name, with its dots.
    let cut = if Kind::of(place) == Kind::Server { place.find(' ') } else { place.rfind(['.', ' ']) };
    place.split_at(cut.map_or(0, |at| at + 1))
}

/// The item without its context: a field's own name, or a header or media type without its status.
pub(crate) fn thing(place: &str) -> &str {
    match (Kind::of(place), halves(place)) {
        (_, (_, Some("."))) => ".",
        (Kind::ResponseField | Kind::RequestField | Kind::NotUnderstood, (_, Some(_))) => split(place).1,
        (Kind::ResponseHeader | Kind::ResponseBody { .. }, _) => place.split_once(' ').map_or(place, |(_, rest)| rest),
        _ => place,
    }
}

/// Whether the item belongs to an error response, which all operations share.
pub(crate) fn is_of_failure(place: &str) -> bool {
    place.starts_with(['4', '5']) || place.starts_with("default")
}

/// The parent of a place: the object of a field, the body of an object, the response of a body.
pub(crate) fn parent(place: &str) -> Option<String> {
    let (head, field) = match halves(place) {
        (head, Some(".")) => return Some(head.to_owned()),
        (head, Some(field)) => (head, field),
        (head, None) => return parent_of_head(head).map(str::to_owned),
    };
    // A field may have any name, also `]`.
    let holder = field.strip_suffix("[]").or_else(|| field.strip_suffix("{}"));
    let opaque = || field.strip_suffix('>').and_then(|field| field.rfind('<')).and_then(|cut| field.get(..cut));
    let object = || field.rfind('.').and_then(|cut| field.get(..cut));
    let above = holder.or_else(opaque).or_else(object);
    Some(format!("{head}: {}", above.filter(|name| !name.is_empty()).unwrap_or(".")))
}

/// The parent of a body or a header: its response or its callback.
fn parent_of_head(head: &str) -> Option<&str> {
    let is_within = matches!(Kind::of(head), Kind::ResponseBody { .. } | Kind::ResponseHeader);
    // "callback done" is two words; a status is one.
    let mut ends = head.match_indices(' ').skip(usize::from(head.starts_with("callback "))).filter(|_| is_within);
    ends.next().and_then(|(end, _)| head.get(..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_parent() {
        for (place, above) in [
            ("200 application/json: a.b", Some("200 application/json: a")),
            ("200 application/json: a", Some("200 application/json: .")),
            ("200 application/json: a[]", Some("200 application/json: a")),
            ("200 application/json: a[].b", Some("200 application/json: a[]")),
            ("200 application/json: a{}", Some("200 application/json: a")),
            ("200 application/json: a<not>", Some("200 application/json: a")),
            ("200 application/json: a<patternProperties ^x.y>", Some("200 application/json: a")),
            ("200 application/json: a<not>.b", Some("200 application/json: a<not>")),
            ("200 application/json: <not>", Some("200 application/json: .")),
            ("200 application/json: []", Some("200 application/json: .")),
            ("200 application/json: ]", Some("200 application/json: .")),
            ("200 application/json: a.>", Some("200 application/json: a")),
            ("200 application/json: .", Some("200 application/json")),
            ("200 application/json", Some("200")),
            ("200 header x-request-id", Some("200")),
            ("200 header x-list: []", Some("200 header x-list: .")),
            ("200 header x-list: .", Some("200 header x-list")),
            ("callback done application/json", Some("callback done")),
            ("callback done", None),
            ("200", None),
            ("query a", None),
            ("query a: []", Some("query a: .")),
        ] {
            assert_eq!(parent(place).as_deref(), above, "{place}");
        }
    }

    #[test]
    fn a_place_has_a_kind_and_a_thing() {
        for (place, kind, about) in [
            ("200 application/json: a.b", Kind::ResponseField, "b"),
            ("200 application/json: .", Kind::ResponseField, "."),
            ("200 application/json: a<not>.b", Kind::NotUnderstood, "b"),
            ("404 header retry-after", Kind::ResponseHeader, "header retry-after"),
            ("404 application/json", Kind::ResponseBody { success: false }, "application/json"),
            ("404", Kind::Response { success: false }, "404"),
            ("received header x-a", Kind::ResponseHeader, "header x-a"),
            ("received application/json", Kind::ResponseBody { success: true }, "application/json"),
            ("callback done", Kind::Callback, "callback done"),
            ("callback done header x-a", Kind::ResponseHeader, "done header x-a"),
            ("query a", Kind::Parameter, "query a"),
            ("query a: []", Kind::RequestField, "[]"),
            ("request application/json", Kind::RequestBody, "request application/json"),
            ("server https://a.example/v", Kind::Server, "server https://a.example/v"),
        ] {
            assert_eq!((Kind::of(place), thing(place)), (kind, about), "{place}");
        }
    }
}
