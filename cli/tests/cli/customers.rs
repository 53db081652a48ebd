//! Customers: personal data is read from the standard input, which no other user of the machine can see, and is printed only on
//! request.

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
    let number = user["user_reference_id"].as_i64().unwrap();
    let changes = format!(r#"{{"user_reference_id": {number}, "address": "A street"}}"#);
    world.run_with(&["user", "update", "-"], changes).exits(0);
    let user = shown(&world, &["u-1"]);
    assert_eq!([&user["name"], &user["email"], &user["address"]], ["Another", "b@example.com", "A street"]);
}

/// An id that Cashfree assigns and the link are what the commands are for, so they are shown; nothing else of a customer is.
#[test]
fn a_command_shows_what_it_creates() {
    let world = World::new();
    for json in [false, true] {
        let options: &[&str] = if json { &["--json"] } else { &[] };
        let create = ["user", "create", "--phone", "9988776655", "--name", "A Customer"];
        let ran = world.run(&[&create, options].concat()).exits(0);
        let value = |text: &str, name: &str| match json {
            true => serde_json::from_str::<Value>(text).unwrap()[name].as_str().unwrap().to_owned(),
            false => {
                let line = text
                    .lines()
                    .find_map(|line| line.split_once('\t').filter(|(label, _)| *label == name.replace('_', " ")));
                line.unwrap().1.to_owned()
            }
        };
        let id = value(&ran.stdout, "user_id");
        assert!(id.starts_with("sandbox_user_"), "{ran:#?}");
        for hidden in ["9988776655", "A Customer"] {
            assert!(!ran.stdout.contains(hidden), "{ran:#?}");
        }
        assert_eq!(value(&ran.stdout, "user_reference_id"), "[redacted]");
        assert_eq!(shown(&world, &[&id])["phone"], "9988776655");
        let vkyc = format!("vkyc_{json}");
        let ran = world.run(&[&["start", &vkyc, "--user", &id, "--yes"], options].concat()).exits(0);
        assert!(value(&ran.stdout, "vkyc_link").starts_with("https://"), "{ran:#?}");
        assert_eq!(value(&ran.stdout, "user_id"), "[redacted]");
        // Other commands do not show it.
        assert_eq!(value(&world.run(&[&["status", &vkyc], options].concat()).stdout, "vkyc_link"), "[redacted]");
    }
}

/// A script with `set -e` stops here, and its log must have the reason.
#[test]
fn a_final_state_that_is_not_a_known_pass_is_explained() {
    let world = World::new();
    world.run(&["user", "create", "--phone", "9988776655", "--user", "u-1"]).exits(0);
    world.sandbox.begin("done", Journey::completed()).unwrap().finish_blocking().unwrap();
    world.sandbox.begin("late", Journey::link_expired()).unwrap().finish_blocking().unwrap();
    for command in [&["status", "done"][..], &["watch", "done"], &["start", "done", "--user", "u-1", "--yes"]] {
        if command[0] == "start" {
            let mut vkyc = world.sandbox.verification("done").unwrap().state().unwrap();
            (vkyc.user_id, vkyc.user_reference_id) = (Some("u-1".to_owned().into()), None);
            world.sandbox.put(vkyc);
        }
        let ran = world.run(command).exits(7);
        let says = "   next: if the customer has passed in this state, add --passed COMPLETED\n";
        assert!(
            ran.stderr.contains("error: the verification is over, and not known to have passed\n")
                && ran.stderr.ends_with(says),
            "{ran:#?}"
        );
        let ran = world.run(&[command, &["--json"]].concat()).exits(7);
        let error: Value = serde_json::from_str(&ran.stderr).unwrap();
        assert_eq!(error["error"]["code"], "not_passed");
        let ran = world.run(&[command, &["--passed", "COMPLETED"]].concat()).exits(0);
        assert!(!ran.stderr.contains("--passed"), "{ran:#?}");
    }
    let ran = world.run(&["status", "late"]).exits(7);
    assert!(ran.stderr.contains("--passed") && !ran.stderr.contains("add --passed"), "{ran:#?}");
}

