//! Text of a server cannot control or flood a terminal. Cashfree's messages are printed only if they are needed or requested.

use cashfree_vkyc::VideoKyc;

use crate::support::{Ran, World, answering, bare, http};

/// Whether it contains a character that could affect other text.
fn acts(text: &str) -> bool {
    let marks = ['\u{202e}', '\u{200b}', '\u{2028}', '\u{e0041}', '\u{85}'];
    text.contains(|c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || marks.contains(&c))
}

/// Runs a command with credentials against this URL.
pub(crate) fn at(url: &str, arguments: &[&str]) -> Ran {
    let mut command = bare(arguments);
    command
        .env("CASHFREE_ENVIRONMENT", url)
        .env("CASHFREE_CLIENT_ID", "an-id")
        .env("CASHFREE_CLIENT_SECRET", "a-secret");
    Ran::of(command, b"")
}

/// No text of a server controls a terminal or breaks a line of the log.
#[test]
fn text_of_a_server_cannot_control_a_terminal() {
    let world = World::new();
    let mut vkyc = VideoKyc::default();
    vkyc.verification_id = Some("evil".to_owned());
    (vkyc.status, vkyc.sub_status) = ("\x1b]0;owned\x07\u{202e}".into(), "A\nB\u{200b}\u{2028}".into());
    vkyc.agent_remarks = Some("\x1b[2J\r\n\u{e0041}".into());
    vkyc.link_expiry = Some("2025\x1b[31m\u{202e}\u{85}".into());
    world.sandbox.put(vkyc);
    world.write("ids.txt", "evil\n");
    for arguments in [
        &["status", "evil", "--show-sensitive"][..],
        &["status", "evil", "--show-sensitive", "--json"],
        &["sweep", "ids.txt"],
        &["sweep", "ids.txt", "--json"],
        &["watch", "evil", "--max-wait", "1ms", "--show-sensitive"],
        &["recording", "evil", "-o", "evil.mp4"],
    ] {
        let ran = world.run(arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!acts(&said) && !said.contains("\nB"), "{arguments:?}: {said:?}");
    }
    // JSON still has the exact text.
    for arguments in [&["status", "evil", "--json"][..], &["sweep", "ids.txt", "--json"]] {
        let said: serde_json::Value = serde_json::from_str(world.run(arguments).stdout.trim()).unwrap();
        assert_eq!(said["link_expiry"], "2025\x1b[31m\u{202e}\u{85}", "{arguments:?}");
    }
}

#[test]
fn a_long_text_is_cut_unless_it_was_requested() {
    let world = World::new();
    let long = "x".repeat(5000);
    let mut vkyc = VideoKyc::default();
    vkyc.verification_id = Some("long".to_owned());
    (vkyc.status, vkyc.sub_status) = (long.as_str().into(), long.as_str().into());
    vkyc.link_expiry = Some(long.as_str().into());
    vkyc.agent_remarks = Some(long.as_str().into());
    world.sandbox.put(vkyc);
    world.write("ids.txt", "long\n");
    for arguments in [&["status", "long"][..], &["sweep", "ids.txt"], &["watch", "long", "--max-wait", "1ms"]] {
        let ran = world.run(arguments);
        assert!(ran.stdout.contains("5000 characters") && ran.stdout.len() < 2500, "{arguments:?}: {}", ran.stdout);
    }
    assert!(world.run(&["status", "long", "--show-sensitive"]).stdout.contains(&format!("remarks\t{long}\n")));
    let said: serde_json::Value = serde_json::from_str(&world.run(&["status", "long", "--json"]).stdout).unwrap();
    assert_eq!(said["status"], long);
}

