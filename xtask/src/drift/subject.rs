//! The subject of a page, and its overlap with our operations.
//!
//! ```text
//! text ─ page ─▶ Subject: the operations on the page ─┬─▶ ours: their surface, to be compared
//!                                                     ├─▶ another operation beside ours: it is new
//!                                                     └─▶ another operation, ours is missing: renamed, nothing is compared
//! ```

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use cashfree_vkyc_codegen::Spec;

use super::page;
use crate::compare::{Difference, Surface, WEBHOOK, What, names, operation_name, operations, surface};
use crate::fetch;
use crate::published::Published;

/// A page after reading.
pub(super) struct Subject {
    document: Spec,
    /// Its operations and webhooks.
    pub(super) names: BTreeSet<String>,
    /// Whether it is the page of one operation.
    is_of_one: bool,
}

/// A page's description of our operations.
pub(super) struct Described {
    pub(super) surface: Surface,
    /// Operations that only one side has.
    pub(super) others: Vec<Difference>,
    /// Hints to read although nothing differs.
    pub(super) hints: Vec<String>,
}

impl Subject {
    /// Reads a page; messages call it `name`.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, String> {
        let (document, only) = page::read(name, text)?;
        let all = names(&document)?;
        let only = only.map(|(method, path)| operation_name(&method, &path));
        if let Some(operation) = only.as_ref().filter(|operation| !all.contains(*operation)) {
            return Err(format!("the page is about `{operation}`, but its OpenAPI block does not describe it"));
        }
        let is_of_one = only.is_some();
        let names = only.map_or(all, |operation| BTreeSet::from([operation]));
        Ok(Self { document, names, is_of_one })
    }

    /// The page's description of our operations; other operations are ignored. `is_here` says whether this page belongs to one of
    /// our operations, if that is known.
    pub(super) fn described(
        &self,
        ours: &Surface,
        is_here: impl Fn(&str) -> Option<bool>,
    ) -> Result<Described, String> {
        let ours: BTreeSet<String> = ours.keys().cloned().collect();
        if let Err((failure, likely)) = in_common(&ours, &self.names, |name| is_here(name) == Some(true)) {
            let likely = likely.filter(|likely| self.is_of_one && is_here(likely) == Some(false)).ok_or(failure)?;
            // The page's only operation is not ours: our most similar operation has another page.
            let what = format!("not in our spec; the most similar operation, `{likely}`, has another page");
            let hints = self.names.iter().map(|name| format!("{name}: {what}")).collect();
            let others = operations(&BTreeSet::new(), &self.names);
            return Ok(Described { surface: Surface::new(), others, hints });
        }
        let surface = surface(&self.document, |name| ours.contains(name) && self.names.contains(name))?;
        let mut others = operations(&ours, &self.names);
        others.retain(|difference| !self.is_of_one && is_news(&ours, difference));
        // Webhooks that are not in our spec, on a page without ours.
        let are_ours_there = ours.difference(&self.names).all(|name| is_an_operation(name));
        let theirs = self.names.difference(&ours).filter(|name| !are_ours_there && !is_an_operation(name));
        let theirs: Vec<&str> = theirs.map(String::as_str).collect();
        let hint = || format!("not compared, because ours have other names: {}", theirs.join(", "));
        let hints = (!theirs.is_empty()).then(hint).into_iter().collect();
        Ok(Described { surface, others, hints })
    }
}

/// Whether there is anything to compare. Otherwise the reason, and our operation that the page probably means, preferably
/// one that was on this page before.
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

/// Whether an operation that only one side has is news: ours that is missing on a page of many, or theirs on a path near ours.
/// Cashfree has many unrelated operations, and some in our spec are unpublished.
fn is_news(ours: &BTreeSet<String>, difference: &Difference) -> bool {
    let stem = |name: &str| name.split('/').nth(1).unwrap_or_default().to_owned();
    let name = &difference.operation;
    match difference.what {
        What::Removed => is_an_operation(name),
        _ => is_an_operation(name) && ours.iter().any(|ours| stem(ours) == stem(name)),
    }
}

/// Whether a name belongs to an operation. Webhooks are on other pages.
pub(super) fn is_an_operation(name: &str) -> bool {
    !name.starts_with(WEBHOOK)
}

/// The file extensions of pages.
const PAGES: [&str; 4] = ["json", "md", "yaml", "yml"];

/// A page of a run, or the reason why it cannot be read.
pub(super) struct Page {
    /// The name that the user typed, which goes on record.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) subject: Result<Subject, String>,
}

impl Page {
    /// Reads a page that the user named.
    pub(super) fn fetch(name: String, timeout: Duration) -> Self {
        match fetch::read(&name, timeout) {
            Ok(text) => Self::of(name, text),
            Err(failure) => Self { name, text: String::new(), subject: Err(failure) },
        }
    }

    /// A page with known text.
    pub(super) fn of(name: String, text: String) -> Self {
        Self { subject: Subject::read(&name, &text), name, text }
    }

    /// Whether it describes an operation.
    fn is_about(&self, operation: &str) -> bool {
        self.subject.as_ref().is_ok_and(|subject| subject.names.contains(operation))
    }
}

/// The pages that the user named, with each folder replaced by the pages in it, by name and without subfolders.
pub(super) fn listed(asked: &[String]) -> Result<Vec<String>, String> {
    let is_page = |path: &Path| {
        path.is_file() && path.extension().is_some_and(|end| PAGES.iter().any(|page| end.eq_ignore_ascii_case(page)))
    };
    let mut found = Vec::new();
    for name in asked {
        // A name that is no folder is one page, perhaps an address.
        let Ok(folder) = std::fs::read_dir(name) else {
            found.push(name.clone());
            continue;
        };
        let paths: std::io::Result<Vec<_>> = folder.map(|entry| Ok(entry?.path())).collect();
        let paths = paths.map_err(|error| format!("{name}: the folder cannot be read: {error}"))?;
        let pages = paths.iter().filter(|path| is_page(path)).map(|path| path.to_string_lossy().into_owned());
        let mut pages: Vec<String> = pages.collect();
        // An empty comparison would look like "no change".
        if pages.is_empty() {
            return Err(format!("{name}: there is no page in this folder"));
        }
        pages.sort();
        found.append(&mut pages);
    }
    Ok(found)
}

/// Whether the page with this name belongs to one of our operations, by the other pages of the run and by the record. `None` if
/// neither knows.
pub(super) fn is_its_page(pages: &[Page], published: &Published, name: &str, operation: &str) -> Option<bool> {
    let is_elsewhere = pages.iter().any(|page| page.name != name && page.is_about(operation));
    let recorded = published.pages.get(operation).map(|source| is_same_page(&source.source, name));
    if is_elsewhere { Some(false) } else { recorded }
}

/// Whether two names mean the same page: a copy, a branch and a transcript keep the end of its address. Standard input may be any
/// page.
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
