//! A sweep asks for each id once, however often it is run, and its file is whole or says that it is not.

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

/// The ids of a result, each of which stands there once.
fn written(csv: &str) -> HashSet<String> {
    let ids: Vec<_> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    let set: HashSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), set.len(), "an id stands there twice");
    set
}

#[test]
fn thousands_of_ids_with_rubbish_among_them_are_all_asked_for() {
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
    assert!(ran.stderr.contains("error: 500 lines are no id, and all others are done"), "{}", ran.stderr);
    assert_eq!(written(&world.read("out.csv")).len(), 1500);
    assert_eq!(world.files(), ["ids.csv", "out.csv"]);
    assert_eq!(world.sandbox.requests().len(), 1500);
    assert!(ran.stdout.contains("rubbish lines\t500\nrepeated\t1\n"), "{}", ran.stdout);
}

/// Ctrl-C in the midst of it; what is written stays, and the next run asks for the rest alone.
#[cfg(unix)]
#[test]
fn an_interrupted_sweep_is_gone_on_with() {
    let (tell, told) = mpsc::channel();
    let world = World::with(Sandbox::builder().on_request(move |_| tell.send(()).unwrap_or_default()));
    world.write("ids.txt", ids(60));
    for (run, format) in (1..).zip(["csv", "jsonl"]) {
        let (out, part) = (format!("out.{format}"), format!("out.{format}.part"));
        let arguments = ["sweep", "ids.txt", "-o", &out];
        let before = world.sandbox.requests().len();
        let running = Running::of(world.command(&arguments));
        (0..20).for_each(|_| told.recv().unwrap());
        // From here on nothing is answered any more.
        world.sandbox.inject(Fault::delay(Duration::from_secs(3600)).times(8));
        let hang = || world.sandbox.requests().iter().filter(|request| request.http_status.is_none()).count();
        until(|| hang() == 8 * run);
        let ran = running.interrupt().exits(130);
        assert!(ran.stderr.contains(&format!("it goes on with {part}")), "{ran:#?}");
        assert!(!world.path(&out).exists());
        while told.try_recv().is_ok() {}
        let there = world.read(&part).lines().count() - usize::from(format == "csv");
        let first_run = world.sandbox.requests().len() - before;
        assert!((1..60).contains(&there), "{there}");

        // As a kill in the midst of a line would leave it.
        let whole = world.read(&part);
        world.write(&part, format!("{whole}case_59,59,"));
        let ran = world.run(&arguments).exits(0);
        assert!(ran.stderr.contains(&format!("going on with {part}: {there} of 60 are there")), "{ran:#?}");
        assert_eq!(world.sandbox.requests().len() - before - first_run, 60 - there);
        let result = world.read(&out);
        let count = if format == "csv" { written(&result).len() } else { result.lines().count() };
        assert_eq!(count, 60);
        assert!(!world.path(&part).exists());
        while told.try_recv().is_ok() {}
    }
}

/// What failed is not written, so that the next run asks for it; what nobody knows is a response.
#[test]
fn what_failed_is_asked_for_again_and_alone() {
    let world = World::new();
    world.write("ids.txt", ids(10));
    // Three attempts each: ten ids can make up for 20 of these, and fail with 30.
    world.sandbox.inject(Fault::status(500).html().times(25));
    let ran = world.run(&["sweep", "ids.txt", "-o", "out.csv"]).exits(1);
    assert!(
        ran.stderr.contains("could not be asked for") && ran.stderr.contains("run the same command again"),
        "{ran:#?}"
    );
    assert_eq!(world.files(), ["ids.txt", "out.csv.part", "out.csv.part.record"]);
    let missing = 10 - written(&world.read("out.csv.part")).len();
    assert!(missing > 0);
    let before = world.sandbox.requests().len();
    world.run(&["sweep", "ids.txt", "-o", "out.csv"]).exits(0);
    assert_eq!(world.sandbox.requests().len() - before, missing);
    assert_eq!(written(&world.read("out.csv")).len(), 10);
}

#[test]
fn a_refused_account_ends_it_at_once() {
    let world = World::new();
    world.write("ids.txt", ids(500));
    let mut command = world.command(&["sweep", "ids.txt", "-o", "out.csv"]);
    command.env("CASHFREE_CLIENT_SECRET", "another");
    let ran = crate::support::Ran::of(command, b"").exits(4);
    assert!(ran.stderr.contains("the account is refused"), "{ran:#?}");
    assert!(world.sandbox.requests().len() <= 16, "{}", world.sandbox.requests().len());
}

#[test]
fn nothing_that_is_there_is_overwritten_or_taken_for_ours() {
    let world = World::new();
    world.write("ids.txt", "a\n");
    world.write("out.csv", "mine\n");
    let ran = world.run(&["sweep", "ids.txt", "-o", "out.csv"]).exits(2);
    assert!(ran.stderr.contains("is there already") && world.read("out.csv") == "mine\n", "{ran:#?}");
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

/// A limit of one a minute would have the second wait: the test ends when the first is there.
#[cfg(unix)]
#[test]
fn the_limit_is_kept() {
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
