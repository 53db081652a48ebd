//! Compares the ids of a request with their copies in the response, to detect a response about something else.

use std::borrow::Cow;

use serde_json::Value;

use super::decode::Scalar;
use super::number_or_text::NumberOrText;
use super::sensitive::Sensitive;

/// A value that a response may repeat. `scalar` is `None` if the value is absent.
pub(crate) trait Correlated {
    fn scalar(&self) -> Option<Scalar<'_>>;
}

/// How a response relates to one id of its request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Echo {
    NotSent,
    /// The id was sent, and the response does not repeat it.
    Absent,
    /// The id was sent, and its copy is unreadable or differs only in case. Cashfree does not document whether case matters.
    Unclear,
    Same,
    /// The response has a different id, which may be another customer's.
    Different(Sensitive<String>),
}

/// How a response relates to all ids of its request.
#[derive(Debug, PartialEq)]
pub(crate) enum Correlation {
    /// The response repeats at least one id and contradicts none, or no id was sent.
    Named,
    /// The response repeats no id, or a copy is unclear, so its subject is unknown.
    Unnamed,
    /// The response has a different value for the id with this name.
    Mismatch(&'static str, Sensitive<String>),
}

/// The correlation of a list, from those of its items. An empty list contradicts nothing.
impl FromIterator<Correlation> for Correlation {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        let mut whole = Self::Named;
        for item in items {
            match item {
                Self::Named => {}
                Self::Unnamed => whole = item,
                Self::Mismatch(..) => return item,
            }
        }
        whole
    }
}

/// Compares an id with its copy in the response. A number equals the text of its digits, because Cashfree writes ids as either.
/// `unreadable` is the copy if it could not be decoded.
pub(crate) fn echo(sent: &impl Correlated, came_back: &impl Correlated, unreadable: Option<&Value>) -> Echo {
    match (sent.scalar(), came_back.scalar()) {
        (None, _) => Echo::NotSent,
        (Some(_), None) if unreadable.is_some() => Echo::Unclear,
        (Some(_), None) => Echo::Absent,
        (Some(sent), Some(came_back)) if is_same(sent, came_back) => Echo::Same,
        (Some(Scalar::Text(sent)), Some(Scalar::Text(other))) if sent.eq_ignore_ascii_case(other) => Echo::Unclear,
        (Some(_), Some(other)) => Echo::Different(Sensitive::new(canonical(other).into_owned())),
    }
}

/// Compares all ids of a request, by name, with their copies in the response.
pub(crate) fn correlate<const N: usize>(echoes: [(&'static str, Echo); N]) -> Correlation {
    let (mut is_named, mut is_unnamed, mut is_unclear) = (false, false, false);
    for (name, echo) in echoes {
        match echo {
            Echo::NotSent => {}
            Echo::Absent => is_unnamed = true,
            Echo::Unclear => is_unclear = true,
            Echo::Same => is_named = true,
            Echo::Different(other) => return Correlation::Mismatch(name, other),
        }
    }
    if is_unclear || is_unnamed && !is_named { Correlation::Unnamed } else { Correlation::Named }
}

/// Returns an id as text, the same for a number and for its digits. `None` if it is absent.
pub(crate) fn sent_id(id: &impl Correlated) -> Option<Cow<'_, str>> {
    id.scalar().map(canonical)
}

fn canonical(scalar: Scalar<'_>) -> Cow<'_, str> {
    match scalar {
        Scalar::Text(text) => text.into(),
        Scalar::Signed(number) => number.to_string().into(),
        other => serde_json::Value::from(other).to_string().into(),
    }
}

fn is_same(a: Scalar<'_>, b: Scalar<'_>) -> bool {
    a == b || canonical(a) == canonical(b)
}

impl Correlated for str {
    fn scalar(&self) -> Option<Scalar<'_>> {
        // An empty text means "absent", as everywhere in this API.
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
        matches!(echo(sent, came_back, None), Echo::Different(_))
    }

    #[test]
    fn a_different_copy_of_an_id_is_a_mismatch() {
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
    fn an_equal_or_absent_copy_is_not_a_mismatch() {
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
        let others = |id: &str| Sensitive::new(id.to_owned());
        let all = [Echo::NotSent, Echo::Absent, Echo::Unclear, Echo::Same, Echo::Different(others("x"))];
        for (a, b) in all.iter().flat_map(|a| all.clone().map(|b| (a.clone(), b))) {
            let expected = match (&a, &b) {
                (Echo::Different(_), _) => Correlation::Mismatch("a", others("x")),
                (_, Echo::Different(_)) => Correlation::Mismatch("b", others("x")),
                (Echo::Unclear, _) | (_, Echo::Unclear) => Correlation::Unnamed,
                (Echo::Same, _) | (_, Echo::Same) | (Echo::NotSent, Echo::NotSent) => Correlation::Named,
                _ => Correlation::Unnamed,
            };
            let what = format!("{a:?} {b:?}");
            assert_eq!(correlate([("a", a), ("b", b)]), expected, "{what}");
        }
    }

    #[test]
    fn an_id_is_compared_as_text() {
        assert_eq!(sent_id(&-7_i32).as_deref(), Some("-7"));
        assert_eq!(sent_id(&7_i64).as_deref(), Some("7"));
        assert_eq!(sent_id(&Some("a".to_owned())).as_deref(), Some("a"));
        assert_eq!(sent_id(&String::new()), None);
    }

    #[test]
    fn a_list_names_the_ids_if_each_item_does() {
        let mismatch = || Correlation::Mismatch("a", Sensitive::new("x".to_owned()));
        for (items, whole) in [
            (vec![], Correlation::Named),
            (vec![Correlation::Named, Correlation::Named], Correlation::Named),
            (vec![Correlation::Unnamed, Correlation::Named], Correlation::Unnamed),
            (vec![Correlation::Unnamed, mismatch(), Correlation::Named], mismatch()),
        ] {
            assert_eq!(items.into_iter().collect::<Correlation>(), whole);
        }
    }
}
