//! The pages of one run: which those are, what each is about, and which page each of our operations has.

use std::path::Path;
use std::time::Duration;

use super::subject::{PageOwner, Subject};
use crate::fetch;
use crate::published::Published;

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
    let mut found = Vec::new();
    for name in asked {
        match Path::new(name).is_dir() {
            true => {
                found.extend(in_folder(name).map_err(|error| format!("{name}: the folder cannot be read: {error}"))?)
            }
            false => found.push(name.clone()),
        }
    }
    Ok(found)
}

/// The pages in a folder, in the order of their names; not those in folders within it.
fn in_folder(folder: &str) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_page = path.extension().is_some_and(|end| PAGES.iter().any(|page| end.eq_ignore_ascii_case(page)));
        if is_page && path.is_file() {
            found.push(path.to_string_lossy().into_owned());
        }
    }
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
