//! Invalid input and failed writes give a clear message and the right exit code. Nothing is lost, and nothing panics.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use crate::support::{BINARY, Ran, World, bare};

/// Each is a usage error that names the problem.
#[test]
fn invalid_arguments_are_refused_with_exit_code_2() {
    let world = World::new();
    let long = "x".repeat(51);
    world.write("empty", "");
    world.write("blank", "\n\n# nothing\n");
    world.write("rows.csv", "name,id\na,b\n");
    for (arguments, says) in [
        (vec!["status", "a b"], "character ' '"),
        (vec!["status", &long], "51"),
        (vec!["status", ""], "empty"),
        (vec!["status", "x", "--reference-id", "1"], "cannot be used with"),
        (vec!["status", "x", "--timeout", "5y"], "unit"),
        (vec!["status", "x", "--env", "prodution"], "no such environment"),
        (vec!["status", "x", "--env", "http://example.com"], "not https"),
        (vec!["status", "x", "--env", "htps://example.com/"], "neither https nor http"),
        (vec!["status", "x", "--credentials-file", "nobody"], "credentials file"),
        (vec!["sweep", "empty"], "no id in the input"),
        (vec!["sweep", "blank", "-o", "out.csv"], "no id in the input"),
        (vec!["sweep", "nobody"], "cannot be read"),
        (vec!["sweep", "."], "cannot be read"),
        (vec!["sweep", "rows.csv", "--column", "number"], "name, id"),
        (vec!["sweep", "rows.csv", "--column", "id", "-o", "."], "is a directory"),
        (vec!["sweep", "rows.csv", "--column", "id", "-o", "no/such/folder.csv"], "cannot be used"),
        (vec!["webhook", "verify", "-H", "no colon"], "NAME: VALUE"),
        (vec!["webhook", "sign"], "standard input is empty"),
        (vec!["webhook", "listen", "--forward", "localhost:1"], "--forward"),
        (vec!["sandbox", "--journey", "nowhere"], "link_expired"),
        (vec!["user", "create", "--phone", ""], "phone"),
    ] {
        let ran = world.run(&arguments).exits(2);
        assert!(ran.stderr.contains(says) && ran.stdout.is_empty(), "{arguments:?} lacks {says}: {ran:#?}");
    }
    assert_eq!(world.files(), ["blank", "empty", "rows.csv"]);
}

#[test]
fn a_missing_half_of_the_key_pair_is_named() {
    for (set, missing) in
        [("CASHFREE_CLIENT_ID", "CASHFREE_CLIENT_SECRET"), ("CASHFREE_CLIENT_SECRET", "CASHFREE_CLIENT_ID")]
    {
        let mut command = bare(&["status", "x"]);
        command.env(set, "canary");
        let ran = Ran::of(command, b"").exits(4);
        assert!(ran.stderr.contains(&format!("not set: {missing};")) && !ran.stderr.contains("canary"), "{ran:#?}");
    }
}

/// A credentials file must be readable by its owner only, and none of its content is printed.
#[cfg(unix)]
#[test]
fn a_credentials_file_that_others_can_read_is_refused() {
    use crate::support::chmod;

    let world = World::new();
    let [url, id, secret] =
        [world.sandbox.url(), world.sandbox.client_id().into(), world.sandbox.client_secret().into()];
    let text = format!(
        "# mine\nexport CASHFREE_ENVIRONMENT={url}\nCASHFREE_CLIENT_ID='{id}'\nCASHFREE_CLIENT_SECRET={secret}\n"
    );
    let path = world.write("credentials", text);
    let run = || {
        let mut command = bare(&["status", "vkyc_verification_id", "--credentials-file", "credentials"]);
        command.current_dir(world.folder.path());
        Ran::of(command, b"")
    };
    for mode in [0o644, 0o640, 0o604, 0o622] {
        chmod(&path, mode);
        let ran = run().exits(2);
        assert!(
            ran.stderr.contains("others on this machine can read it") && ran.stderr.contains("chmod 600"),
            "{ran:#?}"
        );
    }
    chmod(&path, 0o600);
    run().exits(0);
    world.write("credentials", "canary without a sign\n");
    let ran = run().exits(2);
    assert!(ran.stderr.contains("line 1 is not NAME=value") && !ran.stderr.contains("canary"), "{ran:#?}");
}

