//! What must hold for any text that may be a spec or a page of Cashfree's. The fuzz targets `spec` and `page` and
//! `xtask/tests/reading_properties.rs` call these; a panic is a bug.

use cashfree_vkyc_codegen::{Spec, SpecError, generate};
use serde_json::Value;
use xtask::Readers;

use super::harmless;

/// A text is a spec, or what is wrong with it is said in words. What was read can be written and read again, and generated
/// from or refused.
pub fn a_spec_is_read_or_refused(text: &str) {
    let spec = match Spec::parse("s.yaml", text) {
        Ok(spec) => spec,
        Err(error) => return is_said(&error),
    };
    assert!(spec.root().is_object() && spec.place("").is_some());
    // JSON is YAML, with every alias written out.
    match Spec::parse("s.json", &spec.root().to_string()) {
        Ok(again) => assert_eq!(again.root(), spec.root()),
        Err(error) => assert!(error.to_string().contains("too large"), "{error}"),
    }
    if let Err(error) = generate(&spec) {
        is_said(&error);
    }
}

/// Each finding is two lines, with help, and acts upon nobody.
fn is_said(error: &SpecError) {
    assert!(!error.findings().is_empty());
    for finding in error.findings() {
        let printed = finding.to_string();
        harmless::for_terminals(&printed);
        assert!(printed.lines().count() == 2 && !finding.help.is_empty(), "{printed}");
    }
}

/// Whatever a page says, it is compared or refused; what is said of it acts upon nobody, in no form; and what goes on record of
/// it can be read again.
pub fn a_page_acts_upon_nobody(readers: &Readers, page: &str) {
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
        Spec::parse("published.yaml", &record).expect("what we wrote");
    }
}
