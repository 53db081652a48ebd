//! The properties of `fuzz/src/reading.rs`, under proptest: pieces of YAML and Markdown in any order, damaged files of the
//! project, and pages with random text in every field.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use xtask::Readers;

#[allow(missing_docs, unreachable_pub, reason = "another library has them public")]
#[path = "../../fuzz/src/harmless.rs"]
mod harmless;
#[allow(missing_docs, unreachable_pub, reason = "another library has them public")]
#[path = "../../fuzz/src/reading.rs"]
mod reading;

static READERS: LazyLock<Readers> = LazyLock::new(|| Readers::of_the_project().unwrap());
static SPEC: LazyLock<String> = LazyLock::new(|| file("spec/vkyc.yaml"));
static PAGE: LazyLock<String> = LazyLock::new(|| file("spec/pages/get-vkyc-status.md"));

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

/// Pieces with a meaning for a YAML parser, a reader of pages, GitHub or a terminal.
const PIECES: [&str; 56] = [
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "  ",
    "- ",
    "- - ",
    "a: ",
    "b: ",
    "a:\n",
    "200: ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a ",
    "<<: ",
    "!t ",
    "!!int ",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "\\u0041",
    "\\ud83d",
    "# ",
    "---\n",
    "...\n",
    "%TAG ! x\n",
    "\t",
    "\r",
    "\u{feff}",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{2028}",
    "é",
    "1",
    "1e400",
    "~",
    "null",
    "openapi: 3.0.3\n",
    "paths: {}\n",
    "$ref: '#/a'",
    "## OpenAPI\n",
    "```\n",
    "````yaml get /vkyc\n",
    "| Sub-status |\n",
    "| A_B |",
    "@team ",
    "#12 ",
    "`",
];

fn pieces(most: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => select(PIECES.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,8}"];
    vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

/// A text with a few random deletions, insertions and repetitions.
fn damaged(text: &'static str) -> impl Strategy<Value = String> {
    vec((any::<Index>(), 0..40_usize, 0..3_u8, pieces(3)), 1..6).prop_map(|damages| {
        damages.into_iter().fold(text.to_owned(), |text, (at, length, kind, piece)| {
            let characters: Vec<char> = text.chars().collect();
            let start = at.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            let of = |characters: &[char]| characters.iter().collect::<String>();
            let (before, within, behind) =
                (of(&characters[..start]), of(&characters[start..end]), of(&characters[end..]));
            match kind {
                0 => before + &piece + &behind,
                1 => before + &within + &piece + &within + &behind,
                _ => before + &piece + &within + &behind,
            }
        })
    })
}

/// A page with these texts in every field.
fn saying(texts: &[String]) -> String {
    let mut next = texts.iter().cycle().map(|text| serde_json::Value::from(text.as_str()).to_string());
    let mut said = || next.next().unwrap_or_default();
    let field = format!(
        "{{ type: string, pattern: {}, format: {}, default: {}, enum: [{}, {}], description: {} }}",
        said(),
        said(),
        said(),
        said(),
        said(),
        said()
    );
    let answer = format!(
        "{{ description: {}, content: {{ {}: {{ schema: {{ type: object, properties: {{ {}: {field}, status: {field} }} }} }} }} }}",
        said(),
        said(),
        said()
    );
    let parameter = format!("{{ name: {}, in: {}, schema: {field} }}", said(), said());
    let operation = format!(
        "{{ servers: [{{ url: {} }}], parameters: [{parameter}], responses: {{ '200': {answer}, {}: {answer} }} }}",
        said(),
        said()
    );
    format!(
        "# {}\n\n## OpenAPI\n\n````yaml\nopenapi: 3.0.0\npaths: {{ /vkyc: {{ get: {operation} }}, {}: {{ get: {operation} }} }}\n````\n",
        texts.concat().replace(['\n', '\r'], " "),
        said()
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn pieces_of_yaml_are_read_or_refused(text in pieces(40)) {
        reading::a_spec_is_read_or_refused(&text);
    }

    #[test]
    fn a_damaged_spec_is_read_or_refused(text in damaged(&SPEC)) {
        reading::a_spec_is_read_or_refused(&text);
    }

    #[test]
    fn pieces_of_a_page_have_no_effect_on_readers(text in pieces(60)) {
        reading::a_page_is_reported_harmlessly(&READERS, &text);
        reading::a_page_is_reported_harmlessly(&READERS, &format!("{text}\n## OpenAPI\n```\nopenapi: 3.0.0\n{text}\n```\n"));
    }

    #[test]
    fn a_damaged_page_has_no_effect_on_readers(text in damaged(&PAGE)) {
        reading::a_page_is_reported_harmlessly(&READERS, &text);
    }

    #[test]
    fn a_page_with_random_text_has_no_effect_on_readers(texts in vec(pieces(8), 1..12)) {
        reading::a_page_is_reported_harmlessly(&READERS, &saying(&texts));
    }
}

/// The page above can be compared, so that the properties cover reports of differences.
#[test]
fn a_page_that_says_anything_is_compared() {
    let said = READERS.read(&saying(&["@team `a`\u{1b}[2J | #12".to_owned()]));
    assert!(said[0][2].contains("\"outcome\":\"differs\"") && said[0][0].contains("@team"), "{}", said[0][0]);
    assert!(READERS.record(&saying(&["a".to_owned()])).is_some());
}
