//! Every input is bounded: lines, files, bodies, senders and time.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cashfree_vkyc::webhook::{SignedRequest, Verifier};

use crate::support::{BINARY, Ran, Running, World, until};

/// Runs a shell command with at most 1 GB of address space, for at most 20 seconds. `$CLI` is the binary.
fn limited(world: &World, command: &str) -> Ran {
    let mut shell = world.command(&[]);
    let mut timed = Command::new("timeout");
    timed.args(["-s", "KILL", "20", "/bin/sh", "-c"]).arg(format!("ulimit -v 1000000; {command}"));
    timed.current_dir(world.folder.path()).env_clear().env("CLI", BINARY).env("PATH", "/usr/bin:/bin");
    timed.envs(shell.env("CASHFREE_WEBHOOK_SECRET", "s").get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ran::ended(timed.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn an_endless_input_is_refused_and_a_pipe_does_not_block() {
    let world = World::new();
    for (command, code, says) in [
        ("\"$CLI\" sweep /dev/zero", 2, "line 1 has more than 65536 bytes"),
        ("(echo a; cat /dev/zero) | \"$CLI\" sweep", 2, "line 2 has more than 65536 bytes"),
        ("\"$CLI\" sweep --column 1 /dev/zero", 2, "line 1 has more than 65536 bytes"),
        ("(echo '\"'; yes) | \"$CLI\" sweep --column 1", 2, "more than 64 MiB"),
        ("\"$CLI\" webhook verify -H @/dev/zero", 2, "more than 65536 bytes"),
        ("\"$CLI\" webhook sign < /dev/zero", 2, "more than 1048576 bytes"),
        ("mkfifo pipe; \"$CLI\" status x --credentials-file pipe", 2, "not a regular file"),
        ("CASHFREE_PUBLIC_KEY_PATH=pipe \"$CLI\" status x", 4, "not a regular file"),
        ("CASHFREE_PUBLIC_KEY_PATH=/dev/zero \"$CLI\" status x", 4, "not a regular file"),
        (
            "head -c 70000 /dev/zero > f; chmod 600 f; \"$CLI\" status x --credentials-file f",
            2,
            "more than 65536 bytes",
        ),
        ("CASHFREE_PUBLIC_KEY_PATH=f \"$CLI\" status x", 4, "more than 65536 bytes"),
    ] {
        let ran = limited(&world, command).exits(code);
        assert!(ran.stderr.contains(says), "{command} lacks {says}: {ran:#?}");
    }
}

/// Starts `webhook listen` and returns it with its address.
fn listening(world: &World, options: &[&str]) -> (Running, String) {
    let mut command = world.command(&[&["webhook", "listen"], options].concat());
    command.env("CASHFREE_WEBHOOK_SECRET", "secret");
    let mut running = Running::of(command);
    let note = running.note();
    let (_, address) = note.split_once("http://").unwrap();
    (running, address.split('/').next().unwrap().to_owned())
}

/// A signed event of any length.
fn event(text: &str) -> SignedRequest {
    let body = serde_json::json!({
        "event_type": "VKYC_USER_CALL_QUEUED",
        "data": { "verification_id": "vkyc_42", "status": "PRE_VIDEO_CALL", "agent_remarks": text },
    });
    Verifier::new("secret").unwrap().sign(body.to_string())
}

/// Sends a webhook and returns the status of the response.
fn send(address: &str, request: &SignedRequest) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let headers = request.headers();
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    let body = request.body();
    let head =
        format!("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response[9..12].parse().unwrap()
}

/// Senders that open connections and send nothing are limited in number and time, and do not block others.
#[test]
fn idle_senders_are_limited_in_number_and_time() {
    let world = World::new();
    let (mut listening, address) = listening(&world, &[]);
    // More than the limit, and less than the limit and the system's queue together.
    let mut idle: Vec<_> = (0..350).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let files = || std::fs::read_dir(format!("/proc/{}/fd", listening.id())).unwrap().count();
    until(|| files() > 250);
    assert!(files() < 300, "{}", files());
    assert_eq!(send(&address, &event("")), 200);
    for stream in &mut idle {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // Closed by FIN or RST, perhaps after 408.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(listening.line().contains("vkyc_42"));
    listening.interrupt().exits(0);
}

#[test]
fn a_large_body_and_another_method_are_refused() {
    let world = World::new();
    let (mut listening, address) = listening(&world, &[]);
    assert_eq!(send(&address, &event(&"x".repeat(300 * 1024))), 413);
    assert!(listening.note().starts_with("refused: "));
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 405"), "{response}");
    assert_eq!(listening.interrupt().exits(0).stdout, "");
}

/// Nobody reads the standard output: senders get 503, and Ctrl-C still ends the command.
#[test]
fn a_blocked_output_does_not_block_the_endpoint() {
    let world = World::new();
    let (listening, address) = listening(&world, &["--json", "--show-sensitive"]);
    let long = event(&"x".repeat(200 * 1024));
    assert_eq!([send(&address, &long), send(&address, &long)], [503, 503]);
    // The command ends before its output is read.
    let ran = listening.interrupt();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// The server behind `--forward` accepts and never responds.
#[test]
fn forwarding_has_a_time_limit() {
    let world = World::new();
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let (mut listening, address) = listening(&world, &["--forward", &url, "--timeout", "300ms"]);
    let began = Instant::now();
    assert_eq!(send(&address, &event("")), 504);
    assert!(began.elapsed() < Duration::from_secs(9));
    assert!(listening.note().starts_with("not forwarded"));
    listening.interrupt().exits(0);
}
