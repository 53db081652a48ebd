//! Rules about the document as a whole: version, `$ref`s, `x-` keys, servers.

use serde_json::Value;

use crate::openapi::{DeadEnd, EVIDENCE, Finding, MEANINGS, Pointer, Spec, Why, array, entries, is_true, text, walk};

/// What a value of an `x-` key must be.
enum Kind {
    Flag,
    /// A name on the wire; other rules look whether it is there.
    Field,
    Name,
    Evidence,
    Number,
    Text,
    Texts,
    Object,
    Meaning,
    /// Definitions at the root, names elsewhere.
    Choices,
    Names,
}

/// The `x-` keys that the generator understands. What each does stands in `spec/README.md`.
const EXTENSIONS: [(&str, Kind); 24] = [
    ("x-absent-is-unknown", Kind::Flag),
    ("x-accepts-unknown", Kind::Flag),
    ("x-advice", Kind::Text),
    ("x-enumDescriptions", Kind::Texts),
    ("x-enum-names", Kind::Texts),
    ("x-echoed-by", Kind::Field),
    ("x-environment", Kind::Name),
    ("x-evidence", Kind::Evidence),
    ("x-exactly-one-of", Kind::Choices),
    ("x-id", Kind::Flag),
    ("x-idempotent", Kind::Flag),
    ("x-lifecycle", Kind::Object),
    ("x-means", Kind::Meaning),
    ("x-not-in-new", Kind::Names),
    ("x-numbered-by", Kind::Field),
    ("x-open-enum", Kind::Flag),
    ("x-requests-per-minute", Kind::Number),
    ("x-required-when-sent", Kind::Names),
    ("x-rust-name", Kind::Name),
    ("x-sensitive", Kind::Flag),
    ("x-signed-link", Kind::Flag),
    ("x-transport", Kind::Flag),
    ("x-webhooks", Kind::Object),
    // progenitor reads this one: a schema that stands for a type of another crate.
    ("x-rust-type", Kind::Object),
];

/// The keys that are for the properties of a schema only.
const ON_PROPERTIES: [&str; 3] = ["x-absent-is-unknown", "x-numbered-by", "x-signed-link"];

/// The keys of OpenAPI 3.0, whatever they stand in.
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

pub(super) fn version(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    match spec.root().get("openapi").map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned))
    {
        Some(version) if version.starts_with("3.0.") => {}
        Some(version) => found.push(spec.finding(
            "/openapi",
            format!("OpenAPI {version} is not supported"),
            "write the spec in OpenAPI 3.0.3 (`nullable: true` instead of `type: [x, \"null\"]`)",
        )),
        None => found.push(spec.finding("", "`openapi` is missing", "start the file with `openapi: 3.0.3`")),
    }
    for key in ["title", "version"] {
        if spec.at("/info").and_then(|info| text(info, key)).is_none() {
            found.push(spec.finding("/info", format!("`info.{key}` is missing or not text"), "add it, in quotes"));
        }
    }
    let headers = spec.at("/components/parameters");
    for (name, parameter) in entries(headers).filter(|(_, p)| text(p, "name") == Some("x-api-version")) {
        let default = parameter.pointer("/schema/default").and_then(Value::as_str);
        if default.is_none() || default != spec.at("/info/version").and_then(Value::as_str) {
            let at = Pointer::of(["components", "parameters", name]);
            let help = "give both the API version that the crate speaks by default";
            found.push(spec.finding(&at, "the default of x-api-version and `info.version` differ", help));
        }
    }
    found
}

pub(super) fn references(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(spec.root(), &mut |node, at| {
        let Err(DeadEnd { at: end, reference, why }) = spec.follow(node, at.clone()) else { return };
        let (message, help) = match why {
            Why::Circle => {
                ("this `$ref` leads back to itself".into(), "let one of the schemas in the circle describe something")
            }
            // One that leads to a dead end is told where that is.
            _ if end != *at => return,
            Why::Nowhere => (format!("nothing stands at `{reference}`"), "correct the name, or add the component"),
            Why::OtherFile => (
                "only references within this file are supported".into(),
                "copy the component here and write `$ref: '#/components/…'`",
            ),
        };
        found.push(spec.finding(at.push("$ref"), message, help));
    });
    found
}

pub(super) fn extensions(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(spec.root(), &mut |node, at| {
        for (key, value) in entries(Some(node)).filter(|(key, _)| key.starts_with("x-")) {
            let at = at.push(key);
            match EXTENSIONS.iter().find(|(name, _)| *name == key) {
                Some((_, kind)) if kind.fits(value) && is_in_its_place(node, key, &at) => {}
                Some((_, kind)) if kind.fits(value) => {
                    let help = "move it to a property of a named schema";
                    found.push(spec.finding(&at, format!("`{key}` does nothing here"), help));
                }
                Some((_, kind)) => {
                    found.push(spec.finding(&at, format!("`{key}` has a wrong value"), kind.help()));
                }
                None => {
                    let known: Vec<_> = EXTENSIONS.iter().map(|(name, _)| *name).collect();
                    let help = format!("correct the name or remove it; known are {}", known.join(", "));
                    found.push(spec.finding(&at, format!("`{key}` is not known to the generator"), help));
                }
            }
        }
    });
    found
}

