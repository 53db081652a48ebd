//! Authentication and servers.

use super::*;

#[test]
fn changes_of_access() {
    let replaced = "auth-removed risky minor auth header x-client-id|auth-added-required breaking major auth";
    check(
        "get /thing",
        &[
            (&[("name: x-client-id", "name: x-customer")], &format!("{replaced} header x-customer")),
            (&[("name: x-client-id", "name: x-client-ids")], "auth-renamed breaking major auth header x-client-id"),
            (
                &[("in: header, name: x-client-id", "in: query, name: x-client-id")],
                &format!("{replaced} query x-client-id"),
            ),
            (
                &[(
                    "ClientId: { type: apiKey, in: header, name: x-client-id }",
                    "ClientId: { type: http, scheme: bearer }",
                )],
                &format!("{replaced} http bearer"),
            ),
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]")],
                "auth-removed risky minor auth header x-client-id",
            ),
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [] }, { ClientSecret: [] }]")],
                "auth-became-optional risky minor auth header x-client-id|auth-became-optional risky minor auth header x-client-secret",
            ),
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [], ClientSecret: [] }, {}]")],
                "auth-became-optional risky minor auth header x-client-id|auth-became-optional risky minor auth header x-client-secret",
            ),
            (
                &[("https://api.h.example/v", "https://api2.h.example/v")],
                "server-changed breaking major server https://api.h.example/v",
            ),
            (
                &[("  - { url: \"https://api.h.example/v\", description: Live. }\n", "")],
                "server-removed breaking major server https://api.h.example/v",
            ),
            (
                &[("servers:\n", "servers:\n  - { url: \"https://eu.elsewhere.example\" }\n")],
                "server-added compatible patch server https://eu.elsewhere.example",
            ),
        ],
    );
    // An authentication header and an optional header are different, in both directions.
    let signed = "[{ ClientId: [], ClientSecret: [], Proof: [] }]";
    let proof = "  securitySchemes:\n    Proof: { type: apiKey, in: header, name: x-signature }\n";
    let schemes = "  securitySchemes:\n";
    check(
        "get /thing",
        &[
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", signed), (schemes, proof), (SIGNATURE, "")],
                "auth-added-required breaking major auth header x-signature|parameter-removed breaking major header x-signature",
            ),
            (
                &[
                    ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]"),
                    (
                        SIGNATURE,
                        &format!(
                            "{SIGNATURE}        - {{ name: x-client-id, in: header, schema: {{ type: string }} }}\n"
                        ),
                    ),
                ],
                "auth-removed risky minor auth header x-client-id|parameter-added-optional compatible minor header x-client-id",
            ),
        ],
    );
    // Removed alternatives, the reverse of the above.
    let either = edited(&[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [] }, { ClientSecret: [] }]")]);
    let known = Known::only(&Spec::parse("either.yaml", &either).unwrap());
    let report = against_page(&known, "page.md", &page(FIXTURE).replace("````yaml", "````yaml get /thing"));
    assert!(report.changes.iter().all(|change| change.rule.name == "auth-became-required"), "{}", report.text());
    assert_eq!(report.changes.len(), 2);
}

const BOTH: &str = "[{ ClientId: [], ClientSecret: [] }]";
const SCHEMES: &str = "  securitySchemes:\n";
const OAUTH: &str = "  securitySchemes:\n    Token: { type: oauth2, flows: { clientCredentials: { tokenUrl: \"https://h.example/token\", scopes: { read: Reads., write: Writes. } } } }\n";

