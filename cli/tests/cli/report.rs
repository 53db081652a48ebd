//! `doctor --report` against a sandbox behind a proxy that changes responses, and the result of `cargo xtask spec evidence`.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use cashfree_vkyc::sandbox::Sandbox;
use serde_json::{Value, json};
use xtask::Evidence;

use crate::support::World;

/// A response on its way through the proxy.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
    /// Whether the body is an HTML page instead.
    is_page: bool,
}

impl Reply {
    fn without_header(&mut self, name: &str) {
        self.headers.retain(|(other, _)| other != name);
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.body[name] = value.into();
    }

    fn rename(&mut self, from: &str, to: &str) {
        let value = self.body.as_object_mut().unwrap().remove(from).unwrap();
        self.set(to, value);
    }
}

/// The text of a request, and the position of the end of its head.
fn request(connection: &mut TcpStream) -> Option<(String, usize)> {
    let (mut text, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let read = connection.read(&mut part).ok().filter(|read| *read > 0)?;
        text.extend_from_slice(&part[..read]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        let Some(head) = so_far.find("\r\n\r\n") else { continue };
        let length =
            so_far[..head].lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if text.len() >= head + 4 + length.unwrap_or(0_usize) {
            return Some((so_far, head));
        }
    }
}

fn reply(sandbox: &str, text: &str, head: usize) -> Reply {
    let mut connection = TcpStream::connect(sandbox).unwrap();
    write!(connection, "{}\r\nconnection: close{}", &text[..head], &text[head..]).unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.filter(|(name, _)| !["content-length", "connection"].contains(name));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Reply { status, headers, body: serde_json::from_str(body).unwrap_or_default(), is_page: false }
}

/// Starts a proxy before a sandbox, and returns its URL. It changes each response by its request, and ends with the test.
fn proxy(sandbox: &Sandbox, change: impl Fn(&str, &mut Reply) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = sandbox.url().trim_start_matches("http://").to_owned();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, sandbox, change) = (connection.unwrap(), sandbox.clone(), change.clone());
            std::thread::spawn(move || {
                let Some((text, head)) = request(&mut connection) else { return };
                let mut reply = reply(&sandbox, &text, head);
                change(&text, &mut reply);
                let body = if reply.is_page { "<p>Not here.".to_owned() } else { reply.body.to_string() };
                let headers: String =
                    reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                let (status, length) = (reply.status, body.len());
                let _ = write!(
                    connection,
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            });
        }
    });
    url
}

/// The spec without the results of any report.
fn spec() -> String {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vkyc.yaml")).unwrap();
    text.replace("evidence: seen", "evidence: inferred")
}

/// A world with a rate limit: without one, the sandbox sends no rate-limit headers.
fn world() -> World {
    World::with(Sandbox::builder().rate_limit(100))
}

/// The report about a server, with all calls.
fn report(world: &World, url: &str, ids: &[&str]) -> String {
    let flow = ["--allow-charges", "--phone", "9988776655", "--app-id", "app-canary-7", "--force"];
    let arguments = [&["doctor", "--report", "report.json"], ids, &flow].concat();
    let mut command = world.command(&arguments);
    let ran = crate::support::Ran::ended(command.env("CASHFREE_ENVIRONMENT", url).output().unwrap());
    assert!(ran.stdout.contains("responses in report.json"), "{ran:#?}");
    world.read("report.json")
}

/// The same report, but about a server of Cashfree's.
fn as_of_cashfree(report: &str) -> String {
    report.replace("\"server\": \"custom\"", "\"server\": \"production\"")
}

#[test]
fn the_unchanged_sandbox_confirms_nothing_and_contradicts_nothing() {
    let world = world();
    let report = report(&world, &world.sandbox.url(), &["vkyc_verification_id"]);
    let evidence = Evidence::new(&spec(), &report).unwrap();
    assert_eq!(evidence.contradictions, [""; 0]);
    assert_eq!((evidence.raised.len(), evidence.spec == spec(), evidence.note.is_some()), (0, true, true));
    // The same responses from Cashfree raise marks.
    let evidence = Evidence::new(&spec(), &as_of_cashfree(&report)).unwrap();
    assert!(evidence.raised.contains(&"/components/headers/RequestId/x-evidence".to_owned()), "{evidence:?}");
}

