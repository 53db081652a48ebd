//! Takes a client's own credentials out of an answer before it is decoded, should a server echo them: as an unknown status, or
//! as the name of a field, they would be printed.
//!
//! Short ones are left alone, since they may stand in harmless texts; the id goes only where it is a whole text, since it may be a part
//! of the merchant's own ids. `Response::raw_body` keeps what came.

use std::borrow::Cow;

use memchr::memmem::Finder;

/// Shorter credentials than this are not looked for.
const SHORTEST: usize = 8;

/// What is looked for, and what takes its place.
pub(super) struct EchoGuard(Vec<(Finder<'static>, &'static [u8])>);

impl EchoGuard {
    pub(super) fn new(client_id: &str, client_secret: &str) -> Self {
        let secret = (client_secret.to_owned(), b"[redacted]".as_slice(), client_secret.len());
        let id = (format!("\"{client_id}\""), b"\"[redacted]\"".as_slice(), client_id.len());
        let long = [secret, id].into_iter().filter(|(.., length)| *length >= SHORTEST);
        Self(long.map(|(text, by, _)| (Finder::new(text.as_bytes()).into_owned(), by)).collect())
    }

    /// The body without an echo.
    pub(super) fn clean<'a>(&self, body: &'a [u8]) -> Cow<'a, [u8]> {
        self.0.iter().fold(Cow::Borrowed(body), |body, (finder, by)| match finder.find(&body) {
            None => body,
            Some(_) => Cow::Owned(replace(&body, finder, by)),
        })
    }
}

fn replace(body: &[u8], finder: &Finder<'_>, by: &[u8]) -> Vec<u8> {
    let (mut clean, mut rest) = (Vec::with_capacity(body.len()), body);
    while let Some((before, found)) = finder.find(rest).and_then(|at| rest.split_at_checked(at)) {
        clean.extend_from_slice(before);
        clean.extend_from_slice(by);
        rest = found.get(finder.needle().len()..).unwrap_or_default();
    }
    clean.extend_from_slice(rest);
    clean
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
            ("", ""),
        ] {
            assert_eq!(guard.clean(body.as_bytes()), clean.as_bytes(), "{body}");
        }
        assert!(matches!(guard.clean(b"{}"), Cow::Borrowed(_)));
    }

    #[test]
    fn short_credentials_are_not_looked_for() {
        assert_eq!(EchoGuard::new("id", "secret").clean(b"\"id\" secret"), b"\"id\" secret".as_slice());
    }
}