/// The identifier may be a phone number, which other users of the machine must not see.
#[test]
fn a_token_reads_the_identifier_from_the_standard_input() {
    let world = World::new();
    let token =
        ["token", "--app-id", "a", "--reference-id", "10002", "--identifier-type", "mobile", "--identifier-value"];
    let run = |value: &str, stdin: &str| world.run_with(&[&token[..], &[value]].concat(), stdin);
    run("-", "9988776655\n").exits(0);
    run("9988776655", "").exits(0);
    let bodies: Vec<Value> =
        world.sandbox.requests().iter().map(|request| serde_json::from_slice(request.body.expose()).unwrap()).collect();
    assert_eq!(bodies[0]["authenticated_user"]["identifier_value"], "9988776655");
    assert_eq!(bodies[0], bodies[1]);
    for stdin in ["", "\n"] {
        assert!(run("-", stdin).exits(2).stderr.contains("standard input"));
    }
}

/// An id has the same type in the JSON of every command, with and without `--show-sensitive`.
#[test]
fn an_id_has_one_type_in_json() {
    let world = World::new();
    let status = ["status", "vkyc_verification_id", "--json", "--show-sensitive"];
    let vkyc: Value = serde_json::from_str(&world.run(&status).exits(0).stdout).unwrap();
    for id in ["reference_id", "user_reference_id"] {
        assert!(vkyc[id].is_i64() && vkyc[id] == vkyc["response"][id], "{vkyc}");
    }
}

/// The response does not say that the verification existed. Its later state shows it.
#[test]
fn a_verification_that_was_started_before_is_reported() {
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
fn a_start_without_a_response_has_its_own_message_and_exit_code() {
    let world = World::new();
    world.sandbox.inject(Fault::status(500).html().on("vkycInitiate"));
    let ran = world.run(&["start", "vkyc_42", "--user", "u-1", "--yes", "--timeout", "2s"]).exits(9);
    assert!(ran.stderr.contains("error: the verification may have been started"), "{ran:#?}");
    assert!(ran.stderr.contains("next: check with `cashfree-vkyc status vkyc_42`"), "{ran:#?}");
    assert!(!ran.stderr.contains("not started"), "{ran:#?}");
}

#[test]
fn a_message_has_no_doubled_punctuation() {
    let world = World::new();
    world.run(&["user", "create", "--phone", "9988776655", "--user", "u-1"]).exits(0);
    world.sandbox.set_journey(Journey::rejected_no_balance()).unwrap();
    let ran = world.run(&["start", "vkyc_42", "--user", "u-1", "--yes"]).exits(1);
    assert!(ran.stderr.contains("exists and was rejected") && !ran.stderr.contains(".:"), "{ran:#?}");
}

/// An error names the field. Its value may be personal data.
#[test]
fn an_error_names_the_field_and_not_its_value() {
    let world = World::new();
    for (verb, body, says) in [
        ("create", "", "standard input is empty"),
        ("create", "canary", "not a JSON object"),
        ("create", r#"{"phone": canary}"#, "not a JSON object: see line 1, column 11"),
        ("create", r#"["address", "email", "name", "canary", "u-1"]"#, "not a JSON object"),
        ("create", r#"["canary"]"#, "not a JSON object"),
        ("create", r#""canary""#, "not a JSON object"),
        ("create", r#"{"phone": "canary"} {"#, "not a JSON object"),
        ("create", r#"{"phone": "canary""#, "not a JSON object"),
        ("create", r#"{"name": "canary"}"#, "field phone is missing"),
        ("create", r#"{"phone": 9988776655}"#, "field phone has the wrong type"),
        ("create", r#"{"phone": "1", "phone": "canary"}"#, "field phone is repeated"),
        ("create", r#"{"phone": "1", "nmae": "canary"}"#, "field nmae is unknown"),
        ("create", r#"{"phone": "1", "a `canary\n": 1}"#, "is unknown"),
        ("create", r#"{"phone": "1", "user_id": "canary 1"}"#, "field user_id has the wrong type"),
        ("create", r#"{"phone": "1", "name": {"first": "canary"}}"#, "field name has the wrong type"),
        ("create", r#"{"phone": ""}"#, "phone"),
        ("update", r#"{"user_id": "u-1", "phone": "canary"}"#, "field phone is unknown"),
        ("update", r#"{"user_id": "u-1"}"#, "there is nothing to change"),
        ("update", r#"{"user_id": "u-1", "user_reference_id": 1, "name": "canary"}"#, "exactly one of"),
        ("update", r#"{"name": "canary", "email": "canary@example.com"}"#, "exactly one of"),
    ] {
        let ran = world.run_with(&["user", verb, "-"], body).exits(2);
        let hides = ["canary", "9988776655"].iter().all(|value| !ran.stderr.contains(value));
        assert!(ran.stderr.contains(says) && hides && ran.stdout.is_empty(), "{body} lacks {says}: {ran:#?}");
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
