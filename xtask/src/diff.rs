//! `spec diff OLD NEW` and `release check`: what changed in our own spec and public API, and the version that asks for.

use std::path::Path;
use std::process::Command;

use cashfree_vkyc_codegen::Spec;
use semver::Version;
use serde_json::Value;

use crate::drift::compare::{Difference, What, compare};
use crate::drift::facts::facts;
use crate::drift::report::{Form, Report};
use crate::drift::rules::{Change, Class, Step, judge};
use crate::{Failure, Result, SPEC, api, file};

/// Prints what changed between two specs, each a file or a git revision, with changelog entries and the step.
///
/// # Errors
/// With exit code 2 when one of them cannot be read.
pub(crate) fn diff(root: &Path, old: &str, new: &str, form: Form) -> Result {
    let report = between(&spec(root, old)?, &spec(root, new)?, &format!("{SPEC}: {old} → {new}"))?;
    report.print(form);
    if form == Form::Text && !report.changes.is_empty() {
        println!("\nFor CHANGELOG.md:\n\n{}", changelog(&report.changes));
        println!("The version depends on the types in Rust as well: cargo xtask release check");
    }
    Ok(())
}

/// The spec in a file, or at a git revision.
fn spec(root: &Path, name: &str) -> std::result::Result<Spec, Failure> {
    if Path::new(name).is_file() {
        return Spec::read(Path::new(name)).map_err(|error| Failure::not_compared(error.to_string()));
    }
    let text = at_revision(root, name, SPEC).map_err(Failure::not_compared)?;
    Spec::parse(&format!("{name}:{SPEC}"), &text).map_err(|error| Failure::not_compared(error.to_string()))
}

fn at_revision(root: &Path, revision: &str, file: &str) -> std::result::Result<String, String> {
    // `./`: the project may be a folder of a larger repository.
    git(root, &["show", &format!("{revision}:./{file}")])
        .map_err(|error| format!("`{revision}` is neither a file nor a git revision with {file}: {error}"))
}

fn git(root: &Path, arguments: &[&str]) -> std::result::Result<String, String> {
    let output = Command::new("git").current_dir(root).args(arguments).output();
    let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

fn between(old_spec: &Spec, new_spec: &Spec, title: &str) -> std::result::Result<Report, Failure> {
    let facts = |spec| facts(spec, None).map_err(Failure::not_compared);
    let (old, new) = (facts(old_spec)?, facts(new_spec)?);
    let mut differences = compare(&old, &new);
    differences.extend(crate::drift::operations(&old, &new));
    let mut changes: Vec<Change> = differences.into_iter().map(judge).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.class));
    // The edits are made; only a page asks for some.
    Ok(Report { title: title.to_owned(), changes, ..Report::default() })
}

/// The entries for the changelog, by the headings of Keep a Changelog.
fn changelog(changes: &[Change]) -> String {
    let heading = |change: &Change| match change.difference.what {
        What::Added | What::ValueAdded => "Added",
        What::Removed | What::ValueRemoved => "Removed",
        _ => "Changed",
    };
    let mut sections = Vec::new();
    for section in ["Added", "Changed", "Removed"] {
        let lines: String = changes.iter().filter(|change| heading(change) == section).map(entry).collect();
        if !lines.is_empty() {
            sections.push(format!("### {section}\n\n{lines}"));
        }
    }
    sections.join("\n")
}

/// One line: a start, for a person to put into words.
fn entry(change: &Change) -> String {
    let Difference { operation, place, what, before, after, .. } = &change.difference;
    let breaking = if change.class == Class::Breaking { "**Breaking:** " } else { "" };
    let place = if place == "operation" { String::new() } else { format!(": `{place}`") };
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".into(), ToString::to_string);
    let says = match what {
        What::Added | What::Removed => String::new(),
        What::ValueAdded => format!(": {}", value(after)),
        What::ValueRemoved => format!(": {}", value(before)),
        What::Moved | What::Renamed => format!(" is now {}", value(after)),
        What::Attribute(name) => format!(": {name} is now {}", value(after)),
    };
    format!("- {breaking}`{operation}`{place}{says} ({}).\n", change.rule)
}

