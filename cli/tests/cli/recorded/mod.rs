//! The exact output of the commands. `cargo xtask snapshots` accepts changes.

mod docs;

use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Sandbox};

use crate::support::{Ran, World, bare};

/// Compares several runs with the snapshot of this name. Absent values are left out, so a new optional field of the spec changes no
/// snapshot.
#[track_caller]
fn shows(name: &str, runs: &[String]) {
    insta::with_settings!({ snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, present(&runs.join("\n")));
    });
}

/// Drops labels without a value, and the nulls of JSON.
fn present(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.ends_with("\tnone"));
    lines.map(|line| without_nulls(line) + "\n").collect()
}

fn without_nulls(line: &str) -> String {
    const NULL: &str = "\":null";
    let mut line = line.to_owned();
    while let Some(at) = line.find(NULL) {
        let (name, end) = (line[..at].rfind('"').unwrap(), at + NULL.len());
        let range = match (line[..name].ends_with(','), line[end..].starts_with(',')) {
            (true, _) => name - 1..end,
            (false, true) => name..end + 1,
            (false, false) => name..end,
        };
        line.replace_range(range, "");
    }
    line
}

/// Drops the columns of a table that are empty in each row.
fn without_empty_columns(csv: &str) -> Vec<String> {
    let rows: Vec<Vec<_>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let has_value = |column: usize| rows[1..].iter().any(|row| !row[column].is_empty());
    let cells =
        |row: &Vec<&str>| (0..row.len()).filter(|n| has_value(*n)).map(|n| row[n].to_owned()).collect::<Vec<_>>();
    rows.iter().map(|row| cells(row).join(",")).collect()
}

/// No form of an absent field is in a snapshot.
#[test]
fn a_field_without_a_value_changes_no_snapshot() {
    let said = |text: &str, json: &str, last: &str| {
        format!(
            "$ status\n--- stdout\nstatus\tRECEIVED\n{text}final\tno\n{{{json}\"final\":false{last}}}\n--- exit code 0\n"
        )
    };
    let before = said("", "", "");
    assert_eq!(present(&before), before);
    assert_eq!(present(&said("brand new\tnone\n", "\"brand_new\":null,", "")), before);
    assert_eq!(present(&said("", "\"one\":null,\"two\":null,", ",\"three\":null,\"four\":null")), before);
    assert_eq!(without_nulls("{\"only\":null}"), "{}");
    assert_eq!(
        without_empty_columns("id,new,status,last\na,,X,\nb,,,\n"),
        without_empty_columns("id,status\na,X\nb,\n")
    );
}

fn told_bare(arguments: &[&str]) -> String {
    let ran = Ran::of(bare(arguments), b"");
    let code = ran.code.unwrap();
    format!("$ cashfree-vkyc {}\n{}{}--- exit code {code}\n", arguments.join(" "), ran.stdout, ran.stderr)
}

#[test]
fn help() {
    let commands = [
        "",
        "status",
        "watch",
        "sweep",
        "explain",
        "user",
        "user create",
        "user show",
        "user update",
        "start",
        "token",
        "webhook",
        "webhook verify",
        "webhook sign",
        "webhook listen",
        "recording",
        "sandbox",
        "doctor",
    ];
    let help = commands.map(|command| told_bare(&command.split_whitespace().chain(["--help"]).collect::<Vec<_>>()));
    shows("help", &help);
}

#[test]
fn status() {
    let world = World::new();
    shows(
        "status",
        &[
            world.recorded(&["status", "vkyc_verification_id"]),
            world.recorded(&["status", "--reference-id", "1358"]),
            world.recorded(&["status", "vkyc_verification_id", "--json"]),
            world.recorded(&["status", "vkyc_verification_id", "--json", "--show-sensitive"]),
        ],
    );
}

