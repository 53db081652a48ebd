//! Customers: what is theirs goes in by the standard input, where no other user of the machine sees it, and comes out only to who
//! asks.

use cashfree_vkyc::sandbox::{Fault, Journey};
use cashfree_vkyc::{Status, SubStatus};
use serde_json::{Value, json};

use crate::support::World;

fn shown(world: &World, which: &[&str]) -> Value {
    let ran = world.run(&[&["user", "show", "--show-sensitive", "--json"], which].concat()).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_customer_comes_from_the_standard_input() {
    let world = World::new();
    let new = json!({ "user_id": "u-1", "phone": "9988776655", "name": "A Customer", "email": "a@example.com" });
    let ran = world.run_with(&["user", "create", "-"], new.to_string()).exits(0);
    assert!(!ran.stdout.contains("9988776655") && ran.stderr.is_empty(), "{ran:#?}");
    let user = shown(&world, &["u-1"]);
    assert_eq!((&user["phone"], &user["name"]), (&new["phone"], &new["name"]));
    assert_eq!(shown(&world, &["--user", "u-1"])["user_reference_id"], user["user_reference_id"]);

    let changes = json!({ "user_id": "u-1", "name": "Another" });
    world.run_with(&["user", "update", "-"], changes.to_string()).exits(0);
    world.run(&["user", "update", "u-1", "--email", "b@example.com"]).exits(0);
    let number = user["user_reference_id"].as_str().unwrap();
    let changes = format!(r#"{{"user_reference_id": {number}, "address": "A street"}}"#);
    world.run_with(&["user", "update", "-"], changes).exits(0);
    let user = shown(&world, &["u-1"]);
    assert_eq!([&user["name"], &user["email"], &user["address"]], ["Another", "b@example.com", "A street"]);
}

/// One that has gone on cannot be new, which the same answer does not say.
#[test]
fn one_that_was_started_before_is_told_where_it_can_be() {
    let world = World::new();
    world.run(&["user", "create", "--phone", "9988776655", "--user", "u-1"]).exits(0);
    let start = || world.run(&["start", "vkyc_42", "--user", "u-1", "--yes"]);
    let ran = start().exits(0);
    assert_eq!(ran.stderr, "");
    let mut vkyc = world.sandbox.verification("vkyc_42").unwrap().state().unwrap();
    (vkyc.status, vkyc.sub_status) = (Status::VideoCall, SubStatus::default());
    world.sandbox.put(vkyc);
    let ran = start().exits(0);
    assert!(ran.stdout.contains("sub status\tnone\n") && ran.stderr.contains("started before"), "{ran:#?}");
}

#[test]
fn a_verification_of_unknown_outcome_has_its_own_words_and_exit_code() {
    let world = World::new();
    world.sandbox.inject(Fault::status(500).html().on("vkycInitiate"));
    let ran = world.run(&["start", "vkyc_42", "--user", "u-1", "--yes", "--timeout", "2s"]).exits(9);
    assert!(ran.stderr.contains("error: the verification may have been started"), "{ran:#?}");
    assert!(ran.stderr.contains("next: ask for it with `cashfree-vkyc status vkyc_42`"), "{ran:#?}");
    assert!(!ran.stderr.contains("not started"), "{ran:#?}");
}

#[test]
fn a_sentence_that_has_ended_goes_on_with_one_mark() {
    let world = World::new();
    world.run(&["user", "create", "--phone", "9988776655", "--user", "u-1"]).exits(0);
    world.sandbox.set_journey(Journey::rejected_no_balance()).unwrap();
    let ran = world.run(&["start", "vkyc_42", "--user", "u-1", "--yes"]).exits(1);
    assert!(ran.stderr.contains("under a success status") && !ran.stderr.contains(".:"), "{ran:#?}");
}

/// What is wrong is told by its name; its value is a customer's.
#[test]
fn what_is_wrong_is_named_and_its_value_is_not() {
    let world = World::new();
    for (verb, body, says) in [
        ("create", "", "standard input is empty"),
        ("create", "canary", "no JSON object"),
        ("create", r#"{"phone": canary}"#, "no JSON object: see line 1, column 11"),
        ("create", r#"["address", "email", "name", "canary", "u-1"]"#, "no JSON object"),
        ("create", r#"["canary"]"#, "no JSON object"),
        ("create", r#""canary""#, "no JSON object"),
        ("create", r#"{"phone": "canary"} {"#, "no JSON object"),
        ("create", r#"{"phone": "canary""#, "no JSON object"),
        ("create", r#"{"name": "canary"}"#, "field phone is missing"),
        ("create", r#"{"phone": 9988776655}"#, "field phone is not of the kind"),
        ("create", r#"{"phone": "1", "phone": "canary"}"#, "field phone is there twice"),
        ("create", r#"{"phone": "1", "nmae": "canary"}"#, "field nmae is unknown"),
        ("create", r#"{"phone": "1", "a `canary\n": 1}"#, "is unknown"),
        ("create", r#"{"phone": "1", "user_id": "canary 1"}"#, "field user_id is not of the kind"),
        ("create", r#"{"phone": "1", "name": {"first": "canary"}}"#, "field name is not of the kind"),
        ("create", r#"{"phone": ""}"#, "phone"),
        ("update", r#"{"user_id": "u-1", "phone": "canary"}"#, "field phone is unknown"),
        ("update", r#"{"user_id": "u-1"}"#, "nothing is to be changed"),
        ("update", r#"{"user_id": "u-1", "user_reference_id": 1, "name": "canary"}"#, "exactly one of"),
        ("update", r#"{"name": "canary", "email": "canary@example.com"}"#, "exactly one of"),
    ] {
        let ran = world.run_with(&["user", verb, "-"], body).exits(2);
        let hides = ["canary", "9988776655"].iter().all(|value| !ran.stderr.contains(value));
        assert!(ran.stderr.contains(says) && hides && ran.stdout.is_empty(), "{body} is to say {says}: {ran:#?}");
    }
    for arguments in [
        &["user", "create"][..],
        &["user", "create", "-", "--phone", "1"],
        &["user", "create", "-", "--name", "A"],
        &["user", "create", "u-1"],
        &["user", "update", "-", "--name", "A"],
        &["user", "update", "u-1", "--user", "u-2", "--name", "A"],
        &["user", "show"],
    ] {
        world.run_with(arguments, "{}").exits(2);
    }
    assert!(world.sandbox.requests().is_empty(), "{:?}", world.sandbox.requests());
}
