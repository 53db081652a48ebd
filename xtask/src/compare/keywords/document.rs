//! `docs/keywords.md`, from the tables.

use super::{Object, Reading, Row};

const HEAD: &str = "\
# What drift makes of each keyword

Written by `cargo xtask snapshots` from the tables in `xtask/src/compare/keywords/`; do not edit by hand.

Nothing that we do not understand is \"the same\". Each keyword of OpenAPI 3.0 and 3.1 and of JSON Schema is *compared*, or means
*nothing* to users of the crate for the reason given, or is *not understood*: where two documents differ in it, that is told as
`not-understood` (risky, exit code 1), and a person reads it. The last goes for every keyword that is not listed here, for one
whose value has not the form it must have, and for what stands beside a `$ref`. A schema under such a keyword has places of its
own, as in `200 application/json: owner<not>`. Keywords that begin with `x-` are those of tools, and change nothing that is
described; ours stand in [`spec/README.md`](../spec/README.md). What stands within a keyword that means nothing is not read.
";

/// The text of the document.
pub(crate) fn document() -> String {
    let mut out = HEAD.to_owned();
    for object in Object::ALL {
        out += &format!("\n## {}\n\n| keyword | |\n|---|---|\n", object.name());
        for Row { keyword, reading, .. } in object.rows() {
            out += &format!("| `{keyword}` | {} |\n", reading.told());
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

impl Object {
    const fn name(self) -> &'static str {
        match self {
            Self::Document => "The document",
            Self::Server => "A server",
            Self::ServerVariable => "A variable of a server",
            Self::PathItem => "A path",
            Self::Operation => "An operation, a webhook, a callback",
            Self::Parameter => "A parameter",
            Self::RequestBody => "The body of a request",
            Self::MediaType => "A media type",
            Self::Encoding => "The encoding of a field of a form",
            Self::Response => "A response",
            Self::Header => "A header of a response",
            Self::SecurityScheme => "A security scheme",
            Self::OAuthFlows => "The flows of OAuth",
            Self::OAuthFlow => "A flow of OAuth",
            Self::Schema => "A schema",
            Self::Discriminator => "The discriminator of a schema",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_keyword_stands_twice_in_an_object() {
        for object in Object::ALL {
            let mut seen = BTreeSet::new();
            assert!(object.rows().iter().all(|row| seen.insert(row.keyword)), "{object:?}");
        }
    }
}
