//! Paths in the project and at a git revision, external programs, the date, and the error of a failed command with its exit code.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cashfree_vkyc_codegen::Spec;
use cashfree_vkyc_codegen::openapi::{array, printable};
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// The reason why a command failed, for the user, and the exit code for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// 1 if there is something to do, 2 if something could not be checked.
    pub code: u8,
    /// The failure and the cure.
    pub message: String,
}

impl Failure {
    /// There is something to do.
    pub(crate) fn found(message: String) -> Self {
        Self { code: 1, message }
    }

    /// Something could not be checked.
    pub(crate) fn not_compared(message: String) -> Self {
        Self { code: 2, message }
    }
}

/// Prints the message with its line breaks, but without control characters, which may come from a tool or a file.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.lines().map(printable).collect::<Vec<_>>().join("\n"))
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::found(message)
    }
}

/// The result of a command.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// The single source of truth.
pub(crate) const SPEC: &str = "spec/vkyc.yaml";

/// The record of Cashfree's pages as last seen.
pub(crate) const PUBLISHED: &str = "spec/published.yaml";

/// The intended differences between the spec and that record.
pub(crate) const DEVIATIONS: &str = "spec/deviations.yaml";

/// Transcripts of the pages from which the record was made.
pub(crate) const PAGES: &str = "spec/pages";

/// A file of the project, as a path that a user could type in the current folder.
pub(crate) fn file(root: &Path, name: &str) -> PathBuf {
    let file = root.join(name);
    let here = std::env::current_dir().ok();
    here.and_then(|here| file.strip_prefix(here).map(PathBuf::from).ok()).unwrap_or(file)
}

/// The spec of the project.
pub(crate) fn spec(root: &Path) -> std::result::Result<Spec, String> {
    Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())
}

/// The entries of a list in `deviations.yaml`; none without the file.
pub(crate) fn entries_of<T: DeserializeOwned>(file: &Path, list: &str) -> std::result::Result<Vec<T>, String> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let document = Spec::read(file).map_err(|error| error.to_string())?;
    let entries = array(document.root().get(list)).enumerate();
    let wrong = |n, error| format!("{}: #/{list}/{n}: {error}", file.display());
    entries.map(|(n, node)| T::deserialize(node).map_err(|error| wrong(n, error))).collect()
}

/// The spec in a file, or at a git revision.
pub(crate) fn spec_of(root: &Path, name: &str) -> std::result::Result<Spec, String> {
    if Path::new(name).is_file() {
        return Spec::read(Path::new(name)).map_err(|error| error.to_string());
    }
    let text = at_revision(root, name, SPEC)?;
    Spec::parse(&format!("{name}:{SPEC}"), &text).map_err(|error| error.to_string())
}

/// A file of the project at a git revision.
pub(crate) fn at_revision(root: &Path, revision: &str, file: &str) -> std::result::Result<String, String> {
    // `./`: the project may be a folder of a larger repository.
    git(root, &["show", &format!("{revision}:./{file}")])
        .map_err(|error| format!("`{revision}` is neither a file nor a git revision with {file}: {error}"))
}

/// The output of git.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> std::result::Result<String, String> {
    output(Command::new("git").current_dir(root).args(arguments))
}

/// A typed name as it goes on record: a file of the project becomes its path from the root, anything else is unchanged.
pub(crate) fn on_record(root: &Path, name: &str) -> String {
    let within = || {
        let path = Path::new(name).canonicalize().ok()?;
        Some(path.strip_prefix(root.canonicalize().ok()?).ok()?.to_str()?.to_owned())
    };
    within().unwrap_or_else(|| name.to_owned())
}

/// The root of the project: the one whose package cargo runs, which a test may set.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// The same cargo that runs us, in the root of the project.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// The standard output of a program, or its error output if it fails.
pub(crate) fn output(command: &mut Command) -> std::result::Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} cannot be run: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

/// Runs a program with visible output; fails with `why` if it fails.
pub(crate) fn run(command: &mut Command, why: &str) -> Result {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::found(why.to_owned())),
        Err(error) => Err(Failure::found(format!("{:?} cannot be run: {error}", command.get_program()))),
    }
}

/// Writes a file of the project; with `check`, fails if it would change.
pub(crate) fn written(root: &Path, name: &str, now: &str, check: bool, help: &str) -> Result {
    let file = root.join(name);
    match std::fs::read_to_string(&file).is_ok_and(|before| before == now) {
        true => Ok(()),
        false if check => Err(Failure::found(format!("{name} is stale; {help}"))),
        false => std::fs::write(&file, now).map_err(|error| format!("{name}: {error}").into()),
    }
}

/// Today's date for the record.
pub(crate) fn today() -> String {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date().to_string()
}

/// The start of a text's SHA-256, for a record that must not contain the text.
pub(crate) fn fingerprint(text: &str) -> String {
    sha256(text).chars().take(12).collect()
}

/// A text's SHA-256 in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_lines_and_nothing_that_a_terminal_obeys() {
        assert_eq!(Failure::found("a\x1b[2J\n  b\u{202e}\r\n".into()).to_string(), "a\\u{1b}[2J\n  b\\u{202e}");
    }
}
