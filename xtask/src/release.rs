//! `spec diff OLD NEW`: the changes in our own spec, with draft changelog entries and the bump that they require. `release
//! check`: checks that version and changelog fit the changes in the spec and in the public API.

use std::path::Path;

use cashfree_vkyc_codegen::Spec;
use semver::Version;

use crate::compare::{Bump, Change, between};
use crate::project::{Failure, Result, SPEC, at_revision, git, spec, spec_of};
use crate::public_api;
use crate::report::{self, Form, Report, verdict};

/// Prints the changes between two specs, each a file or a git revision, with changelog entries and the bump.
///
/// # Errors
/// With exit code 1 if they differ, and 2 if they cannot be compared.
pub(crate) fn diff(root: &Path, old: &str, new: &str, form: Form) -> Result {
    let changes = spec_of(root, old).and_then(|old| between(&old, &spec_of(root, new)?));
    let report = Report::new(format!("{SPEC}: {old} → {new}"), changes);
    report.print(form, 1);
    if form == Form::Text && !report.changes.is_empty() {
        println!("\nFor CHANGELOG.md:\n\n{}", report::changelog(&report.changes));
    }
    verdict(&[report], "the version depends on the public API too: cargo xtask release check")
}

/// Checks that version and changelog fit the changes since the last release.
///
/// # Errors
/// If they do not, with the cure.
pub(crate) fn check(root: &Path) -> Result {
    let read = |file: &str| std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"));
    let spec = spec(root)?;
    let api_version = spec.at("/info/version").and_then(|version| version.as_str()).unwrap_or_default().to_owned();
    let version = crate_version(&read("Cargo.toml")?)?;
    if version.build.as_str() != api_version {
        return Err(Failure::found(format!(
            "the version {version} does not name the API version: write {}.{}.{}+{api_version} in Cargo.toml",
            version.major, version.minor, version.patch
        )));
    }
    let changelog = read("CHANGELOG.md")?;
    let public_api = read(public_api::FILE)?;
    line_due(root, &spec, &public_api, &changelog)?;
    let Ok(tag) = git(root, &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]) else {
        entry_due(&changelog, &version)?;
        println!("{version}: {}", without_tag(root));
        return Ok(());
    };
    let tag = tag.trim();
    let last = Version::parse(tag.trim_start_matches('v')).map_err(|error| format!("the tag {tag}: {error}"))?;
    let changes = since(root, tag, &spec)?;
    let report = Report::new(format!("{SPEC} since {tag}"), Ok(changes));
    report.print(Form::Text, 1);
    let old_api = at_revision(root, tag, public_api::FILE).unwrap_or_default();
    let of_api = public_api::bump(&old_api, &public_api);
    if let Some((step, why)) = &of_api {
        println!("  the public API asks for a {step} step: {why}");
        println!("  see: git diff {tag} -- {}", public_api::FILE);
    }
    let step = report.bump().max(of_api.map(|(step, _)| step));
    if let Some(step) = step {
        let due = bump(&last, step);
        if version.cmp_precedence(&due).is_lt() {
            return Err(Failure::found(format!(
                "{version} is too low: since {tag}, the changes ask for a {step} step, {due} or more"
            )));
        }
        entry_due(&changelog, &version)?;
    }
    println!("{version}: fits what changed since {tag}");
    Ok(())
}

/// The reason why there is no release to compare with. Not an error, because a clone in CI often has no tags, but always printed.
fn without_tag(root: &Path) -> &'static str {
    match git(root, &["rev-parse", "--is-shallow-repository"]).as_deref().map(str::trim) {
        Ok("true") => "NOT COMPARED with the last release: this clone is shallow (git fetch --tags --unshallow)",
        Ok(_) => "the first release; nothing to compare with",
        Err(_) => "NOT COMPARED with the last release: this is no git repository, or git cannot be run",
    }
}

/// Requires a changelog line for uncommitted changes. (Without git, there is nothing to compare.)
fn line_due(root: &Path, spec: &Spec, public_api: &str, changelog: &str) -> Result {
    let committed = |file| at_revision(root, "HEAD", file);
    let (Ok(old_changelog), Ok(old_api)) = (committed("CHANGELOG.md"), committed(public_api::FILE)) else {
        return Ok(());
    };
    if old_changelog != changelog {
        return Ok(());
    }
    let changes = since(root, "HEAD", spec)?;
    let lines = match (changes.is_empty(), public_api::bump(&old_api, public_api)) {
        (true, None) => return Ok(()),
        (true, Some(_)) => format!("the change of the public API; see: git diff {}", public_api::FILE),
        (false, _) => format!("in your own words:\n\n{}", report::changelog(&changes)),
    };
    Err(Failure::found(format!("CHANGELOG.md does not mention the changes; add under `## [Unreleased]`, {lines}")))
}

