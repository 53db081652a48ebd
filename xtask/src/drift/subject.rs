//! What a page is about, and what of that is ours.
//!
//! ```text
//! text ─ page ─▶ Subject: the operations it speaks of ─┬─▶ ours: their surface, to be compared
//!                                                      ├─▶ one of its own beside ours: it is new
//!                                                      └─▶ one where ours should be: renamed, so nothing is compared
//! ```

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::Spec;

use super::page;
use crate::compare::{Difference, Surface, WEBHOOK, What, names, operation_name, operations, surface};

/// A page, read.
pub(super) struct Subject {
    document: Spec,
    /// The operations and webhooks that it speaks of.
    pub(super) names: BTreeSet<String>,
    /// Whether it is the page of one operation, and says nothing of others.
    is_of_one: bool,
}

/// What a page says of our operations.
pub(super) struct Described {
    pub(super) surface: Surface,
    /// Operations that only one side has.
    pub(super) others: Vec<Difference>,
    /// What is worth a look all the same.
    pub(super) hints: Vec<String>,
}

/// Which page one of our operations is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageOwner {
    /// The page at hand was on record for it.
    Here,
    Elsewhere,
    Unknown,
}

impl Subject {
    /// Reads a page; `name` is what messages call it.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, String> {
        let page = page::read(name, text)?;
        let all = names(&page.document)?;
        let only = page.only.map(|(method, path)| operation_name(&method, &path));
        if let Some(operation) = only.as_ref().filter(|operation| !all.contains(*operation)) {
            return Err(format!("the page is about `{operation}`, and its OpenAPI block does not hold that"));
        }
        let is_of_one = only.is_some();
        let names = only.map_or(all, |operation| BTreeSet::from([operation]));
        Ok(Self { document: page.document, names, is_of_one })
    }

    /// What it says of our operations. What it says of others is none of ours, and is not looked at. `owner` tells of one of ours
    /// which page is its page.
    pub(super) fn described(&self, ours: &Surface, owner: impl Fn(&str) -> PageOwner) -> Result<Described, String> {
        let ours: BTreeSet<String> = ours.keys().cloned().collect();
        if let Err((failure, likely)) = in_common(&ours, &self.names, |name| owner(name) == PageOwner::Here) {
            return match likely {
                Some(likely) if self.is_of_one && owner(likely) == PageOwner::Elsewhere => Ok(self.beside(likely)),
                _ => Err(failure),
            };
        }
        let surface = surface(&self.document, |name| ours.contains(name) && self.names.contains(name))?;
        let mut others = operations(&ours, &self.names);
        others.retain(|difference| !self.is_of_one && is_news(&ours, difference));
        let webhooks = self.webhooks(&ours);
        let hint = || format!("not compared, since ours have other names: {}", webhooks.join(", "));
        let hints = (!webhooks.is_empty()).then(hint).into_iter().collect();
        Ok(Described { surface, others, hints })
    }

    /// Its one operation as one that we do not have, where the likeliest of ours has a page of its own.
    fn beside(&self, likely: &str) -> Described {
        let hint = |name| format!("{name}: not in our spec; `{likely}`, which is most like it, has a page of its own");
        Described {
            surface: Surface::new(),
            others: operations(&BTreeSet::new(), &self.names),
            hints: self.names.iter().map(hint).collect(),
        }
    }

    /// Webhooks that are not in our spec, where ours are not on the page.
    fn webhooks(&self, ours: &BTreeSet<String>) -> Vec<&str> {
        let are_ours_there = ours.difference(&self.names).all(|name| is_an_operation(name));
        let theirs = self.names.iter().filter(|name| !ours.contains(*name) && !is_an_operation(name));
        theirs.filter(|_| !are_ours_there).map(String::as_str).collect()
    }
}

/// Whether there is anything to compare; else why not, and the operation of ours that was likely meant: one that was on this page,
/// if any was.
pub(super) fn in_common<'a>(
    ours: &'a BTreeSet<String>,
    theirs: &BTreeSet<String>,
    was_here: impl Fn(&str) -> bool,
) -> Result<(), (String, Option<&'a str>)> {
    if ours.iter().any(|name| theirs.contains(name)) {
        return Ok(());
    }
    let pairs = theirs.iter().flat_map(|theirs| ours.iter().map(move |ours| (theirs, ours)));
    let likeness = |(theirs, ours): (&String, &String)| (was_here(ours), strsim::jaro_winkler(theirs, ours));
    let likely = pairs.max_by(|a, b| {
        let (a, b) = (likeness(*a), likeness(*b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let Some((theirs, ours)) = likely else { return Err(("there is no operation to compare".into(), None)) };
    let is_same_path = theirs.split(' ').nth(1) == ours.split(' ').nth(1);
    let what = if is_same_path { "method changed" } else { "path renamed" };
    let failure = format!(
        "no operation of the page is in our spec; `{theirs}` is likely our `{ours}` ({what}?): correct `paths` in the spec, or take another page"
    );
    Err((failure, Some(ours)))
}

/// Whether an operation that only one side has is news: ours that a page of many does not have, and theirs that stand near
/// ours. The many others of Cashfree's are none of ours, and what is ours alone stands on no page.
fn is_news(ours: &BTreeSet<String>, difference: &Difference) -> bool {
    let stem = |name: &str| name.split('/').nth(1).unwrap_or_default().to_owned();
    let name = &difference.operation;
    match difference.what {
        What::Removed => is_an_operation(name),
        _ => is_an_operation(name) && ours.iter().any(|ours| stem(ours) == stem(name)),
    }
}

/// Whether a name is that of an operation, which a page may describe; webhooks stand on pages of their own.
pub(super) fn is_an_operation(name: &str) -> bool {
    !name.starts_with(WEBHOOK)
}