#[test]
fn changes_of_tokens() {
    let base = &[(SCHEMES, OAUTH), (BOTH, "[{ Token: [read] }]")];
    let place = "auth oauth2";
    check_on(
        base,
        "get /thing",
        &[
            (&[("/token\"", "/tokens\"")], &format!("auth-url-changed breaking major {place}")),
            (
                &[(
                    "tokenUrl: \"https://h.example/token\"",
                    "tokenUrl: \"https://h.example/token\", refreshUrl: \"https://h.example/again\"",
                )],
                &format!("auth-url-changed breaking major {place}"),
            ),
            (
                &[("[{ Token: [read] }]", "[{ Token: [read, write] }]")],
                &format!("auth-scope-demanded breaking major {place}"),
            ),
            (&[("[{ Token: [read] }]", "[{ Token: [] }]")], &format!("auth-scope-waived compatible patch {place}")),
            (&[("write: Writes.", "admin: Rules.")], &format!("auth-flow-scopes-changed risky minor {place}")),
            (
                &[("write: Writes.", "write: Writes., admin: Rules.")],
                &format!("auth-scope-added compatible patch {place}"),
            ),
            (
                &[(
                    "clientCredentials: {",
                    "implicit: { authorizationUrl: \"https://h.example/in\", scopes: {} }, clientCredentials: {",
                )],
                &format!("auth-flow-added compatible minor {place}|auth-url-changed breaking major {place}"),
            ),
            (
                &[("clientCredentials: {", "password: {")],
                &format!(
                    "auth-flow-added compatible minor {place}|auth-flow-removed breaking major {place}|auth-url-changed breaking major {place}|auth-url-changed breaking major {place}"
                ),
            ),
            (
                &[("clientCredentials: {", "deviceAuthorization: {")],
                &format!(
                    "not-understood risky minor {place}|auth-flow-removed breaking major {place}|auth-url-changed breaking major {place}"
                ),
            ),
            (
                &[("type: oauth2, flows", "type: oauth2, oauth2MetadataUrl: x, flows")],
                &format!("not-understood risky minor {place}"),
            ),
            (
                &[("type: oauth2, flows", "type: openIdConnect, openIdConnectUrl: x, flows")],
                "auth-added-required breaking major auth openIdConnect|auth-removed risky minor auth oauth2",
            ),
        ],
    );
    check_same(
        base,
        &[
            &[("Reads.", "Reads all of it.")],
            &[("Token: { type: oauth2,", "Token: { type: oauth2, description: Words.,")],
        ],
    );
    let open = &[
        (
            SCHEMES,
            "  securitySchemes:\n    Token: { type: openIdConnect, openIdConnectUrl: \"https://h.example/id\" }\n",
        ),
        (BOTH, "[{ Token: [] }]"),
    ];
    check_on(open, "get /thing", &[(&[("/id\"", "/ids\"")], "auth-url-changed breaking major auth openIdConnect")]);
    check_same(
        &[(SCHEMES, "  securitySchemes:\n    Token: { type: http, scheme: bearer }\n"), (BOTH, "[{ Token: [] }]")],
        &[&[("scheme: bearer", "scheme: Bearer, bearerFormat: JWT")]],
    );
    // In the query, case matters.
    check_on(
        &[(SCHEMES, "  securitySchemes:\n    Key: { type: apiKey, in: query, name: key }\n"), (BOTH, "[{ Key: [] }]")],
        "get /thing",
        &[(&[("name: key", "name: KEY")], "auth-renamed breaking major auth query key")],
    );
}

/// Whether schemes are optional does not show which of them go together.
#[test]
fn changes_of_alternatives_of_access() {
    let schemes = "  securitySchemes:\n    A: { type: apiKey, in: header, name: x-a }\n    B: { type: apiKey, in: header, name: x-b }\n";
    let changed = "auth-alternatives-changed risky minor operation";
    for (old, new) in [
        ("[{ A: [] }, { B: [] }]", "[{ A: [], B: [] }, {}]"),
        ("[{ A: [], B: [] }, { ClientId: [] }]", "[{ A: [], ClientId: [] }, { B: [] }]"),
    ] {
        check_on(&[(SCHEMES, schemes), (BOTH, old)], "get /thing", &[(&[(old, new)], changed)]);
        check_same(&[(SCHEMES, schemes), (BOTH, old)], &[&[(old, old)]]);
    }
    check_same(
        &[(SCHEMES, schemes), (BOTH, "[{ A: [] }, { B: [] }]")],
        &[&[("[{ A: [] }, { B: [] }]", "[{ B: [] }, { A: [] }]")]],
    );
}

