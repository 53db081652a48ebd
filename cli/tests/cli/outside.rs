//! What comes from outside is shown as what it is: it acts upon no terminal, fills none, and of Cashfree's sentences only those
//! are shown that are needed or asked for.

use cashfree_vkyc::VideoKyc;

use crate::support::{Ran, World, answering, bare, http};

/// Whether a character of it could do more than stand in its place.
fn acts(text: &str) -> bool {
    let marks = ['\u{202e}', '\u{200b}', '\u{2028}', '\u{e0041}', '\u{85}'];
    text.contains(|c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || marks.contains(&c))
}

/// As somebody with credentials, at this URL.
pub(crate) fn at(url: &str, arguments: &[&str]) -> Ran {
    let mut command = bare(arguments);
    command
        .env("CASHFREE_ENVIRONMENT", url)
        .env("CASHFREE_CLIENT_ID", "an-id")
        .env("CASHFREE_CLIENT_SECRET", "a-secret");
    Ran::of(command, b"")
}

/// Whatever a server says, a terminal obeys none of it, and a line of the log stays one.
#[test]
fn text_of_a_server_acts_upon_nobody() {
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
        &["sweep", "ids.txt", "--format", "jsonl"],
        &["watch", "evil", "--max-wait", "1ms", "--show-sensitive"],
        &["recording", "evil", "-o", "evil.mp4"],
    ] {
        let ran = world.run(arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!acts(&said) && !said.contains("\nB"), "{arguments:?}: {said:?}");
    }
    // For programs it is exact all the same.
    for arguments in [&["status", "evil", "--json"][..], &["sweep", "ids.txt", "--format", "jsonl"]] {
        let said: serde_json::Value = serde_json::from_str(world.run(arguments).stdout.trim()).unwrap();
        assert_eq!(said["link_expiry"], "2025\x1b[31m\u{202e}\u{85}", "{arguments:?}");
    }
}

#[test]
fn a_long_text_is_cut_and_its_length_told_unless_it_was_asked_for() {
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

/// An id of the exchange is printed where it looks like one, as the library does.
#[test]
fn a_request_id_that_is_none_is_told_by_its_length() {
    let id = format!("https://evil.example/{}", "x".repeat(20_000));
    let url = answering(http("404 Not Found", &format!("x-request-id: {id}\r\n"), "{}"));
    let ran = at(&url, &["status", "nobody"]);
    assert!(ran.stderr.contains("request id [20021 characters]") && !ran.stderr.contains("evil"), "{ran:#?}");
    let ran = at(&url, &["status", "nobody", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["request_id"], id);
}

/// Cashfree's sentence may repeat what was sent, so it is for who asks. That about the allow-list is shown to all: it names the
/// address that has to stand there, which nobody else knows.
#[test]
fn a_sentence_of_cashfree_is_shown_where_it_is_needed_or_asked_for() {
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
