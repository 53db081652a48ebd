//! The credentials of this process. Text from outside must not carry them into a log.
//!
//! A server may echo a credential as a status, a field name or a request id. [`Name`](super::printed::Name) and
//! [`Escaped`](super::printed::Escaped) check here before they print, so responses need not be searched on arrival. A value can
//! be printed after its client is dropped, so the list is per process. It holds a keyed hash of 8 bytes for each credential.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;
use std::sync::{LazyLock, PoisonError, RwLock};

/// Replaces a value that must not be printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// Shorter credentials are ignored, because harmless texts contain them.
#[cfg(any(test, feature = "client"))]
const SHORTEST: usize = 8;

/// The hashes of all credentials by length, and whether each also matches within a longer word.
static HASHES: RwLock<BTreeMap<usize, HashMap<u64, bool>>> = RwLock::new(BTreeMap::new());
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Keeps a credential from being printed: as a whole word, or with `within_words` also as a part of one.
///
/// A part of a word may be harmless, as `id` in `ip_validation_failed`.
#[cfg(any(test, feature = "client"))]
pub(crate) fn keep(secret: &str, within_words: bool) {
    if secret.len() >= SHORTEST {
        let mut hashes = HASHES.write().unwrap_or_else(PoisonError::into_inner);
        hashes.entry(secret.len()).or_default().insert(HASHER.hash_one(secret.as_bytes()), within_words);
    }
}

/// Returns the text, or a placeholder if it contains a credential.
#[must_use]
pub fn without_secrets(text: &str) -> &str {
    if has_secret(text.as_bytes()) { REDACTED } else { text }
}

fn has_secret(text: &[u8]) -> bool {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_word = |start: usize, length: usize| {
        let neighbours = [start.checked_sub(1), start.checked_add(length)];
        !neighbours.into_iter().flatten().filter_map(|at| text.get(at)).any(is_of_word)
    };
    HASHES.read().unwrap_or_else(PoisonError::into_inner).range(..=text.len()).any(|(length, hashes)| {
        text.windows(*length).enumerate().any(|(start, part)| {
            let found = hashes.get(&HASHER.hash_one(part));
            found.is_some_and(|within_words| *within_words || is_word(start, *length))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_found_as_a_word_wherever_it_is() {
        keep("the-secret-of-this-test", false);
        for echo in ["X", "bad X, and more", "key=X&id=7", "a.X", "“X”"] {
            let echo = echo.replace('X', "the-secret-of-this-test");
            assert_eq!(without_secrets(&echo), REDACTED, "{echo}");
        }
        for other in ["", "the-secret-of", "the-secret-of-this-tests", "in-the-secret-of-this-test"] {
            assert_eq!(without_secrets(other), other);
        }
    }

    #[test]
    fn a_part_of_a_word_counts_only_on_request() {
        keep("cGFydCBvZiBh", true);
        assert_eq!(without_secrets("xcGFydCBvZiBhd29yZA=="), REDACTED);
    }

    #[test]
    fn a_short_credential_is_ignored() {
        keep("shorter", false);
        assert_eq!(without_secrets("shorter"), "shorter");
    }
}
