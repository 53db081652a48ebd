//! Help, examples, docs/cli.md and usage errors are complete.

use std::collections::BTreeSet;

use clap::Command;
use serde_json::Value;

use crate::support::{Ran, bare};

/// Every command that can be run, with its full name.
fn commands() -> Vec<(String, Command)> {
    fn add(command: &Command, words: &str, into: &mut Vec<(String, Command)>) {
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let words = format!("{words} {}", below.get_name());
            match below.has_subcommands() {
                true => add(below, &words, into),
                false => into.push((words.trim().to_owned(), below.clone())),
            }
        }
    }
    let (mut root, mut commands) = (cashfree_vkyc_cli::command(), Vec::new());
    root.build();
    add(&root, "", &mut commands);
    assert!(commands.len() > 10);
    commands
}

fn options(command: &Command, is_global: bool) -> BTreeSet<String> {
    let arguments = command.get_arguments().filter(|argument| argument.is_global_set() == is_global);
    let names = arguments.filter_map(|argument| argument.get_long()).filter(|name| !["help", "version"].contains(name));
    names.map(|name| format!("--{name}")).collect()
}

#[test]
fn every_option_has_help_and_every_command_an_example_that_is_accepted() {
    for (words, command) in commands() {
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "`{words}` has no help for {}", argument.get_id());
        }
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples: Vec<_> = help.lines().filter_map(|line| line.split_once("cashfree-vkyc ")).collect();
        assert!(!examples.is_empty(), "`{words}` has no example");
        for (_, example) in examples {
            assert!(example.starts_with(&words), "`{words}` has the example of another command: {example}");
            let example = example.split(['<', '>', '|']).next().unwrap();
            let parsed = cashfree_vkyc_cli::command()
                .try_get_matches_from(std::iter::once("cashfree-vkyc").chain(example.split_whitespace()));
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}

/// The long options in a text.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.contains(char::is_alphanumeric)).map(str::to_owned).collect()
}

#[test]
fn the_document_names_the_options_that_exist_and_no_others() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let document = std::fs::read_to_string(path).unwrap();
    let row = |words: &str| {
        let is_it = |line: &&str| [' ', '`'].iter().any(|end| line.starts_with(&format!("| `{words}{end}")));
        let row = document.lines().find(is_it).unwrap_or_else(|| panic!("docs/cli.md has no row for `{words}`"));
        named(row)
    };
    let mut all = named("--help --version");
    for (words, command) in commands() {
        assert_eq!(row(&words), options(&command, false), "`{words}` in docs/cli.md");
        all.extend(options(&command, false));
        all.extend(options(&command, true));
    }
    let prose: String =
        document.lines().filter(|line| !line.contains("cargo ")).map(|line| format!("{line}\n")).collect();
    let unknown: Vec<_> = named(&prose).difference(&all).cloned().collect();
    assert!(unknown.is_empty(), "docs/cli.md names {unknown:?}");
    assert!(all.is_subset(&named(&prose)), "docs/cli.md lacks {:?}", all.difference(&named(&prose)));
}

/// Three lines, like every other failure, or JSON.
#[test]
fn errors_of_usage_have_the_form_of_other_failures() {
    for (arguments, says, usage) in [
        (&["status"][..], "<ID|--reference-id <N>>", "cashfree-vkyc status"),
        (&["status", "x", "--reference-id", "1"], "cannot be used with", "cashfree-vkyc status"),
        (&["status", "x", "--timout", "1"], "--timeout", "cashfree-vkyc status"),
        (&["status", "a b"], "character ' '", "cashfree-vkyc"),
        (&["stauts"], "status", "cashfree-vkyc"),
        (&["sandbox", "--journey", "nowhere"], "link_expired", "cashfree-vkyc"),
    ] {
        let ran = Ran::of(bare(arguments), b"").exits(2);
        let labels: Vec<_> = ran.stderr.lines().map(|line| line.get(..7).unwrap_or(line)).collect();
        assert!(labels == ["error: ", "    why", "   next"] || labels == ["error: ", "   next"], "{ran:#?}");
        assert!(ran.stderr.contains(says), "{arguments:?} lacks {says}: {ran:#?}");
        assert!(ran.stderr.lines().last().unwrap().contains(usage), "{ran:#?}");
        let ran = Ran::of(bare(&[arguments, &["--json"]].concat()), b"").exits(2);
        let error: Value = serde_json::from_str(&ran.stderr).unwrap();
        let error = &error["error"];
        assert_eq!(error["code"], "usage");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        assert!(error["next"].as_str().unwrap().contains(usage), "{error}");
    }
}
