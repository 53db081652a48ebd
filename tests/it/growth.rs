//! The test of the design: a field, a status, an event and an operation are edits of the spec. In a copy of the project whose
//! spec has grown, and with `src/` as it is, all of them compile and work; and touching nothing rebuilds nothing.
//!
//! It compiles the library several times, which takes a minute, and prints its progress.

mod project;
mod spec;

use project::{Project, TYPES};

/// The recipes of CONTRIBUTING.md, and more: fields of responses, requests, errors and events, a status, an event type, and
/// operations that ask, list and write. With every feature, and with none.
#[test]
fn a_copy_of_the_project_grows_by_its_spec_alone() {
    let growing: [fn(&mut String); 13] = [
        spec::recipe_of_a_field,
        spec::recipe_of_a_required_field,
        spec::recipe_of_a_status,
        spec::recipe_of_an_event,
        spec::recipe_of_an_operation,
        spec::a_field_of_an_error,
        spec::a_field_of_an_event,
        spec::a_status_with_its_row,
        spec::an_event_type,
        spec::an_operation,
        spec::an_operation_that_lists,
        spec::an_operation_that_writes,
        spec::the_schemas_of_its_answer,
    ];
    let project = Project::copy("growing");
    project.grow(&growing);
    project.add_the_types_alone("types.rs", &growing);
    let with_types = ["--package", TYPES, "--test", TYPES, "--test", "units"];
    let tested = project.test(&with_types);
    assert!(tested.success, "{}", tested.text);
    for what in [
        "what_is_called ... ok",
        "what_is_written ... ok",
        "what_is_listed ... ok",
        "what_the_recipes_add ... ok",
        "what_the_sandbox_answers ... ok",
        "decoding::every_field_may_be_empty_null_or_absent ... ok",
        "requests::each_write_sends_exactly_the_fields_of_the_spec ... ok",
        "sandbox::documented::every_documented_error_reaches_the_caller_with_its_meaning ... ok",
        "sandbox::operations::every_operation_of_the_spec_gets_a_documented_response ... ok",
        "what_is_decoded ... ok",
        "what_is_received ... ok",
    ] {
        assert!(tested.text.contains(what), "{}", tested.text);
    }
    // The unit tests of the types alone, which no other run has.
    assert!(tested.text.matches("::tests::").count() > 20, "{}", tested.text);
    project.assert_that_nothing_is_built_again(&with_types);
}

#[test]
fn a_copy_of_the_project_with_a_broken_spec_says_so_in_one_readable_error() {
    let project = Project::copy("broken");
    project.grow(&[|spec| spec::replace(spec, "      operationId: vkycGetStatus\n", "")]);
    let built = project.test(&["--no-run"]);
    assert!(!built.success);
    assert!(built.text.contains("#/paths/~1vkyc/get: `operationId` is missing"), "{}", built.text);
    assert!(built.text.contains("help: add `operationId: <camelCaseName>`"), "{}", built.text);
    assert!(!built.text.contains("panicked"), "{}", built.text);
}
