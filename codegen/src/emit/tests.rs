//! The output for edits of the fixture: names, limits, and redaction.

use crate::tests::{assert_has, edited, run, with_request};

/// The fixture with a request and some edits.
fn with(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(with_request(), |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not in the fixture");
        text.replacen(old, new, 1)
    })
}

#[test]
fn a_sensitive_time_stays_a_time_and_is_redacted() {
    let text =
        edited("when: { type: string, format: timestamp,", "dob: { type: string, format: date, x-sensitive: true,");
    assert_has(
        &run(&text).unwrap().types,
        &[
            "pub dob: ::std::option::Option<crate::wire::Timestamp>",
            ".field(\"dob\", &self.dob.as_ref().map(|_| crate::wire::sensitive::Redacted))",
        ],
    );
}

#[test]
fn an_id_has_its_rust_name() {
    let text = with(&[("x-id: true, minLength", "x-id: true, x-rust-name: ItemId, minLength")]);
    let generated = run(&text).unwrap();
    assert_has(
        &generated.types,
        &[
            "text_id!(#[doc = \"An id.\"] ItemId { crate::model::ids::IdLimits { id: \"item id\"",
            "ThingId(ItemId)",
            "pub(crate) thing_id: ::std::option::Option<crate::model::generated::ItemId>",
        ],
    );
    assert!(!generated.types.contains("struct ItemId"), "typify generates no second type");
}

#[test]
fn arguments_are_checked_like_bodies() {
    let argument = "schema: { type: string, minLength: 1, maxLength: 9, pattern: \"^[a-z]+$\", default: abc }";
    let check = "crate::transport::check_arguments(&ARGUMENTS, [(\"thing_id\", ::serde_json::to_value(&thing_id))])?;";
    let operations = run(&with(&[])).unwrap().operations;
    assert_has(
        &operations,
        &[
            "fields: &[Field { name: \"thing_id\", required: false, rule: &Rule::Text(TextRule { min: 1usize, max: 9usize, characters: &[('a', 'z')]",
            check,
        ],
    );
    let colour = with(&[(argument, "schema: { $ref: '#/components/schemas/Colour' }")]);
    assert_has(&run(&colour).unwrap().operations, &["rule: &Rule::OneOf(&[\"RED\", \"BLUE\"])", check]);
    let id = with(&[(argument, "schema: { $ref: '#/components/schemas/ThingId' }")]);
    assert!(!run(&id).unwrap().operations.contains("check_arguments"), "the type of an id checks it");
    let limits =
        ("type: integer, format: int64, description: A number.,", "type: integer, description: A number., maximum: 9,");
    let number = with(&[(argument, "schema: { $ref: '#/components/schemas/ThingNumber' }"), limits]);
    assert_has(
        &run(&number).unwrap().operations,
        &["Rule::Integer { min: -9223372036854775808i64, max: 9i64 }", check],
    );
}

#[test]
fn each_type_of_a_sent_field_has_its_rule() {
    let note = "note: { type: string, maxLength: 20, description: A note.";
    for (schema, rule) in [
        ("type: number", "&Rule::Number"),
        ("type: boolean", "&Rule::Boolean"),
        ("type: object, additionalProperties: { type: number }", "&Rule::Map(&Rule::Number)"),
        ("type: array, maxItems: 2, items: { type: boolean }", "min: 0usize, max: 2usize, items: &Rule::Boolean"),
        ("type: string, format: day-month-year", "form: TextForm::DayMonthYear"),
        ("type: string, format: date", "form: TextForm::Timestamp"),
        ("type: string, format: uri", "form: TextForm::Url"),
        ("oneOf: [{ type: integer }, { type: string }]", "&Rule::NumberOrText"),
        ("title: Anything", "&Rule::Any"),
    ] {
        let text = with(&[(note, &format!("note: {{ {schema}, description: A note."))]);
        let generated = run(&text).unwrap();
        let rules = generated.types + &generated.operations;
        let rules = rules.split_whitespace().collect::<String>();
        let after = rules.split("Field{name:\"note\",required:true,rule:").nth(1).unwrap_or_default();
        let own = after.split("Field{").next().unwrap_or_default();
        assert!(own.contains(&rule.replace(' ', "")), "{schema}: {own}");
    }
}

