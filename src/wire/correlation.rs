//! Whether a response is about what was asked: a value that was sent, beside the same value as it came back.

use serde_json::Value;

use super::decode::Scalar;
use super::number_or_text::NumberOrText;
use super::sensitive::Sensitive;

/// A value of which a response may hold a copy. `None` when there is none.
pub(crate) trait Correlated {
    fn scalar(&self) -> Option<Scalar<'_>>;
}

/// How a response relates to one id of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Echo {
    NotSent,
    /// It was sent, and the response does not repeat it.
    Absent,
    /// It was sent, and its copy in the response cannot be read, or differs in case: nobody documents whether that is another id.
    Unclear,
    Same,
    Different,
}

/// How a response relates to the ids of its request, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Correlation {
    /// It repeats one of them and contradicts none, or no id was sent.
    Named,
    /// It repeats none of them, or one unclearly: it may be about anything.
    Unnamed,
    /// It contradicts the id with this name.
    Mismatch(&'static str),
}

/// Compares an id with its copy in the response. A number and the text of its digits are the same: Cashfree writes ids as either.
/// `unreadable` is the copy, if it is no value of its field.
pub(crate) fn echo(sent: &impl Correlated, came_back: &impl Correlated, unreadable: Option<&Value>) -> Echo {
    match (sent.scalar(), came_back.scalar()) {
        (None, _) => Echo::NotSent,
        (Some(_), None) if unreadable.is_some() => Echo::Unclear,
        (Some(_), None) => Echo::Absent,
        (Some(sent), Some(came_back)) if is_same(sent, came_back) => Echo::Same,
        (Some(Scalar::Text(sent)), Some(Scalar::Text(other))) if sent.eq_ignore_ascii_case(other) => Echo::Unclear,
        (Some(_), Some(_)) => Echo::Different,
    }
}

/// Compares all ids of a request, by name, with their copies in the response.
pub(crate) fn correlate<const N: usize>(echoes: [(&'static str, Echo); N]) -> Correlation {
    let is_any = |wanted| echoes.iter().any(|(_, echo)| *echo == wanted);
    match echoes.iter().find(|(_, echo)| *echo == Echo::Different) {
        Some((name, _)) => Correlation::Mismatch(name),
        None if is_any(Echo::Unclear) || is_any(Echo::Absent) && !is_any(Echo::Same) => Correlation::Unnamed,
        None => Correlation::Named,
    }
}

fn is_same(a: Scalar<'_>, b: Scalar<'_>) -> bool {
    match (a, b) {
        (Scalar::Text(text), Scalar::Signed(number)) | (Scalar::Signed(number), Scalar::Text(text)) => {
            text == number.to_string()
        }
        (a, b) => a == b,
    }
}

impl Correlated for str {
    fn scalar(&self) -> Option<Scalar<'_>> {
        // An empty text means "not there", as everywhere on this wire.
        Some(Scalar::Text(self)).filter(|_| !self.is_empty())
    }
}

impl Correlated for String {
    fn scalar(&self) -> Option<Scalar<'_>> {
        self.as_str().scalar()
    }
}

impl Correlated for i64 {
    fn scalar(&self) -> Option<Scalar<'_>> {
        Some(Scalar::Signed(*self))
    }
}

impl Correlated for i32 {
    fn scalar(&self) -> Option<Scalar<'_>> {
        Some(Scalar::Signed((*self).into()))
    }
}

impl Correlated for NumberOrText {
    fn scalar(&self) -> Option<Scalar<'_>> {
        self.as_str().scalar()
    }
}

impl<T: Correlated> Correlated for Option<T> {
    fn scalar(&self) -> Option<Scalar<'_>> {
        self.as_ref()?.scalar()
    }
}

impl<T: Correlated> Correlated for Sensitive<T> {
    fn scalar(&self) -> Option<Scalar<'_>> {
        self.expose().scalar()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mismatch(sent: &impl Correlated, came_back: &impl Correlated) -> bool {
        echo(sent, came_back, None) == Echo::Different
    }

    #[test]
    fn what_was_sent_and_comes_back_otherwise_is_a_contradiction() {
        let text = |text: &str| Some(text.to_owned());
        assert!(mismatch(&text("a"), &text("b")));
        assert_eq!(echo(&text("a1"), &text("A1"), None), Echo::Unclear);
        assert!(mismatch(&Some(7_i64), &Some(8_i64)));
        assert!(mismatch(&Some(7_i64), &text("07")));
        assert!(mismatch(&text("x"), &Some(7_i64)));
        assert!(mismatch(&7_i64, &Some(Sensitive::new(8_i64))));
        assert!(mismatch(&NumberOrText::from(7), &text("8")));
        assert!(mismatch(&NumberOrText::from("b"), &text("a")));
    }

    #[test]
    fn the_same_in_another_form_and_what_is_missing_are_none() {
        let text = |text: &str| Some(text.to_owned());
        assert!(!mismatch(&text("a"), &text("a")));
        assert!(!mismatch(&Some(7_i64), &text("7")));
        assert!(!mismatch(&text("7"), &Some(Sensitive::new(7_i64))));
        assert!(!mismatch(&Some(-7_i32), &Some(-7_i64)));
        assert!(!mismatch(&NumberOrText::from(7), &Some(7_i64)));
        assert!(!mismatch(&Some(Sensitive::new(NumberOrText::from("7"))), &Some(NumberOrText::from(7))));
    }

    #[test]
    fn a_response_names_one_id_that_was_sent_and_contradicts_none() {
        let (sent, absent) = (Some("a".to_owned()), None::<String>);
        assert_eq!(echo(&sent, &absent, None), Echo::Absent);
        assert_eq!(echo(&sent, &absent, Some(&Value::Bool(true))), Echo::Unclear);
        assert_eq!(echo(&sent, &Some(String::new()), None), Echo::Absent);
        assert_eq!(echo(&None::<i64>, &sent, None), Echo::NotSent);
        let all = [Echo::NotSent, Echo::Absent, Echo::Unclear, Echo::Same, Echo::Different];
        for (a, b) in all.iter().flat_map(|a| all.map(|b| (*a, b))) {
            let expected = match (a, b) {
                (Echo::Different, _) => Correlation::Mismatch("a"),
                (_, Echo::Different) => Correlation::Mismatch("b"),
                (Echo::Unclear, _) | (_, Echo::Unclear) => Correlation::Unnamed,
                (Echo::Same, _) | (_, Echo::Same) | (Echo::NotSent, Echo::NotSent) => Correlation::Named,
                _ => Correlation::Unnamed,
            };
            assert_eq!(correlate([("a", a), ("b", b)]), expected, "{a:?} {b:?}");
        }
    }
}
