//! Webhooks are signed, verified, received and forwarded.

use std::process::Command;

use cashfree_vkyc::http::StatusCode;
use cashfree_vkyc::sandbox::{Journey, Sandbox, WebhookFault};

use crate::support::{Ran, Running, World, bare};

const BODY: &str = r#"{"event_type":"VKYC_USER_CALL_QUEUED","event_time":"2025-05-22T03:51:14Z","data":{"verification_id":"vkyc_42","status":"PRE_VIDEO_CALL","sub_status":"USER_QUEUED"}}"#;

fn with_secret(arguments: &[&str], secret: &str) -> Command {
    let mut command = bare(arguments);
    command.env("CASHFREE_WEBHOOK_SECRET", secret);
    command
}

#[test]
fn a_signed_body_is_valid_and_a_changed_body_is_not() {
    let headers = Ran::of(with_secret(&["webhook", "sign"], "secret"), BODY.as_bytes()).exits(0).stdout;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headers");
    std::fs::write(&file, &headers).unwrap();
    let header = format!("@{}", file.display());
    let verify =
        |secret, body: &str| Ran::of(with_secret(&["webhook", "verify", "-H", &header], secret), body.as_bytes());
    let ran = verify("secret", BODY).exits(0);
    assert_eq!(ran.stdout, "2025-05-22T03:51:14Z  VKYC_USER_CALL_QUEUED  PRE_VIDEO_CALL / USER_QUEUED  vkyc_42\n");
    verify("another", BODY).exits(8);
    verify("secret", &BODY.replace("vkyc_42", "vkyc_43")).exits(8);
    verify("secret", &format!("{BODY}\n")).exits(8);

    // Without a sub-status, there is no slash.
    let closed = r#"{"event_type":"VKYC_USER_CALL_COMPLETED","data":{"status":"COMPLETED","reference_id":7}}"#;
    let other = Ran::of(with_secret(&["webhook", "sign"], "secret"), closed.as_bytes()).exits(0).stdout;
    std::fs::write(&file, other).unwrap();
    assert_eq!(verify("secret", closed).exits(0).stdout, "no time  VKYC_USER_CALL_COMPLETED  COMPLETED  7\n");

    // Without a status, there is no state to explain.
    let bare = r#"{"event_type":"VKYC_USER_CALL_COMPLETED","data":{"reference_id":7}}"#;
    let other = Ran::of(with_secret(&["webhook", "sign"], "secret"), bare.as_bytes()).exits(0).stdout;
    std::fs::write(&file, other).unwrap();
    let ran = Ran::of(with_secret(&["webhook", "verify", "--json", "-H", &header], "secret"), bare.as_bytes()).exits(0);
    let event: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for name in ["phase", "final", "outcome", "advice"] {
        assert!(event[name].is_null(), "{name}: {event}");
    }
    std::fs::write(&file, &headers).unwrap();

    let each: Vec<_> = headers.lines().flat_map(|line| ["-H", line]).collect();
    let arguments = [&["webhook", "verify", "--json"][..], &each].concat();
    let event = Ran::of(with_secret(&arguments, "secret"), BODY.as_bytes()).exits(0).stdout;
    let event: serde_json::Value = serde_json::from_str(&event).unwrap();
    assert_eq!((&event["event_type"], &event["phase"]), (&"VKYC_USER_CALL_QUEUED".into(), &"queue".into()));
}

/// A body that cannot be a webhook, such as a missing file, is not signed by mistake.
#[test]
fn a_body_that_is_not_an_event_is_signed_only_with_force() {
    for body in ["canary", "[]", "\"{}\"", " {}", "{", "{} {}", "1{}"] {
        let ran = Ran::of(with_secret(&["webhook", "sign"], "secret"), body.as_bytes()).exits(2);
        assert!(ran.stderr.contains("not a JSON object") && !ran.stderr.contains("canary"), "{body}: {ran:#?}");
        let ran = Ran::of(with_secret(&["webhook", "sign", "--force"], "secret"), body.as_bytes()).exits(0);
        assert!(ran.stdout.contains("x-webhook-signature: "), "{body}: {ran:#?}");
    }
    Ran::of(with_secret(&["webhook", "sign"], "secret"), b"{}\n").exits(0);
}

