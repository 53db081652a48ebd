//! Where things are in the project, the cargo that runs in it, and the day.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The truth.
pub(crate) const SPEC: &str = "spec/vkyc.yaml";

/// What Cashfree was last seen to publish.
pub(crate) const PUBLISHED: &str = "spec/published.yaml";

/// Where the truth differs from that on purpose.
pub(crate) const DEVIATIONS: &str = "spec/deviations.yaml";

/// A file of the project, by the path that a person would type where they are.
pub(crate) fn file(root: &Path, name: &str) -> PathBuf {
    let file = root.join(name);
    let here = std::env::current_dir().ok();
    here.and_then(|here| file.strip_prefix(here).map(PathBuf::from).ok()).unwrap_or(file)
}

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// The cargo that runs us, at the root of the project.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// Today's date, as it is written to a record.
pub(crate) fn today() -> String {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date().to_string()
}
