//! Properties of any text that may be a spec or a page of Cashfree. The fuzz targets `spec` and `page` and
//! `xtask/tests/reading_properties.rs` call them; a panic is a bug.

use cashfree_vkyc_codegen::{Spec, SpecError, generate};
use serde_json::Value;
use xtask::Readers;

use super::harmless;

/// A text is a spec, or is rejected with findings. A spec can be written and read again. Code is generated from it, or it is
/// rejected with findings.
pub fn a_spec_is_read_or_refused(text: &str) {
    let spec = match Spec::parse("s.yaml", text) {
        Ok(spec) => spec,
        Err(error) => return is_said(&error),
    };
    assert!(spec.root().is_object() && spec.place("").is_some());
    // JSON is YAML, here with every alias expanded.
    match Spec::parse("s.json", &spec.root().to_string()) {
        Ok(again) => assert_eq!(again.root(), spec.root()),
        Err(error) => assert!(error.to_string().contains("too large"), "{error}"),
    }
    if let Err(error) = generate(&spec) {
        is_said(&error);
    }
}

/// Checks that each finding has two lines, including help, and is harmless.
fn is_said(error: &SpecError) {
    assert!(!error.findings().is_empty());
    for finding in error.findings() {
        let printed = finding.to_string();
        harmless::for_terminals(&printed);
        assert!(printed.lines().count() == 2 && !finding.help.is_empty(), "{printed}");
    }
}

/// Any page is compared or rejected. The reports about it are harmless in every format, and its record can be read again.
pub fn a_page_is_reported_harmlessly(readers: &Readers, page: &str) {
    for [text, markdown, json] in readers.read(page) {
        harmless::for_terminals(&text);
        harmless::for_terminals(&json);
        harmless::for_issues(&markdown);
        assert!(markdown.len() < 30_000, "more than an issue takes");
        let json: Value = serde_json::from_str(&json).expect("JSON");
        let code = json.get("exit_code").and_then(Value::as_u64).expect("a code");
        assert_eq!(code == 2, !json["failure"].is_null(), "{json}");
    }
    if let Some(record) = readers.record(page) {
        harmless::for_terminals(&record);
        Spec::parse("published.yaml", &record).expect("a written record");
    }
}
