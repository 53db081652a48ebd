//! A copy of the project under `target/`, which holds what the library builds from, and cargo in it.
//!
//! Dependencies are compiled once, for the run that we are part of: the copy has the same packages, asks cargo for the same
//! ones with the same features, and shares the target folder. Only what is ours is compiled anew.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Instant, SystemTime};
use std::{fs, io};

use crate::support::{self, cargo::cargo};

/// The tests of the project that take their data from the spec, with what they import. They run in a copy as they are.
const BY_THE_SPEC: [&str; 8] = [
    "build.rs",
    "it/decoding.rs",
    "it/redaction.rs",
    "it/requests.rs",
    "it/sandbox/documented.rs",
    "it/sandbox/operations.rs",
    "it/schema.rs",
    "it/support",
];

/// The package of the library without any feature, its folder, and its tests.
pub(super) const TYPES: &str = "types";

pub(super) struct Project {
    name: &'static str,
    folder: PathBuf,
    /// The result of an earlier run: a file with the same content keeps its time, so that cargo does not rebuild it.
    earlier: PathBuf,
}

/// The output of cargo, and whether it succeeded.
pub(super) struct Outcome {
    pub(super) success: bool,
    pub(super) text: String,
}

impl Project {
    /// The copy `name`. Its tests are those of `growth/scratch`, and those that take their data from the spec.
    pub(super) fn copy(name: &'static str) -> Self {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth");
        let project = Self { name, folder: all.join(name), earlier: all.join(format!("{name}.earlier")) };
        project.say(&format!("copying the project to {}", project.folder.display()));
        let _ = fs::remove_dir_all(&project.earlier);
        let _ = fs::rename(&project.folder, &project.earlier);
        let root = support::root();
        for entry in ["Cargo.lock", "codegen"] {
            copy(&root.join(entry), &project.folder.join(entry));
        }
        project.copy_library("");
        let manifest = project.copy_manifests();
        project.name_versions(&manifest);
        for file in ["main.rs", "calls.rs"] {
            copy(&root.join("tests/it/growth/scratch").join(file), &project.folder.join("tests/it").join(file));
        }
        for file in BY_THE_SPEC {
            copy(&root.join("tests").join(file), &project.folder.join("tests").join(file));
        }
        project
    }

    /// Copies the sources of the library into a folder of the copy.
    fn copy_library(&self, to: &str) {
        for entry in ["build.rs", "build", "README.md", "src", "spec/vkyc.yaml"] {
            copy(&support::root().join(entry), &self.folder.join(to).join(entry));
        }
    }

    /// The packages that are not built here take part by their manifests: cargo chooses features for all of them together.
    fn copy_manifests(&self) -> String {
        let root = support::root();
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let members = manifest.split_once("members = [").unwrap().1.split(']').next().unwrap();
        for member in members.split('"').skip(1).step_by(2) {
            let to = self.folder.join(member);
            copy(&root.join(member).join("Cargo.toml"), &to.join("Cargo.toml"));
            for (target, text) in [("guides.rs", ""), ("src/lib.rs", ""), ("src/main.rs", "fn main() {}\n")] {
                if member != "codegen" && root.join(member).join(target).exists() {
                    self.write(&to.join(target), &format!("//! Empty.\n{text}"));
                }
            }
        }
        manifest
    }

    /// Cargo distinguishes packages of two workspaces only by name, version and folder within the workspace, and the target
    /// folder is shared. So the copies have another version; the generator's is the same in all of them.
    fn name_versions(&self, manifest: &str) {
        let ours = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
        let (shared, own) = (format!("{}-growth", env!("CARGO_PKG_VERSION")), self.version());
        let manifest = manifest.replacen(ours, &format!("\"{shared}\""), 1);
        let of_package =
            |manifest: &str| manifest.replacen("version.workspace = true", &format!("version = \"{own}\""), 1);
        self.write(&self.folder.join("Cargo.toml"), &of_package(&manifest));
        let tests = self.folder.join("tests/Cargo.toml");
        self.write(&tests, &of_package(&fs::read_to_string(&tests).unwrap()));
    }

    fn version(&self) -> String {
        format!("{}-growth-{}", env!("CARGO_PKG_VERSION"), self.name)
    }

    /// Edits the spec of the library.
    pub(super) fn grow(&self, edits: &[fn(&mut String)]) {
        self.grow_in(&self.folder, edits);
    }

