//! A link may lead only to a public host over https, in every notation, or to loopback for a client of a loopback environment.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cashfree_vkyc::{Client, Credentials, DownloadError, Environment, RecordingLink, RetryPolicy, VideoKyc};

use super::{FILE, part, storage};
use crate::support::internet::Internet;
use crate::support::{Server, all_texts, json};

fn link(url: &str) -> RecordingLink {
    let mut vkyc = VideoKyc::default();
    vkyc.recording_link = Some(url.into());
    vkyc.recording().unwrap()
}

async fn attempt(url: &str, client: &Client) -> Result<Vec<u8>, DownloadError> {
    let mut file = Vec::new();
    link(url).download(client, &mut file).retry(RetryPolicy::none()).await.map(|_| file)
}

/// Counts the connections to a port of this machine.
async fn victim() -> (u16, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, knocks) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&knocks);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, knocks)
}

/// Every notation of loopback in a URL.
const LOOPBACK: [&str; 26] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7F.1",
    "0177.0.0.1",
    "017700000001",
    "0x7f.0.0.0x1",
    "0",
    "0.0.0.0",
    "%31%32%37.0.0.1",
    "１２７.０.０.１",
    "127。0。0。1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ｌｏｃａｌｈｏｓｔ",
    "vkyc.localhost",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
];

#[tokio::test]
async fn a_client_of_cashfree_never_connects_to_loopback() {
    let (port, knocks) = victim().await;
    let credentials = Credentials::new("id", "secret").unwrap();
    for environment in [Environment::Production, Environment::Sandbox] {
        let client = Client::builder().environment(environment).credentials(credentials.clone()).build().unwrap();
        for host in LOOPBACK {
            for scheme in ["https", "http"] {
                let error = attempt(&format!("{scheme}://{host}:{port}/r.mp4?canary"), &client).await.unwrap_err();
                let texts = all_texts(&error);
                let shown = texts.contains("canary") || texts.contains("r.mp4");
                assert!(matches!(error, DownloadError::Link { .. } | DownloadError::Host { .. }), "{host}: {texts}");
                assert!(!shown, "{texts}");
            }
        }
    }
    assert_eq!(knocks.load(Ordering::SeqCst), 0);
}

/// Addresses that are not public, by reason.
const NOT_PUBLIC: [&str; 59] = [
    // This network, private, shared, link-local with the clouds' metadata.
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "168.63.129.16",
    // Protocol assignments, documentation, relays, benchmarks.
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    // Multicast, reserved, broadcast.
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "0xffffffff",
    // IPv4 addresses within IPv6: mapped, compatible, translated, 6to4, Teredo.
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:93.184.216.34]",
    "[::10.0.0.1]",
    "[::93.184.216.34]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::10.0.0.1]",
    "[64:ff9b:1::93.184.216.34]",
    "[64:ff9b::1:93.184.216.34]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:a00:1::1]",
    "[2001::f5ff:fffe]",
    // Discard, unique-local with the clouds' metadata, link-local, site-local, multicast.
    "[100::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fdff:ffff::1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    // Documentation, benchmarks, segment routing, the former 6bone, unassigned.
    "[2001:db8::1]",
    "[3fff::1]",
    "[2001:2::1]",
    "[5f00::1]",
    "[4000::1]",
];

/// Names of hosts in local networks.
const OWN_NAMES: [&str; 18] = [
    "intranet",
    "metadata",
    "kubernetes.default.svc.cluster.local",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "instance-data",
    "printer.local",
    "router.home.arpa",
    "a.localhost",
    "localhost.localdomain",
    "db.local.",
    "wpad",
    "internal",
    "gitlab.corp",
    "nas.lan",
    "fritz.home",
    "a.intranet",
    "a.private",
];

