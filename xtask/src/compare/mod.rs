//! What of an API is on the wire, where two descriptions of it differ, and what each difference means for users of the crate.
//!
//! ```text
//! a document ─ surface ─┐
//!              (schema)  ├─ difference ─▶ Difference ─ rules ─▶ Change: rule, class, step, edit ─ group ─▶ with its places
//! another ─── surface ──┘
//! ```
//!
//! `keywords` is the list by which it is decided what is compared, what means nothing, and what is told as not understood;
//! `place` is the grammar of the names of what is on the wire.

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
pub(crate) use rules::{Bump, Change, Class, grouped, judge};
pub(crate) use surface::{Item, Items, Surface, WEBHOOK, lifecycle, name as operation_name, names, surface};

/// The name under which stands what the wrapper makes of the API, where that of an operation would.
const WRAPPER: &str = "the SDK";

/// The name under which stand the states of a page that describes nothing else.
pub(crate) const LIFECYCLE: &str = "x-lifecycle";

/// What changed from one spec to another, the worst first, each change with all its places. An error says why they cannot be
/// compared.
pub(crate) fn between(old: &Spec, new: &Spec) -> Result<Vec<Change>, String> {
    Ok(grouped(judge(differences(&whole(old)?, &whole(new)?))))
}

/// The differences in everything, operations that came or went among them.
fn differences(old: &Surface, new: &Surface) -> Vec<Difference> {
    let names = |surface: &Surface| surface.keys().cloned().collect::<BTreeSet<_>>();
    let mut differences = compare(old, new);
    differences.extend(operations(&names(old), &names(new)));
    differences
}

/// The surface of one of our own specs, with what the wrapper makes of the API.
fn whole(spec: &Spec) -> Result<Surface, String> {
    let mut found = surface(spec, |_| true)?;
    found.insert(WRAPPER.to_owned(), surface::wrapper(spec));
    Ok(found)
}