#[test]
fn changes_of_servers() {
    let two = "  - { url: \"https://sandbox.h.example/v\", description: Sandbox. }\n  - { url: \"https://api.h.example/v\", description: Live. }\n";
    let one =
        "  - { url: \"https://{env}.h.example/v\", variables: { env: { default: api, enum: [api, sandbox] } } }\n";
    // Two servers written as one.
    check_same(
        &[],
        &[
            &[(two, one)],
            &[(two, &one.replace("h.example", "H.EXAMPLE:443"))],
            &[("https://api.h.example/v", "HTTPS://API.H.Example/v/")],
        ],
    );
    check_same(&[(two, one)], &[&[(one, two)], &[("[api, sandbox]", "[sandbox, api]")]]);
    let live = "server https://api.h.example/v";
    check_on(
        &[(two, one)],
        "get /thing",
        &[
            (
                &[("[api, sandbox]", "[api, sandbox, eu-west-1-of-ours]")],
                "server-added compatible patch server https://eu-west-1-of-ours.h.example/v",
            ),
            (&[("enum: [api, sandbox]", "enum: [sandbox]")], &format!("server-removed breaking major {live}")),
            (
                &[("default: api", "default: sandbox")],
                &format!(
                    "server-default-changed risky minor server https://sandbox.h.example/v|server-default-changed risky minor {live}"
                ),
            ),
            (
                &[("https://{env}.h", "https://{env}.hh")],
                "server-changed breaking major server https://api.h.example/v|server-changed breaking major server https://sandbox.h.example/v",
            ),
            (
                &[("default: api,", "default: api, type: string,")],
                &format!(
                    "not-understood risky minor server https://sandbox.h.example/v|not-understood risky minor {live}"
                ),
            ),
        ],
    );
    let open = "  - { url: \"https://api.h.example/{base}\", variables: { base: { default: v } } }\n";
    check_on(
        &[(two, open)],
        "get /thing",
        &[
            (
                &[("default: v", "default: w")],
                "server-variable-changed risky minor server https://api.h.example/{base}",
            ),
            (&[("/{base}\"", "/x/{base}\"")], "server-changed breaking major server https://api.h.example/{base}"),
        ],
    );
    // Servers of an operation or a path.
    check(
        "get /thing",
        &[
            (
                &[(
                    "      operationId: getThing\n",
                    "      operationId: getThing\n      servers: [{ url: \"https://api.h.example/v\" }]\n",
                )],
                "server-removed breaking major server https://sandbox.h.example/v",
            ),
            (
                &[("  /thing:\n", "  /thing:\n    servers: [{ url: \"https://api.h.example/v\" }]\n")],
                "server-removed breaking major server https://sandbox.h.example/v",
            ),
        ],
    );
}

/// OpenAPI ignores a parameter of that name, and Cashfree uses it for a required header.
#[test]
fn a_parameter_authorization_is_reported() {
    let parameter = |name: &str| {
        format!("{SIGNATURE}        - {{ name: {name}, in: header, required: true, schema: {{ type: string }} }}\n")
    };
    let with = parameter("Authorization");
    check("get /thing", &[(&[(SIGNATURE, &with)], "parameter-added-required breaking major header authorization")]);
    check_on(
        &[(SIGNATURE, &with)],
        "get /thing",
        &[(&[(&with, SIGNATURE)], "parameter-removed breaking major header authorization")],
    );
    // The header is an authentication scheme on both sides, or a parameter on one.
    let bearer = [
        ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [], ClientSecret: [], Bearer: [] }]"),
        ("  securitySchemes:\n", "  securitySchemes:\n    Bearer: { type: http, scheme: bearer }\n"),
    ];
    check_same(
        &bearer,
        &[
            &[(SIGNATURE, &with)],
            &[
                (SIGNATURE, &with),
                ("[{ ClientId: [], ClientSecret: [], Bearer: [] }]", "[{ ClientId: [], ClientSecret: [] }]"),
            ],
        ],
    );
    check_same(&[], &[&[(SIGNATURE, &parameter("Accept"))]]);
}
