//! Takes a client's own credentials out of what a server sends, should it echo them: as an unknown status, or as the name of a
//! field, they would be printed.
//!
//! Only whole words go, and only where a credential has 8 characters or more: a shorter one, or a part of a longer word, may
//! be a harmless text, as `id` is in `ip_validation_failed`. Of a response that is decoded, the client id goes only where it is a
//! whole text, since it may be a part of the merchant's own ids. `Response::raw_body` keeps what came.

use std::borrow::Cow;

use memchr::memmem::Finder;

/// Shorter credentials than this are not looked for.
pub(super) const SHORTEST: usize = 8;

/// A text that may be an echo, and what takes its place.
pub(super) struct Echo<'a> {
    finder: Finder<'a>,
    by: &'static str,
    /// Whether it may also stand within a longer word.
    anywhere: bool,
}

impl<'a> Echo<'a> {
    /// Goes where it is a word of its own.
    pub(super) fn word(text: &'a str) -> Self {
        Self { finder: Finder::new(text), by: "[redacted]", anywhere: false }
    }

    /// Goes wherever it stands.
    pub(super) fn anywhere(text: &'a str) -> Self {
        Self { anywhere: true, ..Self::word(text) }
    }

    fn into_owned(self) -> Echo<'static> {
        Echo { finder: self.finder.into_owned(), by: self.by, anywhere: self.anywhere }
    }

    /// The text without it; `None` where it does not stand.
    pub(super) fn removed_from(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut clean: Option<Vec<u8>> = None;
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = text.get(at..).and_then(|rest| self.finder.find(rest)).map(|found| at + found) {
            let end = found + self.finder.needle().len();
            let (before, after) = (text.get(..found).unwrap_or_default(), text.get(end..).unwrap_or_default());
            if !self.anywhere && (ends_in_word(before) || after.first().is_some_and(is_of_word)) {
                at = found + 1;
                continue;
            }
            let clean = clean.get_or_insert_default();
            clean.extend_from_slice(text.get(copied..found).unwrap_or_default());
            clean.extend_from_slice(self.by.as_bytes());
            (copied, at) = (end, end);
        }
        clean.as_mut()?.extend_from_slice(text.get(copied..).unwrap_or_default());
        clean
    }
}

/// What credentials and words of an API are made of.
fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether a word goes on after this text. An escape, as `\n`, `\u0022` and `%3D`, is none.
fn ends_in_word(text: &[u8]) -> bool {
    let letter = matches!(text, [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't']);
    let escaped = |length: usize, start: &[u8]| {
        let tail = text.len().checked_sub(length).and_then(|at| text.get(at..));
        let digits = tail.and_then(|tail| tail.strip_prefix(start));
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.last().is_some_and(is_of_word) && !(letter || escaped(3, b"%") || escaped(6, b"\\u"))
}

/// What is looked for in every response.
pub(super) struct EchoGuard(Vec<Echo<'static>>);

impl EchoGuard {
    pub(super) fn new(client_id: &str, client_secret: &str) -> Self {
        let mut echoes = Vec::new();
        if client_secret.len() >= SHORTEST {
            echoes.push(Echo::word(client_secret).into_owned());
        }
        if client_id.len() >= SHORTEST {
            let quoted = format!("\"{client_id}\"");
            echoes.push(Echo { by: "\"[redacted]\"", ..Echo::word(&quoted) }.into_owned());
        }
        Self(echoes)
    }

    /// The body without an echo.
    pub(super) fn clean<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        self.0.iter().fold(Cow::Borrowed(body), |body, echo| match echo.removed_from(&body) {
            None => body,
            Some(clean) => Cow::Owned(clean),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_goes_wherever_it_stands_and_nothing_else_does() {
        let guard = EchoGuard::new("CF123456", "cfsk_s3cret");
        for (body, clean) in [
            (r#"{"status":"cfsk_s3cret"}"#, r#"{"status":"[redacted]"}"#),
            (r#"{"x cfsk_s3cret y":1,"cfsk_s3cret":2}"#, r#"{"x [redacted] y":1,"[redacted]":2}"#),
            (r#"{"status":"CF123456"}"#, r#"{"status":"[redacted]"}"#),
            (r#"{"verification_id":"CF123456_7"}"#, r#"{"verification_id":"CF123456_7"}"#),
            (r#"{"reference_id":9007199254740993}"#, r#"{"reference_id":9007199254740993}"#),
            (
                r#"{"a":"x\ncfsk_s3cret","b":"%3Dcfsk_s3cret","c":"\u003dcfsk_s3cret"}"#,
                r#"{"a":"x\n[redacted]","b":"%3D[redacted]","c":"\u003d[redacted]"}"#,
            ),
            (r#"{"a":"cfsk_s3cret2 2cfsk_s3cret cfsk_s3cret."}"#, r#"{"a":"cfsk_s3cret2 2cfsk_s3cret [redacted]."}"#),
            ("", ""),
        ] {
            assert_eq!(guard.clean(body.as_bytes()), clean.as_bytes(), "{body}");
        }
        assert!(matches!(guard.clean(b"{}"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_secret_that_is_a_part_of_words_leaves_them_alone() {
        let body = br#"{"verification_id":"a","status":"verification"}"#;
        let clean = EchoGuard::new("id", "verification").clean(body).into_owned();
        assert_eq!(clean, br#"{"verification_id":"a","status":"[redacted]"}"#);
    }

    #[test]
    fn short_credentials_are_not_looked_for() {
        assert_eq!(EchoGuard::new("id", "secret").clean(b"\"id\" secret"), b"\"id\" secret".as_slice());
    }
}
