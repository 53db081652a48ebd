//! Runs the binary against a sandbox of the test. The output is normalised, so that it is the same in every run.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use cashfree_vkyc::sandbox::{Sandbox, SandboxBuilder};
use cashfree_vkyc::{Status, SubStatus, VideoKyc};
use tempfile::TempDir;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_cashfree-vkyc");

/// A sandbox, and a folder in which commands run.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: TempDir,
}

impl World {
    /// With the published sample.
    pub(crate) fn new() -> Self {
        Self::with(Sandbox::builder())
    }

    pub(crate) fn with(builder: SandboxBuilder) -> Self {
        let sandbox = builder.start_blocking().unwrap();
        sandbox.put(Sandbox::published_sample());
        Self { sandbox, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn put(&self, id: &str, status: impl Into<Status>, sub_status: impl Into<SubStatus>) {
        let mut vkyc = VideoKyc::default();
        vkyc.verification_id = Some(id.to_owned());
        (vkyc.status, vkyc.sub_status) = (status.into(), sub_status.into());
        self.sandbox.put(vkyc);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The binary with these arguments, and the sandbox's variables.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command
            .current_dir(self.folder.path())
            .env("CASHFREE_ENVIRONMENT", self.sandbox.url())
            .env("CASHFREE_CLIENT_ID", self.sandbox.client_id())
            .env("CASHFREE_CLIENT_SECRET", self.sandbox.client_secret());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments), b"")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Ran {
        Ran::of(self.command(arguments), stdin.as_ref())
    }

    /// The output and the exit code, without parts that differ between runs.
    pub(crate) fn recorded(&self, arguments: &[&str]) -> String {
        self.recorded_with(arguments, b"")
    }

    pub(crate) fn recorded_with(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> String {
        let ran = self.run_with(arguments, stdin);
        self.scrub(&ran.recorded(arguments))
    }

    pub(crate) fn scrub(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        scrub_times(text).replace(&self.sandbox.url(), "http://SANDBOX").replace(&folder, "FOLDER")
    }
}

/// The binary in an empty environment.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).env_clear().env("LC_ALL", "C.UTF-8");
    command
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(mut command: Command, stdin: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input closes it.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        Self::ended(child.wait_with_output().unwrap())
    }

    pub(crate) fn ended(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ran.stderr.contains("panicked"), "{ran:?}");
        ran
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    fn recorded(&self, arguments: &[&str]) -> String {
        let part = |name: &str, text: &str| if text.is_empty() { String::new() } else { format!("--- {name}\n{text}") };
        let (stdout, stderr) = (part("stdout", &self.stdout), part("stderr", &self.stderr));
        let code = self.code.map_or("a signal".to_owned(), |code| code.to_string());
        format!("$ cashfree-vkyc {}\n{stdout}{stderr}--- exit code {code}\n", arguments.join(" "))
    }
}

/// A running command.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Running {
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, stdout: BufReader::new(stdout), stderr: BufReader::new(stderr) }
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next line of its standard error.
    pub(crate) fn note(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    #[cfg(unix)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(self) -> Ran {
        interrupt(self.child.id());
        self.end()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.end();
    }

    /// Waits until the command ends.
    pub(crate) fn end(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        let mut ran = Ran { code: status.code(), stdout: String::new(), stderr: String::new() };
        self.stdout.read_to_string(&mut ran.stdout).unwrap();
        self.stderr.read_to_string(&mut ran.stderr).unwrap();
        ran
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
pub(crate) fn interrupt(process: u32) {
    let pid = rustix::process::Pid::from_raw(process.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

/// Replaces current times, which differ between runs. Times of the spec's samples are older and stay.
pub(crate) fn scrub_times(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("20") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = from.find(|c: char| !c.is_ascii_digit() && !"-:.TZ".contains(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(length.max(2));
        let is_time = word.len() >= 20 && word.as_bytes()[4] == b'-' && word.contains('T') && word.ends_with('Z');
        out.push_str(if is_time && word >= "2026" { "TIME" } else { word });
        rest = after;
    }
    out + rest
}

/// Waits until a condition holds.
pub(crate) fn until(mut is_so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !is_so() {
        assert!(std::time::Instant::now() < end, "the condition did not hold within two minutes");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Makes a file readable for its owner only, or for everybody.
#[cfg(unix)]
pub(crate) fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Starts a server that sends these bytes as every response, and returns its URL. It ends with the test.
pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> String {
    let (listener, answer) = (std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap(), answer.into());
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            // Only the head of the request is read.
            let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let _ = connection.write_all(&answer);
        }
    });
    url
}

/// A response with a JSON body.
pub(crate) fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}
