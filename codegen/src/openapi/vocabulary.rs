//! Keywords of OpenAPI, and the values of our own keys that both `lint` and `emit` use.

/// The HTTP methods under which OpenAPI lists operations.
pub const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The keywords of OpenAPI that limit a value.
pub const LIMITS: [&str; 12] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
];

/// How well a fact is known: the values of `x-evidence` and of `evidence` in a lifecycle row, each with a sentence.
pub(crate) const EVIDENCE: [(&str, &str); 5] = [
    ("documented", "Cashfree documents it."),
    ("seen", "A server of Cashfree's sent it, according to a report of `cashfree-vkyc doctor`."),
    ("sample", "A sample of Cashfree's shows it."),
    ("inferred", "We conclude it from other facts."),
    ("reported", "Third parties report it; verify it in the sandbox before you rely on it."),
];

/// The meanings by which callers distinguish documented errors: the values of `x-means`, each with a sentence.
pub(crate) const MEANINGS: [(&str, &str); 5] = [
    ("authentication", "The account, its keys, its allow-list or its second factor was refused."),
    ("conflict", "Something with this id exists already."),
    ("insufficient_balance", "The merchant's wallet cannot pay."),
    ("pending", "It is still running: ask again later."),
    ("not_found", "There is no such thing in this account and environment."),
];

/// The ranges of `^[A-Za-z0-9._-]+$`: one character class, without escapes or negation. `None` for any other pattern.
pub(crate) fn character_class(pattern: &str) -> Option<Vec<(char, char)>> {
    let class = pattern.strip_prefix("^[")?.strip_suffix("]+$")?;
    if class.is_empty() || class.starts_with('^') || class.contains(['\\', '[', ']']) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut rest: Vec<char> = class.chars().rev().collect();
    while let Some(first) = rest.pop() {
        match rest.as_slice() {
            [.., last, '-'] => {
                ranges.push((first, *last));
                rest.truncate(rest.len() - 2);
            }
            _ => ranges.push((first, first)),
        }
    }
    Some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_class_is_read_range_by_range() {
        let ranges = vec![('A', 'Z'), ('a', 'z'), ('0', '9'), ('.', '.'), ('_', '_'), ('-', '-')];
        assert_eq!(character_class("^[A-Za-z0-9._-]+$"), Some(ranges));
        assert_eq!(character_class("^[ab]+$"), Some(vec![('a', 'a'), ('b', 'b')]));
    }

    #[test]
    fn another_pattern_is_not_a_character_class() {
        for pattern in ["", "abc", "^[a-z]{2}$", "^[^a]+$", r"^[\d]+$", "^[]+$", "^[a]+$|^[b]+$"] {
            assert_eq!(character_class(pattern), None, "{pattern}");
        }
    }
}
