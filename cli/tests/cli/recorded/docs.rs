//! docs/cli.md has the current output: its session is run, and its table of exit codes is compared with `--help`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cashfree_vkyc::sandbox::{Journey, Sandbox};

use super::present;
use crate::support::{BINARY, Ran, Running, World, bare};

const BEGIN: &str =
    "<!-- The session: run by cli/tests/cli/recorded/docs.rs, written by `cargo xtask snapshots`. -->\n```console\n";
const END: &str = "```\n";

fn document() -> (PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

#[test]
fn the_session_has_the_current_output() {
    let (path, text) = document();
    let (before, rest) = text.split_once(BEGIN).expect("the session has moved");
    let (recorded, after) = rest.split_once(END).unwrap();
    let world = World::with(Sandbox::builder().at("2025-05-22T03:51:14Z".parse().unwrap()));
    world.sandbox.begin("vkyc_42", Journey::completed()).unwrap().finish_blocking().unwrap();
    world.put("vkyc_43", "PRE_VIDEO_CALL", "NO_AGENT_FOUND");
    world.put("vkyc_44", "EXPIRED", "VKYC_EXPIRED");
    world.write("ids.txt", "vkyc_43\nvkyc_44\nvkyc 45\nvkyc_46\n");
    let event = r#"{"event_type":"VKYC_USER_CALL_QUEUED","data":{"verification_id":"vkyc_42"}}"#;
    world.write("event.json", event);

    let commands = recorded.lines().filter_map(|line| line.strip_prefix("$ "));
    let said: String = commands.map(|command| format!("$ {command}\n{}", run(&world, command))).collect();
    let said = present(&world.scrub(&said));
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(path, format!("{before}{BEGIN}{said}{END}{after}")).unwrap();
        return;
    }
    assert!(recorded == said, "docs/cli.md is stale; run `cargo xtask snapshots`. The new session:\n\n{said}");
}

/// The Python sample of docs/testing.md passes against `cashfree-vkyc sandbox`.
#[cfg(unix)]
#[test]
fn the_python_test_of_the_guide_passes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/testing.md");
    let guide = fs::read_to_string(path).unwrap();
    let sample = guide.split_once("```python\n").unwrap().1.split_once("```").unwrap().0;
    let mut sandbox = Running::of(bare(&["sandbox"]));
    let variables: Vec<_> = (0..4).map(|_| sandbox.line()).collect();
    let variables = variables.iter().map(|line| line.strip_prefix("export ").unwrap().split_once('=').unwrap());
    let python = Command::new("python3").args(["-c", sample]).envs(variables).output();
    // Not every machine has Python.
    let Ok(python) = python else { return };
    let said = String::from_utf8(python.stderr).unwrap();
    assert!(python.status.success() && said.contains("Ran 3 tests"), "{said}");
}

/// Runs a shell command, and returns the output of both streams.
fn run(world: &World, command: &str) -> String {
    let folder = Path::new(BINARY).parent().unwrap().display();
    let mut shell = Command::new("/bin/sh");
    shell
        .arg("-c")
        .arg(format!("exec 2>&1; {command}\ncode=$?; [ $code = 0 ] || echo \"(exit code $code)\""))
        .current_dir(world.folder.path())
        .env_clear()
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .env("CASHFREE_ENVIRONMENT", world.sandbox.url())
        .env("CASHFREE_CLIENT_ID", world.sandbox.client_id())
        .env("CASHFREE_CLIENT_SECRET", world.sandbox.client_secret());
    Ran::ended(shell.output().unwrap()).stdout
}

#[test]
fn the_table_of_exit_codes_is_that_of_the_help() {
    let (_, text) = document();
    let table = text.lines().skip_while(|line| !line.starts_with("| exit code |")).skip(2);
    let table = table.map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let table: Vec<_> = table.map(|(code, words)| (code.to_owned(), words.to_owned())).collect();
    let help = Ran::of(bare(&["--help"]), b"").exits(0).stdout;
    let help = help.lines().skip_while(|line| *line != "Exit codes:").skip(1);
    let help: Vec<_> = help
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(code, words)| (code.to_owned(), words.trim().to_owned()))
        .collect();
    assert_eq!(table, help);
    assert_eq!(table.len(), 11);
}
