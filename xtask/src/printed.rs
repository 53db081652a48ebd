//! Makes third-party text safe for terminals, Markdown and JSON. Every report prints a page's text through this module only.
//!
//! | destination | function |
//! |---|---|
//! | a terminal | [`line`]: one line, without control characters |
//! | an issue, a pull request, the changelog | [`code`]: a code span, in which mentions, links and markup have no effect |
//! | a program, `spec/published.yaml` | [`json`], [`yaml`]: the same value; control characters are escaped |

use cashfree_vkyc_codegen::openapi::{is_printable, printable};
use serde_json::Value;

/// The number of characters shown of a text: a page may have five megabytes in place of a name.
const LONGEST: usize = 500;

/// A text on one line of a terminal.
pub(crate) fn line(text: &str) -> String {
    printable(&cut(text, LONGEST)).into_owned()
}

/// A text of several lines, such as findings, on one line.
pub(crate) fn joined(text: &str) -> String {
    line(&text.lines().map(str::trim).collect::<Vec<_>>().join("; "))
}

/// A text as a code span of Markdown: on one line, between more backticks than any run of them in the text.
pub(crate) fn code(text: &str) -> String {
    let text = line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A backtick at an edge would extend the fence. Markdown removes one space from each edge if both have one.
    let spaced = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let edge = if text.is_empty() || text.starts_with('`') || text.ends_with('`') || spaced { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

/// A value as JSON on one line. Control characters can only appear within strings, where JSON can escape them.
pub(crate) fn json(value: &Value) -> String {
    escaped(value, |character| {
        character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    })
}

/// The same for a YAML file, which can escape whole characters.
pub(crate) fn yaml(value: &Value) -> String {
    escaped(value, |character| format!("\\U{:08x}", u32::from(character)))
}

fn escaped(value: &Value, escape: impl Fn(char) -> String) -> String {
    value.to_string().chars().map(|one| if is_printable(one) { one.to_string() } else { escape(one) }).collect()
}

/// The start of a text that is longer than the limit.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{HOSTILE, harmless, spans};

    #[test]
    fn a_code_span_holds_what_it_is_given() {
        let pieces = ["`", "``", "```", " ", "a", "\\", "|", "*", "\n", "é"];
        let mut texts: Vec<String> = vec!["a".into(), HOSTILE.into()];
        for one in pieces {
            for two in pieces {
                texts.extend(pieces.map(|three| [one, two, three].concat()));
                texts.push([one, two].concat());
            }
        }
        for text in &texts {
            let span = code(text);
            for markdown in [span.clone(), format!("- {span}"), format!("### {span}\n"), format!("a {span}: {span} b")]
            {
                let expected = printable(text).into_owned();
                assert!(spans(&markdown).iter().all(|span| *span == expected), "{text:?}: {markdown:?}");
                assert!(!spans(&markdown).is_empty());
                harmless::for_issues(&markdown);
            }
        }
        assert_eq!((code(""), code("a"), code("a`b")), ("`  `".into(), "`a`".into(), "``a`b``".into()));
    }

    #[test]
    fn json_is_the_same_json() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE, "\u{e0041}\u{85}", 1] });
        harmless::for_terminals(&json(&value));
        assert_eq!(serde_json::from_str::<Value>(&json(&value)).unwrap(), value);
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(line(&"é".repeat(501)), "é".repeat(500) + "…");
        assert_eq!(line(&"é".repeat(500)), "é".repeat(500));
        assert_eq!(joined("a.yaml: b\n    help: c\n::error::d"), "a.yaml: b; help: c; ::error::d");
    }
}
