//! The whole pipeline on a small spec: its output, the same output in every run, and no panics.

use crate::{Generated, Spec, SpecError, generate};

pub(crate) const FIXTURE: &str = include_str!("fixture.yaml");

pub(crate) fn run(text: &str) -> Result<Generated, SpecError> {
    generate(&Spec::parse("s.yaml", text)?)
}

/// The fixture with one edit.
pub(crate) fn edited(old: &str, new: &str) -> String {
    assert!(FIXTURE.contains(old), "{old:?} is not in the fixture");
    FIXTURE.replacen(old, new, 1)
}

/// The fixture with an operation that sends an inline body with every kind of property.
pub(crate) fn with_request() -> String {
    let post = "
    post:
      operationId: makeThing
      x-idempotent: false
      summary: Makes a thing.
      parameters: [{ $ref: '#/components/parameters/Version' }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
      responses:
        '200': { description: Made., content: { application/json: { schema: { $ref: '#/components/schemas/Thing' }, examples: { made: { x-evidence: sample, value: { name: n } } } } } }
        '404': { $ref: '#/components/responses/NotFound' }
components:\n";
    let schemas = "
  schemas:
    ThingId: { type: string, description: An id., x-id: true, minLength: 1, maxLength: 9, pattern: '^[a-z]+$' }
    ThingNumber: { type: integer, format: int64, description: A number., x-id: true, x-sensitive: true }
    Order:
      type: object
      description: An order.
      required: [kind, colour, note]
      x-exactly-one-of: [ThingRef]
      allOf: [{ oneOf: [{ required: [thing_id] }, { required: [thing_number] }] }]
      properties:
        kind: { type: string, description: Its kind., x-evidence: sample, x-open-enum: true, enum: [ORDER], x-enumDescriptions: { ORDER: One. } }
        colour: { allOf: [{ $ref: '#/components/schemas/Colour' }], description: Its colour., x-evidence: sample }
        note: { type: string, maxLength: 20, description: A note., x-sensitive: true, x-evidence: sample }
        made: { type: string, format: date-time, readOnly: true, description: When., x-evidence: sample }
        pin: { oneOf: [{ type: integer }, { type: string }], x-sensitive: true, description: A pin., x-evidence: sample }
        thing_id: { allOf: [{ $ref: '#/components/schemas/ThingId' }], description: Which., x-echoed-by: name, x-evidence: sample }
        thing_number: { allOf: [{ $ref: '#/components/schemas/ThingNumber' }], description: Which., x-echoed-by: number, x-evidence: sample }
        parcels:
          type: array
          description: Parcels.
          minItems: 1
          maxItems: 3
          x-numbered-by: n
          x-sensitive: true
          x-evidence: sample
          items: { type: object, description: A parcel., required: [n], properties: { n: { type: integer, minimum: 1, description: N., x-evidence: sample } } }
    Colour:
      { type: string, description: A colour., x-open-enum: true, enum: [RED, BLUE], x-enumDescriptions: { RED: R., BLUE: B. } }
    Thing:";
    let choice = "
x-exactly-one-of:
  ThingRef:
    description: Which thing.
    of:
      - { field: thing_id, type: ThingId, description: Ours. }
      - { field: thing_number, type: ThingNumber, description: Theirs. }
x-webhooks:\n";
    edited("\ncomponents:\n", post).replace("\n  schemas:\n    Thing:", schemas).replace("\nx-webhooks:\n", choice)
}

/// Source without white space and trailing commas, to search for pieces of it.
fn squeezed(source: &str) -> String {
    let squeezed: String = source.split_whitespace().collect();
    squeezed.replace(",)", ")").replace(",]", "]").replace(",}", "}")
}

pub(crate) fn assert_has(source: &str, pieces: &[&str]) {
    let source = squeezed(source);
    for piece in pieces {
        assert!(source.contains(&squeezed(piece)), "{piece} is not in the generated source");
    }
}

#[test]
fn fields_are_read_by_their_type() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            "#[serde(default, skip_serializing_if = \"Option::is_none\")] pub name:",
            "\"name\" => Some((0u32, \"name\"))",
            "0u32 => crate::wire::record::scalar(&mut self.name, entries)",
            "pub secret: ::std::option::Option<crate::wire::Sensitive<String>>",
            "pub when: ::std::option::Option<crate::wire::Timestamp>",
            "crate::wire::record::other(&mut self.tags, entries)",
            "#[serde(default, skip_serializing_if = \"crate::model::generated::State::is_empty\")] pub state:",
            "crate::wire::record::scalar(&mut self.state, entries)",
            "let unknown = ::std::iter::once(&self.state).filter(|value| value.is_unrecognized()); found.extend(unknown.map(|_| crate::wire::Unrecognized::value(\"state\")))",
            "#[serde(rename = \"type\", default, skip_serializing_if = \"Option::is_none\")]",
            "#[serde(flatten)] pub extra:",
        ],
    );
}

