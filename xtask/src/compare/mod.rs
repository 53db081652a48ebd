//! What of an API is on the wire, where two descriptions of it differ, and what each difference means for users of the crate.
//!
//! ```text
//! a document ─ surface ─┐
//!              (schema)  ├─ difference ─▶ Difference ─ rules ─▶ Change: rule, class, step, edit
//! another ─── surface ──┘
//! ```

mod difference;
mod rules;
mod schema;
mod surface;

use cashfree_vkyc_codegen::Spec;

pub(crate) use difference::{Difference, What, compare, operations};
pub(crate) use rules::{Change, Class, RESPONSE_FIELD_REMOVED, Step, judge};
pub(crate) use surface::{Item, Surface, WEBHOOK, WRAPPER, surface};

/// What changed from one spec to another, the worst first. An error says why they cannot be compared.
pub(crate) fn between(old: &Spec, new: &Spec) -> Result<Vec<Change>, String> {
    let (old, new) = (surface(old, None)?, surface(new, None)?);
    let mut differences = compare(&old, &new);
    differences.extend(operations(&old, &new));
    Ok(judge(differences))
}
