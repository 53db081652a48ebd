//! Combined schemas, and their removal.

use super::*;

#[test]
fn changes_in_combined_schemas() {
    let thing = "application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }";
    let combined = |schema: &str| format!("application/json:\n              schema: {{ {schema} }}");
    let thing_ref = "{ $ref: \"#/components/schemas/Thing\" }";
    let number = "{ type: object, required: [id], properties: { link: { type: integer } } }";
    let widened = "response-type-widened breaking major 200 application/json: link";
    let owner = "owner: { $ref: \"#/components/schemas/Owner\" }";
    check(
        "get /thing",
        &[
            (&[(thing, &combined(&format!("oneOf: [{thing_ref}, {number}]")))], widened),
            (&[(thing, &combined(&format!("oneOf: [{number}, {thing_ref}]")))], widened),
            (&[(thing, &combined(&format!("anyOf: [{number}, {thing_ref}]")))], widened),
            (
                &[(
                    thing,
                    &combined(&format!("allOf: [{thing_ref}, {{ properties: {{ link: {{ maxLength: 4 }} }} }}]")),
                )],
                "response-limit-changed compatible patch 200 application/json: link",
            ),
            (
                &[(
                    thing,
                    &combined(&format!("allOf: [{{ properties: {{ link: {{ maxLength: 4 }} }} }}, {thing_ref}]")),
                )],
                "response-limit-changed compatible patch 200 application/json: link",
            ),
            (
                &[("note: { type: string", "note: { oneOf: [{ type: string }, {}]")],
                "response-type-widened breaking major 200 application/json: note",
            ),
            (
                &[(owner, "owner: { $ref: \"#/components/schemas/Owner\", deprecated: true }")],
                "deprecated risky minor 200 application/json: owner",
            ),
            (
                &[(owner, "owner: { $ref: \"#/components/schemas/Owner\", nullable: true }")],
                "response-became-nullable compatible patch 200 application/json: owner",
            ),
            (
                &[("required: [id]", "required: [id, ghost]")],
                "response-field-added compatible minor 200 application/json: ghost",
            ),
        ],
    );
    // Of several limits and values, those that apply together.
    let both = |key: &str| {
        let limits = format!("link: {{ type: string, allOf: [{{ {key} }}, {{ maxLength: 9, enum: [B, C] }}]");
        let report = against_page(
            &known(),
            "p",
            &page(&edited(&[("link: { type: string", &limits)])).replace("````yaml", "````yaml get /thing"),
        );
        report.changes.iter().map(|change| change.difference.after.clone().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(both("maxLength: 4, enum: [A, B]"), ["[\"B\"]", "4"]);
}

#[test]
fn removed_keywords_have_the_rules_of_removals() {
    let old = |edits: &[(&str, &str)]| Known::only(&Spec::parse("old.yaml", &edited(edits)).unwrap());
    let today = page(FIXTURE).replace("````yaml", "````yaml get /thing");
    for (edit, expected) in [
        (("      parameters:\n", "      deprecated: true\n      parameters:\n"), "no-longer-deprecated"),
        (("description: A proof., schema", "description: A proof., deprecated: true, schema"), "no-longer-deprecated"),
        (
            (
                "description: A proof., schema: { type: string",
                "description: A proof., schema: { type: string, pattern: \"^a$\"",
            ),
            "request-limit-loosened",
        ),
        (("name: kind, in: query", "name: kind, in: query, deprecated: true"), "no-longer-deprecated"),
    ] {
        let report = against_page(&old(&[edit]), "page.md", &today);
        let rules: Vec<_> = report.changes.iter().map(|change| change.rule.name).collect();
        assert_eq!(rules, [expected], "{edit:?}");
    }
}

/// Our open enum allows any other string; a page that lists only the values means the same.
#[test]
fn our_open_enum_equals_its_values() {
    let open = "state: { anyOf: [{ $ref: \"#/components/schemas/State\" }, { type: string }],";
    let values = "    State: { type: string, x-open-enum: true, enum: [OPEN, CLOSED] }\n    Owner:\n";
    let base = [("state: { type: string, enum: [OPEN, CLOSED],", open), ("    Owner:\n", values)];
    check_same(
        &base,
        &[&[(open, "state: { type: string, enum: [CLOSED, OPEN],")], &[("x-open-enum: true, ", "")], &[]],
    );
    let state = "200 application/json: state";
    check_on(
        &base,
        "get /thing",
        &[
            (
                &[("enum: [OPEN, CLOSED]", "enum: [OPEN, CLOSED, HELD]")],
                &format!("response-value-added compatible minor {state}"),
            ),
            (
                &[("{ type: string }],", "{ type: string, nullable: true }],")],
                &format!("response-became-nullable compatible patch {state}"),
            ),
            (
                &[("{ type: string }],", "{ type: integer }],")],
                &format!(
                    "response-alternatives-introduced risky minor {state}|response-enum-dropped risky minor {state}|response-type-widened breaking major {state}"
                ),
            ),
        ],
    );
}

/// A field that only we require applies to requests, and promises nothing in a response.
#[test]
fn x_required_when_sent_is_compared_with_required_in_requests() {
    let name = "              required: [name]\n";
    let base =
        [(name, "              x-required-when-sent: [name]\n"), ("required: [id]", "x-required-when-sent: [id]")];
    check_same(&base, &[&[("              x-required-when-sent: [name]\n", name)]]);
    check_on(
        &base,
        "post /thing",
        &[
            (
                &[("              x-required-when-sent: [name]\n", "")],
                "request-became-optional compatible patch request application/json: name",
            ),
            (
                &[("x-required-when-sent: [id]", "required: [id]")],
                "response-became-required compatible patch 200 application/json: id",
            ),
        ],
    );
}
