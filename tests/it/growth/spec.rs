//! How the spec grows: each edit as a person would make it, and nothing that leans on what else the spec holds.

use std::fs;

use crate::support;

const SCHEMAS: &str = "\n  schemas:\n";
const PROPERTIES: &str = "\n      properties:\n";
const VALUES: &str = "\n      enum:\n";
const DESCRIPTIONS: &str = "\n      x-enumDescriptions:\n";

pub(super) fn recipe_of_a_field(spec: &mut String) {
    paste(spec, "Add a field", &[&[SCHEMAS, "\n    VideoKyc:\n", PROPERTIES]]);
}

pub(super) fn recipe_of_a_required_field(spec: &mut String) {
    let request = [SCHEMAS, "\n    InitiateRequest:\n"];
    paste(spec, "Add a required field to a request", &[&[request[0], request[1], PROPERTIES]]);
    after(spec, &[request[0], request[1], "\n      required: ["], "consent_text, ");
}

pub(super) fn recipe_of_a_status(spec: &mut String) {
    let status = "\n    KycStatus:\n";
    let rows = ["\nx-lifecycle:\n", "\n  rows:\n"];
    let places: [&[&str]; 3] = [&[SCHEMAS, status, VALUES], &[SCHEMAS, status, DESCRIPTIONS], &rows];
    paste(spec, "Add a status, sub-status or error code", &places);
}

pub(super) fn recipe_of_an_event(spec: &mut String) {
    let event = "\n    KycEventType:\n";
    paste(spec, "Add a webhook event", &[&[SCHEMAS, event, VALUES], &[SCHEMAS, event, DESCRIPTIONS]]);
}

pub(super) fn recipe_of_an_operation(spec: &mut String) {
    paste(spec, "Add an operation", &[&["\npaths:\n"], &["\ncomponents:\n", SCHEMAS]]);
}

pub(super) fn a_field_of_an_error(spec: &mut String) {
    field(spec, "ApiError", "trace: { type: string, description: New., x-evidence: inferred }");
}

pub(super) fn a_field_of_an_event(spec: &mut String) {
    field(spec, "VideoKycEvent", "origin: { type: string, description: New., x-evidence: inferred }");
}

pub(super) fn a_status_with_its_row(spec: &mut String) {
    value(spec, "KycStatus", "ON_HOLD");
    let row = "{ status: ON_HOLD, phase: review, actor: auditor, final: false, advice: Wait., evidence: inferred";
    let event = "event: VKYC_ON_HOLD }";
    after(spec, &["\nx-lifecycle:\n", "\n  rows:\n"], &format!("    - {row}, {event}\n"));
}

pub(super) fn an_event_type(spec: &mut String) {
    value(spec, "KycEventType", "VKYC_ON_HOLD");
}

pub(super) fn an_operation(spec: &mut String) {
    let path = r##"  /agent:
    get:
      operationId: getAgent
      x-idempotent: true
      summary: Asks for an agent.
      parameters:
        - $ref: "#/components/parameters/ApiVersion"
        - { name: agent_id, in: query, description: The id., x-evidence: inferred, schema: { type: string, default: ABC00123 } }
      responses:
        "200":
          description: Found.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Agent" }
              examples:
                one:
                  summary: An agent.
                  x-evidence: inferred
                  value: { agent_reference_id: 11, count: 3, tags: [a] }
        "404": { $ref: "#/components/responses/NotFound" }
"##;
    after(spec, &["\npaths:\n"], path);
}

/// A success that is a list, about an argument that every item repeats.
pub(super) fn an_operation_that_lists(spec: &mut String) {
    let path = r##"  /agents:
    get:
      operationId: listAgents
      x-idempotent: true
      summary: Lists agents.
      parameters:
        - $ref: "#/components/parameters/ApiVersion"
        - { name: phone, in: query, required: true, description: The phone., x-echoed-by: phone, x-evidence: inferred, schema: { type: string } }
      responses:
        "200":
          description: Some.
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Agent" } }
              examples:
                two:
                  summary: Two agents.
                  x-evidence: inferred
                  value: [{ agent_reference_id: 11, phone: "1" }, { agent_reference_id: 12, phone: "1" }]
        "404": { $ref: "#/components/responses/NotFound" }
"##;
    after(spec, &["\npaths:\n"], path);
}