/// One run for each row of the table of exit codes; 130 is in `terminal`.
#[test]
fn exit_codes() {
    let world = World::new();
    world.put("over", "AUDITOR_REVIEWED", "");
    world.put("odd", "AUDITOR_REVIEWED", "BRAND_NEW");
    let status = |options: &[&str]| world.recorded(&[&["status", "vkyc_verification_id"], options].concat());
    let mut runs = vec![
        status(&[]),
        told_bare(&["status", "x", "--env", "https://nobody.invalid", "--json"]),
        world.recorded(&["status", "vkyc_verification_id", "--env", "http://127.0.0.1:1"]),
        world.recorded(&["status"]),
        world.recorded(&["status", "nobody"]),
        world.recorded(&["status", "nobody", "--json"]),
        told_bare(&["status", "nobody"]),
        world.recorded(&["status", "over"]),
        world.recorded(&["status", "odd"]),
        world.recorded(&["status", "over", "--passed", "AUDITOR_REVIEWED"]),
        world.recorded_with(
            &[
                "webhook",
                "verify",
                "-H",
                "x-webhook-signature: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "-H",
                "x-webhook-timestamp: 1746427759733",
                "--any-age",
            ],
            "{}",
        ),
    ];
    world.sandbox.inject(Fault::status(401).code("authentication_failed").times(1));
    runs.push(status(&[]));
    world.sandbox.inject(Fault::status(403).code("ip_validation_failed").times(1));
    runs.push(status(&[]));
    world.sandbox.inject(Fault::status(429).retry_after(3600).times(1));
    runs.push(status(&[]));
    world.sandbox.inject(Fault::delay(Duration::from_secs(600)).times(1));
    runs.push(status(&["--timeout", "200ms"]));
    world.sandbox.inject(Fault::wrong_id().times(3));
    runs.push(status(&[]));
    shows("exit_codes", &runs);
}

#[test]
fn explain() {
    let words = [
        "PRE_VIDEO_CALL/USER_QUEUED",
        "user_queued",
        "ip_validation_failed",
        "VKYC_USER_CALL_QUEUED",
        "user_queud",
        "☃",
    ];
    let mut runs: Vec<_> = words.iter().map(|word| told_bare(&["explain", word])).collect();
    runs.push(told_bare(&["explain", "authentication_failed", "--json"]));
    runs.push(told_bare(&["explain", "RECEIVED", "--json"]));
    runs.push(told_bare(&["explain"]));
    shows("explain", &runs);
}

#[test]
fn users_and_verifications() {
    let world = World::with(Sandbox::builder().at("2025-05-22T03:51:14Z".parse().unwrap()));
    shows(
        "writes",
        &[
            world.recorded(&["user", "create", "--phone", "9988776655", "--user", "u1", "--name", "A Customer"]),
            world.recorded(&["user", "create", "--phone", "9988776655", "--user", "u1"]),
            world.recorded(&["user", "show", "--user", "u1", "--show-sensitive"]),
            world.recorded(&["user", "update", "--user", "u1", "--email", "nobody@example.com", "--json"]),
            world.recorded(&["user", "update", "--user", "u1"]),
            world.recorded(&["user", "show", "--user", "nobody"]),
            world.recorded(&["start", "vkyc_42", "--user", "u1"]),
            world.recorded(&["start", "vkyc_42", "--user", "u1", "--notify", "sms", "--yes"]),
            world.recorded(&["start", "vkyc_43", "--user", "nobody", "--yes"]),
            world.recorded(&[
                "token",
                "--app-id",
                "a",
                "--reference-id",
                "10002",
                "--identifier-value",
                "u1",
                "--json",
            ]),
        ],
    );
}

#[test]
fn doctor() {
    let world = World::new();
    let healthy = world.recorded(&["doctor"]);
    world.sandbox.inject(Fault::status(404).html().times(1));
    let not_enabled = world.recorded(&["doctor"]);
    world.sandbox.inject(Fault::status(403).code("ip_validation_failed").times(1));
    let not_allowed = world.recorded(&["doctor", "--json"]);
    let mut half = world.command(&["doctor"]);
    half.env_remove("CASHFREE_CLIENT_SECRET")
        .env("CASHFREE_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----")
        .env("HTTPS_PROXY", "http://127.0.0.1:9");
    let half = Ran::of(half, b"").exits(4);
    shows("doctor", &[healthy, not_enabled, not_allowed, world.scrub(&format!("{}{}", half.stdout, half.stderr))]);
}

#[test]
fn sweep() {
    let world = World::new();
    world.put("a", "PRE_VIDEO_CALL", "USER_QUEUED");
    world.put("b", "COMPLETED", "");
    world.write("ids.txt", "vkyc_verification_id\na\nnot an id\nb\nnobody\n");
    // One call at a time, so that rows have the order of the input.
    let csv = world.recorded(&["sweep", "ids.txt", "-o", "out.csv"]);
    let mut lines = without_empty_columns(&world.read("out.csv"));
    lines[1..].sort();
    let jsonl = world.recorded_with(&["sweep", "--json"], "a\n");
    shows("sweep", &[csv, without_request_ids(&world.scrub(&lines.join("\n"))), jsonl]);
}

/// Request ids depend on the order of concurrent requests.
fn without_request_ids(text: &str) -> String {
    let lines = text.lines().map(|line| line.rsplit_once(",sandbox-request-").map_or(line, |(line, _)| line));
    lines.map(|line| format!("{line}\n")).collect()
}
