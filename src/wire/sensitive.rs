//! Values that must not be printed: personal data, links that open a session, remarks about a customer.
//!
//! `x-sensitive: true` in the spec makes a text field a [`Sensitive`]. It serialises its real value, because storing the data is
//! the caller's decision. It never prints, because logs leak data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::decode::{Lenient, Scalar};
use super::printed::Name;
use super::secrets::REDACTED;

/// A value that `Debug` shows as `[redacted]`.
///
/// ```
/// use cashfree_vkyc::Sensitive;
///
/// let link = Sensitive::new("https://forms.cashfree.com/verification/M8go0i1k9fvg".to_owned());
/// assert_eq!(format!("{link:?}"), "[redacted]");
/// assert!(link.expose().starts_with("https://"));
/// assert_eq!(serde_json::to_string(&link)?, r#""https://forms.cashfree.com/verification/M8go0i1k9fvg""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// It has no `Display`, because `.to_string()` in a message to the customer would send `[redacted]`. Use `expose()` there, and
/// `{:?}` in a log.
///
/// ```compile_fail,E0277
/// let link = cashfree_vkyc::Sensitive::new("https://forms.cashfree.com/verification/M8go0i1k9fvg".to_owned());
/// println!("Please open {link}");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(transparent, inline))]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value. The caller is responsible for where it goes.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Returns the value, unwrapped.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&String> for Sensitive<String> {
    fn from(value: &String) -> Self {
        Self(value.clone())
    }
}

impl From<&str> for Sensitive<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T: Lenient> Lenient for Sensitive<T> {
    const EXPECTS: &'static str = T::EXPECTS;

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        T::from_scalar(scalar).map(Self)
    }
}

/// Returns a link without its query, which holds the signature.
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "watches compare by it"))]
pub(crate) fn without_query(link: &Option<Sensitive<String>>) -> Option<&str> {
    link.as_ref().map(|link| link.expose().split('?').next().unwrap_or_default())
}

/// Replaces a value in `Debug`.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// `Debug` for a JSON map: its keys without the values.
pub(crate) struct NamesOnly<'a>(pub(crate) &'a serde_json::Map<String, serde_json::Value>);

impl fmt::Debug for NamesOnly<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (Name(name), Redacted))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Detects `Display`: a call of `is_display` picks the inherent method if `T` has it, else the trait's.
    struct Probe<T>(std::marker::PhantomData<T>);

    trait Otherwise {
        fn is_display(&self) -> bool {
            false
        }
    }

    impl<T> Otherwise for Probe<T> {}

    impl<T: fmt::Display> Probe<T> {
        #[allow(clippy::unused_self, reason = "as the method of the trait")]
        fn is_display(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_sensitive_value_has_no_text_that_could_be_sent_by_mistake() {
        assert!(Probe::<String>(std::marker::PhantomData).is_display(), "the probe works");
        assert!(!Probe::<Sensitive<String>>(std::marker::PhantomData).is_display());
        assert!(!Probe::<Sensitive<i64>>(std::marker::PhantomData).is_display());
    }
}