/// The changes in our spec since a revision.
fn since(root: &Path, revision: &str, spec: &Spec) -> Result<Vec<Change>> {
    spec_of(root, revision).and_then(|old| between(&old, spec)).map_err(Failure::not_compared)
}

/// The version under `[workspace.package]`.
fn crate_version(manifest: &str) -> std::result::Result<Version, String> {
    let section = manifest.split("[workspace.package]").nth(1).and_then(|rest| rest.split("\n[").next());
    let version = section.and_then(|section| section.lines().find_map(|line| line.strip_prefix("version = ")));
    let version = version.ok_or("Cargo.toml: no version under [workspace.package]")?.trim().trim_matches('"');
    Version::parse(version).map_err(|error| format!("Cargo.toml: the version {version} cannot be read: {error}"))
}

/// The lowest version after a bump of `last`. Before 1.0, a major bump raises the second number.
fn bump(last: &Version, step: Bump) -> Version {
    let Version { major, minor, patch, .. } = *last;
    match (major, step) {
        (0, Bump::Major) => Version::new(0, minor + 1, 0),
        (0, _) | (_, Bump::Patch) => Version::new(major, minor, patch + 1),
        (_, Bump::Minor) => Version::new(major, minor + 1, 0),
        (_, Bump::Major) => Version::new(major + 1, 0, 0),
    }
}

