//! Keywords of schemas: those that have no rule are reported everywhere.

use super::*;

/// The place in the response's schema for new keywords.
const THING: &str = "      required: [id]\n";

/// An edit that adds a keyword to the response's schema.
fn in_thing(keyword: &str) -> String {
    format!("      {keyword}\n{THING}")
}

#[test]
fn a_keyword_of_a_response_without_a_rule_is_reported() {
    let reported = |place: &str| format!("not-understood risky minor 200 application/json: {place}");
    let limit = |place: &str| format!("response-limit-changed compatible patch 200 application/json: {place}");
    for (keyword, expected) in [
        ("unevaluatedProperties: false", limit(".")),
        ("unevaluatedProperties: { type: string }", reported("<unevaluatedProperties>")),
        ("dependentRequired: { id: [link] }", limit(".")),
        (
            "if: { required: [note] }\n      then: { required: [link] }",
            format!("{}|{}", reported("<if>"), reported("<then>")),
        ),
        ("patternProperties: { ^x-: { type: string } }", reported("<patternProperties ^x->")),
        ("propertyNames: { pattern: ^a }", reported("<propertyNames>")),
        ("not: { required: [note] }", reported("<not>")),
        (
            "anyOf: [{ required: [link] }, { required: [note] }]",
            "response-alternatives-introduced-required compatible patch 200 application/json: .".into(),
        ),
        (
            "discriminator: { propertyName: state }",
            "response-discriminator-introduced risky minor 200 application/json: .".into(),
        ),
        ("dependentSchemas: { id: { required: [link] } }", reported("<dependentSchemas id>")),
        ("nullabel: true", reported(".")),
        ("not: {}", reported("<not>")),
        ("allOf: [{ not: { required: [note] } }]", reported("<not>")),
        (
            "oneOf: [{ required: [link] }, { required: [note] }]",
            "response-alternatives-introduced-required compatible patch 200 application/json: .".into(),
        ),
        (
            "anyOf: [{ not: { required: [note] } }, { required: [link] }]",
            format!("{}|response-alternatives-introduced risky minor 200 application/json: .", reported("<not>")),
        ),
        (
            "additionalProperties: { maxLength: 3 }",
            "response-field-added compatible minor 200 application/json: {}".into(),
        ),
        (
            "additionalProperties: { enum: [A] }",
            "response-field-added compatible minor 200 application/json: {}".into(),
        ),
    ] {
        check("get /thing", &[(&[(THING, &in_thing(keyword))], &expected)]);
    }
}

#[test]
fn a_keyword_of_a_field_without_a_rule_is_reported() {
    let tags = "items: { type: string }";
    let reported = |place: &str| format!("not-understood risky minor 200 application/json: {place}");
    for (old, new, expected) in [
        (tags, "items: { type: string }, contains: { const: A }", reported("tags<contains>")),
        (tags, "items: { type: string }, contains: {}", reported("tags<contains>")),
        (tags, "items: { type: string }, prefixItems: [{ const: A }]", reported("tags<prefixItems 0>")),
        (tags, "items: { type: string, not: { const: A } }", reported("tags[]<not>")),
        // The keyword has the wrong form.
        ("link: { type: string", "link: { type: string, properties: [a]", reported("link")),
        ("link: { type: string", "link: { type: string, anyOf: [maxLength]", reported("link")),
        (
            "        link: {",
            "        ghost: false\n        link: {",
            "response-field-added compatible minor 200 application/json: ghost".into(),
        ),
        (
            "owner: { $ref: \"#/components/schemas/Owner\" }",
            "owner: { $ref: \"#/components/schemas/Owner\", not: { required: [user_name] } }",
            reported("owner<not>"),
        ),
        (
            "owner: { $ref: \"#/components/schemas/Owner\" }",
            "owner: { $ref: \"#/components/schemas/Owner\", allOf: [{ minProperties: 1 }] }",
            "response-limit-changed compatible patch 200 application/json: owner".into(),
        ),
    ] {
        check("get /thing", &[(&[(old, new)], &expected)]);
    }
}

