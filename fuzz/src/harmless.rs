//! How to tell that a text acts upon nobody who reads it.

use cashfree_vkyc_codegen::openapi::is_printable;
use pulldown_cmark::{Event, Options, Parser, Tag};

/// Nothing but letters, and line breaks that are ours: no line is a command of GitHub's.
pub fn for_terminals(text: &str) {
    assert!(text.split('\n').all(|line| line.chars().all(is_printable)), "{text:?}");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "a command of GitHub's: {text:?}");
}

/// All text of others stands in code spans; beside those, there is nothing that calls anybody or leads anywhere.
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
