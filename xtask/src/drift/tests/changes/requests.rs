//! Parameters and bodies of requests.

use super::*;

#[test]
fn changes_of_parameters() {
    check(
        "get /thing",
        &[
            (
                &[(
                    SIGNATURE,
                    "        - { name: x-signature, in: header, required: true, schema: { type: string } }\n",
                )],
                "request-became-required breaking major header x-signature",
            ),
            (&[(SIGNATURE, "")], "parameter-removed breaking major header x-signature"),
            (
                &[(
                    SIGNATURE,
                    "        - { name: x-tenant, in: header, required: true, schema: { type: string } }\n        - { name: x-signature, in: header, schema: { type: string } }\n",
                )],
                "parameter-added-required breaking major header x-tenant",
            ),
            (
                &[(
                    SIGNATURE,
                    "        - { name: x-tenant, in: header, schema: { type: string } }\n        - { name: x-signature, in: header, schema: { type: string } }\n",
                )],
                "parameter-added-optional compatible minor header x-tenant",
            ),
            (&[("name: x-signature", "name: x-signatures")], "parameter-renamed breaking major header x-signature"),
            (
                &[("default: \"2024-12-01\"", "default: \"2025-11-01\"")],
                "request-default-changed risky minor header x-api-version",
            ),
            (&[(", default: \"2024-12-01\"", "")], "request-default-changed risky minor header x-api-version"),
            (&[(KIND, "        - { name: kind, in: path,")], "parameter-moved breaking major query kind"),
            (
                &[("          required: true\n          description: Which.", "          description: Which.")],
                "request-became-optional compatible patch query thing_id",
            ),
            (
                &[("{ type: string, minLength: 1", "{ type: integer, minLength: 1")],
                "request-type-changed breaking major query thing_id",
            ),
            (
                &[("{ type: string, minLength: 1", "{ type: string, format: uuid, minLength: 1")],
                "request-format-changed risky minor query thing_id",
            ),
            (&[("maxLength: 50", "maxLength: 40")], "request-limit-tightened breaking major query thing_id"),
            (&[("minLength: 1, ", "")], "request-limit-loosened compatible minor query thing_id"),
            (&[("^[a-z]+$", "^[a-z0-9]+$")], "request-pattern-changed risky minor query thing_id"),
            (&[("enum: [A, B]", "enum: [A, B, C]")], "request-value-added compatible minor query kind"),
            (&[("enum: [A, B]", "enum: [A]")], "request-value-removed breaking major query kind"),
            (&[(", enum: [A, B]", "")], "request-enum-dropped compatible patch query kind"),
            (
                &[("- { name: kind, in: query, description", "- { name: kind, in: path, required: true, description")],
                "parameter-moved breaking major query kind",
            ),
            (
                &[(
                    "description: A proof., schema: { type: string",
                    "description: A proof., schema: { type: string, pattern: \"^a$\"",
                )],
                "request-limit-tightened breaking major header x-signature",
            ),
            (
                &[("      parameters:\n", "      deprecated: true\n      parameters:\n")],
                "deprecated risky minor operation",
            ),
            (
                &[("description: A proof., schema", "description: A proof., deprecated: true, schema")],
                "deprecated risky minor header x-signature",
            ),
        ],
    );
}

#[test]
fn changes_of_request_bodies() {
    check(
        "post /thing",
        &[
            (
                &[(
                    NAME,
                    "                name: { type: string, maxLength: 20 }\n                size: { type: integer }\n",
                )],
                "request-field-added-optional compatible minor request application/json: size",
            ),
            (
                &[
                    (
                        NAME,
                        "                name: { type: string, maxLength: 20 }\n                size: { type: integer }\n",
                    ),
                    ("required: [name]", "required: [name, size]"),
                ],
                "request-field-added-required breaking major request application/json: size",
            ),
            (
                &[("                colour: {", "                colours: {")],
                "request-field-renamed breaking major request application/json: colour",
            ),
            (
                &[("required: [name]", "required: [name, colour]")],
                "request-became-required breaking major request application/json: colour",
            ),
            (
                &[("nullable: true, description: A colour", "description: A colour")],
                "request-no-longer-nullable breaking major request application/json: colour",
            ),
            (
                &[("name: { type: string, maxLength: 20", "name: { type: string, nullable: true, maxLength: 20")],
                "request-became-nullable compatible patch request application/json: name",
            ),
            (&[("[RED, BLUE]", "[RED]")], "request-value-removed breaking major request application/json: colour"),
            (
                &[("        required: true\n        content:", "        content:")],
                "request-became-optional compatible patch request application/json",
            ),
            (
                &[("                colour: {", "                tint: { type: integer }\n                colour: {")],
                "request-field-added-optional compatible minor request application/json: tint",
            ),
            (
                &[(
                    "                colour: { type: string, enum: [RED, BLUE], nullable: true, description: A colour. }\n",
                    "",
                )],
                "request-field-removed breaking major request application/json: colour",
            ),
            (
                &[("maxLength: 20", "maxLength: 10")],
                "request-limit-tightened breaking major request application/json: name",
            ),
            (&[(", maxLength: 20", "")], "request-limit-loosened compatible minor request application/json: name"),
            (
                &[("[RED, BLUE]", "[RED, BLUE, GREEN]")],
                "request-value-added compatible minor request application/json: colour",
            ),
            (
                &[(
                    "          application/json:\n            schema:\n              type: object\n              required: [name]",
                    "          multipart/form-data:\n            schema:\n              type: object\n              required: [name]",
                )],
                "request-body-removed breaking major request application/json|request-body-added-required breaking major request multipart/form-data",
            ),
            (
                &[(
                    "              required: [name]\n",
                    "              required: [name]\n              additionalProperties: false\n",
                )],
                "request-closed risky minor request application/json: .",
            ),
        ],
    );
}
