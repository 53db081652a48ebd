//! The command line is thin: no word of the API is typed in it, because the library has them all from the spec.

use std::path::{Path, PathBuf};

use cashfree_vkyc::{ErrorCode, EventType, Status, SubStatus};

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

#[test]
fn no_status_code_event_or_header_is_typed_in_the_cli() {
    let states = Status::KNOWN.iter().map(Status::as_str).chain(SubStatus::KNOWN.iter().map(SubStatus::as_str));
    let codes = ErrorCode::KNOWN.iter().map(ErrorCode::as_str).chain(EventType::KNOWN.iter().map(EventType::as_str));
    let headers = ["x-webhook-", "x-client-", "x-cf-", "x-api-", "x-request-id", "x-ratelimit-"];
    let mut words: Vec<_> = states.chain(codes).map(|word| format!("\"{word}\"")).collect();
    words.extend(headers.map(|name| format!("\"{name}")));
    let mut files = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 10, "cli/src has moved");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // Unit tests may use any words.
        let code = text.split("#[cfg(test)]").next().unwrap();
        let typed: Vec<_> = words.iter().filter(|word| code.contains(word.as_str())).collect();
        assert!(typed.is_empty(), "{} types {typed:?}; take it from the library", file.display());
    }
}
