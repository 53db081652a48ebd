//! `spec evidence REPORT`: compares a report of `cashfree-vkyc doctor --report` with the spec.
//!
//! ```text
//! report ─▶ facts: confirmed, contradicted ─▶ marks in spec/vkyc.yaml, edited in place; a list of contradictions
//! ```
//!
//! Only `inferred` and `reported` marks become `seen`. `documented` and `sample` come from Cashfree and say more than the
//! responses to one account. A report about a custom URL raises no mark: the server may be a sandbox made from the spec, which
//! would only confirm itself.

mod facts;

use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Pointer, Spec, text};
use serde::Serialize;
use serde_json::{Value, json};

use crate::printed::{self, code, line};
use crate::project::{Failure, Result, SPEC, file};
use crate::report::Form;
use facts::Facts;
use facts::observed::{Report, Server, VERSION};

/// The marks that a report can raise to [`SEEN`].
const RAISED: [&str; 2] = ["inferred", "reported"];
const SEEN: &str = "seen";

/// The conclusions from a report about the spec.
#[derive(Debug, Serialize)]
pub struct Evidence {
    /// The text of the spec with the raised marks.
    #[serde(skip)]
    pub spec: String,
    /// The number of confirmed marks, including those that stay.
    pub confirmed: usize,
    /// The JSON pointers of the marks that were raised.
    pub raised: Vec<String>,
    /// The contradictions of the spec, each with its line.
    pub contradictions: Vec<String>,
    /// The reason why the report raises no mark, if it cannot.
    pub note: Option<&'static str>,
}

impl Evidence {
    /// Compares the text of a spec with the text of a report.
    ///
    /// # Errors
    /// If one of them cannot be read, or the report is about another version of the API.
    pub fn new(spec_text: &str, report: &str) -> std::result::Result<Self, String> {
        let spec = Spec::parse(SPEC, spec_text).map_err(|error| error.to_string())?;
        let report: Report = serde_json::from_str(report).map_err(|error| format!("this is no report: {error}"))?;
        if report.version != VERSION {
            return Err(format!("the report has version {}, and this program reads {VERSION}", report.version));
        }
        let ours = spec.at("/info").and_then(|info| text(info, "version")).unwrap_or_default();
        if report.program.split_once('+').map(|(_, api)| api) != Some(ours) {
            return Err(format!("the report is of {}, and the spec describes the API of {ours}", report.program));
        }
        let facts = Facts::new(&spec, &report.observations)?;
        let is_own = report.server != Server::Custom;
        let mark = |at: &Pointer| spec.at(at.as_ref()).and_then(Value::as_str);
        let confirmed: Vec<_> = facts.confirmed().filter_map(|at| Some((at, mark(at)?))).collect();
        let raised = confirmed.iter().filter(|(_, mark)| is_own && RAISED.contains(mark)).copied();
        let raised: Vec<_> = raised.collect();
        let place = |(at, message): &(Pointer, String)| match spec.place(at.as_ref()) {
            Some((line, _)) => format!("{SPEC}:{line}: {message}"),
            None => message.clone(),
        };
        let note = "the report is about a URL, which may be a sandbox that was made from the spec: no mark is raised";
        Ok(Self {
            spec: edited(&spec, spec_text, &raised)?,
            confirmed: confirmed.len(),
            raised: raised.iter().map(|(at, _)| at.to_string()).collect(),
            contradictions: facts.contradictions.iter().map(place).collect(),
            note: (!is_own).then_some(note),
        })
    }

    fn print(&self, form: Form) {
        match form {
            Form::Json => println!("{}", printed::json(&json!(self))),
            Form::Text | Form::Markdown => {
                let shown = |text: &str| if form == Form::Text { line(text) } else { code(text) };
                println!("- {} facts are as the spec says", self.confirmed);
                self.note.iter().for_each(|note| println!("- {note}"));
                self.raised.iter().for_each(|at| println!("- {SEEN}: {}", shown(at)));
                self.contradictions.iter().for_each(|one| println!("- contradiction: {}", shown(one)));
            }
        }
    }
}

