//! `sync`: runs all steps from a changed spec to green tests in order, and stops where a person is needed.

use std::path::Path;
use std::time::Instant;

use crate::project::{Failure, Result, SPEC, file};
use crate::report::Form;
use crate::{drift, fetch, lint, project, release, snapshots};

/// One step: its name, its work, and the cure when it fails.
type Step<'a> = (&'static str, &'a dyn Fn() -> Result, &'static str);

/// Runs all steps.
///
/// # Errors
/// If a step needs a person, with the cure.
pub(crate) fn sync(root: &Path, pages: &[String]) -> Result {
    let drift_cure = "add the change to spec/vkyc.yaml, or explain the difference in spec/deviations.yaml; then, if a page was compared: cargo xtask spec drift --update PAGE";
    let snapshots_cure = "review the changes, and accept them with: cargo xtask snapshots";
    let release_cure = "raise the version in Cargo.toml, and add a line to CHANGELOG.md";
    run(&[
        ("lint the spec", &|| lint::lint(&file(root, SPEC), Form::Text), "fix the spec as it says"),
        ("look for drift", &|| drift::drift(root, pages, Form::Text, false, fetch::TIMEOUT), drift_cure),
        ("regenerate", &|| cargo(root, &["build", "--lib", "--quiet"]), "fix the compile errors"),
        ("compare the snapshots", &|| snapshots::snapshots(root, true), snapshots_cure),
        (
            "run the tests",
            &|| cargo(root, &["test", "--workspace", "--all-features", "--quiet"]),
            "fix the failing tests",
        ),
        ("check version and changelog", &|| release::check(root), release_cure),
    ])?;
    println!("\nEverything passed. Review `git diff`, then commit.");
    Ok(())
}

fn run(steps: &[Step<'_>]) -> Result {
    let all = steps.len();
    for (n, (name, work, help)) in (1..).zip(steps) {
        println!("[{n}/{all}] {name}");
        let start = Instant::now();
        work().map_err(|Failure { code, message }| {
            let stopped = format!("stopped at step {n} of {all}, {name}: {message}");
            Failure { code, message: format!("{stopped}\n  what to do: {help}\n  then: cargo xtask sync") }
        })?;
        println!("      done in {:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result {
    project::run(project::cargo(root).args(arguments), &format!("`cargo {}` fails; see above", arguments.join(" ")))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_first_step_that_needs_a_person_is_the_last_that_runs() {
        let ran = RefCell::new(Vec::new());
        let step = |name: &'static str, works: bool| {
            ran.borrow_mut().push(name);
            if works { Ok(()) } else { Err(Failure::not_compared("no page".into())) }
        };
        let steps: [Step<'_>; 3] = [
            ("one", &|| step("one", true), "fetch it"),
            ("two", &|| step("two", false), "fetch it"),
            ("three", &|| step("three", true), "fetch it"),
        ];
        let error = run(&steps).unwrap_err();
        assert_eq!(*ran.borrow(), ["one", "two"]);
        assert_eq!((error.code, error.message.lines().next().unwrap()), (2, "stopped at step 2 of 3, two: no page"));
        assert!(error.message.contains("what to do: fetch it"));
    }
}