#[test]
fn a_report_that_cannot_be_written_charges_nothing() {
    let world = world();
    for file in ["no/such/folder/report.json", ".", "/dev/null"] {
        let ran = world.run(&["doctor", "--report", file, "--allow-charges", "--phone", "1", "--force"]);
        assert_ne!(ran.code, Some(0), "{ran:?}");
    }
    assert!(world.sandbox.requests().iter().all(|request| request.method == "GET"));
    assert_eq!(world.files(), [""; 0]);
}

type Planted = (&'static [&'static str], fn(&mut Reply), &'static str);

/// Words of the request, the change of its response, and the expected contradiction.
const PLANTED: [Planted; 24] = [
    (
        &["GET /vkyc", "seen_1"],
        |reply| reply.without_header("x-request-id"),
        "GET /vkyc 200: the header x-request-id was not sent",
    ),
    (
        &["GET /vkyc", "seen_1"],
        |reply| reply.set("reference_id", "10"),
        "GET /vkyc 200: reference_id is string, and the spec says integer",
    ),
    (
        &["GET /vkyc", "seen_2"],
        |reply| reply.set("status", "ON_HOLD"),
        "GET /vkyc 200: the state ON_HOLD / LINK_GENERATED has no row",
    ),
    (
        &["GET /vkyc", "seen_3"],
        |reply| reply.set("sub_status", "USER_LOST_2"),
        "GET /vkyc 200: the state RECEIVED / USER_LOST_2 has no row",
    ),
    (
        &["GET /vkyc", "seen_4"],
        |reply| reply.set("status", "VIDEO_CALL"),
        "GET /vkyc 200: the state VIDEO_CALL / LINK_GENERATED has no row",
    ),
    (
        &["GET /vkyc", "seen_4"],
        |reply| reply.set("link_expiry", Value::Null),
        "GET /vkyc 200: link_expiry is null, and the spec says string",
    ),
    (
        &["GET /vkyc", "seen_4"],
        |reply| reply.set("aadhaar_details", "none"),
        "GET /vkyc 200: aadhaar_details is string, and the spec says object",
    ),
    (
        &["GET /vkyc", "seen_4"],
        |reply| reply.set("security_questions", json!([{ "order": 1 }, { "order": "2" }])),
        "GET /vkyc 200: security_questions[].order is string, and the spec says integer",
    ),
    (
        &["POST /vkyc"],
        |reply| {
            if reply.status == 200 {
                reply.rename("vkyc_link", "video_link")
            }
        },
        "POST /vkyc 200: the field video_link is not in the spec",
    ),
    (
        &["GET /user", "user_id=seen"],
        |reply| reply.without_header("x-ratelimit-reset"),
        "GET /user 200: the header x-ratelimit-reset was not sent",
    ),
    (
        &["GET /user", "user_id=seen"],
        |reply| reply.set("tiers", json!({ "kyc": [1] })),
        "GET /user 200: the field tiers is not in the spec",
    ),
    (
        &["GET /user", "user_id=seen"],
        |reply| reply.set("Asha Kumari", 1),
        "GET /user 200: the field ? is not in the spec",
    ),
    (
        &["POST /user"],
        |reply| {
            if reply.status == 200 {
                reply.set("phone", 1)
            }
        },
        "POST /user 200: phone is integer, and the spec says string",
    ),
    (&["PATCH /user"], |reply| reply.status = 201, "PATCH /user 201: no such JSON response is described"),
    (
        &["POST /oauth"],
        |reply| reply.rename("expiry", "valid_until"),
        "POST /oauth/token 200: the field valid_until is not in the spec",
    ),
    (
        &["POST /oauth"],
        |reply| {
            reply.without_header("x-ratelimit-limit");
            reply.headers.push(("x-ratelimit-limit".to_owned(), "60".to_owned()));
        },
        "POST /oauth/token 200: the limit is 60 a minute, and the spec says 100",
    ),
    (
        &["GET /vkyc", "verification_id=cashfree-vkyc-doctor "],
        |reply| {
            if reply.status == 404 {
                reply.set("code", "verification_missing")
            }
        },
        "GET /vkyc 404: the error validation_error / verification_missing is not documented",
    ),
    (
        &["GET /user", "user_id=cashfree-vkyc-doctor "],
        |reply| reply.status = 410,
        "GET /user 410: no such JSON response is described",
    ),
    (
        &["GET /vkyc", "x-client-id: cashfree-vkyc-stranger"],
        |reply| reply.set("type", "auth_error"),
        "GET /vkyc 401: the error auth_error / authentication_failed is not documented",
    ),
    (
        &["GET /vkyc", "x-api-version: 2001-01-01"],
        |reply| reply.status = 406,
        "GET /vkyc 406: no such JSON response is described",
    ),
    (
        &["GET /cashfree-vkyc-doctor/vkyc"],
        |reply| reply.is_page = true,
        "GET /vkyc 404: . is no JSON, and the spec says object",
    ),
    (
        &["GET /vkyc "],
        |reply| reply.set("code", "client_id_missing"),
        "GET /vkyc 400: the error validation_error / client_id_missing is not documented",
    ),
    (
        &["POST /vkyc"],
        |reply| {
            if reply.status == 409 {
                (reply.status, reply.body) = (200, json!({ "status": "RECEIVED", "sub_status": "LINK_GENERATED" }));
            }
        },
        "POST /vkyc 200: \"used_id\" is accepted, and the spec says conflict",
    ),
    (
        &["POST /user"],
        |reply| {
            if reply.status == 400 {
                reply.set("code", "invalid_request")
            }
        },
        "POST /user 400: \"used_id\" gives validation_error / invalid_request, which does not mean conflict",
    ),
];