#[test]
fn an_argument_that_does_not_fit_is_named_with_its_type() {
    let argument = "schema: { type: string, minLength: 1, maxLength: 9, pattern: \"^[a-z]+$\", default: abc }";
    for (schema, unfit) in [
        ("{ type: integer, format: int64 }", "is not a valid whole number; pass one between -2^63 and 2^63-1"),
        ("{ type: number }", "is not a number"),
        ("{ type: string }", "is not a text that the operation accepts"),
        ("{ type: boolean }", "is not a value that the operation accepts"),
    ] {
        let text = with(&[(argument, &format!("schema: {schema}")), ("          x-echoed-by: name\n", "")]);
        assert_has(&run(&text).unwrap().operations, &[&format!("the argument `thing_id` {unfit}\"")]);
    }
}

#[test]
fn a_field_with_one_listed_value_is_an_argument_if_other_values_may_be_sent() {
    let text = with(&[
        (
            "allOf: [{ $ref: '#/components/schemas/Colour' }]",
            "anyOf: [{ $ref: '#/components/schemas/Colour' }, { type: string }]",
        ),
        (
            "x-open-enum: true, enum: [RED, BLUE], x-enumDescriptions: { RED: R., BLUE: B. }",
            "x-open-enum: true, x-accepts-unknown: true, enum: [RED], x-enumDescriptions: { RED: R. }",
        ),
    ]);
    assert_has(&run(&text).unwrap().types, &["pub fn new(colour: impl Into<crate::model::generated::Colour>,"]);
}

#[test]
fn a_name_that_is_a_keyword_is_escaped_in_the_same_way_everywhere() {
    let text = with(&[
        ("required: [kind, colour, note]", "required: [kind, colour, type]"),
        ("        note: { type: string,", "        type: { type: string, x-echoed-by: type,"),
        (
            "name: thing_id\n          in: query\n          description: Which.\n          x-echoed-by: name",
            "name: gen\n          in: query\n          description: Which kind.\n          x-echoed-by: type",
        ),
    ]);
    assert_has(
        &run(&text).unwrap().operations,
        &[
            "(\"type\", crate::wire::echo(&body.type_, &response.type_, response.extra.get(\"type\")))",
            "(\"gen\", crate::wire::echo(&gen_, &response.type_, response.extra.get(\"type\")))",
            "/// Which kind.\n pub fn gen_",
            "the argument `gen` is not a text",
        ],
    );
}

#[test]
fn a_field_that_is_required_twice_is_one_argument() {
    let text = with(&[(
        "required: [kind, colour, note]",
        "required: [kind, colour, note]\n      x-required-when-sent: [note, colour]",
    )]);
    assert_has(
        &run(&text).unwrap().types,
        &[
            "pub fn new(colour: impl Into<crate::model::generated::Colour>, note: impl Into<crate::wire::Sensitive<String>>, thing_ref: impl Into<ThingRef>) -> Self",
        ],
    );
}

#[test]
fn a_response_gets_a_table_of_its_fields_in_the_order_of_the_spec() {
    let types = run(crate::tests::FIXTURE).unwrap().types;
    let rows = [
        ("name", false),
        ("secret", true),
        ("number", true),
        ("when", false),
        ("type", false),
        // A list without `x-sensitive`.
        ("tags", true),
        ("state", false),
    ];
    let rows = rows.map(|(name, is_sensitive)| format!("Field::new(\"{name}\", \"{name}\", {is_sensitive})"));
    assert_has(&types, &[&format!("use crate::model::Field; &[{}]", rows.join(","))]);
    assert_eq!(types.matches("const FIELDS").count(), 1, "one response, one table");
}
