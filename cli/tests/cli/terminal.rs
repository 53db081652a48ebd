//! A pseudo-terminal: the output for people, and the state after Ctrl-C.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use cashfree_vkyc::sandbox::{Journey, Sandbox};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::{Ran, World, interrupt, scrub_times};

/// A command whose three streams are a terminal of this width.
struct Terminal {
    child: Child,
    master: File,
    said: String,
}

impl Terminal {
    fn run(mut command: Command, columns: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave: OwnedFd = File::options().read(true).write(true).open(name).unwrap().into();
        let end = || Stdio::from(slave.try_clone().unwrap());
        command.env("TERM", "xterm-256color").stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().unwrap();
        // Closes the parent's copies, so that the terminal ends with the child.
        drop((command, slave));
        Self { child, master: File::from(master), said: String::new() }
    }

    /// Reads until this text.
    fn until(&mut self, text: &str) {
        let mut bytes = [0; 4096];
        while !self.said.contains(text) {
            let length = self.master.read(&mut bytes).unwrap_or(0);
            assert!(length > 0, "it ended without {text:?}: {:?}", self.said);
            self.said += &String::from_utf8_lossy(&bytes[..length]);
        }
    }

    fn answer(&mut self, text: &str) {
        use std::io::Write as _;
        self.master.write_all(text.as_bytes()).unwrap();
    }

    /// Reads to the end. On Linux, reading a closed terminal is an error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = self.master.read(&mut bytes) {
            self.said += &String::from_utf8_lossy(&bytes[..length]);
        }
        let code = self.child.wait().unwrap().code();
        assert!(!self.said.contains("panicked"), "{}", self.said);
        (code, self.said)
    }
}

/// The length of the longest line, without control sequences.
fn width(said: &str) -> usize {
    let plain = said.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[31m", "");
    plain.lines().map(|line| line.trim_end().chars().count()).max().unwrap_or(0)
}

#[test]
fn an_account_is_a_table_as_wide_as_the_terminal() {
    let world = World::new();
    for columns in [20, 40, 80, 200] {
        let (code, said) = Terminal::run(world.command(&["status", "vkyc_verification_id"]), columns).end();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("\x1b[1mVideo KYC\x1b[0m") && said.contains('│'), "{said}");
        assert!(width(&said) <= columns.into(), "{columns}: {said}");
    }
    let mut narrow = world.command(&["status", "vkyc_verification_id"]);
    narrow.env("COLUMNS", "20");
    let (_, said) = Terminal::run(narrow, 80).end();
    assert!(width(&said) <= 20, "{said}");
}

#[test]
fn every_command_works_with_20_columns() {
    let world = World::new();
    world.write("ids.txt", "a\nb\nno id\n");
    for arguments in [
        &["--help"][..],
        &["explain", "RECEIVED"],
        &["doctor"],
        &["sweep", "ids.txt", "-o", "out.csv"],
        &["status", "nobody"],
        &["status", "a b"],
        &["watch", "vkyc_verification_id", "--max-wait", "10ms"],
    ] {
        let (code, said) = Terminal::run(world.command(arguments), 20).end();
        assert!(code.is_some() && !said.is_empty(), "{arguments:?}");
    }
}

#[test]
fn colours_are_used_in_terminals_and_on_request() {
    let world = World::new();
    let colourful = |variable: &str, options: &[&str]| {
        let mut command = world.command(&[&["status", "nobody"], options].concat());
        command.env(variable, "1");
        Terminal::run(command, 80).end().1.contains("\x1b[31m")
    };
    assert!(colourful("SOMETHING", &[]));
    assert!(!colourful("SOMETHING", &["--color", "never"]));
    assert!(!colourful("NO_COLOR", &[]));
    assert!(world.run(&["status", "nobody", "--color", "always"]).stderr.contains("\x1b[31m"));
    assert!(!world.run(&["status", "nobody"]).stderr.contains('\x1b'));
}

/// Each change is a line. The live line is removed in the end.
#[test]
fn a_watch_prints_each_change_and_ends_with_the_last() {
    let world = World::with(Sandbox::builder().at("2025-05-22T03:51:14Z".parse().unwrap()));
    world.sandbox.begin("vkyc_42", Journey::link_expired().on_each_status()).unwrap();
    let mut terminal = Terminal::run(world.command(&["watch", "vkyc_42", "--interval", "600ms"]), 120);
    terminal.until("invited, user acts, for");
    let (code, said) = terminal.end();
    assert_eq!(code, Some(7), "{said}");
    for line in ["RECEIVED / LINK_GENERATED", "EXPIRED / VKYC_EXPIRED"] {
        assert!(said.contains(line), "{said}");
    }
    // The live line was cleared.
    assert!(
        said.trim_end_matches(['\r', '\n']).rsplit('\r').next().unwrap().trim().is_empty() || said.contains("\x1b[2K"),
        "{said:?}"
    );

    world.sandbox.begin("vkyc_43", Journey::link_expired().on_each_status()).unwrap();
    let ran = world.run(&["watch", "vkyc_43", "--interval", "600ms", "--json"]).exits(7);
    let lines: Vec<serde_json::Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let printed: Vec<_> =
        lines.iter().map(|line| (line["status"].as_str().unwrap(), line["final"].as_bool().unwrap())).collect();
    assert_eq!(printed, [("RECEIVED", false), ("EXPIRED", true)]);
    assert!(lines.iter().all(|line| line["request_id"].is_string() && line["at"].is_string()), "{lines:#?}");
    // The standard error has the reason for the exit code, and nothing else.
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "not_passed");
}