/// Whether version and changelog fit what changed since the last release.
///
/// # Errors
/// When they do not, with what to do.
pub(crate) fn release_check(root: &Path) -> Result {
    let read = |file: &str| std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"));
    let spec = Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())?;
    let api_version = spec.at("/info/version").and_then(|version| version.as_str()).unwrap_or_default().to_owned();
    let version = crate_version(&read("Cargo.toml")?)?;
    if version.build.as_str() != api_version {
        return Err(Failure::found(format!(
            "the version {version} does not name the API version: write {}.{}.{}+{api_version} in Cargo.toml",
            version.major, version.minor, version.patch
        )));
    }
    let changelog = read("CHANGELOG.md")?;
    let public_api = read(api::FILE)?;
    line_due(root, &spec, &public_api, &changelog)?;
    let Ok(tag) = git(root, &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]) else {
        entry_due(&changelog, &version)?;
        println!("{version}: {}", without_tag(root));
        return Ok(());
    };
    let tag = tag.trim();
    let last =
        Version::parse(tag.trim_start_matches('v')).map_err(|error| format!("the tag {tag} is no version: {error}"))?;
    let report = between(&self::spec(root, tag)?, &spec, &format!("{SPEC} since {tag}"))?;
    report.print(Form::Text);
    let old_api = at_revision(root, tag, api::FILE).unwrap_or_default();
    let of_api = api::step(&old_api, &public_api);
    if let Some((step, why)) = &of_api {
        println!("  the public API asks for a {step} step: {why}");
        println!("  see: git diff {tag} -- {}", api::FILE);
    }
    let step = report.step().max(of_api.map(|(step, _)| step));
    if let Some(step) = step {
        let due = bump(&last, step);
        if (version.major, version.minor, version.patch) < (due.major, due.minor, due.patch) {
            return Err(Failure::found(format!(
                "{version} is too small: since {tag}, the changes ask for a {step} step, {due} or more"
            )));
        }
        entry_due(&changelog, &version)?;
    }
    println!("{version}: fits what changed since {tag}");
    Ok(())
}

/// Why there is no release to compare with. Not an error: a clone for CI often has no tags; but never without a word.
fn without_tag(root: &Path) -> &'static str {
    match git(root, &["rev-parse", "--is-shallow-repository"]).as_deref().map(str::trim) {
        Ok("true") => {
            "NOT COMPARED with the last release: this clone is shallow and has no tag (git fetch --tags --unshallow)"
        }
        Ok(_) => "the first release; nothing to compare with",
        Err(_) => "NOT COMPARED with the last release: this is no git repository, or git cannot be run",
    }
}

/// What changed since the last commit needs a line in the changelog with it. (Without git, nobody can tell.)
fn line_due(root: &Path, spec: &Spec, public_api: &str, changelog: &str) -> Result {
    let committed = |file| at_revision(root, "HEAD", file);
    let (Ok(old_changelog), Ok(old_api)) = (committed("CHANGELOG.md"), committed(api::FILE)) else { return Ok(()) };
    if old_changelog != changelog {
        return Ok(());
    }
    let report = between(&self::spec(root, "HEAD")?, spec, "")?;
    let lines = match (report.changes.is_empty(), api::step(&old_api, public_api)) {
        (true, None) => return Ok(()),
        (true, Some(_)) => format!("what changed in the public API; see: git diff {}", api::FILE),
        (false, _) => format!("in your own words:\n\n{}", self::changelog(&report.changes)),
    };
    Err(Failure::found(format!("CHANGELOG.md says nothing of what changed; add under `## [Unreleased]`, {lines}")))
}

