//! The guides: each quoted block is code of the example that it names, and each relative link leads to a file and a heading.

use std::path::{Path, PathBuf};

use crate::support::root;

fn documents() -> Vec<PathBuf> {
    let in_folder = |folder: &str| {
        let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect::<Vec<_>>()
    };
    ["", "docs", "spec", "redis", "conformance"].into_iter().flat_map(in_folder).collect()
}

/// Code without its indentation.
fn lines(code: &str) -> String {
    code.lines().map(|line| format!("{}\n", line.trim())).collect()
}

#[test]
fn quoted_code_equals_the_code_of_its_example() {
    let mut quotes = 0;
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        for quote in text.split("<!-- examples/").skip(1) {
            let (file, rest) = quote.split_once(" -->\n```rs\n").unwrap();
            let (code, _) = rest.split_once("```").unwrap();
            let example = std::fs::read_to_string(root().join("examples").join(file)).unwrap();
            assert!(lines(&example).contains(&lines(code)), "{}: not in {file}:\n{code}", path.display());
            quotes += 1;
        }
    }
    assert!(quotes > 0);
}

#[test]
fn every_relative_link_has_a_target() {
    for path in documents() {
        let text = std::fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()) {
            if link.starts_with("http") {
                assert!(!link.contains("cashfree-vkyc/blob/main"), "{}: {link} is not relative", path.display());
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", path.display());
            assert!(
                heading.is_empty() || headings(&target).contains(&heading.to_owned()),
                "{}: {link}",
                path.display()
            );
        }
    }
}

/// The headings of a document as links name them.
fn headings(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let titles = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let name = |title: &str| {
        let kept = title.chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    titles.map(name).collect()
}