    /// Adds the library again, as another package with only the feature `generate` and the required dependencies.
    /// `--no-default-features` would do the same, but compile a second set of all dependencies.
    pub(super) fn add_the_types_alone(&self, scratch: &str, edits: &[fn(&mut String)]) {
        let package = self.folder.join(TYPES);
        self.copy_library(TYPES);
        self.grow_in(&package, edits);
        copy(
            &support::root().join("tests/it/growth/scratch").join(scratch),
            &package.join(format!("tests/{TYPES}.rs")),
        );
        let manifest = fs::read_to_string(self.folder.join("Cargo.toml")).unwrap();
        let dependencies = manifest.split_once("\n[dependencies]\n").unwrap().1.split("\n[").next().unwrap();
        let of_targets =
            manifest.split("\n[target.").skip(1).flat_map(|table| table.split("\n[").next()?.split_once('\n'));
        let of_targets: String = of_targets.map(|(_, lines)| format!("{lines}\n")).collect();
        let all = dependencies.lines().chain(of_targets.lines());
        let needed: Vec<_> = all.filter(|line| !line.contains("optional = true")).collect();
        let own = format!(
            r#"[package]
name = "{TYPES}"
version = "{}"
edition.workspace = true
# What the source asks about features is answered with no.
[lints.rust]
unexpected_cfgs = "allow"
# Its unit tests.
[[test]]
name = "units"
path = "src/lib.rs"
[features]
default = ["generate"]
generate = []
[build-dependencies]
cashfree-vkyc-codegen = {{ path = "../codegen" }}
[dependencies]
{}
"#,
            self.version(),
            needed.join("\n")
        );
        self.write(&package.join("Cargo.toml"), &own);
        let manifest = manifest.replacen("members = [", &format!("members = [\"{TYPES}\", "), 1);
        self.write(&self.folder.join("Cargo.toml"), &manifest);
    }

    /// Edits a package's spec as it is in the project.
    fn grow_in(&self, package: &Path, edits: &[fn(&mut String)]) {
        let file = package.join("spec/vkyc.yaml");
        let mut spec = fs::read_to_string(&file).unwrap();
        edits.iter().for_each(|edit| edit(&mut spec));
        self.write(&file, &spec);
    }

    fn write(&self, file: &Path, text: &str) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        let earlier = self.earlier.join(file.strip_prefix(&self.folder).unwrap());
        if fs::read_to_string(&earlier).is_ok_and(|earlier| earlier == text) {
            set_modified(file, modified(&earlier));
        }
    }

    /// Runs `cargo test` with these arguments, and shows what it compiles.
    pub(super) fn test(&self, arguments: &[&str]) -> Outcome {
        self.say(&["cargo test", &arguments.join(" ")].join(" "));
        let start = Instant::now();
        let mut command = cargo("test", &self.folder);
        // Of the packages of the copy. The dependencies have none in the project either.
        command.env("CARGO_PROFILE_DEV_DEBUG", "false");
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut text = String::new();
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            let waits = line.contains("Blocking") && !line.contains("package cache");
            if waits || line.contains("Compiling") {
                self.say(line.trim());
            }
            writeln!(text, "{line}").unwrap();
        }
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let success = child.wait().unwrap().success();
        self.say(&format!(
            "{} after {:.1} s",
            if success { "done" } else { "ended with an error" },
            start.elapsed().as_secs_f64()
        ));
        Outcome { success, text }
    }

    /// With no file touched, cargo finds everything as it left it.
    pub(super) fn assert_that_nothing_is_built_again(&self, arguments: &[&str]) {
        let second = self.test(&[&["--no-run", "--verbose"], arguments].concat());
        let is_built = |line: &&str| ["Dirty", "Compiling"].iter().any(|word| line.trim_start().starts_with(word));
        let again: Vec<_> = second.text.lines().filter(is_built).collect();
        assert!(second.success && second.text.contains(" Fresh "), "{}", second.text);
        assert!(again.is_empty(), "built again:\n{}", again.join("\n"));
    }

    /// To the person who waits, past what the test harness keeps until the end.
    fn say(&self, what: &str) {
        let _ = writeln!(io::stderr(), "growth of `{}`: {what}", self.name);
    }
}

/// Copies a file or folder with its modification time, by which cargo detects changes.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        set_modified(to, modified(from));
    }
}

fn modified(file: &Path) -> SystemTime {
    fs::metadata(file).unwrap().modified().unwrap()
}

fn set_modified(file: &Path, time: SystemTime) {
    fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
}
