//! `sync`: the whole path from a changed spec to green tests, one step after the other, stopping where a person is needed.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::project::{SPEC, file};
use crate::report::Form;
use crate::{drift, fetch, lint, project, release, snapshots};

/// One step: what it is called, what it does, and what a person does when it stops.
type Step<'a> = (&'static str, Box<dyn FnOnce() -> Result + 'a>, &'static str);

/// Runs all steps.
///
/// # Errors
/// With the first step that needs a person, and what to do.
pub(crate) fn sync(root: &Path, pages: &[String]) -> Result {
    let steps: Vec<Step<'_>> = vec![
        ("lint the spec", Box::new(|| lint::lint(&file(root, SPEC), false)), "mend the spec as it says"),
        (
            "look for drift",
            Box::new(|| drift::drift(root, pages, Form::Text, false, fetch::TIMEOUT)),
            "take the change over into spec/vkyc.yaml, or say in spec/deviations.yaml why not; then, if a page was compared: cargo xtask spec drift --update PAGE",
        ),
        ("regenerate", Box::new(|| cargo(root, &["build", "--lib", "--quiet"])), "mend what does not compile"),
        (
            "compare the snapshots",
            Box::new(|| snapshots::snapshots(root, true)),
            "look at the changes, and accept them with: cargo xtask snapshots",
        ),
        (
            "run the tests",
            Box::new(|| cargo(root, &["test", "--workspace", "--all-features", "--quiet"])),
            "mend what fails",
        ),
        (
            "check version and changelog",
            Box::new(|| release::check(root)),
            "raise the version in Cargo.toml, and add a line to CHANGELOG.md",
        ),
    ];
    run(steps)?;
    println!("\nNothing needs you. Look at `git diff`, then commit.");
    Ok(())
}

fn run(steps: Vec<Step<'_>>) -> Result {
    let (bold, plain) = if std::io::stdout().is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let all = steps.len();
    for (n, (name, work, help)) in steps.into_iter().enumerate() {
        println!("{bold}[{}/{all}] {name}{plain}", n + 1);
        let _ = std::io::stdout().flush();
        let start = Instant::now();
        work().map_err(|failure| Failure {
            message: format!(
                "stopped at step {} of {all}, {name}: {}\n  what to do: {help}\n  then: cargo xtask sync",
                n + 1,
                failure.message
            ),
            ..failure
        })?;
        println!("      done in {:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result {
    match project::cargo(root).args(arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::found(format!("`cargo {}` fails; see above", arguments.join(" ")))),
        Err(error) => Err(Failure::found(format!("cargo cannot be run: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_first_step_that_needs_a_person_is_the_last_that_runs() {
        let ran = RefCell::new(Vec::new());
        let step = |name: &'static str, works: bool| -> Step<'_> {
            let ran = &ran;
            let work = move || {
                ran.borrow_mut().push(name);
                if works { Ok(()) } else { Err(Failure::not_compared("no page".into())) }
            };
            (name, Box::new(work), "fetch it")
        };
        let error = run(vec![step("one", true), step("two", false), step("three", true)]).unwrap_err();
        assert_eq!(*ran.borrow(), ["one", "two"]);
        assert_eq!((error.code, error.message.lines().next().unwrap()), (2, "stopped at step 2 of 3, two: no page"));
        assert!(error.message.contains("what to do: fetch it"));
    }
}
