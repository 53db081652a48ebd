//! The measuring program of `benches/`. It is built, and runs once as a server and many times as its client.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::project::{Failure, Result, cargo, output};

use super::table::Unit;

const PACKAGE: &str = "cashfree-vkyc-benches";

pub(super) struct Program {
    executable: PathBuf,
    server: Child,
    url: String,
}

impl Program {
    /// Builds the program with the release settings of a service, and starts its server.
    pub(super) fn start(root: &Path) -> Result<Self> {
        let executable = build(root)?;
        let mut server = Command::new(&executable)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::not_compared(format!("{}: {error}", executable.display())))?;
        let mut url = String::new();
        let said = server.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut url));
        let program = Self { executable, server, url: url.trim().to_owned() };
        match said {
            Some(Ok(1..)) => Ok(program),
            _ => Err(Failure::not_compared("the measuring program's server does not start".into())),
        }
    }

    /// The cost of one repetition, from a few and from many: startup cancels out.
    pub(super) fn each(&self, unit: Unit, case: &str, side: &str, [few, many]: [u32; 2]) -> Result<u64> {
        let of_few = self.cost(unit, case, side, few)?;
        let more = self.cost(unit, case, side, many)?.checked_sub(of_few);
        let more = more.ok_or_else(|| cannot(case, side, "many repetitions cost less than few"))?;
        let times = u64::from(many - few);
        Ok((more + times / 2) / times)
    }

    /// The cost of a number of repetitions. Instructions need valgrind.
    pub(super) fn cost(&self, unit: Unit, case: &str, side: &str, times: u32) -> Result<u64> {
        let by_valgrind = unit == Unit::Instructions;
        let mut command = Command::new(if by_valgrind { Path::new("valgrind") } else { &self.executable });
        if by_valgrind {
            command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(&self.executable);
        }
        let output = command.args([case, side, &times.to_string(), &self.url]).output();
        let output = output.map_err(|error| cannot(case, side, &error.to_string()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let printed = || String::from_utf8_lossy(&output.stdout).trim().parse().ok();
        let counted = if by_valgrind { collected(&said) } else { printed() };
        let counted = counted.filter(|_| output.status.success());
        counted.ok_or_else(|| cannot(case, side, said.trim().lines().last().unwrap_or("it printed nothing")))
    }
}

fn cannot(case: &str, side: &str, why: &str) -> Failure {
    Failure::not_compared(format!("{case} of {side} cannot be measured: {why}"))
}

/// The server stops when its input closes.
impl Drop for Program {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

/// Builds the program; cargo's messages go to standard error.
fn build(root: &Path) -> Result<PathBuf> {
    let arguments = ["build", "--release", "--package", PACKAGE, "--message-format", "json-render-diagnostics"];
    let output = cargo(root).args(arguments).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| Failure::not_compared(format!("cargo cannot be run: {error}")))?;
    executable(&String::from_utf8_lossy(&output.stdout))
        .filter(|_| output.status.success())
        .ok_or_else(|| Failure::not_compared("the measuring program cannot be built; see above".into()))
}

/// The path of the program, from cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from)).next_back()
}

/// The total at the end of callgrind's output.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find_map(|line| line.split_once("Collected")?.1.split_once(':'))?;
    line.1.trim().replace(',', "").parse().ok()
}

/// A fixed target: other systems compile other crates, but the count must be the same everywhere.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The number of crates that a package compiles with these features, including itself and its build dependencies.
pub(super) fn crates(root: &Path, package: &str, features: &str) -> Result<u64> {
    let mut tree = cargo(root);
    tree.args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none"]);
    tree.args(["--format", "{p}", "--target", TARGET]);
    tree.args(["--no-default-features", "--features", features]);
    let tree = output(&mut tree);
    let failed = |why| Failure::not_compared(format!("the crates of {package} cannot be counted: {why}"));
    tree.map(|tree| count(&tree)).map_err(failed)
}

/// Each crate once; `(*)` marks one that the tree has shown before.
fn count(tree: &str) -> u64 {
    let crates = tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty());
    crates.collect::<BTreeSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_found_in_what_callgrind_says() {
        let said = "==7== Callgrind, a call-graph generating cache profiler\n==7== Command: it call ours 200\n==7== \n\
                    ==7== Events    : Ir\n==7== Collected : 46123456\n==7== \n==7== I   refs:      46,123,456\n";
        assert_eq!(collected(said), Some(46_123_456));
        assert_eq!(collected("==7== Collected : 46,123"), Some(46_123));
        for other in ["", "==7== Collected :", "==7== Collected : no", "valgrind: it: command not found"] {
            assert_eq!(collected(other), None, "{other}");
        }
    }

    #[test]
    fn the_program_is_where_cargo_says() {
        let library = r#"{"reason":"compiler-artifact","executable":null}"#;
        let program = r#"{"reason":"compiler-artifact","executable":"/target/release/it"}"#;
        let end = r#"{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(&[library, program, end].join("\n")), Some("/target/release/it".into()));
        assert_eq!(executable(&[library, end].join("\n")), None);
    }

    #[test]
    fn a_crate_counts_once_and_two_versions_of_it_twice() {
        let tree = "it v0.1.0 (/it)\nserde v1.0.1\nsyn v2.0.1\nsyn v3.0.1\nserde v1.0.1 (*)\nm v1.0.0 (proc-macro)\n\n";
        assert_eq!(count(tree), 5);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn the_types_alone_and_the_bare_client_have_fewer_crates() {
        let root = crate::root();
        let of = |package, features| crates(&root, package, features).unwrap();
        let (all, types) = (of("cashfree-vkyc", "default"), of("cashfree-vkyc", ""));
        assert!(types < all && of("cashfree-vkyc-bare", "client") < all && of("cashfree-vkyc-bare", "") < types);
        assert!(of("cashfree-vkyc", "client,rustls") + 25 < all, "the generator is in a build that does without it");
        let error = crates(&root, "no-such-crate", "").unwrap_err();
        assert_eq!((error.code, error.message.contains("no-such-crate")), (2, true));
    }
}
