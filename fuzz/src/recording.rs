//! Properties of any text that may be the link to a recording: it is parsed without a panic, and only https to a public host is
//! requested, or loopback for a client of a loopback environment. A panic is a bug.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use cashfree_vkyc::{Client, Credentials, DownloadError, Environment, RecordingLink, RetryPolicy, VideoKyc};

const CANARY: &str = "canary-7f3a";

fn link(text: &str) -> Option<RecordingLink> {
    let mut vkyc = VideoKyc::default();
    vkyc.recording_link = Some(text.into());
    vkyc.recording()
}

/// A link is parsed, and does not print itself.
pub fn a_link_is_parsed(text: &str) {
    let Some(link) = link(text) else { return };
    assert_eq!(link.expose(), text);
    if let Some(end) = link.expires_at() {
        assert!(link.is_expired(end) && !link.is_expired(end - Duration::from_nanos(1)));
    }
    let _ = link.is_expired(SystemTime::now());
    let printed = format!("RecordingLink {{ url: [redacted], expires_at: {:?} }}", link.expires_at());
    assert_eq!(format!("{link:?}"), printed);
}

/// Two clients that reach only this listener, and the requests that it received.
struct Watched {
    runtime: tokio::runtime::Runtime,
    /// Of Cashfree's production, behind a proxy.
    production: Client,
    /// Of a loopback environment; all its downloads use a Unix socket.
    #[cfg(unix)]
    loopback: Client,
    asked: Arc<Mutex<Vec<String>>>,
}

static WATCHED: LazyLock<Mutex<Watched>> = LazyLock::new(|| Mutex::new(Watched::new()));

impl Watched {
    fn new() -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let credentials = Credentials::new("id", "secret").expect("plain");
        let builder = |environment| Client::builder().environment(environment).credentials(credentials.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let proxy = format!("http://{}", listener.local_addr().expect("bound"));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| refuse(stream, &seen)));
        let production = builder(Environment::Production)
            .download_http(move |http| http.proxy(reqwest::Proxy::all(&proxy).expect("a URL")))
            .build()
            .expect("a client");
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
            production,
            #[cfg(unix)]
            loopback: {
                let path = std::env::temp_dir().join(format!("cashfree-vkyc-recording-{}", std::process::id()));
                let _ = std::fs::remove_file(&path);
                let listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
                let seen = Arc::clone(&asked);
                std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| refuse(stream, &seen)));
                let environment = Environment::custom("http://127.0.0.1:9").expect("loopback");
                let builder = builder(environment).download_http(move |http| http.unix_socket(path.clone()));
                builder.build().expect("a client")
            },
            asked,
        }
    }

    /// Returns the error of a download and the received requests: the head of each, or an empty text for TLS.
    fn download(&self, client: &Client, link: &RecordingLink) -> (DownloadError, Vec<String>) {
        let download = link.download(client, tokio::io::sink()).retry(RetryPolicy::none());
        let error = self.runtime.block_on(download.timeout(Duration::from_secs(20)).into_future());
        let asked = std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        (error.expect_err("no server sends a recording"), asked)
    }
}

#[cfg(unix)]
impl Watched {
    /// Checks that the client of a loopback environment requests only loopback over `http`. Returns the number of requests.
    fn on_loopback(&self, text: &str, link: &RecordingLink) -> usize {
        let (error, asked) = self.download(&self.loopback, link);
        assert!(!format!("{error} {error:?}").contains(CANARY), "{text}: {error:?}");
        for head in asked.iter().filter(|head| !head.is_empty()) {
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
            assert!(is_loopback(without_port(host)), "{text}: {head}");
        }
        asked.len()
    }
}

#[cfg(not(unix))]
impl Watched {
    fn on_loopback(&self, _: &str, _: &RecordingLink) -> usize {
        0
    }
}

/// Reads a request, and rejects it.
fn refuse(mut stream: impl std::io::Read + std::io::Write, seen: &Mutex<Vec<String>>) {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
        // TLS begins with this byte; no HTTP method does.
        if head == [0x16] {
            head.clear();
            break;
        }
    }
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(String::from_utf8_lossy(&head).into_owned());
    let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
}

/// Any link leads only to permitted hosts. Returns the number of requests.
pub fn a_link_leads_only_to_permitted_hosts(text: &str) -> usize {
    let Some(link) = link(&format!("{text}#{CANARY}")) else { return 0 };
    // The client would request a fresh link first.
    if link.is_expired(SystemTime::now()) {
        return 0;
    }
    let watched = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    let (error, of_the_proxy) = watched.download(&watched.production, &link);
    assert!(!format!("{error} {error:?}").contains(CANARY), "{text}: {error:?}");
    for head in &of_the_proxy {
        let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()).expect("only by CONNECT");
        assert!(target.contains(':') && is_public(without_port(target)), "{text}: {target}");
    }
    of_the_proxy.len() + watched.on_loopback(text, &link)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || address(host).is_some_and(|address| address.is_loopback())
}

/// Independent of the library's implementation.
fn is_public(host: &str) -> bool {
    match address(host) {
        Some(IpAddr::V4(address)) => is_public_v4(address),
        Some(IpAddr::V6(address)) => match address.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
            }
            [0x2001, 0..0x200 | 0xdb8, ..] | [0x2002 | 0x3ffe, ..] | [0x3fff, 0..0x1000, ..] => false,
            [first, ..] => (0x2000..0x4000).contains(&first),
        },
        None => {
            let name = host.strip_suffix('.').unwrap_or(host);
            let own = [
                "localhost",
                "local",
                "internal",
                "localdomain",
                "home.arpa",
                "corp",
                "home",
                "lan",
                "intranet",
                "private",
            ];
            let below = |own: &&str| name.ends_with(&format!(".{own}"));
            name.contains('.') && !own.iter().any(below) && name.bytes().all(|byte| byte.is_ascii_graphic())
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let inside = match address.octets() {
        [0 | 10 | 127 | 224.., ..] => true,
        [100, second, ..] => (64..128).contains(&second),
        [172, second, ..] => (16..32).contains(&second),
        [192, 0, third, _] => third == 0 || third == 2,
        [192, 88, 99, _] | [192, 168, ..] | [169, 254, ..] | [198, 18 | 19, ..] => true,
        [168, 63, 129, 16] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    !inside
}
