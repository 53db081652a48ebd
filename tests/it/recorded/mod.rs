//! Snapshots of the generated code, printed text and JSON Schemas, in `generated/` and `tests/snapshots`. `cargo xtask snapshots`
//! runs only the tests of this module, so only they can record.

mod generated;
mod printed;
#[cfg(feature = "schemars")]
mod schemas;

use crate::support;

/// Compares with `tests/snapshots/<name>.snap`; a failure says how to accept the change.
fn snapshot(name: &str, content: &str) {
    record("tests/snapshots", name, content, None);
}

/// Compares with `<folder>/<name>.snap`, and puts the description into its header.
fn record(folder: &str, name: &str, content: &str, description: Option<&str>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(support::root().join(folder));
    if let Some(description) = description {
        settings.set_description(description);
    }
    let compare = || settings.bind(|| insta::assert_snapshot!(name, content));
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).is_err() {
        panic!("{folder}/{name}.snap is stale; if the change is meant, accept it with: cargo xtask snapshots");
    }
}
