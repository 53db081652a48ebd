//! Whether a response is about what was asked: a value that was sent, beside the same value as it came back.

use super::decode::Scalar;
use super::number_or_text::NumberOrText;
use super::sensitive::Sensitive;

/// A value of which a response may hold a copy. `None` when there is none.
pub(crate) trait Correlated {
    fn scalar(&self) -> Option<Scalar<'_>>;
}

/// Whether both are there and differ. A number and a text of its digits do not: Cashfree writes ids as either.
pub(crate) fn mismatch(sent: &impl Correlated, came_back: &impl Correlated) -> bool {
    match (sent.scalar(), came_back.scalar()) {
        (Some(sent), Some(came_back)) => !is_same(sent, came_back),
        _ => false,
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

    #[test]
    fn what_was_sent_and_comes_back_otherwise_is_a_contradiction() {
        let text = |text: &str| Some(text.to_owned());
        assert!(mismatch(&text("a"), &text("b")));
        assert!(mismatch(&text("a"), &text("A")));
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
        assert!(!mismatch(&text("a"), &None::<String>));
        assert!(!mismatch(&None::<i64>, &text("a")));
        assert!(!mismatch(&text("a"), &text("")));
    }
}