/// Edits the spec of the project by a report, and prints the conclusions.
///
/// # Errors
/// With exit code 1 if something contradicts the spec, and 2 if the report cannot be used.
pub(crate) fn evidence(root: &Path, report: &Path, form: Form) -> Result {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let spec = file(root, SPEC);
    let texts = read(&spec).and_then(|spec| Ok((spec, read(report)?)));
    let evidence = texts.and_then(|(spec, report)| Evidence::new(&spec, &report)).map_err(Failure::not_compared)?;
    evidence.print(form);
    if !evidence.raised.is_empty() {
        std::fs::write(&spec, &evidence.spec).map_err(|error| format!("{}: {error}", spec.display()))?;
        if form == Form::Text {
            println!("{} marks are `{SEEN}` now: run `cargo xtask snapshots`", evidence.raised.len());
        }
    }
    match evidence.contradictions.len() {
        0 => Ok(()),
        several => Err(Failure::found(format!("{several} to review; edit {SPEC} where Cashfree is right"))),
    }
}

/// The text with these marks raised. Everything else is unchanged, including comments.
fn edited(spec: &Spec, text: &str, marks: &[(&Pointer, &str)]) -> std::result::Result<String, String> {
    let mut lines: Vec<_> = text.split_inclusive('\n').map(str::to_owned).collect();
    let places = marks.iter().filter_map(|(at, mark)| Some((spec.place(at.as_ref())?, *mark)));
    let mut places: Vec<_> = places.collect();
    // From the end of a line to its start, so that no position moves.
    places.sort_unstable();
    for ((number, column), mark) in places.into_iter().rev() {
        let line = number.checked_sub(1).and_then(|n| lines.get_mut(n));
        let edit = line.and_then(|line| {
            let (start, _) = line.char_indices().nth(column.checked_sub(1)?)?;
            let end = start + mark.len();
            (line.get(start..end)? == mark).then(|| line.replace_range(start..end, SEEN))
        });
        edit.ok_or_else(|| format!("{SPEC}:{number}:{column}: write `{mark}` without quotes, an anchor or a tag"))?;
    }
    Ok(lines.concat())
}

#[cfg(test)]
mod tests {
    use cashfree_vkyc_codegen::generate;

    use super::*;
    use crate::project::root;

    const REPORT: &str = r#"{ "version": 1, "program": "0.1.0+2024-12-01", "server": "sandbox", "observations": [{
        "case": "known", "operation": "vkycGetStatus", "sent": [], "http_status": 200, "headers": ["x-request-id"], "limit": null,
        "fields": {}, "state": ["EXPIRED", ""], "error": null }] }"#;

    fn spec_text() -> String {
        std::fs::read_to_string(root().join(SPEC)).unwrap()
    }

    #[test]
    fn the_build_takes_a_spec_with_marks_that_are_raised() {
        let evidence = Evidence::new(&spec_text(), REPORT).unwrap();
        assert_eq!(evidence.raised.len(), 2, "{:?}", evidence.raised);
        generate(&Spec::parse(SPEC, &evidence.spec).unwrap()).unwrap();
    }

    #[test]
    fn marks_are_raised_on_the_same_line_and_after_wide_characters() {
        let text = "x: { é: inferred, b: reported } # inferred\ny: 'inferred'\n";
        let spec = Spec::parse(SPEC, text).unwrap();
        let [e, b, y] = [["x", "é"].as_slice(), &["x", "b"], &["y"]]
            .map(|steps| steps.iter().fold(Pointer::root(), |at, step| at.push(step)));
        let raised = edited(&spec, text, &[(&e, "inferred"), (&b, "reported")]).unwrap();
        assert_eq!(raised, "x: { é: seen, b: seen } # inferred\ny: 'inferred'\n");
        let error = edited(&spec, text, &[(&y, "inferred")]).unwrap_err();
        assert!(error.starts_with("spec/vkyc.yaml:2:4: write `inferred` without quotes"), "{error}");
    }

    #[test]
    fn a_report_of_another_form_or_api_is_refused() {
        for (from, to, says) in [
            ("\"version\": 1", "\"version\": 2", "the report has version 2"),
            ("+2024-12-01", "+2025-01-01", "the report is of 0.1.0+2025-01-01"),
            ("+2024-12-01", "", "the report is of 0.1.0,"),
            ("\"limit\"", "\"most\"", "this is no report: unknown field `most`"),
        ] {
            let error = Evidence::new(&spec_text(), &REPORT.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with(says), "{error}");
        }
    }
}
