//! The name of a node of a document: a JSON pointer (RFC 6901).

use std::fmt;

/// A JSON pointer: empty for the whole document, else `/step/step`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(pub(super) String);

impl Pointer {
    /// The pointer of the whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The pointer with these steps from the root.
    #[must_use]
    pub fn of<const N: usize>(steps: [&str; N]) -> Self {
        steps.iter().fold(Self::root(), |at, step| at.push(step))
    }

    /// The pointer of a child: a name, escaped as in the RFC, or an index of a list.
    #[must_use]
    pub fn push(&self, step: impl fmt::Display) -> Self {
        Self(format!("{}/{}", self.0, step.to_string().replace('~', "~0").replace('/', "~1")))
    }

    /// The pointer of the parent; `None` for the whole document.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(above, _)| Self(above.to_owned()))
    }
}

impl AsRef<str> for Pointer {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_escaped() {
        assert_eq!(Pointer::of(["paths", "/a~b"]).push(3).as_ref(), "/paths/~1a~0b/3");
        assert_eq!(Pointer::of(["a", "b"]).parent(), Some(Pointer::of(["a"])));
        assert_eq!(Pointer::root().parent(), None);
    }
}
