//! The telling words of a description.

use crate::project::sha256;
use std::collections::BTreeMap;

/// Words whose coming and going in a description often means a change that the schema does not show.
const WORDS: [(&str, &[&str]); 5] = [
    ("null", &["null"]),
    ("format", &["format"]),
    ("default", &["default"]),
    ("required", &["required", "mandatory", "optional"]),
    ("deprecated", &["deprecat"]),
];

/// The telling words in a description, each with a fingerprint of the sentences that use it: what they say is not on
/// record, only that it changed. White space, capitals and the other sentences leave no trace.
pub(super) fn words(prose: &str) -> BTreeMap<String, String> {
    let prose = prose.to_lowercase();
    let sentences: Vec<String> = prose
        .split(['.', ';', '!', '?'])
        .map(|sentence| sentence.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let telling = |spellings: &[&str]| {
        let uses = |sentence: &&String| spellings.iter().any(|spelling| sentence.contains(spelling));
        let said: Vec<&str> = sentences.iter().filter(uses).map(String::as_str).collect();
        (!said.is_empty()).then(|| sha256(&said.join(". ")).chars().take(12).collect())
    };
    WORDS.iter().filter_map(|(word, spellings)| Some(((*word).to_owned(), telling(spellings)?))).collect()
}
