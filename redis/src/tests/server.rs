//! A server for a test, on a free loopback port.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use crate::Connection;

/// Opens a connection for direct commands to any server.
pub(super) async fn commands(address: &str) -> redis::aio::MultiplexedConnection {
    redis::Client::open(address).unwrap().get_multiplexed_async_connection().await.unwrap()
}

pub(super) struct Server {
    program: &'static str,
    options: Vec<String>,
    port: u16,
    folder: PathBuf,
    child: Child,
}

impl Server {
    /// Starts a server without persistence. `None` if none is installed: the test is skipped.
    pub(super) fn start() -> Option<Self> {
        Self::with(&["--appendonly", "no"])
    }

    /// Starts a server that persists every write before it responds.
    pub(super) fn that_remembers() -> Option<Self> {
        Self::with(&["--appendonly", "yes", "--appendfsync", "always"])
    }

    pub(super) fn with(options: &[&str]) -> Option<Self> {
        let program = program()?;
        // The port is free when it is chosen, but may be taken when the server starts.
        let server = (0..10).find_map(|_| {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let folder = std::env::temp_dir().join(format!("cashfree-vkyc-redis-{}-{port}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
            let child = run(program, port, &folder, &options);
            let mut server = Self { program, options, port, folder, child };
            server.answers().then_some(server)
        });
        Some(server.unwrap_or_else(|| panic!("{program} does not start with {options:?}")))
    }

    pub(super) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn connection(&self) -> Connection {
        Connection::open(self.address()).unwrap()
    }

    /// Opens a connection for direct commands.
    pub(super) async fn commands(&self) -> redis::aio::MultiplexedConnection {
        commands(&self.address()).await
    }

    /// Stops at once, as when a machine fails.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops responding without closing its connections, as when a container is paused.
    pub(super) fn pause(&self) {
        let status = Command::new("kill").args(["-STOP", &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Starts at the same address, with the persisted data.
    pub(super) fn start_again(&mut self) {
        self.child = run(self.program, self.port, &self.folder, &self.options);
        assert!(self.answers(), "the server did not start again");
    }

    /// Whether this server has started and listens at the address.
    fn answers(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok_and(|stream| pong(stream).is_some()) {
                return self.child.try_wait().unwrap().is_none();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

fn pong(mut stream: TcpStream) -> Option<()> {
    use std::io::Read as _;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).ok()?;
    (&answer == b"+PONG").then_some(())
}

fn run(program: &str, port: u16, folder: &std::path::Path, options: &[String]) -> Child {
    Command::new(program)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(folder)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Returns Redis or Valkey, whichever is installed.
fn program() -> Option<&'static str> {
    let is_there = |program: &&str| {
        Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let found = ["redis-server", "valkey-server"].into_iter().find(is_there);
    if found.is_none() {
        let required = std::env::var_os("CASHFREE_VKYC_REQUIRE_REDIS").is_some();
        assert!(!required, "redis-server or valkey-server is missing: apt-get install redis-server");
        static SAY: Once = Once::new();
        // Written past the capture of test output, so that it is seen.
        SAY.call_once(|| {
            let _ = std::io::stderr().write_all(
                b"LEFT OUT: the tests of cashfree-vkyc-redis against a server, for redis-server is not there (apt-get install redis-server)\n",
            );
        });
    }
    found
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