/// Requires a changelog line under this version or under `[Unreleased]`.
fn entry_due(changelog: &str, version: &Version) -> Result {
    let Version { major, minor, patch, .. } = version;
    let number = format!("[{major}.{minor}.{patch}");
    let is_this = |section: &str| section.strip_prefix(&number).is_some_and(|rest| rest.starts_with([']', '+']));
    let mut due =
        changelog.split("\n## ").skip(1).filter(|section| section.starts_with("[Unreleased]") || is_this(section));
    if due.any(|section| section.lines().any(|line| line.starts_with("- "))) {
        return Ok(());
    }
    Err(Failure::found(format!(
        "CHANGELOG.md has no line for {version}: add one under `## [Unreleased]`; cargo xtask spec diff prints it"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{FIELD, commit, edit, released};

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_step_asks_for_a_version() {
        for (last, step, due) in [
            ("0.1.0", Bump::Patch, "0.1.1"),
            ("0.1.5", Bump::Minor, "0.1.6"),
            ("0.1.5", Bump::Major, "0.2.0"),
            ("1.2.3", Bump::Patch, "1.2.4"),
            ("1.2.3", Bump::Minor, "1.3.0"),
            ("1.2.3", Bump::Major, "2.0.0"),
        ] {
            assert_eq!(bump(&version(last), step), version(due));
        }
    }

    #[test]
    fn the_version_is_read_with_its_api_version() {
        let manifest =
            "[workspace]\n[workspace.package]\nversion = \"0.1.0+2024-12-01\"\n[package]\nversion.workspace = true\n";
        assert_eq!(crate_version(manifest).unwrap().build.as_str(), "2024-12-01");
        assert!(crate_version("[package]\nversion = \"1.0.0\"\n").is_err());
    }

    #[test]
    fn a_release_needs_a_version_and_a_line_that_fit_what_changed() {
        let folder = released();
        let root = folder.path();
        check(root).unwrap();

        let added = format!("        score_of_the_test: {{ type: integer, description: New. }}\n{FIELD}");
        edit(root, SPEC, FIELD, &added);
        commit(root);
        assert!(refusal(root).contains("ask for a minor step, 0.1.1 or more"));
        edit(root, "Cargo.toml", "0.1.0", "0.1.1");
        assert!(refusal(root).contains("CHANGELOG.md has no line for 0.1.1"));
        edit(root, "CHANGELOG.md", "## [0.1.0]", "## [0.1.10]\n\n- Another.\n\n## [0.1.0]");
        assert!(refusal(root).contains("CHANGELOG.md has no line for 0.1.1"));
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- A field.\n");
        check(root).unwrap();
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n## [0.1.1+2024-12-01] - today\n");
        check(root).unwrap();
        commit(root);

        edit(root, public_api::FILE, "vkyc::A", "vkyc::B");
        commit(root);
        assert!(refusal(root).contains("ask for a major step, 0.2.0 or more"));
        edit(root, "Cargo.toml", "0.1.1", "0.2.0");
        assert!(refusal(root).contains("CHANGELOG.md has no line for 0.2.0"));
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- A name.\n");
        check(root).unwrap();
        edit(root, "Cargo.toml", "+2024-12-01", "");
        assert!(refusal(root).contains("write 0.2.0+2024-12-01"));
    }

    /// The maintainer learns about the missing line before the commit, with or without a release.
    #[test]
    fn an_uncommitted_change_needs_a_line_and_gets_a_draft() {
        let folder = released();
        let root = folder.path();
        git(root, &["tag", "--delete", "v0.1.0"]).unwrap();
        check(root).unwrap();
        let added = format!("        score_of_the_test: {{ type: integer, description: New. }}\n{FIELD}");
        edit(root, SPEC, FIELD, &added);
        let says = refusal(root);
        assert!(says.contains("CHANGELOG.md does not mention the changes"), "{says}");
        assert!(
            says.contains(
                "- `GET /vkyc`: `200 application/json: score_of_the_test` (response-field-added; in 3 places).\n"
            ),
            "{says}"
        );
        edit(root, "CHANGELOG.md", "- First.", "- First.\n- A field.");
        check(root).unwrap();
        commit(root);

        edit(root, public_api::FILE, "vkyc::A", "vkyc::B");
        assert!(refusal(root).contains("the change of the public API; see: git diff docs/public-api.txt"));
        edit(root, "CHANGELOG.md", "- First.", "- First.\n- A name.");
        check(root).unwrap();
    }

    #[test]
    fn a_missing_release_is_explained() {
        let folder = released();
        assert!(without_tag(folder.path()).contains("first release"));
        let shallow = tempfile::tempdir().unwrap();
        let from = format!("file://{}", folder.path().display());
        git(shallow.path(), &["clone", "-q", "--depth", "1", "--no-tags", &from, "."]).unwrap();
        assert!(without_tag(shallow.path()).contains("NOT COMPARED with the last release: this clone is shallow"));
        assert!(without_tag(tempfile::tempdir().unwrap().path()).contains("no git repository"));
    }

    fn refusal(root: &Path) -> String {
        check(root).unwrap_err().message
    }

    #[test]
    fn changes_of_the_lifecycle_are_part_of_a_diff() {
        let folder = released();
        let root = folder.path();
        let row = "    - status: VIDEO_CALL\n      phase: call\n";
        let new = "    - { status: VIDEO_CALL, sub_status: NEW, phase: call, actor: agent, final: false, advice: Wait., evidence: inferred }\n";
        let rules = |edits: &[(&str, &str)]| {
            let old = spec_of(root, "HEAD").unwrap();
            let text = at_revision(root, "HEAD", SPEC).unwrap();
            let text = edits.iter().fold(text, |text, (old, new)| {
                assert!(text.contains(old), "{old}");
                text.replacen(old, new, 1)
            });
            let changes = between(&old, &Spec::parse("new.yaml", &text).unwrap()).unwrap();
            changes
                .iter()
                .map(|c| format!("{} {} {}", c.rule.name, c.rule.bump, c.difference.place))
                .collect::<Vec<_>>()
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

    /// Eleven statuses of six operations share the schema of errors.
    #[test]
    fn an_error_code_is_one_change_and_one_line() {
        let folder = released();
        let root = folder.path();
        let text = at_revision(root, "HEAD", SPEC).unwrap();
        let (before, codes) = text.split_once("\n    ErrorCode:\n").unwrap();
        let values = codes.replacen("enum:\n", "enum:\n        - of_the_test\n", 1);
        let grown = Spec::parse("new.yaml", &format!("{before}\n    ErrorCode:\n{values}")).unwrap();
        let changes = between(&spec_of(root, "HEAD").unwrap(), &grown).unwrap();
        let report = Report::new("t".into(), Ok(changes));
        assert_eq!(report.changes.len(), 1, "{}", report.text());
        assert!(report.changes[0].also.len() > 50, "{}", report.text());
        assert!(report.text().lines().count() <= 5, "{}", report.text());
        let log = report::changelog(&report.changes);
        assert_eq!(log.lines().filter(|line| line.starts_with("- ")).count(), 1, "{log}");
    }

    #[test]
    fn two_specs_are_compared_by_file_or_revision_with_entries_for_the_changelog() {
        let folder = released();
        let root = folder.path();
        edit(root, SPEC, "        - RECEIVED\n", "        - RECEIVED\n        - ON_HOLD\n");
        edit(root, SPEC, "          in: query\n", "          in: path\n");
        let spec = |name: &str| spec_of(root, name).unwrap();
        let report = Report::new("t".into(), between(&spec("v0.1.0"), &spec(root.join(SPEC).to_str().unwrap())));
        let log = report::changelog(&report.changes);
        assert!(report.text().contains("parameter-moved") && !report.text().contains("edit "));
        assert!(
            log.contains(
                "### Added\n\n- `GET /vkyc`: `200 application/json: status`: `\"ON_HOLD\"` (response-value-added; in 3 places).\n"
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
