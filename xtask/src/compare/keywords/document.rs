//! The tables for people.

use super::tables::*;
use super::{Object, Reading, Row};

const HEAD: &str = "\
# What drift makes of each keyword

Each keyword of OpenAPI 3.0 and 3.1 and of JSON Schema is *compared*, or means *nothing* to users of the crate for the reason given,
or is *not understood*: where two documents differ in it, that is told as `not-understood`, and a person reads it. So is every other
keyword, one whose value has not the form it must have, and what stands beside a `$ref`. Keywords that begin with `x-` are those of tools.
";

/// Each object, with its name.
pub(super) const OBJECTS: [(&str, Object); 17] = [
    ("Every object", EVERYWHERE),
    ("The document", DOCUMENT),
    ("A server", SERVER),
    ("A variable of a server", SERVER_VARIABLE),
    ("A path", PATH_ITEM),
    ("An operation, a webhook, a callback", OPERATION),
    ("A parameter", PARAMETER),
    ("The body of a request", REQUEST_BODY),
    ("A media type", MEDIA_TYPE),
    ("The encoding of a field of a form", ENCODING),
    ("A response", RESPONSE),
    ("A header of a response", HEADER),
    ("A security scheme", SECURITY_SCHEME),
    ("The flows of OAuth", OAUTH_FLOWS),
    ("A flow of OAuth", OAUTH_FLOW),
    ("A schema", SCHEMA),
    ("The discriminator of a schema", DISCRIMINATOR),
];

/// The tables as Markdown.
pub(crate) fn table() -> String {
    let mut out = HEAD.to_owned();
    for (name, rows) in OBJECTS {
        out += &format!("\n## {name}\n\n| keyword | |\n|---|---|\n");
        for Row { keywords, reading, .. } in rows {
            out += &format!("| `{}` | {} |\n", keywords.replace(' ', "`, `"), told(reading));
        }
    }
    out
}

fn told(reading: &Reading) -> String {
    match reading {
        Reading::Nothing(why) => format!("nothing: {why}"),
        Reading::NotUnderstood => "**not understood**".into(),
        _ => "compared".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_keyword_stands_twice_in_an_object() {
        for (name, object) in OBJECTS {
            let mut seen = BTreeSet::new();
            let mut keywords = object.iter().flat_map(|row| row.keywords.split(' '));
            assert!(keywords.all(|keyword| seen.insert(keyword)), "{name}");
        }
    }
}
