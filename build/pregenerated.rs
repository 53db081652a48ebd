//! The code for a build without the generator: the texts of the snapshots in `generated/`, if their fingerprint is correct.

#[path = "fingerprint.rs"]
mod fingerprint;

use std::fs;

use super::{Result, SPEC};
use fingerprint::fingerprint;

const HELP: &str = "help: build with the feature `generate`; or, as a maintainer, run: cargo xtask snapshots";

/// The types and the operations.
pub(super) fn sources() -> Result<(String, String)> {
    println!("cargo::rerun-if-changed=generated");
    let (spec, types, operations) = (read(SPEC)?, read("generated/types.snap")?, read("generated/operations.snap")?);
    let ((header, types), (_, operations)) = (split(&types), split(&operations));
    if !header.lines().any(|line| line == format!("description: {}", fingerprint([&spec, types, operations]))) {
        return Err(format!("generated/ was edited by hand, or was made from another {SPEC}\n{HELP}").into());
    }
    Ok((types.to_owned(), operations.to_owned()))
}

fn read(file: &str) -> Result<String> {
    Ok(fs::read_to_string(file).map_err(|error| format!("{file}: {error}\n{HELP}"))?)
}

/// The header of a snapshot, and its text.
fn split(snapshot: &str) -> (&str, &str) {
    snapshot.split_once("\n---\n").unwrap_or_default()
}