/// A request id is printed only if it looks like one, as in the library.
#[test]
fn an_invalid_request_id_is_printed_as_its_length() {
    let id = format!("https://evil.example/{}", "x".repeat(20_000));
    let url = answering(http("404 Not Found", &format!("x-request-id: {id}\r\n"), "{}"));
    let ran = at(&url, &["status", "nobody"]);
    assert!(ran.stderr.contains("request id [20021 characters]") && !ran.stderr.contains("evil"), "{ran:#?}");
    let ran = at(&url, &["status", "nobody", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["request_id"], id);
}

/// Cashfree's message may repeat personal data, so it is printed on request only. The message about the allow-list is always
/// printed: it has the address to add, which only Cashfree knows.
#[test]
fn a_message_of_cashfree_is_printed_if_it_is_needed_or_requested() {
    let refusing = |status: &str, code: &str, message: &str| {
        let body = serde_json::json!({ "type": "authentication_error", "code": code, "message": message });
        answering(http(status, "", &body.to_string()))
    };
    let url = refusing("403 Forbidden", "ip_validation_failed", "IP 203.0.113.7 is not \u{202e}whitelisted\n");
    for arguments in
        [&["status", "x"][..], &["status", "x", "--json"], &["doctor"], &["doctor", "--json"], &["user", "show", "u"]]
    {
        let ran = at(&url, arguments).exits(4);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("(Cashfree says: IP 203.0.113.7 is not ") && !acts(&said), "{arguments:?}: {said:?}");
    }
    let others = [
        refusing("401 Unauthorized", "authentication_failed", "canary"),
        refusing("500 Internal Server Error", "ip_validation_failed", "canary"),
        refusing("400 Bad Request", "brand_new", "canary"),
    ];
    for url in others {
        let ran = at(&url, &["status", "x"]);
        let withheld = ran.stderr.contains("--show-sensitive shows it") && !ran.stderr.contains("Error::api");
        assert!(withheld && !ran.stderr.contains("canary"), "{ran:#?}");
        let ran = at(&url, &["status", "x", "--show-sensitive"]);
        assert!(ran.stderr.contains("(Cashfree says: canary)") && !ran.stderr.contains("--show"), "{ran:#?}");
    }
}

/// A server may echo credentials. They reach no log and no file of results, even with `--show-sensitive`.
#[test]
fn an_echo_of_the_credentials_is_redacted() {
    let (id, secret) = ("client-id-1f7d", "client-secret-93c2");
    let said = |body: serde_json::Value, status: &str, arguments: &[&str], stdin: &str| {
        let url = answering(http(status, &format!("x-request-id: {id}\r\n"), &body.to_string()));
        let mut command = bare(arguments);
        command.env("CASHFREE_ENVIRONMENT", url).env("CASHFREE_CLIENT_ID", id).env("CASHFREE_CLIENT_SECRET", secret);
        let ran = Ran::of(command, stdin.as_bytes());
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains(id) && !said.contains(secret) && said.contains("[redacted]"), "{arguments:?}: {said}");
    };
    let verification = serde_json::json!({
        "verification_id": "x", "status": secret, "sub_status": id, "link_expiry": secret, "agent_remarks": format!("key \"{secret}\"\n"),
        "vkyc_link": format!("https://example.com/?key={secret}"), "brand_new": { secret: [id] },
        "security_questions": [{ "question": id, "answer": secret }],
    });
    for arguments in [
        &["status", "x"][..],
        &["status", "x", "--json"],
        &["status", "x", "--show-sensitive"],
        &["status", "x", "--show-sensitive", "--json"],
        &["watch", "x", "--max-wait", "1ms"],
        &["watch", "x", "--max-wait", "1ms", "--json", "--show-sensitive"],
        &["recording", "x", "-o", "never-written.mp4"],
        &["sweep"],
        &["sweep", "--json"],
    ] {
        said(verification.clone(), "200 OK", arguments, "x\n");
    }
    let user = serde_json::json!({ "user_id": "u", "user_reference_id": 1, "phone": "1", "name": secret, "email": id });
    said(user, "200 OK", &["user", "show", "u", "--show-sensitive"], "");
    let error = serde_json::json!({ "type": "validation_error", "code": secret, "message": format!("bad key {id}") });
    for arguments in
        [&["status", "x", "--show-sensitive"][..], &["status", "x", "--json"], &["doctor", "--show-sensitive"]]
    {
        said(error.clone(), "400 Bad Request", arguments, "");
    }
}