/// With a body that is nested, and written in place but for what another schema refers to.
pub(super) fn an_operation_that_writes(spec: &mut String) {
    let path = r##"  /desk/{desk_id}/shift:
    post:
      operationId: bookShift
      x-idempotent: false
      summary: Books a shift.
      parameters:
        - $ref: "#/components/parameters/ApiVersion"
        - { name: desk_id, in: path, required: true, description: The desk., x-evidence: inferred, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              description: A shift.
              required: [kind, lead, starts, place]
              properties:
                kind: { type: string, x-open-enum: true, enum: [DAY, NIGHT], x-enumDescriptions: { DAY: By day., NIGHT: By night. }, description: Which., x-evidence: inferred }
                place: { type: string, description: Where., x-evidence: inferred }
                starts: { type: string, format: date, description: When., x-evidence: inferred }
                breaks: { type: array, maxItems: 2, items: { type: integer, format: int64 }, description: When., x-evidence: inferred }
                lead:
                  type: object
                  description: Who leads it.
                  required: [full_name]
                  x-evidence: inferred
                  properties:
                    full_name: { type: string, maxLength: 20, x-sensitive: true, description: The name., x-evidence: inferred }
                    desk: { allOf: [{ $ref: "#/components/schemas/AgentDesk" }], description: Where., x-evidence: inferred }
      responses:
        "200":
          description: Booked.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Agent" }
              examples:
                booked: { summary: An agent., x-evidence: inferred, value: { agent_reference_id: 12, count: 1 } }
        "409": { $ref: "#/components/responses/Conflict" }
"##;
    after(spec, &["\npaths:\n"], path);
}

pub(super) fn the_schemas_of_its_answer(spec: &mut String) {
    let schemas = r##"    Agent:
      type: object
      description: An agent.
      required: [count]
      properties:
        agent_reference_id: { type: integer, format: int64, description: The id., x-evidence: inferred }
        phone: { type: string, description: The phone., x-sensitive: true, x-evidence: inferred }
        tags: { type: array, description: Tags., x-evidence: inferred, items: { type: string } }
        count: { type: integer, format: int64, description: How many., x-evidence: inferred }
        desk: { allOf: [{ $ref: "#/components/schemas/AgentDesk" }], description: Where., x-evidence: inferred }
    AgentDesk:
      type: object
      description: A desk.
      properties:
        city: { type: string, description: The city., x-evidence: inferred }
"##;
    after(spec, &["\ncomponents:\n", "\n  schemas:\n"], schemas);
}

/// Pastes the YAML blocks of a recipe of `CONTRIBUTING.md`, each below its marks.
fn paste(spec: &mut String, recipe: &str, places: &[&[&str]]) {
    let text = fs::read_to_string(support::root().join("CONTRIBUTING.md")).unwrap();
    let heading = format!("\n## {recipe}\n");
    let (_, rest) = text.split_once(&heading).unwrap_or_else(|| panic!("CONTRIBUTING.md has no recipe {recipe:?}"));
    let recipe = rest.split("\n## ").next().unwrap();
    let blocks: Vec<_> = recipe.split("\n```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), places.len(), "{recipe}");
    blocks.iter().zip(places).for_each(|(block, marks)| after(spec, marks, block));
}

/// Adds a property to a schema.
fn field(spec: &mut String, schema: &str, line: &str) {
    after(
        spec,
        &["\n  schemas:\n", &format!("\n    {schema}:\n"), "\n      properties:\n"],
        &format!("        {line}\n"),
    );
}

/// Adds a value to an open enum.
fn value(spec: &mut String, schema: &str, value: &str) {
    let schema = format!("\n    {schema}:\n");
    after(spec, &["\n  schemas:\n", &schema, "\n      enum:\n"], &format!("        - {value}\n"));
    after(spec, &["\n  schemas:\n", &schema, "\n      x-enumDescriptions:\n"], &format!("        {value}: New.\n"));
}

/// Inserts text after the last of these marks, each of which follows the previous one.
fn after(spec: &mut String, marks: &[&str], text: &str) {
    let place = marks.iter().fold(0, |from, mark| {
        let found = spec[from..].find(mark).unwrap_or_else(|| panic!("{mark:?} is no longer in the spec"));
        // The line break at its end may begin the next mark.
        from + found + mark.len() - 1
    });
    spec.insert_str(place + 1, text);
}

pub(super) fn replace(spec: &mut String, old: &str, new: &str) {
    assert!(spec.contains(old), "{old:?} is no longer in the spec");
    *spec = spec.replacen(old, new, 1);
}