/// Every key is one of OpenAPI's: a keyword that is misspelt says nothing, and nobody would know.
pub(super) fn keywords(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(spec.root(), &mut |node, at| {
        // Names that authors choose, in places that are no map of names.
        let path = at.as_ref();
        let has_names = path == "/x-webhooks" || path.contains("/security/") || path.contains("/x-rust-type");
        for (key, _) in entries(Some(node)).filter(|_| !has_names) {
            if !key.starts_with("x-") && !KEYWORDS.split_whitespace().any(|word| word == key) {
                let help = "correct its spelling, or remove it; a key of our own begins with `x-`";
                found.push(spec.finding(at.push(key), format!("`{key}` is no keyword of OpenAPI 3.0"), help));
            }
        }
    });
    found
}

/// Every proof that is asked for is described.
pub(super) fn security(spec: &Spec) -> Vec<Finding> {
    let everywhere = Pointer::of(["security"]);
    let operations = spec.operations();
    let within = operations.iter().map(|operation| (operation.at.push("security"), operation.node.get("security")));
    let mut found = Vec::new();
    for (at, list) in within.chain([(everywhere, spec.root().get("security"))]) {
        for (n, requirement) in array(list).enumerate() {
            for (name, _) in entries(Some(requirement)) {
                if spec.at("/components/securitySchemes").and_then(|schemes| schemes.get(name)).is_none() {
                    let at = at.push(n).push(name);
                    let help = "correct the name, or add it to components/securitySchemes";
                    found.push(spec.finding(&at, format!("there is no security scheme `{name}`"), help));
                }
            }
        }
    }
    found
}

pub(super) fn environments(spec: &Spec) -> Vec<Finding> {
    let at = Pointer::of(["servers"]);
    let servers = array(spec.root().get("servers")).enumerate();
    servers
        .filter(|(_, server)| text(server, "x-environment").is_none() || !server_url_is_plain(server))
        .map(|(n, _)| {
            let help = "write `url: https://…` without a trailing slash, and `x-environment: <name>`";
            spec.finding(at.push(n), "this server has no plain https URL or no environment", help)
        })
        .collect()
}

fn server_url_is_plain(server: &Value) -> bool {
    text(server, "url").is_some_and(|url| url.starts_with("https://") && !url.ends_with('/') && !url.contains('{'))
}

impl Kind {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Flag => value.is_boolean(),
            Self::Name => value.as_str().is_some_and(|name| syn::parse_str::<syn::Ident>(name).is_ok()),
            Self::Evidence => value.as_str().is_some_and(|mark| EVIDENCE.iter().any(|(name, _)| *name == mark)),
            Self::Number => value.as_u64().is_some_and(|number| number > 0 && u32::try_from(number).is_ok()),
            Self::Text | Self::Field => value.as_str().is_some_and(|text| !text.trim().is_empty()),
            Self::Texts => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
            Self::Object => value.is_object(),
            Self::Meaning => value.as_str().is_some_and(|word| MEANINGS.iter().any(|(name, _)| *name == word)),
            Self::Names => is_names(value),
            Self::Choices => value.is_object() || is_names(value),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Flag => "write `true` or `false`".into(),
            Self::Name => "write a name that is a Rust identifier".into(),
            Self::Evidence => {
                let marks: Vec<_> = EVIDENCE.iter().map(|(name, _)| *name).collect();
                format!("write one of {}", marks.join(", "))
            }
            Self::Number => "write a whole number above zero".into(),
            Self::Text => "write a sentence".into(),
            Self::Field => "write the name of a field".into(),
            Self::Texts => "write a mapping from value to text".into(),
            Self::Object => "write a mapping".into(),
            Self::Meaning => {
                let words: Vec<_> = MEANINGS.iter().map(|(name, _)| *name).collect();
                format!("write one of {}", words.join(", "))
            }
            Self::Names => "write a list of names".into(),
            Self::Choices => "write a list of names; what each is stands in `x-exactly-one-of` at the root".into(),
        }
    }
}

fn is_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}

/// Whether a key does something where it stands: some are for properties only, and of named schemas only an id is sensitive.
fn is_in_its_place(node: &Value, key: &str, at: &Pointer) -> bool {
    match key {
        "x-sensitive" => is_property(at) || is_true(node, "x-id"),
        key => !ON_PROPERTIES.contains(&key) || is_property(at),
    }
}

/// Whether a pointer to a key leads into a property: `…/properties/<name>/<key>`.
fn is_property(at: &Pointer) -> bool {
    at.as_ref().rsplit('/').nth(2) == Some("properties")
}