/// Keywords that are not understood are compared too: they may change or vanish.
#[test]
fn a_keyword_without_a_rule_may_change_or_be_removed() {
    let base = &[(
        THING,
        "      not: { required: [note], properties: { note: { maxLength: 3 } } }\n      frobnicate: [1]\n      required: [id]\n",
    )];
    let reported = |place: &str| format!("not-understood risky minor 200 application/json: {place}");
    check_on(
        base,
        "get /thing",
        &[
            (&[("maxLength: 3", "maxLength: 4")], &reported("<not>.note")),
            (&[("not: { required: [note], ", "not: { required: [note, id], ")], &reported("<not>.id")),
            (&[("      not: { required: [note], properties: { note: { maxLength: 3 } } }\n", "")], &reported("<not>")),
            (&[("frobnicate: [1]", "frobnicate: [2]")], &reported(".")),
            (&[("      frobnicate: [1]\n", "")], &reported(".")),
        ],
    );
    check_same(base, &[&[], &[("{ maxLength: 3 }", "{ description: Words., maxLength: 3.0 }")]]);
}

#[test]
fn alternatives_lose_nothing() {
    let schema = "note: { type: string, nullable: true, ";
    let either = |parts: &str| format!("note: {{ oneOf: [{parts}], ");
    let base = either(
        "{ type: string, maxLength: 3 }, { type: string, maxLength: 9, pattern: ^a }, { type: integer, maximum: 7 }",
    );
    let base = &[(schema, base.as_str())];
    let changed = "response-alternatives-changed risky minor 200 application/json: note";
    check_on(
        base,
        "get /thing",
        &[
            (&[("maxLength: 3", "maxLength: 4")], changed),
            (&[(", pattern: ^a", "")], changed),
            (&[("pattern: ^a", "pattern: ^b")], changed),
            (&[("maxLength: 3 }", "maxLength: 3, deprecated: true }")], changed),
            (&[("maximum: 7", "maximum: 8")], "response-limit-changed compatible patch 200 application/json: note"),
        ],
    );
    check_same(
        base,
        &[
            &[("note: { oneOf:", "note: { anyOf:")],
            &[
                (", { type: integer, maximum: 7 }", ""),
                ("oneOf: [", "oneOf: [{ type: integer, exclusiveMaximum: 8 }, "),
            ],
        ],
    );
    // One field in several alternatives, and two patterns that both apply.
    let field = |limit: &str| format!("{{ properties: {{ link: {{ type: string, maxLength: {limit} }} }} }}");
    let two = format!("      oneOf: [{}, {}]\n      required: [id]\n", field("3"), field("4"));
    check_on(
        &[(THING, &two)],
        "get /thing",
        &[(
            &[("maxLength: 3", "maxLength: 5")],
            "response-alternatives-changed risky minor 200 application/json: link",
        )],
    );
    check_on(
        &[("link: { type: string", "link: { allOf: [{ pattern: ^a }, { pattern: ^b }]")],
        "get /thing",
        &[(&[("pattern: ^a", "pattern: ^c")], "response-limit-changed compatible patch 200 application/json: link")],
    );
    // A chain of `$ref`s, each with a keyword beside it.
    let chain = "  schemas:\n    First: { $ref: \"#/components/schemas/Second\", maxLength: 9 }\n    Second: { $ref: \"#/components/schemas/Third\", minLength: 2 }\n    Third: { type: string }\n";
    check_on(
        &[("  schemas:\n", chain), ("link: { type: string", "link: { $ref: \"#/components/schemas/First\"")],
        "get /thing",
        &[
            (&[("maxLength: 9", "maxLength: 8")], "response-limit-changed compatible patch 200 application/json: link"),
            (&[("minLength: 2", "minLength: 3")], "response-limit-changed compatible patch 200 application/json: link"),
        ],
    );
}

