//! The tables for people.

use super::{self as keywords, Object, Reading, Row};

const HEAD: &str = "\
# What drift makes of each keyword

Nothing that we do not understand is \"the same\". Each keyword of OpenAPI 3.0 and 3.1 and of JSON Schema is *compared*, or means
*nothing* to users of the crate for the reason given, or is *not understood*: where two documents differ in it, that is told as
`not-understood` (risky, exit code 1), and a person reads it. The last goes for every keyword that is not listed here, for one
whose value has not the form it must have, and for what stands beside a `$ref`. A schema under such a keyword has places of its
own, as in `200 application/json: owner<not>`. Keywords that begin with `x-` are those of tools, and change nothing that is
described; ours are described in spec/README.md. What stands within a keyword that means nothing is not read.
";

/// Each object, with its name.
pub(super) const OBJECTS: [(&str, Object); 16] = [
    ("The document", keywords::DOCUMENT),
    ("A server", keywords::SERVER),
    ("A variable of a server", keywords::SERVER_VARIABLE),
    ("A path", keywords::PATH_ITEM),
    ("An operation, a webhook, a callback", keywords::OPERATION),
    ("A parameter", keywords::PARAMETER),
    ("The body of a request", keywords::REQUEST_BODY),
    ("A media type", keywords::MEDIA_TYPE),
    ("The encoding of a field of a form", keywords::ENCODING),
    ("A response", keywords::RESPONSE),
    ("A header of a response", keywords::HEADER),
    ("A security scheme", keywords::SECURITY_SCHEME),
    ("The flows of OAuth", keywords::OAUTH_FLOWS),
    ("A flow of OAuth", keywords::OAUTH_FLOW),
    ("A schema", keywords::SCHEMA),
    ("The discriminator of a schema", keywords::DISCRIMINATOR),
];

/// The tables as Markdown.
pub(crate) fn table() -> String {
    let mut out = HEAD.to_owned();
    for (name, rows) in OBJECTS {
        out += &format!("\n## {name}\n\n| keyword | |\n|---|---|\n");
        for Row { keywords, reading, .. } in rows {
            out += &format!("| `{}` | {} |\n", keywords.replace(' ', "`, `"), reading.told());
        }
    }
    out
}

impl Reading {
    fn told(self) -> String {
        match self {
            Self::Plain => "compared: an attribute, as it stands".into(),
            Self::Flag => "compared: an attribute, where it is true".into(),
            Self::Compared(how) => format!("compared: {how}"),
            Self::Nothing(why) => format!("nothing: {why}"),
            Self::NotUnderstood => "**not understood**".into(),
        }
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