#[test]
fn debug_redacts_sensitive_values_of_every_type() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            ".field(\"number\", &self.number.as_ref().map(|_| crate::wire::sensitive::Redacted)",
            ".field(\"extra\", &crate::wire::sensitive::NamesOnly(&self.extra))",
            ".field(\"secret\", &self.secret)",
        ],
    );
    assert!(!squeezed(&types).contains("derive(Clone,Debug,Default,PartialEq"));
}

#[test]
fn an_operation_builds_a_request_and_has_no_part_of_progenitors_client() {
    let operations = run(FIXTURE).unwrap().operations;
    assert_has(
        &operations,
        &[
            "pub fn send(self) -> Call<types::Thing> { Call::new(self.client, &GET_THING, self.request()) }",
            "id: \"getThing\", method: ::http::Method::GET, path: \"/thing\", name: \"GET /thing\", success: 200u16, errors: &[",
            "fn request(self) -> Result<Request<types::Thing>, Error>",
            "let request = client.begin(&GET_THING)?.query(",
            "client.note_ids([crate::wire::sent_id(&thing_id)]);",
            "move |response: &types::Thing|",
            "crate::wire::correlate([",
            "(\"thing_id\", crate::wire::echo(&thing_id, &response.name, response.extra.get(\"name\")))",
            "types::Thing::is_blank, types::Thing::log_unrecognized)",
            "/// Which.\n pub fn thing_id",
            "pub struct Operations(pub(crate) Transport);",
            "static OPERATIONS: &[&Operation] = &[&builder::GET_THING];",
            "pub fn get_thing(&self) -> builder::GetThing<'_> { builder::GetThing::new(&self.0) }",
        ],
    );
    for gone in
        ["pub fn new(", "unwrap()", "api-version", "pub mod prelude", "\"abc\"", "baseurl", "struct Client", "Hooks"]
    {
        assert!(!operations.contains(gone), "{gone} is in the generated source");
    }
}

/// An inline list of a named object, and of an inline object.
#[test]
fn a_response_may_be_a_list() {
    let list = |items: &str| {
        let object = "schema: { $ref: \"#/components/schemas/Thing\" }\n              examples: { sample: { x-evidence: sample, value: { name: n } } }";
        let schema = format!("schema: {{ type: array, items: {items} }}");
        edited(
            object,
            &format!(
                "{schema}\n              examples: {{ sample: {{ x-evidence: sample, value: [{{ name: n }}] }} }}"
            ),
        )
    };
    let generated = run(&list("{ $ref: \"#/components/schemas/Thing\" }")).unwrap();
    assert_has(
        &generated.operations,
        &[
            "pub fn send(self) -> Call<::std::vec::Vec<types::Thing>>",
            "move |items: &::std::vec::Vec<types::Thing>| { items.iter().map(|response| crate::wire::correlate([(\"thing_id\", crate::wire::echo(&thing_id, &response.name,",
            ".collect::<crate::wire::Correlation>()",
            "|items| items.iter().any(types::Thing::is_blank)",
            "|items| items.iter().for_each(types::Thing::log_unrecognized)",
        ],
    );
    assert_has(
        &generated.types,
        &[
            "const SAMPLE_LIST_OF_THING_SAMPLE: &str = \"[{\\\"name\\\":\\\"n\\\"}]\";",
            "sample: Some(\"[{\\\"name\\\":\\\"n\\\"}]\")",
            "impl Thing { /// The fields, in the order of the spec.",
        ],
    );
    let inline = "{ type: object, description: A thing., properties: { name: { type: string, x-sensitive: false, description: Its name., x-evidence: sample } } }";
    assert_has(&run(&list(inline)).unwrap().operations, &["Call<::std::vec::Vec<types::GetThingAnswerItem>>"]);
}