/// Cashfree sends an event again until it is accepted, and sometimes later.
#[cfg(unix)]
#[test]
fn a_repeated_event_is_marked() {
    for json in [false, true] {
        let world = World::with(Sandbox::builder().webhook_schedule([]));
        world.sandbox.inject_webhook_fault(WebhookFault::doubled());
        let options = if json { &["webhook", "listen", "--json"][..] } else { &["webhook", "listen"] };
        let mut listening = Running::of(world.command(options));
        let note = listening.note();
        let url = note.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');
        world.sandbox.webhooks_to(url);
        world.sandbox.begin("vkyc_42", Journey::link_expired()).unwrap();
        let lines = [listening.line(), listening.line()];
        let again = lines.each_ref().map(|line| match json {
            true => serde_json::from_str::<serde_json::Value>(line).unwrap()["again"].as_bool().unwrap(),
            false => line.ends_with("  vkyc_42  again"),
        });
        assert_eq!(again, [false, true], "{lines:?}");
        listening.interrupt().exits(0);
    }
}

#[test]
fn age_and_missing_headers_are_reported() {
    let old = [
        "-H",
        "x-webhook-timestamp: 1746427759733",
        "-H",
        "x-webhook-signature: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ];
    let verify =
        |options: &[&str]| Ran::of(with_secret(&[&["webhook", "verify"], options].concat(), "secret"), BODY.as_bytes());
    let ran = verify(&old).exits(8);
    assert!(ran.stderr.contains("--any-age"), "{ran:#?}");
    let ran = verify(&[&old[..], &["--any-age"]].concat()).exits(8);
    assert!(ran.stderr.contains("the signature does not fit"), "{ran:#?}");
    let ran = verify(&["-H", "content-type: application/json"]).exits(8);
    assert!(ran.stderr.contains("is missing"), "{ran:#?}");
    let ran = Ran::of(bare(&["webhook", "sign"]), b"{}").exits(4);
    assert!(ran.stderr.contains("CASHFREE_WEBHOOK_SECRET"), "{ran:#?}");
}

/// The sandbox ─▶ `listen --forward` ─▶ another `listen`.
#[cfg(unix)]
#[test]
fn events_are_printed_and_forwarded() {
    let world = World::with(Sandbox::builder().webhook_schedule([]));
    let listening = |note: String| {
        let url = note.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');
        url.to_owned()
    };
    let mut behind = Running::of(world.command(&["webhook", "listen", "--json"]));
    let url = listening(behind.note());
    let mut first = Running::of(world.command(&["webhook", "listen", "--forward", &url]));
    world.sandbox.webhooks_to(listening(first.note()));
    let vkyc = world.sandbox.begin("vkyc_42", Journey::link_expired()).unwrap();
    vkyc.finish_blocking().unwrap();
    for event in ["VKYC_USER_LINK_GENERATED", "VKYC_USER_LINK_EXPIRED"] {
        let line = first.line();
        assert!(line.contains(event) && line.ends_with("vkyc_42"), "{line}");
        let line: serde_json::Value = serde_json::from_str(&behind.line()).unwrap();
        assert_eq!((&line["event_type"], &line["vkyc_link"]), (&event.into(), &"[redacted]".into()));
    }
    assert!(world.sandbox.webhooks().iter().all(|webhook| webhook.is_accepted()), "{:?}", world.sandbox.webhooks());

    // Nothing listens there now, so Cashfree must send the event again.
    behind.interrupt().exits(0);
    let vkyc = world.sandbox.begin("vkyc_43", Journey::link_expired()).unwrap();
    vkyc.finish_blocking().unwrap();
    assert!(world.sandbox.webhooks().iter().any(|webhook| webhook.result == Ok(StatusCode::BAD_GATEWAY)));
    let ran = first.interrupt().exits(0);
    assert!(ran.stderr.contains("not forwarded"), "{ran:#?}");
}

#[cfg(unix)]
#[test]
fn a_wrong_signature_gets_401_and_is_reported() {
    let world = World::new();
    let mut command = world.command(&["webhook", "listen"]);
    command.env("CASHFREE_WEBHOOK_SECRET", "another");
    let mut listening = Running::of(command);
    let note = listening.note();
    let url = note.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');
    world.sandbox.webhooks_to(url);
    world.sandbox.begin("vkyc_42", Journey::link_expired()).unwrap();
    assert!(listening.note().starts_with("refused: the signature does not fit"));
    crate::support::until(|| {
        world.sandbox.webhooks().iter().any(|webhook| webhook.result == Ok(StatusCode::UNAUTHORIZED))
    });
    assert_eq!(listening.interrupt().exits(0).stdout, "");
}
