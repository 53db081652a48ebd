//! What a rule says of a difference: its name, its class, the semver step, and what to edit.

use std::fmt;

/// How bad a difference is for users of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Compatible,
    Risky,
    Breaking,
}

/// The semver step that a change asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bump {
    Patch,
    Minor,
    Major,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

/// The rule about a field of an answer that is no longer there.
pub(crate) const RESPONSE_FIELD_REMOVED: &str = "response-field-removed";

pub(super) type Verdict = (&'static str, Class, Bump, &'static str);

/// Calls fail, or code no longer compiles.
pub(super) const fn breaking(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Breaking, Bump::Major, edit)
}

/// Something that was relied upon may differ.
pub(super) const fn risky(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Risky, Bump::Minor, edit)
}

/// There is something to add, and nothing that worked stops working.
pub(super) const fn addition(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Compatible, Bump::Minor, edit)
}

pub(super) const fn compatible(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Compatible, Bump::Patch, edit)
}

/// What nobody has a rule for.
pub(super) const NOT_UNDERSTOOD: Verdict =
    risky("not-understood", "read the page, then change the spec or record a deviation");
