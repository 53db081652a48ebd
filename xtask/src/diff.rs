//! `spec diff OLD NEW`: what changed in our own spec, with a start for the changelog and the step that it asks for.

use std::path::Path;

use crate::compare::between;
use crate::failure::Result;
use crate::project::SPEC;
use crate::report::{Form, Report, changelog, verdict};
use crate::revision;

/// Prints what changed between two specs, each a file or a git revision, with changelog entries and the step.
///
/// # Errors
/// With exit code 1 when they differ, and 2 when they cannot be compared.
pub(crate) fn diff(root: &Path, old: &str, new: &str, form: Form) -> Result {
    let changes = revision::spec(root, old).and_then(|old| between(&old, &revision::spec(root, new)?));
    let report = Report::new(format!("{SPEC}: {old} → {new}"), changes);
    report.print(form, 1);
    if form == Form::Text && !report.changes.is_empty() {
        println!("\nFor CHANGELOG.md:\n\n{}", changelog(&report.changes));
    }
    verdict(&[report], "for the version, the types in Rust count as well: cargo xtask release check")
}

#[cfg(test)]
mod tests {
    use cashfree_vkyc_codegen::Spec;

    use super::*;
    use crate::compare::Bump;
    use crate::tests::{edit, released};

    #[test]
    fn what_the_wrapper_says_of_a_state_is_part_of_what_changed() {
        let folder = released();
        let root = folder.path();
        let row = "    - status: VIDEO_CALL\n      phase: call\n";
        let new = "    - { status: VIDEO_CALL, sub_status: NEW, phase: call, actor: agent, final: false, advice: Wait., evidence: inferred }\n";
        let rules = |edits: &[(&str, &str)]| {
            let old = revision::spec(root, "HEAD").unwrap();
            let text = revision::at(root, "HEAD", SPEC).unwrap();
            let text = edits.iter().fold(text, |text, (old, new)| {
                assert!(text.contains(old), "{old}");
                text.replacen(old, new, 1)
            });
            let changes = between(&old, &Spec::parse("new.yaml", &text).unwrap()).unwrap();
            changes.iter().map(|c| format!("{} {} {}", c.rule, c.bump, c.difference.place)).collect::<Vec<_>>()
        };
        assert_eq!(rules(&[(row, &format!("{new}{row}"))]), ["state-added minor state VIDEO_CALL / NEW"]);
        assert_eq!(
            rules(&[(row, "    - status: VIDEO_CALL\n      phase: review\n")]),
            ["state-meaning-changed minor state VIDEO_CALL"]
        );
        let evidence = "      advice: Wait until the call is over and reviewed.\n      evidence: reported\n";
        assert_eq!(
            rules(&[(evidence, &evidence.replace("reported", "sample"))]),
            ["state-evidence-changed patch state VIDEO_CALL"]
        );
        let advice = "      advice: Wait until the call is over and reviewed.\n";
        assert_eq!(rules(&[(advice, "      advice: Wait.\n")]), ["state-advice-changed patch state VIDEO_CALL"]);
        assert_eq!(rules(&[(row, "    - status: VIDEO_CALLS\n      phase: call\n")]).len(), 2);
        assert_eq!(
            rules(&[("      x-idempotent: true\n", "      x-idempotent: false\n")]),
            ["call-behaviour-changed minor call GET /vkyc"]
        );
        let advice = "x-advice: Top up the wallet in the dashboard, then call again.";
        assert_eq!(
            rules(&[(advice, "x-advice: Top up.")]),
            ["known-error-changed patch error Unprocessable insufficient_balance"]
        );
    }

    #[test]
    fn two_specs_are_compared_by_file_or_revision_with_entries_for_the_changelog() {
        let folder = released();
        let root = folder.path();
        edit(root, SPEC, "        - RECEIVED\n", "        - RECEIVED\n        - ON_HOLD\n");
        edit(root, SPEC, "          in: query\n", "          in: path\n");
        let spec = |name: &str| revision::spec(root, name).unwrap();
        let report = Report::new("t".into(), between(&spec("v0.1.0"), &spec(root.join(SPEC).to_str().unwrap())));
        let log = changelog(&report.changes);
        assert!(report.text().contains("parameter-moved") && !report.text().contains("edit "));
        assert!(
            log.contains(
                "### Added\n\n- `GET /vkyc`: `200 application/json: status`: `\"ON_HOLD\"` (response-value-added).\n"
            ),
            "{log}"
        );
        assert!(log.contains("### Changed\n\n- **Breaking:** `GET /vkyc`: `query verification_id` is now `\"path verification_id\"` (parameter-moved).\n"), "{log}");
        assert!(!log.contains("\n\n\n") && log.starts_with("### Added") && log.ends_with(".\n"), "{log}");
        assert_eq!(report.bump(), Some(Bump::Major));
        diff(root, "HEAD", "v0.1.0", Form::Text).unwrap();
        assert_eq!(diff(root, "HEAD", "nonsense", Form::Text).unwrap_err().code, 2);
    }
}