#[test]
fn every_planted_difference_is_reported_and_nothing_else() {
    let world = world();
    for n in 1..5 {
        world.put(&format!("seen_{n}"), "RECEIVED", "LINK_GENERATED");
    }
    let new = ["user", "create", "--user", "seen", "--phone", "1"];
    world.run(&new).exits(0);
    let url = proxy(&world.sandbox, |request, reply| {
        for (words, change, _) in PLANTED {
            let (method_and_path, rest) = (words[0], &words[1..]);
            if request.starts_with(method_and_path) && rest.iter().all(|word| request.contains(word)) {
                change(reply);
            }
        }
    });
    let report = report(&world, &url, &["seen_1", "seen_2", "seen_3", "seen_4", "--user", "seen"]);
    let evidence = Evidence::new(&spec(), &as_of_cashfree(&report)).unwrap();
    let found: BTreeSet<_> = evidence.contradictions.iter().map(|one| one.split_once(": ").unwrap().1).collect();
    let due: BTreeSet<_> = PLANTED.iter().map(|(_, _, due)| *due).collect();
    assert_eq!(found, due, "{report}");
    assert!(evidence.contradictions.iter().all(|one| one.starts_with("spec/vkyc.yaml:")));
    // Other responses had the header, but not all.
    assert!(!evidence.raised.contains(&"/components/headers/RequestId/x-evidence".to_owned()));
}