#[test]
fn names_and_samples_are_constants() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            "const SANDBOX_URL: &str = \"https://h.example/v\";",
            "const HEADER_X_ID: &str = \"x-id\";",
            "const HEADER_X_REQUEST_ID: &str = \"x-request-id\";",
            "const DEFAULT_X_API_VERSION: &str = \"2024-12-01\";",
            "const SAMPLE_THING_SAMPLE: &str = \"{\\\"name\\\":\\\"n\\\"}\";",
            "http_status: 404u16, type_: Some(\"t\"), code: Some(\"gone_away\"), meaning: \"It is gone.\", advice: None, means: None",
        ],
    );
}

#[test]
fn a_sent_type_has_new_with_required_fields_and_methods_for_the_rest() {
    let types = run(&with_request()).unwrap().types;
    assert_has(
        &types,
        &[
            "#[serde(deny_unknown_fields)]",
            "pub struct Order { /// Its colour.",
            "pub(crate) colour: crate::model::generated::Colour",
            "pub fn new( colour: impl Into<crate::model::generated::Colour>, note: impl Into<crate::wire::Sensitive<String>>, thing_ref: impl Into<ThingRef> ) -> Self",
            "kind: OrderKind::Order",
            "pub fn parcels(mut self, parcels: impl IntoIterator<Item = impl Into<OrderParcelsItem>>) -> Self",
            "fn thing_ref(mut self, thing_ref: impl Into<ThingRef>) -> Self { (self.thing_id, self.thing_number,) = match thing_ref.into() { ThingRef::ThingId(id) => (Some(id), None,), ThingRef::ThingNumber(id) => (None, Some(id),), }; self }",
            "crate::model::ids::text_id!(#[doc = \"An id.\"] ThingId {",
            ".field(\"parcels\", &self.parcels.as_ref().map(|_| crate::wire::sensitive::Redacted)",
        ],
    );
    assert!(!types.contains("mod builder") && !types.contains("pub fn kind") && !types.contains("pub fn thing_id"));
}

/// In a type that is only sent, and in one that is also read.
#[test]
fn required_fields_that_could_be_swapped_are_set_by_name() {
    let request = with_request();
    let order = request.replace(
        "        pin: {",
        "        size: { type: string, description: A size., x-evidence: sample }\n        pin: {",
    );
    let order = order.replace("required: [kind, colour, note]", "required: [kind, colour, note, size]");
    let types = run(&order).unwrap().types;
    assert_has(
        &types,
        &[
            "/// No field is set yet. A request without `colour`, `note`, `size` is not sent; the error names each missing field.",
            "pub fn new(thing_ref: impl Into<ThingRef>) -> Self { Self { colour: ::std::default::Default::default(),",
            "kind: Some(OrderKind::Order)",
            "#[serde(skip_serializing_if = \"::std::option::Option::is_none\")] pub(crate) size: ::std::option::Option<",
            "/// A size. Required.\n #[must_use] pub fn size(mut self, size: impl Into<::std::string::String>) -> Self { self.size = Some(size.into());",
            "Field { name: \"size\", required: true,",
        ],
    );
    assert!(!types.contains("pub fn kind"));
    let both = request.replace(
        "$ref: '#/components/schemas/Order' } } } }\n      responses:",
        "$ref: '#/components/schemas/Thing' } } } }\n      responses:",
    );
    let both =
        both.replace("description: A thing.\n", "description: A thing.\n      x-required-when-sent: [type, name]\n");
    assert_has(&run(&both).unwrap().types, &["pub fn new() -> Self", "pub fn name(mut self, name: impl Into<"]);
}

