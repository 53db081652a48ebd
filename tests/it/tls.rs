//! TLS over real sockets: a valid certificate is accepted. Any other one is a `Tls` error without retries, and nothing is sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cashfree_vkyc::{
    Client, ClientBuilder, Credentials, Delivery, DownloadError, Environment, ErrorKind, ReferenceId, VideoKyc,
};
use rcgen::KeyPair;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use crate::support::authority::Authority;
use crate::support::{self, all_texts, alone, json};

struct TlsServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

async fn serve(certificate: CertificateDer<'static>, key: &KeyPair, clients: Option<&Authority>) -> TlsServer {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder = ServerConfig::builder();
    let builder = match clients {
        Some(authority) => {
            let mut roots = tokio_rustls::rustls::RootCertStore::empty();
            roots.add(authority.der.clone()).unwrap();
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![certificate], key).unwrap()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let connections = Arc::new(AtomicUsize::new(0));
    let (seen, accepted) = (requests.clone(), connections.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            accepted.fetch_add(1, Ordering::SeqCst);
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut buffer = vec![0; 8192];
            let Ok(length) = stream.read(&mut buffer).await else { continue };
            seen.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
            let _ = stream.write_all(&json(200, support::published_sample().to_string())).await;
            let _ = stream.shutdown().await;
        }
    });
    TlsServer { address, requests, connections }
}

fn builder(address: SocketAddr, trusted: &Authority) -> ClientBuilder {
    let root = reqwest::Certificate::from_pem(trusted.pem.as_bytes()).unwrap();
    Client::builder()
        .environment(Environment::custom(format!("https://localhost:{}/verification", address.port())).unwrap())
        .credentials(Credentials::new("canary-id", "canary-secret").unwrap())
        .http(move |http| http.tls_certs_only([root.clone()]))
}

#[tokio::test]
async fn a_configured_root_certificate_is_trusted() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("localhost", false);
    let server = serve(certificate, &key, None).await;
    let response = builder(server.address, &authority).build().unwrap().status(ReferenceId(1358)).await.unwrap();
    assert_eq!(response.reference_id, Some(1358));
    assert!(server.requests.lock().unwrap()[0].contains("x-client-secret: canary-secret"));
}

#[tokio::test]
async fn a_client_certificate_is_presented() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("localhost", false);
    let server = serve(certificate, &key, Some(&authority)).await;
    let without = builder(server.address, &authority).build().unwrap().status(ReferenceId(1358)).await;
    // With TLS 1.3, the server refuses after the request was written.
    let error = without.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Tls, Delivery::Unknown), "{error:?}");
    let (own, own_key) = authority.sign("client.example", false);
    let pem = format!("{}{}", own_key.serialize_pem(), pem_of(&own));
    let identity = reqwest::Identity::from_pem(pem.as_bytes()).unwrap();
    let client = builder(server.address, &authority).http(move |http| http.identity(identity.clone())).build().unwrap();
    assert!(client.status(ReferenceId(1358)).await.is_ok());
}

/// With session keys, recorded traffic could be decrypted.
#[test]
fn session_keys_are_not_written_to_a_key_log() {
    if alone::told().is_some() {
        return tokio::runtime::Runtime::new().unwrap().block_on(async {
            let authority = Authority::new();
            let (certificate, key) = authority.sign("localhost", false);
            let server = serve(certificate, &key, None).await;
            let builder = builder(server.address, &authority).http(|http| http.tls_sslkeylogfile(true));
            builder.build().unwrap().status(ReferenceId(1358)).await.unwrap();
        });
    }
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("session-keys");
    let _ = std::fs::remove_file(&file);
    let test = "session_keys_are_not_written_to_a_key_log";
    let mut process = alone::process(module_path!(), test, "go");
    process.env("SSLKEYLOGFILE", &file);
    let output = alone::run(process);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!std::fs::read_to_string(file).is_ok_and(|keys| !keys.is_empty()));
}

