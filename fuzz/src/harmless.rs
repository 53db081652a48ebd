//! Checks that a text has no effect on terminals, CI logs and GitHub issues.

use cashfree_vkyc_codegen::openapi::is_printable;
use pulldown_cmark::{Event, Options, Parser, Tag};

/// Checks that a text has only printable characters and our line breaks, and that no line is a GitHub command.
pub fn for_terminals(text: &str) {
    assert!(text.split('\n').all(|line| line.chars().all(is_printable)), "{text:?}");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "a GitHub command: {text:?}");
}

/// Checks that all external text is in code spans, and that nothing else mentions or links anything.
pub fn for_issues(markdown: &str) {
    for_terminals(markdown);
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Text(text) => {
                let acts = ["@", "://", "www.", "#", "GH-", "|", "`", ":tada:", "&", "<"];
                assert!(!acts.iter().any(|act| text.contains(act)), "{text:?} in {markdown}");
            }
            Event::Code(_) | Event::SoftBreak | Event::HardBreak | Event::End(_) => {}
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::List(_) | Tag::Item | Tag::Strong) => {}
            other => panic!("{other:?} in {markdown}"),
        }
    }
}