/// No option takes a secret.
#[test]
fn no_argument_takes_a_secret() {
    let help = Ran::of(bare(&["--help"]), b"").exits(0).stdout;
    assert!(!help.contains("--client-secret") && !help.contains("--secret"), "{help}");
    Ran::of(bare(&["status", "x", "--client-secret", "canary"]), b"").exits(2);
}

/// As by `head`: no message, no error.
#[test]
fn a_closed_pipe_ends_quietly() {
    let world = World::new();
    world.write("ids.txt", "a\nb\nc\n");
    for arguments in [
        &["explain"][..],
        &["status", "vkyc_verification_id", "--json"],
        &["sweep", "ids.txt"],
        &["--help"],
        &["doctor"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.command(arguments);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let ran = Ran::ended(command.output().unwrap()).exits(0);
        assert_eq!(ran.stderr, "", "{arguments:?}");
    }
}

/// A failed write is an error.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let world = World::new();
    world.write("ids.txt", "a\nb\nc\n");
    for arguments in [
        &["explain"][..],
        &["status", "vkyc_verification_id"],
        &["status", "vkyc_verification_id", "--json"],
        &["sweep", "ids.txt"],
        &["doctor"],
        &["--help"],
        &["sandbox"],
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = world.command(arguments);
        command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped());
        let ran = Ran::ended(command.output().unwrap()).exits(1);
        // Help reports it by the exit code only.
        assert!(ran.stderr.contains("No space left") || arguments == ["--help"], "{arguments:?}: {ran:#?}");
    }
    let ran = world.run(&["sweep", "ids.txt", "-o", "/dev/full"]).exits(1);
    assert!(ran.stderr.contains("No space left") && ran.stderr.contains("free some space"), "{ran:#?}");
}

/// Even a write to the standard error may fail.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_error_changes_nothing() {
    let world = World::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = world.command(&["status", "nobody", "-vv"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(full);
    Ran::ended(command.output().unwrap()).exits(3);
}

#[cfg(unix)]
#[test]
fn closed_standard_streams_cause_no_panic() {
    let world = World::new();
    let closed = |redirects: &str, arguments: &[&str]| {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("exec \"$0\" \"$@\" {redirects}")).arg(BINARY).args(arguments);
        command
            .current_dir(world.folder.path())
            .env_clear()
            .env("CASHFREE_ENVIRONMENT", world.sandbox.url())
            .env("CASHFREE_CLIENT_ID", world.sandbox.client_id())
            .env("CASHFREE_CLIENT_SECRET", world.sandbox.client_secret());
        Ran::ended(command.output().unwrap())
    };
    let ran = closed("<&-", &["webhook", "sign"]).exits(2);
    assert!(ran.stderr.contains("standard input is empty"), "{ran:#?}");
    let ran = closed("<&-", &["sweep"]).exits(2);
    assert!(ran.stderr.contains("no id in the input"), "{ran:#?}");
    closed("<&-", &["start", "x", "--user", "u"]).exits(2);
    closed("<&- >&- 2>&-", &["status", "nobody"]).exits(3);
}

/// A log may be stored and sent to others.
#[test]
fn the_log_shows_attempts_and_neither_ids_nor_secrets() {
    let world = World::new();
    for options in [&["-v"][..], &["-vv"], &["-vvvv"]] {
        let ran = world.run(&[&["status", "canary-7f3a"], options].concat()).exits(3);
        assert!(ran.stderr.contains("http.response.status_code=404"), "{ran:#?}");
        let secrets = [world.sandbox.client_id(), world.sandbox.client_secret(), "canary", "verification_id="];
        assert!(secrets.iter().all(|secret| !ran.stderr.contains(secret)), "{options:?}: {ran:#?}");
    }
}

#[test]
fn usage_errors_are_json_with_the_option_json() {
    let ran = Ran::of(bare(&["status", "a b", "--json"]), b"").exits(2);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "usage");
    assert!(error["error"]["message"].as_str().unwrap().contains("character ' '"), "{error}");
}