/// The version under `[workspace.package]`.
fn crate_version(manifest: &str) -> std::result::Result<Version, String> {
    let section =
        manifest.split("[workspace.package]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    let version = section.lines().find_map(|line| line.strip_prefix("version = "));
    let version = version.ok_or("Cargo.toml: no version under [workspace.package]")?.trim().trim_matches('"');
    Version::parse(version).map_err(|error| format!("Cargo.toml: the version {version} cannot be read: {error}"))
}

/// The least version that a step from `last` asks for. Before 1.0, a major step is one of the second number.
fn bump(last: &Version, step: Step) -> Version {
    let Version { major, minor, patch, .. } = *last;
    match (major, step) {
        (0, Step::Major) => Version::new(0, minor + 1, 0),
        (0, _) | (_, Step::Patch) => Version::new(major, minor, patch + 1),
        (_, Step::Minor) => Version::new(major, minor + 1, 0),
        (_, Step::Major) => Version::new(major + 1, 0, 0),
    }
}

/// The changelog must have a line under this version, or under what is not released yet.
fn entry_due(changelog: &str, version: &Version) -> Result {
    let Version { major, minor, patch, .. } = version;
    let headings =
        ["[Unreleased]".to_owned(), format!("[{major}.{minor}.{patch}]"), format!("[{major}.{minor}.{patch}+")];
    let mut sections = changelog.split("\n## ").skip(1);
    let is_due = |section: &&str| headings.iter().any(|heading| section.starts_with(heading.as_str()));
    let has_line = |section: &str| section.lines().any(|line| line.starts_with("- "));
    if sections.any(|section| is_due(&section) && has_line(section)) {
        return Ok(());
    }
    Err(Failure::found(format!(
        "CHANGELOG.md has no line for {version}: add one under `## [Unreleased]`; cargo xtask spec diff prints it"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_step_asks_for_a_version() {
        for (last, step, due) in [
            ("0.1.0", Step::Patch, "0.1.1"),
            ("0.1.5", Step::Minor, "0.1.6"),
            ("0.1.5", Step::Major, "0.2.0"),
            ("1.2.3", Step::Patch, "1.2.4"),
            ("1.2.3", Step::Minor, "1.3.0"),
            ("1.2.3", Step::Major, "2.0.0"),
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

    /// A project of its own in a git repository: spec, version, changelog, and a release `v0.1.0`.
    fn released() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |file: &str, text: &str| {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), text).unwrap();
        };
        write(SPEC, &std::fs::read_to_string(crate::root().join(SPEC)).unwrap());
        write(api::FILE, "== cashfree_vkyc::A\npub struct A;\n");
        write("Cargo.toml", "[workspace.package]\nversion = \"0.1.0+2024-12-01\"\n");
        write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n- First.\n");
        for arguments in [&["init", "-q"][..], &["config", "user.name", "t"], &["config", "user.email", "t@t"]] {
            git(root, arguments).unwrap();
        }
        commit(root);
        git(root, &["tag", "v0.1.0"]).unwrap();
        folder
    }

    fn commit(root: &Path) {
        git(root, &["add", "."]).unwrap();
        git(root, &["commit", "-qm", "a change"]).unwrap();
    }

    fn edit(root: &Path, file: &str, old: &str, new: &str) {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(old), "{old}");
        std::fs::write(root.join(file), text.replacen(old, new, 1)).unwrap();
    }

    const FIELD: &str = "        verification_id:\n          type: string\n";

    #[test]
    fn a_release_needs_a_version_and_a_line_that_fit_what_changed() {
        let folder = released();
        let root = folder.path();
        release_check(root).unwrap();

        let added = format!("        score_of_the_test: {{ type: integer, description: New. }}\n{FIELD}");
        edit(root, SPEC, FIELD, &added);
        commit(root);
        assert!(refusal(root).contains("ask for a minor step, 0.1.1 or more"));
        edit(root, "Cargo.toml", "0.1.0", "0.1.1");
        assert!(refusal(root).contains("CHANGELOG.md has no line for 0.1.1"));
        edit(root, "CHANGELOG.md", "## [0.1.0]", "## [0.1.10]\n\n- Another.\n\n## [0.1.0]");
        assert!(refusal(root).contains("CHANGELOG.md has no line for 0.1.1"));
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- A field.\n");
        release_check(root).unwrap();
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n## [0.1.1+2024-12-01] - today\n");
        release_check(root).unwrap();
        commit(root);

        edit(root, api::FILE, "pub struct A", "pub struct B");
        commit(root);
        assert!(refusal(root).contains("ask for a major step, 0.2.0 or more"));
        edit(root, "Cargo.toml", "0.1.1", "0.2.0");
        assert!(refusal(root).contains("CHANGELOG.md has no line for 0.2.0"));
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- A name.\n");
        release_check(root).unwrap();
        edit(root, "Cargo.toml", "+2024-12-01", "");
        assert!(refusal(root).contains("write 0.2.0+2024-12-01"));
    }

    /// The maintainer is told while the change is at hand, whether or not there was a release.
    #[test]
    fn a_change_that_is_not_committed_yet_needs_its_line_and_is_given_a_start() {
        let folder = released();
        let root = folder.path();
        git(root, &["tag", "--delete", "v0.1.0"]).unwrap();
        release_check(root).unwrap();
        let added = format!("        score_of_the_test: {{ type: integer, description: New. }}\n{FIELD}");
        edit(root, SPEC, FIELD, &added);
        let says = refusal(root);
        assert!(says.contains("CHANGELOG.md says nothing of what changed"), "{says}");
        assert!(
            says.contains("- `GET /vkyc`: `200 application/json: score_of_the_test` (response-field-added).\n"),
            "{says}"
        );
        edit(root, "CHANGELOG.md", "- First.", "- First.\n- A field.");
        release_check(root).unwrap();
        commit(root);

        edit(root, api::FILE, "pub struct A", "pub struct B");
        assert!(refusal(root).contains("what changed in the public API; see: git diff docs/public-api.txt"));
        edit(root, "CHANGELOG.md", "- First.", "- First.\n- A name.");
        release_check(root).unwrap();
    }

    #[test]
    fn what_the_wrapper_says_of_a_state_is_part_of_what_changed() {
        let folder = released();
        let root = folder.path();
        let row = "    - status: VIDEO_CALL\n      phase: call\n";
        let new = "    - { status: VIDEO_CALL, sub_status: NEW, phase: call, actor: agent, settled: false, advice: Wait., evidence: inferred }\n";
        let rules = |edits: &[(&str, &str)]| {
            let old = spec(root, "HEAD").unwrap();
            let text = at_revision(root, "HEAD", SPEC).unwrap();
            let text = edits.iter().fold(text, |text, (old, new)| {
                assert!(text.contains(old), "{old}");
                text.replacen(old, new, 1)
            });
            let report = between(&old, &Spec::parse("new.yaml", &text).unwrap(), "t").unwrap();
            report.changes.iter().map(|c| format!("{} {} {}", c.rule, c.step, c.difference.place)).collect::<Vec<_>>()
        };
        assert_eq!(rules(&[(row, &format!("{new}{row}"))]), ["state-added minor state VIDEO_CALL / NEW"]);
        assert_eq!(
            rules(&[(row, "    - status: VIDEO_CALL\n      phase: review\n")]),
            ["state-meaning-changed minor state VIDEO_CALL"]
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
    fn why_there_is_nothing_to_compare_with_is_said() {
        let folder = released();
        assert!(without_tag(folder.path()).contains("first release"));
        let shallow = tempfile::tempdir().unwrap();
        let from = format!("file://{}", folder.path().display());
        git(shallow.path(), &["clone", "-q", "--depth", "1", "--no-tags", &from, "."]).unwrap();
        assert!(without_tag(shallow.path()).contains("NOT COMPARED with the last release: this clone is shallow"));
        assert!(without_tag(tempfile::tempdir().unwrap().path()).contains("no git repository"));
    }

    fn refusal(root: &Path) -> String {
        release_check(root).unwrap_err().message
    }

    #[test]
    fn two_specs_are_compared_by_file_or_revision_with_entries_for_the_changelog() {
        let folder = released();
        let root = folder.path();
        edit(root, SPEC, "        - RECEIVED\n", "        - RECEIVED\n        - ON_HOLD\n");
        edit(root, SPEC, "          in: query\n", "          in: path\n");
        let report =
            between(&spec(root, "v0.1.0").unwrap(), &spec(root, root.join(SPEC).to_str().unwrap()).unwrap(), "t")
                .unwrap();
        let log = changelog(&report.changes);
        assert!(report.text(false).contains("parameter-moved") && !report.text(false).contains("edit "));
        assert!(
            log.contains(
                "### Added\n\n- `GET /vkyc`: `200 application/json: status`: \"ON_HOLD\" (response-value-added).\n"
            ),
            "{log}"
        );
        assert!(log.contains("### Changed\n\n- **Breaking:** `GET /vkyc`: `query verification_id` is now \"path verification_id\" (parameter-moved).\n"), "{log}");
        assert!(!log.contains("\n\n\n") && log.starts_with("### Added") && log.ends_with(".\n"), "{log}");
        assert_eq!(report.step(), Some(Step::Major));
        diff(root, "HEAD", "v0.1.0", Form::Text).unwrap();
        assert_eq!(diff(root, "HEAD", "nonsense", Form::Text).unwrap_err().code, 2);
    }
}
