//! Rules about the document as a whole: version, `$ref`s, `x-` keys, servers.

use serde_json::Value;

use crate::openapi::{
    DeadEnd, Described, EVIDENCE, MEANINGS, Pointer, Spec, Why, array, entries, is_identifier, is_true, text,
};

use super::report::Report;

/// The values that an `x-` key may have.
enum Kind {
    /// The values for which the function returns true, and how to write one.
    Checked(fn(&Value) -> bool, &'static str),
    OneOf(&'static [(&'static str, &'static str)]),
}

const FLAG: Kind = Kind::Checked(Value::is_boolean, "write `true` or `false`");
const TEXT: Kind = Kind::Checked(is_text, "write a sentence");
/// Other rules check that the field exists.
const FIELD: Kind = Kind::Checked(is_text, "write the name of a field");
const IDENTIFIER: Kind = Kind::Checked(|value| value.as_str().is_some_and(is_identifier), "write a Rust identifier");
const COUNT: Kind = Kind::Checked(is_count, "write a whole number above zero");
const TEXTS: Kind = Kind::Checked(is_mapping_to_text, "write a mapping from value to text");
const MAPPING: Kind = Kind::Checked(Value::is_object, "write a mapping");
const NAMES: Kind = Kind::Checked(is_names, "write a list of names");
/// Definitions at the root, names elsewhere.
const CHOICES: Kind = Kind::Checked(
    |value| value.is_object() || is_names(value),
    "write a list of names; each is defined in `x-exactly-one-of` at the root",
);

/// The `x-` keys that the generator understands. `spec/README.md` describes each.
const EXTENSIONS: [(&str, Kind); 23] = [
    ("x-absent-is-unknown", FLAG),
    ("x-accepts-unknown", FLAG),
    ("x-advice", TEXT),
    ("x-enumDescriptions", TEXTS),
    ("x-enum-varnames", NAMES),
    ("x-echoed-by", FIELD),
    ("x-environment", IDENTIFIER),
    ("x-evidence", Kind::OneOf(&EVIDENCE)),
    ("x-exactly-one-of", CHOICES),
    ("x-id", FLAG),
    ("x-idempotent", FLAG),
    ("x-lifecycle", MAPPING),
    ("x-means", Kind::OneOf(&MEANINGS)),
    ("x-not-in-new", NAMES),
    ("x-numbered-by", FIELD),
    ("x-open-enum", FLAG),
    ("x-requests-per-minute", COUNT),
    ("x-required-when-sent", NAMES),
    ("x-rust-name", IDENTIFIER),
    ("x-sensitive", FLAG),
    ("x-signed-link", FLAG),
    ("x-transport", FLAG),
    ("x-webhooks", MAPPING),
];

/// The keys that are allowed only in properties of a schema.
const ON_PROPERTIES: [&str; 3] = ["x-absent-is-unknown", "x-numbered-by", "x-signed-link"];

/// The keys of OpenAPI 3.0, in any object.
const KEYWORDS: &str = "
    $ref additionalProperties allOf allowEmptyValue allowReserved anyOf authorizationCode authorizationUrl
    bearerFormat callbacks clientCredentials components contact content contentType default delete deprecated
    description discriminator email encoding enum example examples exclusiveMaximum exclusiveMinimum explode
    externalDocs externalValue flows format get head headers implicit in info items license links mapping maxItems
    maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf name not nullable oneOf
    openIdConnectUrl openapi operationId operationRef options parameters password patch paths pattern post properties
    propertyName put readOnly refreshUrl requestBodies requestBody required responses schema schemas scheme scopes
    security securitySchemes server servers style summary tags termsOfService title tokenUrl trace type uniqueItems
    url value variables version writeOnly xml";

pub(super) fn version(spec: &Spec, report: &mut Report<'_>) {
    match spec.root().get("openapi") {
        None => report.add("", "`openapi` is missing", "start the file with `openapi: 3.0.3`"),
        Some(Value::String(version)) if version.starts_with("3.0.") => {}
        Some(version) => {
            let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
            let help = "write the spec in OpenAPI 3.0.3 (`nullable: true` instead of `type: [x, \"null\"]`)";
            report.add("/openapi", format!("OpenAPI {version} is not supported"), help);
        }
    }
    for key in ["title", "version"] {
        report.require(&Pointer::of(["info"]), spec.at("/info").unwrap_or_default(), key, "text in quotes");
    }
    let headers = spec.at("/components/parameters");
    for (name, parameter) in entries(headers).filter(|(_, p)| text(p, "name") == Some("x-api-version")) {
        let default = parameter.pointer("/schema/default").and_then(Value::as_str);
        if default.is_none() || default != spec.at("/info/version").and_then(Value::as_str) {
            let at = Pointer::of(["components", "parameters", name]);
            let help = "set both to the default API version of the crate";
            report.add(at, "the default of x-api-version and `info.version` differ", help);
        }
    }
}

pub(super) fn references(spec: &Spec, Described { node, at, .. }: Described<'_>, report: &mut Report<'_>) {
    let Err(DeadEnd { at: end, reference, why }) = spec.follow(node, at.clone()) else { return };
    let help = match why {
        Why::Circle => "replace one of the references in the circle by a schema",
        // In a chain of references, only the last one is reported.
        _ if end != *at => return,
        Why::Nowhere => "correct the name, or add the component",
        Why::OtherFile => "copy the component here and write `$ref: '#/components/…'`",
    };
    report.add(at.push("$ref"), format!("`{reference}` {why}"), help);
}

pub(super) fn extensions(_: &Spec, Described { node, at, role }: Described<'_>, report: &mut Report<'_>) {
    for (key, value) in entries(Some(node)).filter(|(key, _)| key.starts_with("x-")) {
        let at = at.push(key);
        let Some((_, kind)) = EXTENSIONS.iter().find(|(name, _)| *name == key) else {
            let known = EXTENSIONS.map(|(name, _)| name).join(", ");
            let help = format!("correct the name or remove it; known are {known}");
            report.add(at, format!("`{key}` is not known to the generator"), help);
            continue;
        };
        // The only named schema that may be sensitive is an id.
        let is_in_place = match key {
            "x-sensitive" => role == "properties" || is_true(node, "x-id"),
            key => role == "properties" || !ON_PROPERTIES.contains(&key),
        };
        if !kind.fits(value) {
            report.add(at, format!("`{key}` has a wrong value"), kind.help());
        } else if !is_in_place {
            report.add(at, format!("`{key}` does nothing here"), "move it to a property of a named schema");
        }
    }
}

/// Every key must be a keyword of OpenAPI: otherwise a misspelt one would be ignored silently.
pub(super) fn keywords(_: &Spec, Described { node, at, role }: Described<'_>, report: &mut Report<'_>) {
    // The keys of a security requirement are names.
    for (key, _) in entries(Some(node)).filter(|_| role != "security") {
        if !key.starts_with("x-") && !KEYWORDS.split_whitespace().any(|word| word == key) {
            let help = "correct its spelling, or remove it; our own keys begin with `x-`";
            report.add(at.push(key), format!("`{key}` is not a keyword of OpenAPI 3.0"), help);
        }
    }
}

/// Every security requirement names a security scheme.
pub(super) fn security(spec: &Spec, Described { node, at, role }: Described<'_>, report: &mut Report<'_>) {
    for (name, _) in entries(Some(node)).filter(|_| role == "security") {
        if spec.at(Pointer::of(["components", "securitySchemes", name]).as_ref()).is_none() {
            let help = "correct the name, or add it to components/securitySchemes";
            report.add(at.push(name), format!("there is no security scheme `{name}`"), help);
        }
    }
}

/// Every server has an environment and a plain URL.
pub(super) fn servers(_: &Spec, Described { node, at, role }: Described<'_>, report: &mut Report<'_>) {
    let is_plain = |url: &str| url.starts_with("https://") && !url.ends_with('/') && !url.contains('{');
    let is_complete = text(node, "x-environment").is_some() && text(node, "url").is_some_and(is_plain);
    if role == "servers" && !is_complete {
        let help = "write `url: https://…` without a trailing slash, and `x-environment: <name>`";
        report.add(at, "this server has no plain https URL or no environment", help);
    }
}

impl Kind {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Checked(fits, _) => fits(value),
            Self::OneOf(words) => words.iter().any(|(word, _)| value == word),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Checked(_, help) => (*help).to_owned(),
            Self::OneOf(words) => {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                format!("write one of {}", words.join(", "))
            }
        }
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_count(value: &Value) -> bool {
    value.as_u64().is_some_and(|number| number > 0 && u32::try_from(number).is_ok())
}

fn is_mapping_to_text(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.values().all(Value::is_string))
}

fn is_names(value: &Value) -> bool {
    value.is_array() && array(Some(value)).all(Value::is_string)
}
