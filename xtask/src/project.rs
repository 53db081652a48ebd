//! Where things are in the project, the cargo that runs in it, and the day.

use std::path::{Path, PathBuf};
use std::process::Command;

use aws_lc_rs::digest::{SHA256, digest};
use cashfree_vkyc_codegen::Spec;

use crate::failure::{Failure, Result};

/// The truth.
pub(crate) const SPEC: &str = "spec/vkyc.yaml";

/// What Cashfree was last seen to publish.
pub(crate) const PUBLISHED: &str = "spec/published.yaml";

/// Where the truth differs from that on purpose.
pub(crate) const DEVIATIONS: &str = "spec/deviations.yaml";

/// Transcripts of pages, from which what is published was put on record.
pub(crate) const PAGES: &str = "spec/pages";

/// A file of the project, by the path that a person would type where they are.
pub(crate) fn file(root: &Path, name: &str) -> PathBuf {
    let file = root.join(name);
    let here = std::env::current_dir().ok();
    here.and_then(|here| file.strip_prefix(here).map(PathBuf::from).ok()).unwrap_or(file)
}

/// The spec of the project.
pub(crate) fn spec(root: &Path) -> std::result::Result<Spec, String> {
    Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())
}

/// What a person typed, as it is written to a record: a file of the project by its path from the root, wherever that was typed;
/// all else as it is.
pub(crate) fn on_record(root: &Path, name: &str) -> String {
    let within = || {
        let path = Path::new(name).canonicalize().ok()?;
        Some(path.strip_prefix(root.canonicalize().ok()?).ok()?.to_str()?.to_owned())
    };
    within().unwrap_or_else(|| name.to_owned())
}

/// The root of the project: of the one whose package cargo runs, which a test may set.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// The cargo that runs us, at the root of the project.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// The standard output of a program; what it says otherwise, when it fails.
pub(crate) fn output(command: &mut Command) -> std::result::Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} cannot be run: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// Runs a program that a person watches; fails with `why` when it does.
pub(crate) fn run(command: &mut Command, why: &str) -> Result {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::found(why.to_owned())),
        Err(error) => Err(Failure::found(format!("{:?} cannot be run: {error}", command.get_program()))),
    }
}

/// Writes a file of the project; with `check`, fails when it would change.
pub(crate) fn written(root: &Path, name: &str, now: &str, check: bool, help: &str) -> Result {
    let file = root.join(name);
    match std::fs::read_to_string(&file).is_ok_and(|before| before == now) {
        true => Ok(()),
        false if check => Err(Failure::found(format!("{name} is stale; {help}"))),
        false => std::fs::write(&file, now).map_err(|error| format!("{name}: {error}").into()),
    }
}

/// Today's date, as it is written to a record.
pub(crate) fn today() -> String {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date().to_string()
}

/// SHA-256 of a text, in hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
