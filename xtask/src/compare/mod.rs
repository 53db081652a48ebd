//! The surface of an API, the differences between two surfaces, and the effect of each difference on users of the crate.
//!
//! ```text
//! a document ─ surface ─┐
//!              (schema)  ├─ difference ─▶ Difference ─ rules ─▶ Change: rule, class, step, edit ─ group ─▶ with its places
//! another ─── surface ──┘
//! ```
//!
//! `keywords` decides which keywords are compared, which are ignored, and which are reported as not understood. `place` is the
//! grammar of the names in a surface.

mod difference;
mod keywords;
mod place;
mod rules;
mod schema;
mod surface;

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::Spec;

pub(crate) use difference::{Difference, What, compare, operations};
pub(crate) use keywords::table as keywords_table;
pub(crate) use place::OPERATION;
pub(crate) use rules::{Bump, Change, Class, Rule, grouped, judge};
pub(crate) use surface::{Item, Items, Surface, WEBHOOK, lifecycle, name as operation_name, names, surface};

/// The name of the wrapper's own items, in place of an operation's name.
const WRAPPER: &str = "the SDK";

/// The name of the states on a page that describes nothing else.
pub(crate) const LIFECYCLE: &str = "x-lifecycle";

/// The changes from one spec to another: the most severe first, each with all its places. An error says why they cannot be
/// compared.
pub(crate) fn between(old: &Spec, new: &Spec) -> Result<Vec<Change>, String> {
    Ok(grouped(judge(differences(&whole(old)?, &whole(new)?))))
}

/// All differences, including added and removed operations.
fn differences(old: &Surface, new: &Surface) -> Vec<Difference> {
    let names = |surface: &Surface| surface.keys().cloned().collect::<BTreeSet<_>>();
    let mut differences = compare(old, new);
    differences.extend(operations(&names(old), &names(new)));
    differences
}

/// The surface of one of our own specs, with the items of the wrapper.
fn whole(spec: &Spec) -> Result<Surface, String> {
    let mut found = surface(spec, |_| true)?;
    found.insert(WRAPPER.to_owned(), surface::wrapper(spec));
    Ok(found)
}