fn pem_of(certificate: &CertificateDer<'_>) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

#[tokio::test]
async fn invalid_certificates_are_refused_even_if_the_user_allows_them() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (wrong_host, wrong_host_key) = authority.sign("elsewhere.example", false);
    let (expired, expired_key) = authority.sign("localhost", true);
    let (unknown, unknown_key) = stranger.sign("localhost", false);
    for (what, certificate, key) in [
        ("wrong host", wrong_host, wrong_host_key),
        ("expired", expired, expired_key),
        ("unknown", unknown, unknown_key),
    ] {
        let server = serve(certificate, &key, None).await;
        for careless in [false, true] {
            let builder = builder(server.address, &authority).http(move |http| {
                http.tls_danger_accept_invalid_certs(careless).tls_danger_accept_invalid_hostnames(careless)
            });
            let error = builder.build().unwrap().status(ReferenceId(1358)).await.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery(), error.attempts()),
                (ErrorKind::Tls, Delivery::NotSent, 1),
                "{what}"
            );
            assert!(!all_texts(&error).contains("canary"), "{what}: {error:?}");
        }
        assert!(server.requests.lock().unwrap().is_empty(), "{what}: something was sent");
    }
}

#[tokio::test]
async fn a_storage_with_an_untrusted_certificate_is_requested_once() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("localhost", false);
    let server = serve(certificate, &key, None).await;
    let client = builder(server.address, &authority).build().unwrap();
    let mut vkyc = support::published_sample();
    vkyc["recording_link"] = format!("https://localhost:{}/r.mp4?canary=1", server.address.port()).into();
    let vkyc: VideoKyc = serde_json::from_value(vkyc).unwrap();
    // The roots for calls are not used for a storage.
    let error = vkyc.recording().unwrap().download(&client, &mut Vec::new()).await.unwrap_err();
    assert!(matches!(error, DownloadError::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("download_http"), "{error}");
    assert!(!all_texts(&error).contains("canary"), "{error:?}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    assert!(server.requests.lock().unwrap().is_empty(), "something was sent");
}

#[tokio::test]
async fn a_server_without_tls_gives_a_tls_error() {
    let authority = Authority::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
            // Keeps the connection open until the client has read the response.
            let _ = stream.read(&mut [0; 1024]).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    let error = builder(address, &authority).build().unwrap().status(ReferenceId(1358)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Tls, Delivery::NotSent), "{error:?}");
}

#[tokio::test]
async fn http_settings_cannot_disable_the_protections_of_a_call() {
    let elsewhere = support::Server::answering(json(200, support::published_sample().to_string())).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
    let server = support::Server::answering(redirect).await;
    let proxy = format!("http://{}", elsewhere.address);
    let client = server
        .builder()
        .http(move |http| {
            http.redirect(reqwest::redirect::Policy::limited(10))
                .https_only(false)
                .referer(true)
                .user_agent("careless")
                .connection_verbose(true)
                .proxy(reqwest::Proxy::all(&proxy).unwrap())
        })
        .build()
        .unwrap();
    let error = client.status(ReferenceId(1358)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(!server.requests()[0].contains("careless"));
    assert_eq!(elsewhere.requests().len(), 0, "the redirect was followed, or the proxy got a request in clear");
}

#[tokio::test]
async fn a_proxy_gets_a_connect_request_with_the_host_only() {
    let proxy =
        support::Server::answering("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("http://{}", proxy.address);
    let client = Client::builder()
        .environment(Environment::custom("https://vkyc.example/verification").unwrap())
        .credentials(Credentials::new("canary-id", "canary-secret").unwrap())
        .http(move |http| http.proxy(reqwest::Proxy::all(&url).unwrap()))
        .retry(cashfree_vkyc::RetryPolicy::none())
        .build()
        .unwrap();
    let error = client.status(ReferenceId(31337)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
    let requests = proxy.requests().join("\n");
    assert!(requests.starts_with("CONNECT vkyc.example:443 HTTP/1.1"), "{requests}");
    assert!(!requests.contains("canary") && !requests.contains("31337"), "{requests}");
}
