//! Shared helpers of tests: a temporary project, a server of pages, hostile text.

/// Checks that a text has no effect on its readers.
#[allow(unreachable_pub, reason = "another library has it public")]
#[path = "../../../fuzz/src/harmless.rs"]
pub(crate) mod harmless;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use pulldown_cmark::{Event, Options, Parser};

use crate::project::{self, SPEC, git, root};
use crate::public_api;

const COMMANDS: [&str; 7] = ["drift", "evidence", "lint", "measure", "release", "snapshots", "states"];

/// Only the command line and `sync` may import commands.
#[test]
fn no_module_imports_a_command() {
    let source = root().join("xtask/src");
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            if file.is_dir() {
                folders.push(file);
                continue;
            }
            let module = file.strip_prefix(&source).unwrap().with_extension("");
            let module = module.iter().next().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            let imports = text.lines().filter(|line| line.trim().starts_with("use crate::"));
            let words = imports.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
            let commands: Vec<_> = words.filter(|word| COMMANDS.contains(word) && *word != module).collect();
            assert!(
                commands.is_empty() || ["lib", "sync"].contains(&module),
                "{} imports {commands:?}",
                file.display()
            );
        }
    }
}

/// A temporary project in a git repository: spec, version, changelog, and a release `v0.1.0`.
pub(crate) fn released() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |file: &str, text: &str| {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), text).unwrap();
    };
    write(SPEC, &std::fs::read_to_string(project::root().join(SPEC)).unwrap());
    write(public_api::FILE, "pub struct cashfree_vkyc::A\n");
    write("Cargo.toml", "[workspace.package]\nversion = \"0.1.0+2024-12-01\"\n");
    write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n- First.\n");
    for arguments in [&["init", "-q"][..], &["config", "user.name", "t"], &["config", "user.email", "t@t"]] {
        git(root, arguments).unwrap();
    }
    commit(root);
    git(root, &["tag", "v0.1.0"]).unwrap();
    folder
}

pub(crate) fn commit(root: &Path) {
    git(root, &["add", "."]).unwrap();
    git(root, &["commit", "-qm", "a change"]).unwrap();
}

pub(crate) fn edit(root: &Path, file: &str, old: &str, new: &str) {
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    assert!(text.contains(old), "{old}");
    std::fs::write(root.join(file), text.replacen(old, new, 1)).unwrap();
}

pub(crate) const FIELD: &str = "        verification_id:\n          type: string\n";

/// A server that gives the same response to each connection, after a pause.
pub(crate) fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static, pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 1024];
            let read = stream.read(&mut head).unwrap_or(0);
            let answer = answer(&String::from_utf8_lossy(&head[..read]));
            std::thread::sleep(pause);
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}/page.md")
}

pub(crate) fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

/// Everything that Markdown, GitHub or a terminal would act upon, as one text.
pub(crate) const HOSTILE: &str = "`a`` @team #12 GH-12 me@h.example <b>b</b> <!-- ![i](http://h.example/i.png) [l](x) \
    https://h.example www.h.example | \\| \\` **b** _i_ ~~s~~ $m$ :tada: &lt; {% raw %}\n\n# H\n\n```\n::error::x\r\n\
    - [ ] t\n[r]: http://h.example\n| a |\n|---|\n\u{1b}[2J\u{9b}1m\u{7}\u{202e}\u{2066}\u{2028}\u{feff}`";

/// The code spans of a text.
pub(crate) fn spans(markdown: &str) -> Vec<String> {
    let events = Parser::new_ext(markdown, Options::all());
    events.filter_map(|event| if let Event::Code(text) = event { Some(text.to_string()) } else { None }).collect()
}
