//! What a page is about, and what of that is ours.
//!
//! ```text
//! text ─ page ─▶ Subject: the operations it speaks of ─┬─▶ ours: their surface, to be compared
//!                                                      ├─▶ one of its own beside ours: it is new
//!                                                      └─▶ one where ours should be: renamed, so nothing is compared
//! ```

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use cashfree_vkyc_codegen::Spec;

use super::page;
use crate::compare::{Difference, Surface, WEBHOOK, What, names, operation_name, operations, surface};
use crate::fetch;
use crate::published::Published;

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
        let (document, only) = page::read(name, text)?;
        let all = names(&document)?;
        let only = only.map(|(method, path)| operation_name(&method, &path));
        if let Some(operation) = only.as_ref().filter(|operation| !all.contains(*operation)) {
            return Err(format!("the page is about `{operation}`, and its OpenAPI block does not hold that"));
        }
        let is_of_one = only.is_some();
        let names = only.map_or(all, |operation| BTreeSet::from([operation]));
        Ok(Self { document, names, is_of_one })
    }

    /// What it says of our operations. What it says of others is none of ours, and is not looked at. `owner` tells of one of ours
    /// which page is its page.
    pub(super) fn described(&self, ours: &Surface, owner: impl Fn(&str) -> PageOwner) -> Result<Described, String> {
        let ours: BTreeSet<String> = ours.keys().cloned().collect();
        if let Err((failure, likely)) = in_common(&ours, &self.names, |name| owner(name) == PageOwner::Here) {
            let likely =
                likely.filter(|likely| self.is_of_one && owner(likely) == PageOwner::Elsewhere).ok_or(failure)?;
            // Its one operation is one that we do not have, since the likeliest of ours has a page of its own.
            let what = format!("not in our spec; `{likely}`, which is most like it, has a page of its own");
            let hints = self.names.iter().map(|name| format!("{name}: {what}")).collect();
            let others = operations(&BTreeSet::new(), &self.names);
            return Ok(Described { surface: Surface::new(), others, hints });
        }
        let surface = surface(&self.document, |name| ours.contains(name) && self.names.contains(name))?;
        let mut others = operations(&ours, &self.names);
        others.retain(|difference| !self.is_of_one && is_news(&ours, difference));
        // Webhooks that are not in our spec, where ours are not on the page.
        let are_ours_there = ours.difference(&self.names).all(|name| is_an_operation(name));
        let theirs = self.names.difference(&ours).filter(|name| !are_ours_there && !is_an_operation(name));
        let theirs: Vec<&str> = theirs.map(String::as_str).collect();
        let hint = || format!("not compared, since ours have other names: {}", theirs.join(", "));
        let hints = (!theirs.is_empty()).then(hint).into_iter().collect();
        Ok(Described { surface, others, hints })
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
    let was_here = &was_here;
    let pairs = theirs.iter().flat_map(|theirs| {
        ours.iter().map(move |ours| (was_here(ours), strsim::jaro_winkler(theirs, ours), theirs, ours))
    });
    let likely = pairs.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let Some((.., theirs, ours)) = likely else { return Err(("there is no operation to compare".into(), None)) };
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

/// The ends of the names of files that are pages.
const PAGES: [&str; 4] = ["json", "md", "yaml", "yml"];

/// A page of a run, or why it cannot be read.
pub(super) struct Page {
    /// As it was asked for, which is what goes on record.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) subject: Result<Subject, String>,
}

impl Page {
    /// Reads what a person asked to compare with.
    pub(super) fn fetch(name: String, timeout: Duration) -> Self {
        match fetch::read(&name, timeout) {
            Ok(text) => Self::of(name, text),
            Err(failure) => Self { name, text: String::new(), subject: Err(failure) },
        }
    }

    /// A page whose text is at hand.
    pub(super) fn of(name: String, text: String) -> Self {
        Self { subject: Subject::read(&name, &text), name, text }
    }

    /// Whether it speaks of an operation.
    fn is_about(&self, operation: &str) -> bool {
        self.subject.as_ref().is_ok_and(|subject| subject.names.contains(operation))
    }
}

/// The pages that a person asked for, with the pages in a folder in place of the folder.
pub(super) fn listed(asked: &[String]) -> Result<Vec<String>, String> {
    let cannot = |name: &str, error| format!("{name}: the folder cannot be read: {error}");
    let pages = asked.iter().map(|name| match Path::new(name).is_dir() {
        true => in_folder(name).map_err(|error| cannot(name, error)),
        false => Ok(vec![name.clone()]),
    });
    Ok(pages.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The pages in a folder, in the order of their names; not those in folders within it.
fn in_folder(folder: &str) -> std::io::Result<Vec<String>> {
    let is_named =
        |path: &Path| path.extension().is_some_and(|end| PAGES.iter().any(|page| end.eq_ignore_ascii_case(page)));
    let paths = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let paths = paths.collect::<std::io::Result<Vec<_>>>()?;
    let pages = paths.iter().filter(|path| path.is_file() && is_named(path));
    let mut found: Vec<String> = pages.map(|path| path.to_string_lossy().into_owned()).collect();
    found.sort();
    // An empty comparison would pass for "no change".
    if found.is_empty() { Err(std::io::Error::other("there is no page in this folder")) } else { Ok(found) }
}

/// Which page one of our operations has, as seen from the page with this name: another page of the same run, or one on record.
pub(super) fn owner(pages: &[Page], published: &Published, name: &str, operation: &str) -> PageOwner {
    let source = published.pages.get(operation);
    match source.map(|source| is_same_page(&source.source, name)) {
        _ if pages.iter().any(|page| page.name != name && page.is_about(operation)) => PageOwner::Elsewhere,
        Some(true) => PageOwner::Here,
        Some(false) => PageOwner::Elsewhere,
        None => PageOwner::Unknown,
    }
}

/// Whether two names are of one page: a page keeps the end of its address, be it a copy, a branch or a transcript. What comes
/// from standard input may be any.
fn is_same_page(one: &str, other: &str) -> bool {
    let end = |name: &str| {
        let whole = name.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        whole.rsplit('/').next().unwrap_or_default().trim_end_matches(".md").to_owned()
    };
    [one, other].contains(&"-") || end(one) == end(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_the_pages_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let asked = [at("x.md"), folder.path().to_str().unwrap().to_owned(), "-".to_owned()];
        assert!(listed(&asked).unwrap_err().contains("there is no page in this folder"));
        for name in ["b.md", "a.yaml", "c.json", "d.YML", "e.txt", "README", ".md"] {
            std::fs::write(at(name), "").unwrap();
        }
        std::fs::create_dir(at("within.md")).unwrap();
        assert_eq!(
            listed(&asked).unwrap(),
            [at("x.md"), at("a.yaml"), at("b.md"), at("c.json"), at("d.YML"), "-".into()]
        );
    }

    #[test]
    fn a_page_is_known_by_the_end_of_its_address() {
        let here = "spec/pages/get-user.md";
        for same in ["https://h.example/docs/get-user.md", "https://h.example/get-user/?x=1#top", "get-user", "-", here]
        {
            assert!(is_same_page(here, same) && is_same_page(same, here), "{same}");
        }
        for other in ["https://h.example/docs/add-user.md", "get-user-2.md", "page.md", ""] {
            assert!(!is_same_page(here, other), "{other}");
        }
    }
}