#[test]
fn the_limits_of_sent_schemas_are_rules() {
    let types = run(&with_request()).unwrap().types;
    assert_has(
        &types,
        &[
            "pub(crate) static ORDER: Rule = Rule::Object(ObjectRule {",
            "Field { name: \"colour\", required: true, rule: &Rule::OneOf(&[\"RED\", \"BLUE\"]), }",
            "Field { name: \"note\", required: true, rule: &Rule::Text(TextRule { min: 0usize, max: 20usize, characters: &[], form: TextForm::Any, }) }",
            "rule: &Rule::List(ListRule { min: 1usize, max: 3usize, items: &Rule::Named(&crate::model::generated::rules::ORDER_PARCELS_ITEM), numbered_by: Some(\"n\"), })",
            "exactly_one_of: &[&[\"thing_id\", \"thing_number\"]]",
            "Field { name: \"pin\", required: false, rule: &Rule::NumberOrText }",
            "id: \"makeThing\", method: \"POST\", path: \"/thing\", success: 200u16, arguments: &[], exactly_one_of: &[], body: Some(&crate::model::generated::rules::ORDER)",
            "Field { name: \"thing_id\", required: false, rule: &Rule::Text(TextRule { min: 1usize, max: 9usize, characters: &[('a', 'z')]",
        ],
    );
    assert!(!squeezed(&types).contains(&squeezed("Field { name: \"made\"")), "a `readOnly` field is not sent");
}

#[test]
fn a_body_is_checked_and_a_response_with_another_id_is_an_error() {
    let operations = run(&with_request()).unwrap().operations;
    assert_has(
        &operations,
        &[
            "pub struct MakeThing<'a> { client: &'a Transport, body: Result<types::Order, String>, }",
            "body: Err(\"the body is missing; set it before the request is sent\".to_owned())",
            "JsonBody::of(&crate::model::generated::rules::ORDER, &body)?.put_into(client.begin(&MAKE_THING)?)",
            "(\"thing_id\", crate::wire::echo(&body.thing_id, &response.name, response.extra.get(\"name\")))",
        ],
    );
    assert!(!operations.contains("builder::Order") && !operations.contains("body_map"));
}

#[test]
fn a_schema_with_both_directions_is_lenient_and_has_new() {
    let text = with_request().replace(
        "$ref: '#/components/schemas/Order' } } } }\n      responses:",
        "$ref: '#/components/schemas/Thing' } } } }\n      responses:",
    );
    for key in ["required", "x-required-when-sent"] {
        let text = text
            .replace("      description: A thing.\n", &format!("      description: A thing.\n      {key}: [name]\n"));
        let types = run(&text).unwrap().types;
        assert_has(
            &types,
            &[
                "pub name: ::std::option::Option<",
                "pub fn new(name: impl Into<::std::string::String>) -> Self",
                "name: Some(name.into())",
                "Field { name: \"name\", required: true,",
            ],
        );
        let wrong = text.replace(&format!("{key}: [name]"), &format!("{key}: [nobody]"));
        assert!(run(&wrong).unwrap_err().to_string().contains("there is no property `nobody`"), "{key}");
    }
}

#[test]
fn the_same_spec_gives_the_same_output() {
    let first = run(FIXTURE).unwrap();
    for _ in 0..5 {
        assert_eq!(run(FIXTURE).unwrap(), first);
    }
}

#[test]
fn a_refusal_of_progenitor_is_an_error_and_not_a_panic() {
    for (old, new) in [
        ("in: query\n", "in: query\n          style: spaceDelimited\n"),
        ("in: query\n", "in: query\n          explode: 7\n"),
        ("description: Here it is.", "description: [Here, it, is]"),
    ] {
        let error = run(&edited(old, new)).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("s.yaml") && error.contains("help: "), "{new:?}: {error}");
    }
}

/// Removes and swaps bytes of a valid spec. The result is always a value or a readable error.
#[test]
fn a_damaged_spec_never_panics() {
    let lines: Vec<&str> = FIXTURE.lines().collect();
    for removed in 0..lines.len() {
        let text: Vec<&str> = lines.iter().enumerate().filter(|(n, _)| *n != removed).map(|(_, line)| *line).collect();
        if let Err(error) = run(&text.join("\n")) {
            assert!(error.findings().iter().all(|finding| !finding.help.is_empty()), "{error}");
        }
    }
    for cut in (0..FIXTURE.len()).step_by(37).filter(|cut| FIXTURE.is_char_boundary(*cut)) {
        let _ = run(&FIXTURE[..cut]);
    }
    for (from, to) in
        [("type: string", "type: 7"), ("schema:", "schema: null #"), ("{", "["), ("$ref", "ref"), ("object", "string")]
    {
        let _ = run(&FIXTURE.replace(from, to));
    }
}

