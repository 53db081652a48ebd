//! A sweep requests each id once over all runs, and the name of its file shows whether it is complete.

use std::collections::HashSet;
use std::sync::mpsc;
use std::time::Duration;

use cashfree_vkyc::sandbox::{Fault, Sandbox};

#[cfg(unix)]
use crate::support::Running;
use crate::support::{World, until};

fn ids(count: usize) -> String {
    (1..=count).map(|n| format!("case_{n}\n")).collect()
}

/// The ids of a result. Each must occur once.
fn written(csv: &str) -> HashSet<String> {
    let ids: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    let set: HashSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), set.len(), "an id occurs twice");
    set
}

#[test]
fn all_ids_of_a_long_input_with_invalid_lines_are_requested() {
    let world = World::new();
    let mut input = String::from("\u{feff}id,name\n");
    for n in 1..=1500 {
        input += &format!("case_{n},\"A, B\"\n");
        if n % 3 == 0 {
            input += &format!("no id {n},x\n");
        }
    }
    input += "case_1,again\n";
    world.write("ids.csv", input);
    let ran = world.run(&["sweep", "ids.csv", "--column", "id", "-o", "out.csv"]).exits(1);
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("line ")).count(), 500, "{}", ran.stderr);
    assert!(ran.stderr.starts_with("line 5: the verification id has the character ' '"), "{}", ran.stderr);
    assert!(ran.stderr.contains("error: 500 lines have no valid id; all others are done"), "{}", ran.stderr);
    assert_eq!(written(&world.read("out.csv")).len(), 1500);
    assert_eq!(world.files(), ["ids.csv", "out.csv"]);
    assert_eq!(world.sandbox.requests().len(), 1500);
    assert!(ran.stdout.contains("rubbish lines\t500\nrepeated\t1\n"), "{}", ran.stdout);
}

/// Ctrl-C during a sweep. The written rows stay, and the next run requests only the rest.
#[cfg(unix)]
#[test]
fn an_interrupted_sweep_is_resumed() {
    let (sender, requests) = mpsc::channel();
    let world = World::with(Sandbox::builder().on_request(move |_| sender.send(()).unwrap_or_default()));
    world.write("ids.txt", ids(60));
    for (run, format) in (1..).zip(["csv", "jsonl"]) {
        let (out, part) = (format!("out.{format}"), format!("out.{format}.part"));
        let arguments = ["sweep", "ids.txt", "-o", &out];
        let before = world.sandbox.requests().len();
        let running = Running::of(world.command(&arguments));
        (0..20).for_each(|_| requests.recv().unwrap());
        // From now on, there are no responses.
        world.sandbox.inject(Fault::delay(Duration::from_secs(3600)).times(8));
        let hang = || world.sandbox.requests().iter().filter(|request| request.http_status.is_none()).count();
        until(|| hang() == 8 * run);
        let ran = running.interrupt().exits(130);
        assert!(ran.stderr.contains(&format!("it resumes {part}")), "{ran:#?}");
        assert!(!world.path(&out).exists());
        while requests.try_recv().is_ok() {}
        let there = world.read(&part).lines().count() - usize::from(format == "csv");
        let first_run = world.sandbox.requests().len() - before;
        assert!((1..60).contains(&there), "{there}");

        // As after a kill during a write.
        let whole = world.read(&part);
        world.write(&part, format!("{whole}case_59,59,"));
        let ran = world.run(&arguments).exits(0);
        assert!(ran.stderr.contains(&format!("resuming {part}: {there} of 60 are done")), "{ran:#?}");
        assert_eq!(world.sandbox.requests().len() - before - first_run, 60 - there);
        let result = world.read(&out);
        let count = if format == "csv" { written(&result).len() } else { result.lines().count() };
        assert_eq!(count, 60);
        assert!(!world.path(&part).exists());
        while requests.try_recv().is_ok() {}
    }
}

/// A failed call is not written, so the next run repeats it. "Not found" is a result.
#[test]
fn only_failed_calls_are_repeated() {
    let world = World::new();
    world.write("ids.txt", ids(10));
    // Three attempts each: 20 faults leave ten ids without a failure, and 30 do not.
    world.sandbox.inject(Fault::status(500).html().times(25));
    let ran = world.run(&["sweep", "ids.txt", "-o", "out.csv"]).exits(1);
    assert!(ran.stderr.contains("calls failed") && ran.stderr.contains("run the same command again"), "{ran:#?}");
    assert_eq!(world.files(), ["ids.txt", "out.csv.part", "out.csv.part.record"]);
    let missing = 10 - written(&world.read("out.csv.part")).len();
    assert!(missing > 0);
    let before = world.sandbox.requests().len();
    world.run(&["sweep", "ids.txt", "-o", "out.csv"]).exits(0);
    assert_eq!(world.sandbox.requests().len() - before, missing);
    assert_eq!(written(&world.read("out.csv")).len(), 10);
}

#[test]
fn a_refused_account_ends_a_sweep_immediately() {
    let world = World::new();
    world.write("ids.txt", ids(500));
    let mut command = world.command(&["sweep", "ids.txt", "-o", "out.csv"]);
    command.env("CASHFREE_CLIENT_SECRET", "another");
    let ran = crate::support::Ran::of(command, b"").exits(4);
    assert!(ran.stderr.contains("the account is refused"), "{ran:#?}");
    assert!(world.sandbox.requests().len() <= 16, "{}", world.sandbox.requests().len());
}

#[test]
fn existing_files_are_neither_overwritten_nor_resumed() {
    let world = World::new();
    world.write("ids.txt", "a\n");
    world.write("out.csv", "mine\n");
    let ran = world.run(&["sweep", "ids.txt", "-o", "out.csv"]).exits(2);
    assert!(ran.stderr.contains("already exists") && world.read("out.csv") == "mine\n", "{ran:#?}");
    world.run(&["sweep", "ids.txt", "-o", "out.csv", "--force"]).exits(0);
    assert_eq!(written(&world.read("out.csv")).len(), 1);
    for (format, strange) in [
        ("csv", "a table\nof somebody's\n"),
        ("jsonl", "{}\n"),
        ("csv", "verification_id,line\nverification_id,line\n"),
    ] {
        let out = format!("new.{format}");
        let part = world.write(&format!("{out}.part"), strange);
        #[cfg(unix)]
        crate::support::chmod(&part, 0o600);
        let ran = world.run(&["sweep", "ids.txt", "-o", &out]).exits(2);
        assert!(ran.stderr.contains("has no record") && world.read(&format!("{out}.part")) == strange, "{ran:#?}");
        std::fs::remove_file(part).unwrap();
    }
}

/// With a limit of one per minute, the second call waits. The test ends after the first one.
#[cfg(unix)]
#[test]
fn a_sweep_keeps_to_the_rate_limit() {
    let world = World::new();
    let mut running = Running::of({
        world.write("ids.txt", ids(3));
        world.command(&["sweep", "ids.txt", "--per-minute", "1"])
    });
    assert!(running.line().starts_with("verification_id,"));
    assert!(running.line().starts_with("case_"));
    assert_eq!(world.sandbox.requests().len(), 1);
    running.interrupt().exits(130);
}
