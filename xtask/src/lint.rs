//! `spec lint`: checks the spec with the rules and the generator of the build.

use std::path::Path;

use cashfree_vkyc_codegen::{Finding, Spec, SpecError, generate};
use serde_json::{Value, json};

use crate::printed;
use crate::project::Result;
use crate::report::Form;

/// Prints the errors in the spec at `file`; fails if there are any.
pub(crate) fn lint(file: &Path, form: Form) -> Result {
    let outcome = check(file);
    let findings = outcome.as_ref().err().map(SpecError::findings).unwrap_or_default();
    match form {
        Form::Json => println!("{}", printed::json(&findings.iter().map(finding).collect())),
        _ if findings.is_empty() => println!("{}: no errors", file.display()),
        _ => findings.iter().for_each(|finding| println!("{finding}\n")),
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(format!("1 error in {}", file.display()).into()),
        several => Err(format!("{several} errors in {}", file.display()).into()),
    }
}

/// Runs everything that the build does with a spec.
fn check(file: &Path) -> std::result::Result<(), SpecError> {
    generate(&Spec::read(file)?).map(|_| ())
}

fn finding(Finding { file, place, pointer, message, help, .. }: &Finding) -> Value {
    let (line, column) = place.unzip();
    json!({ "file": file, "line": line, "column": column, "pointer": pointer, "message": message, "help": help })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::project;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn the_projects_own_spec_passes() {
        lint(&project::file(&project::root(), project::SPEC), Form::Text).unwrap();
    }

    #[test]
    fn a_bad_spec_fails_and_says_how_much() {
        let bad = file("openapi: 3.1.0\ninfo: {title: t, version: '1'}\n");
        let error = lint(bad.path(), Form::Json).unwrap_err().message;
        assert!(error.starts_with("2 errors in "), "{error}");
        assert!(lint(Path::new("no/such/file.yaml"), Form::Text).unwrap_err().message.starts_with("1 error in "));
    }

    #[test]
    fn a_finding_as_json_has_all_its_parts() {
        let error = check(file("openapi: 3.1.0\npaths: {}\n").path()).unwrap_err();
        let all: Vec<_> = error.findings().iter().map(finding).collect();
        let version = all.iter().find(|finding| finding["pointer"] == "/openapi").unwrap();
        assert_eq!((version["line"].as_u64(), version["column"].as_u64()), (Some(1), Some(10)));
        assert!(version["message"].is_string() && version["help"].is_string() && version["file"].is_string());
    }
}