#[test]
fn a_discriminator_is_compared_by_name_and_mapping() {
    let with = |said: &str| format!("      discriminator: {{ {said} }}\n{THING}");
    let mapping = "mapping: { a: \"#/components/schemas/Owner\", b: Failure }";
    let base = with(&format!("propertyName: state, {mapping}"));
    let reported = |rule: &str| format!("response-discriminator-{rule} minor 200 application/json: .");
    check_on(
        &[(THING, &base)],
        "get /thing",
        &[
            (&[("propertyName: state", "propertyName: note")], &reported("changed risky")),
            (&[("a: \"#", "c: \"#")], &reported("changed risky")),
            (&[("b: Failure", "b: Thing")], &reported("changed risky")),
            (&[("b: Failure", "b: Failure, c: Thing")], &reported("grew compatible")),
            (&[(&base, THING)], &format!("{}|{}", reported("dropped risky"), reported("dropped risky"))),
            (
                &[("propertyName: state", "defaultMapping: a, propertyName: state")],
                "not-understood risky minor 200 application/json: .",
            ),
        ],
    );
    check_same(
        &[(THING, &base)],
        &[
            &[("b: Failure", "b: \"#/components/schemas/Failure\"")],
            // The name of a schema is not on the wire.
            &[("b: Failure", "b: Fault"), ("    Failure:\n", "    Fault:\n"), ("schemas/Failure", "schemas/Fault")],
        ],
    );
    let renamed = [("    Failure:\n", "    Fault:\n"), ("schemas/Failure\" } } }", "schemas/Fault\" } } }")];
    let with_other_content = ("code: { type: string", "codes: { type: string");
    check_on(
        &[(THING, &base)],
        "get /thing",
        &[
            (
                &[("b: Failure", "b: Fault"), renamed[0], renamed[1], with_other_content],
                &format!(
                    "{}|response-field-renamed breaking major 404 application/json: code",
                    reported("changed risky")
                ),
            ),
            // The same schemas with swapped values.
            (
                &[("a: \"#/components/schemas/Owner\", b: Failure", "a: Failure, b: \"#/components/schemas/Owner\"")],
                &reported("changed risky"),
            ),
        ],
    );
}

#[test]
fn a_keyword_of_a_request_without_a_rule_is_reported() {
    let schema = "              required: [name]\n";
    let place = "request application/json: .";
    for (keyword, expected) in [
        ("not: { required: [colour] }", "not-understood risky minor request application/json: <not>".to_owned()),
        ("unevaluatedProperties: false", format!("request-closed risky minor {place}")),
        ("dependentRequired: { name: [colour] }", format!("request-limit-tightened breaking major {place}")),
        (
            "anyOf: [{ required: [colour] }, { required: [name, colour] }, { required: [size] }]",
            format!("request-alternatives-introduced-required breaking major {place}"),
        ),
        (
            "anyOf: [{ minProperties: 1 }, { maxProperties: 4 }]",
            format!("request-alternatives-introduced risky minor {place}"),
        ),
        ("discriminator: { propertyName: name }", format!("request-discriminator-introduced risky minor {place}")),
        ("frobnicate: true", format!("not-understood risky minor {place}")),
    ] {
        check("post /thing", &[(&[(schema, &format!("              {keyword}\n{schema}"))], &expected)]);
    }
    let base = &[(
        schema,
        "              anyOf: [{ required: [name] }, { required: [colour] }]\n              dependentRequired: { name: [colour] }\n",
    )];
    check_on(
        base,
        "post /thing",
        &[
            (
                &[("anyOf: [{ required: [name] }, { required: [colour] }]", "anyOf: []")],
                "request-alternatives-dropped compatible patch request application/json: .",
            ),
            (
                &[("{ required: [colour] }]", "{ required: [colour, name] }]")],
                "request-alternatives-changed risky minor request application/json: .|request-became-required breaking major request application/json: name",
            ),
            (
                &[("dependentRequired: { name: [colour] }", "dependentRequired: {}")],
                "request-limit-loosened compatible minor request application/json: .",
            ),
            (
                &[("dependentRequired: { name: [colour] }", "dependentRequired: { colour: [name] }")],
                "request-detail-changed risky minor request application/json: .",
            ),
        ],
    );
}

/// Keywords of OpenAPI's own objects that show in another place, or that another object has.
/// (`compare/keywords/tests.rs` puts an unknown keyword into every object.)
#[test]
fn an_unexpected_keyword_of_an_openapi_object_is_reported() {
    let reported = |place: &str| format!("not-understood risky minor {place}");
    let version = "- $ref: \"#/components/parameters/Version\"";
    let with = |keyword: &str| format!("- {{ $ref: \"#/components/parameters/Version\", {keyword} }}");
    check(
        "get /thing",
        &[
            (&[("tags: [{", "basePath: /v\ntags: [{")], &reported("operation")),
            (&[("  /thing:\n", "  /thing:\n    query: { responses: {} }\n")], &reported("operation")),
            (&[("- { name: kind, in: query,", "- { name: kind, in: query, type: string,")], &reported("query kind")),
            (&[(version, &with("required: false"))], &reported("header x-api-version")),
            (&[(version, &with("description: Words., frob: 1"))], &reported("header x-api-version")),
        ],
    );
}