/// A report can raise the marks of all undocumented rows of the lifecycle. The spec keeps its comments.
#[test]
fn observed_states_raise_the_marks_of_their_rows() {
    let (world, text) = (world(), spec());
    let rows = uncertain_rows(&text);
    let ids: Vec<_> = (1..=rows.len()).map(|n| format!("state_{n}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    for (id, [status, sub_status]) in ids.iter().zip(&rows) {
        world.put(id, status.as_str(), sub_status.as_str());
    }
    let report = report(&world, &world.sandbox.url(), &ids);
    let evidence = Evidence::new(&text, &as_of_cashfree(&report)).unwrap();
    let raised = evidence.raised.iter().filter(|at| at.starts_with("/x-lifecycle/rows/"));
    assert_eq!(raised.count(), rows.len(), "{:#?}", evidence.raised);
    let changed = text.lines().zip(evidence.spec.lines()).filter(|(before, after)| before != after);
    let changed: Vec<_> = changed.collect();
    assert_eq!((changed.len(), text.lines().count()), (evidence.raised.len(), evidence.spec.lines().count()));
    for (before, after) in changed {
        let marked = before.replace("inferred", "seen").replace("reported", "seen");
        assert_eq!(after, marked);
    }
    assert!(Evidence::new(&evidence.spec, &as_of_cashfree(&report)).unwrap().raised.is_empty());
}

/// Adds responses that a normal run does not get: no balance, no product, no requests left, and a second factor.
#[test]
fn a_report_can_raise_all_other_marks_except_that_of_a_webhook() {
    let world = World::with(Sandbox::builder().rate_limit(100).two_factor(true));
    let url = proxy(&world.sandbox, |request, reply| {
        if request.starts_with("POST /vkyc") && reply.status == 200 {
            reply.body = json!({ "status": "REJECTED", "sub_status": "INSUFFICIENT_BALANCE" });
        } else if request.starts_with("GET /user?user_id=no_product ") {
            (reply.status, reply.body) = (400, json!({ "code": "invalid_request" }));
        } else if request.starts_with("GET /vkyc?verification_id=often ") {
            (reply.status, reply.body) =
                (429, json!({ "type": "rate_limit_error", "code": "too_many_requests_per_ip" }));
            reply.headers.extend(["retry-after", "x-ratelimit-retry"].map(|name| (name.to_owned(), "1".to_owned())));
        }
    });
    let key = world.write("key.pem", world.sandbox.two_factor_pem().unwrap());
    let keys = format!("CASHFREE_PUBLIC_KEY_PATH={}\n", key.display());
    let file = world.write("keys", keys);
    #[cfg(unix)]
    crate::support::chmod(&file, 0o600);
    let file = file.display().to_string();
    let report = report(&world, &url, &["often", "--user", "no_product", "--credentials-file", &file]);
    let evidence = Evidence::new(&spec(), &as_of_cashfree(&report)).unwrap();
    assert_eq!(evidence.contradictions, [""; 0], "{report}");
    let (before, after) = (spec(), evidence.spec);
    let marks = |text: &str| {
        let (calls, _) = text.split_once("\nx-webhooks:").unwrap();
        calls.matches("x-evidence: inferred").count() + calls.matches("x-evidence: reported").count()
    };
    assert!(marks(&before) > 5, "the spec has no more marks to raise");
    assert_eq!(marks(&after), 0, "{:#?}", evidence.raised);
}

/// Reads status and sub-status of each row with a mark that a report can raise.
fn uncertain_rows(spec: &str) -> Vec<[String; 2]> {
    let (_, rows) = spec.split_once("\n  rows:\n").unwrap();
    let value = |row: &str, key: &str| {
        let line = row.lines().find_map(|line| line.trim().strip_prefix(key));
        line.unwrap_or_default().trim().to_owned()
    };
    let rows = rows.split("    - status:").skip(1).map(|row| format!("status:{row}"));
    let rows = rows.filter(|row| ["inferred", "reported"].contains(&value(row, "evidence:").as_str()));
    rows.map(|row| [value(&row, "status:"), value(&row, "sub_status:")]).collect()
}

/// Replaces every text and number, and uses a value as a field name.
fn canaries(value: &mut Value) {
    match value {
        Value::String(text) => *text = "canary 71 Asha".to_owned(),
        Value::Number(number) => *number = 7_171_717.into(),
        Value::Array(items) => items.iter_mut().for_each(canaries),
        Value::Object(fields) => {
            fields.values_mut().for_each(canaries);
            fields.insert("canary-71".to_owned(), 1.into());
            fields.insert("canaries".to_owned(), json!({ "Asha": "Asha", "x": ["https://canary.example/71"] }));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

#[test]
fn a_report_contains_no_value() {
    let world = world();
    let url = proxy(&world.sandbox, |_, reply| {
        canaries(&mut reply.body);
        reply.headers.push(("x-canary".to_owned(), "canary-71".to_owned()));
    });
    let report = report(&world, &url, &["canary-71", "--user", "canary-72"]);
    let observations = serde_json::from_str::<Value>(&report).unwrap()["observations"].as_array().unwrap().len();
    assert!(observations > 10, "{report}");
    let names = report.replace("x-canary", "").replace("canaries", "").to_lowercase();
    let keys = [world.sandbox.client_id(), world.sandbox.client_secret()];
    for planted in ["canary", "asha", "7171717", "9988776655", "nobody@", "71", "72", "127.0.0.1", "http:"] {
        assert!(!names.contains(planted), "{planted} in {report}");
    }
    assert!(keys.iter().all(|key| !report.contains(*key)));
}