#[tokio::test]
async fn only_public_hosts_are_requested_through_a_proxy() {
    let internet = Internet::answering(part(0, 36, "\"a\"")).await;
    let client = internet.builder().build().unwrap();
    for host in NOT_PUBLIC.iter().chain(&OWN_NAMES).chain(&LOOPBACK) {
        let error = attempt(&format!("https://{host}/r.mp4?canary"), &client).await.unwrap_err();
        let texts = all_texts(&error);
        assert!(matches!(error, DownloadError::Host { .. }) && !texts.contains("canary"), "{host}: {texts}");
    }
    for zoned in ["[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]", "169.254.169.254%25eth0"] {
        let error = attempt(&format!("https://{zoned}/r.mp4"), &client).await.unwrap_err();
        assert!(matches!(error, DownloadError::Link { .. }), "{zoned}: {error}");
    }
    assert_eq!(internet.asked(), [""; 0]);
}

#[tokio::test]
async fn a_public_host_is_requested_over_https() {
    let internet = Internet::answering(part(0, 36, "\"a\"")).await;
    let client = internet.builder().build().unwrap();
    let hosts = [
        ("bucket.s3.ap-south-1.amazonaws.com", "bucket.s3.ap-south-1.amazonaws.com:443"),
        ("STORAGE.cashfree.com:8443", "storage.cashfree.com:8443"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example:443"),
        ("93.184.216.34", "93.184.216.34:443"),
        ("0x5db8d822", "93.184.216.34:443"),
        ("172.32.0.1", "172.32.0.1:443"),
        ("[2606:4700:4700::1111]", "[2606:4700:4700::1111]:443"),
        // NAT64: an IPv6-only network reaches an IPv4-only host.
        ("[64:ff9b::93.184.216.34]", "[64:ff9b::5db8:d822]:443"),
    ];
    for (host, _) in hosts {
        let outcome = attempt(&format!("https://{host}/r.mp4?X-Amz-Signature=0"), &client).await;
        // For an IPv6 address, reqwest 0.13 sends CONNECT, but cannot speak TLS through the proxy.
        assert!(outcome.is_ok_and(|file| file == FILE) || host.starts_with('['), "{host}");
    }
    assert_eq!(internet.asked(), hosts.map(|(_, asked)| format!("CONNECT {asked} HTTP/1.1")));
    for request in internet.requests() {
        assert!(request.starts_with("GET /r.mp4?X-Amz-Signature=0 HTTP/1.1\r\n"), "{request}");
        assert!(!request.contains("test-client"), "{request}");
    }
}

/// The storage of a test may be any server on this machine. Links to other machines must be public, because a local gateway may
/// pass on links to real storages.
#[tokio::test]
async fn a_loopback_environment_allows_only_loopback_and_public_hosts() {
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let internet = Internet::answering(part(0, 36, "\"a\"")).await;
    let api = Server::answering(json(500, "{}")).await;
    let client = internet.reached_from(api.builder()).build().unwrap();
    let port = storage.address.port();
    for host in ["127.0.0.1", "localhost", "2130706433"] {
        assert_eq!(attempt(&format!("http://{host}:{port}/r.mp4"), &client).await.unwrap(), FILE, "{host}");
    }
    assert_eq!(storage.requests().len(), 3);
    for host in NOT_PUBLIC.iter().chain(&OWN_NAMES) {
        let error = attempt(&format!("https://{host}/r.mp4"), &client).await.unwrap_err();
        assert!(matches!(error, DownloadError::Host { .. }), "{host}: {error}");
    }
    for host in ["0.0.0.0", "[::ffff:127.0.0.1]", "93.184.216.34", "a.localhost", "localhost.", "storage.example"] {
        let error = attempt(&format!("http://{host}:{port}/"), &client).await.unwrap_err();
        assert!(matches!(error, DownloadError::Link { .. }), "{host}: {error}");
    }
    assert_eq!(internet.asked(), [""; 0]);
    assert_eq!(attempt("https://storage.example/r.mp4", &client).await.unwrap(), FILE);
    assert_eq!((internet.asked().len(), storage.requests().len()), (1, 3));
}

/// The link of a status call during the download is checked too.
#[tokio::test]
async fn a_fresh_link_must_lead_to_a_public_host() {
    let internet = Internet::answering(part(0, 36, "\"a\"")).await;
    let body = r#"{"reference_id":7,"recording_link":"https://169.254.169.254/latest/meta-data?canary"}"#;
    let api = Server::answering(json(200, body)).await;
    let storage = storage(vec![super::answer("403 No\r\ncontent-length: 0", b"")]).await;
    let client = internet.reached_from(api.builder()).build().unwrap();
    let error = super::link(&storage, "").download(&client, Vec::new()).await.unwrap_err();
    let texts = all_texts(&error);
    assert!(matches!(error, DownloadError::Host { .. }), "{texts}");
    assert!(texts.contains("169.254.169.254") && !texts.contains("canary"), "{texts}");
    assert_eq!((api.requests().len(), internet.asked().len()), (1, 0));
}

#[tokio::test]
async fn recording_hosts_limits_links_to_hosts_and_subdomains() {
    let internet = Internet::answering(part(0, 36, "\"a\"")).await;
    let listed = ["Storage.Cashfree.com", ".amazonaws.com", "93.184.216.34", "bücher.example", "localhost", "10.0.0.1"];
    let client = internet.builder().recording_hosts(listed).build().unwrap();
    let allowed = [
        "storage.cashfree.com",
        "storage.cashfree.com.",
        "STORAGE.cashfree.com:8443",
        "bucket.s3.ap-south-1.amazonaws.com",
        "s3.amazonaws.com",
        "0x5db8d822",
        "xn--bcher-kva.example",
    ];
    for host in allowed {
        let outcome = attempt(&format!("https://{host}/"), &client).await;
        assert!(outcome.is_ok() || host.ends_with('.'), "{host}: {outcome:?}");
    }
    assert_eq!(internet.asked().len(), allowed.len());
    for host in [
        "cashfree.com",
        "evil.storage.cashfree.com",
        "evilstorage.cashfree.com",
        "storage.cashfree.com.evil.example",
        "storage-cashfree.com",
        "amazonaws.com",
        "evilamazonaws.com",
        "amazonaws.com.evil.example",
        "s3.amazonaws.com.",
        "93.184.216.35",
        "[2606:4700:4700::1111]",
        // Listed, but not public.
        "localhost",
        "10.0.0.1",
        "169.254.169.254",
    ] {
        let outcome = attempt(&format!("https://{host}/"), &client).await;
        let is_below = host == "s3.amazonaws.com.";
        assert!(is_below || matches!(outcome, Err(DownloadError::Host { .. })), "{host}: {outcome:?}");
    }
    assert_eq!(internet.asked().len(), allowed.len() + 1);
}

#[test]
fn recording_hosts_refuses_entries_that_are_no_host() {
    let builder = || {
        let credentials = Credentials::new("id", "secret").unwrap();
        Client::builder().environment(Environment::Production).credentials(credentials)
    };
    for entry in [
        "",
        ".",
        "..",
        "*",
        "*.amazonaws.com",
        "https://a.example",
        "a.example:443",
        "a.example/",
        "a example",
        "::1",
        ".10.0.0.1",
        ".[::1]",
        "user@a.example",
        "a.example?x",
        "[fe80::1%25eth0]",
    ] {
        let error = builder().recording_hosts([entry]).build().unwrap_err().to_string();
        assert!(error.contains("recording host cannot be read"), "{entry}: {error}");
    }
    assert!(
        builder().recording_hosts(["a.example", ".b.example", "1.1.1.1", "[2606:4700:4700::1111]"]).build().is_ok()
    );
}

/// A URL that cannot be in a request is rejected at once; retries would take half a minute.
#[tokio::test]
async fn a_link_that_cannot_be_requested_is_refused_without_retries() {
    let internet = Internet::answering(part(0, 36, "\"a\"")).await;
    let client = internet.builder().build().unwrap();
    let too_long = format!("https://storage.example/{}", "x".repeat(70_000));
    let long_host = format!("https://{}/", "a.".repeat(200));
    for url in [too_long.as_str(), &long_host, "https://exa{mple.com/", "https://a\"b.example/", "https://a'b.example/"]
    {
        let error = link(url).download(&client, Vec::new()).await.unwrap_err();
        assert!(matches!(error, DownloadError::Link { .. } | DownloadError::Host { .. }), "{error}");
    }
    assert_eq!(internet.asked(), [""; 0]);
}