#[test]
fn webhooks_give_headers_defaults_fields_and_samples() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            "const HEADER_X_MARK: &str = \"x-mark\";",
            "const DEFAULT_X_MARK: &str = \"1\";",
            "const FIELD_THING_SECRET: &str = \"secret\";",
            "const SAMPLE_THING_MOVED: &str = \"{\\\"name\\\":\\\"m\\\"}\";",
        ],
    );
}

/// `lint` and `emit` import `openapi`, but not each other. `openapi` imports neither.
#[test]
fn the_modules_import_in_one_direction() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (module, closed) in [("openapi", &["emit", "lint"][..]), ("lint", &["emit"]), ("emit", &["lint"])] {
        for file in std::fs::read_dir(source.join(module)).unwrap().map(|entry| entry.unwrap().path()) {
            let text = if file.is_file() { std::fs::read_to_string(&file).unwrap() } else { continue };
            let broken = closed.iter().find(|other| text.contains(&format!("crate::{other}")));
            assert_eq!(broken, None, "{} imports a module that it should not", file.display());
        }
    }
}

/// The maximum nesting is generated, or refused with a message, on the smallest stack of a build script: one megabyte, on Windows.
#[test]
fn the_maximum_nesting_does_not_overflow_later_passes() {
    let nested = |depth: usize, open: &str, close: &str| open.repeat(depth) + "{ type: string }" + &close.repeat(depth);
    let list = |depth| nested(depth, "{ type: array, items: ", " }");
    let map = |depth| nested(depth, "{ type: object, additionalProperties: ", " }");
    let all = |depth| nested(depth, "{ allOf: [", "] }");
    let object = |depth| nested(depth, "{ type: object, properties: { a: ", " } }");
    let data = |depth| nested(depth, "{ a: [", "] }");
    let call = |depth| nested(depth, "{ a: { '{$url}': { get: { responses: {}, callbacks: ", " } } } }");
    let (items, example) = ("items: { type: string }", "example: n");
    let json = "schema: { $ref: \"#/components/schemas/Thing\" }\n              examples";
    let header = "schema: { type: string } }\n  responses";
    let body = "summary: Gets a thing.\n";
    type Text<'a> = Box<dyn Fn(usize) -> String + 'a>;
    let texts: Vec<Text<'_>> = vec![
        Box::new(|depth| edited(items, &format!("items: {}", list(depth)))),
        Box::new(|depth| edited(items, &format!("items: {}", map(depth)))),
        Box::new(|depth| edited(items, &format!("items: {}", all(depth)))),
        Box::new(|depth| edited(items, &format!("items: {}", object(depth)))),
        Box::new(|depth| edited(example, &format!("example: {}", data(depth)))),
        Box::new(|depth| edited(items, &format!("items: {{ enum: [{}] }}", data(depth)))),
        Box::new(|depth| edited(json, &json.replacen("{ $ref: \"#/components/schemas/Thing\" }", &list(depth), 1))),
        Box::new(|depth| edited(header, &format!("schema: {} }}\n  responses", list(depth)))),
        Box::new(|depth| {
            let content =
                format!("requestBody: {{ content: {{ application/json: {{ schema: {} }} }} }}", object(depth));
            edited(body, &format!("{body}      {content}\n"))
        }),
        Box::new(|depth| edited(body, &format!("{body}      callbacks: {}\n", call(depth)))),
    ];
    for text in texts {
        let deepest = (1..100).take_while(|depth| Spec::parse("s.yaml", &text(*depth)).is_ok()).last().unwrap();
        for depth in [2, 7, 8, deepest] {
            let text = text(depth);
            let work = move || match run(&text) {
                Ok(generated) => assert!(!generated.types.is_empty()),
                Err(error) => assert!(error.to_string().contains("help: "), "{error}"),
            };
            std::thread::Builder::new().stack_size(1024 * 1024).spawn(work).unwrap().join().unwrap();
        }
    }
}