#[test]
fn ctrl_c_ends_a_watch_with_130_and_a_clean_terminal() {
    let world = World::new();
    let mut terminal = Terminal::run(world.command(&["watch", "vkyc_verification_id"]), 120);
    terminal.until("invited, user acts, for");
    interrupt(terminal.child.id());
    let (code, said) = terminal.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("interrupted") && said.contains("nothing is lost"), "{said:?}");
    // The live line is removed, and the cursor is at the start of a line.
    assert!(said.ends_with("\r\n") && !said.contains("\x1b[?25l"), "{said:?}");
}

#[test]
fn a_command_that_costs_money_asks_first() {
    let world = World::new();
    world.run(&["user", "create", "--phone", "9988776655", "--user", "u1"]).exits(0);
    for (answer, code) in [("n\n", 1), ("\n", 1), ("y\n", 0)] {
        let mut terminal = Terminal::run(world.command(&["start", "vkyc_42", "--user", "u1"]), 200);
        terminal.until("[y/N]");
        assert!(terminal.said.contains("charged to the account's wallet"), "{}", terminal.said);
        terminal.answer(answer);
        let (exit, said) = terminal.end();
        assert_eq!(exit, Some(code), "{said}");
        assert_eq!(world.sandbox.count("vkycInitiate"), usize::from(code == 0));
    }
    // Ctrl-C ends the question.
    let mut terminal = Terminal::run(world.command(&["start", "vkyc_43", "--user", "u1"]), 200);
    terminal.until("[y/N]");
    interrupt(terminal.child.id());
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn a_sweep_shows_its_progress_in_a_terminal() {
    let world = World::new();
    world.write("ids.txt", (0..40).map(|n| format!("case_{n}\n")).collect::<String>());
    let (code, said) = Terminal::run(world.command(&["sweep", "ids.txt", "-o", "out.csv"]), 120).end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("/40") && said.contains("not found"), "{said:?}");
}

/// The sandbox prints variables, then closes its streams, so that a script does not wait for its end.
#[test]
fn a_script_can_start_a_sandbox() {
    let mut command = crate::support::bare(&["sandbox"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut said, mut noted) = (String::new(), String::new());
    // The streams end while the sandbox runs.
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut noted).unwrap();
    assert!(noted.lines().count() == 1 && noted.starts_with("a sandbox at http://"), "{noted}");
    assert!(said.ends_with(&format!("\nexport CASHFREE_SANDBOX_PID={}\n", child.id())), "{said}");
    let names: Vec<_> = said.lines().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(
        names,
        ["CASHFREE_ENVIRONMENT", "CASHFREE_CLIENT_ID", "CASHFREE_CLIENT_SECRET", "CASHFREE_SANDBOX_PID"]
            .map(|name| format!("export {name}"))
    );
    let status = |id: &str| {
        let mut command = crate::support::bare(&["status", id]);
        for line in said.lines() {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            command.env(name, value);
        }
        Ran::of(command, b"")
    };
    let ran = status("vkyc_verification_id").exits(0);
    assert!(scrub_times(&ran.stdout).contains("status\tRECEIVED"), "{ran:#?}");
    status("nobody").exits(3);
    interrupt(child.id());
    Ran::ended(child.wait_with_output().unwrap()).exits(0);
}

/// In a terminal, or with `-v`, it prints a line per request.
#[test]
fn a_sandbox_in_a_terminal_prints_each_request() {
    let ask = |said: &str| {
        let mut command = crate::support::bare(&["status", "nobody"]);
        for line in said.lines().filter_map(|line| line.trim_end().strip_prefix("export ")) {
            let (name, value) = line.split_once('=').unwrap();
            command.env(name, value);
        }
        Ran::of(command, b"").exits(3);
    };
    let mut terminal = Terminal::run(crate::support::bare(&["sandbox"]), 120);
    terminal.until("it has the verification");
    ask(&terminal.said);
    terminal.until("GET vkycGetStatus: 404");
    interrupt(terminal.child.id());
    assert_eq!(terminal.end().0, Some(0));

    let mut running = crate::support::Running::of(crate::support::bare(&["sandbox", "-v"]));
    let said: Vec<_> = (0..4).map(|_| running.line()).collect();
    running.note();
    ask(&said.join("\n"));
    assert_eq!(running.note(), "GET vkycGetStatus: 404");
    running.interrupt().exits(0);
}
