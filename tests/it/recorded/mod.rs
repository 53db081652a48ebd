//! Snapshots in `generated/` and `tests/snapshots`, so that a change is seen and accepted: the generated code, printed text, and the
//! JSON Schemas. `cargo xtask snapshots` runs the tests below here and no others, so only they can record.

mod generated;
mod printed;
#[cfg(feature = "schemars")]
mod schemas;

use crate::support;

/// Compares with `tests/snapshots/<name>.snap`; a failure says how to accept the change.
fn snapshot(name: &str, content: &str) {
    record("tests/snapshots", name, content, None);
}

/// Compares with `<folder>/<name>.snap`, whose header has the description.
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
