//! A public internet on loopback: a proxy that takes every CONNECT and answers itself, with a certificate for whatever host
//! was asked for. So a link to a public host is downloaded without leaving the machine, and what is asked for is seen.

use std::sync::{Arc, Mutex};

use cashfree_vkyc::{Client, ClientBuilder, Credentials, Environment};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::authority::Authority;
use super::read_head;

pub(crate) struct Internet {
    proxy: String,
    authority: Arc<Authority>,
    asked: Arc<Mutex<Vec<String>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Internet {
    /// Every host answers every request with these bytes, then closes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://{}", listener.local_addr().unwrap());
        let internet =
            Self { proxy, authority: Arc::new(Authority::new()), asked: Arc::default(), requests: Arc::default() };
        let (authority, asked, requests) =
            (Arc::clone(&internet.authority), Arc::clone(&internet.asked), Arc::clone(&internet.requests));
        let bytes: Arc<[u8]> = bytes.into().into();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read_head(&mut stream).await;
                let line = head.lines().next().unwrap_or_default().to_owned();
                asked.lock().unwrap().push(line.clone());
                let Some(target) = line.strip_prefix("CONNECT ") else { continue };
                let host = target.rsplit_once(':').unwrap().0.trim_matches(['[', ']']).to_owned();
                tokio::spawn(serve(stream, Arc::clone(&authority), host, Arc::clone(&requests), Arc::clone(&bytes)));
            }
        });
        internet
    }

    /// The first lines of what the proxy was asked for: `CONNECT host:443 HTTP/1.1`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The heads of the requests that hosts got.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// A client of Cashfree's production whose downloads go through here.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let credentials = Credentials::new("test-client-id", "test-client-secret").unwrap();
        self.reached_from(Client::builder().environment(Environment::Production).credentials(credentials))
    }

    /// The same for a client that is set up otherwise. No download of it leaves this machine.
    pub(crate) fn reached_from(&self, builder: ClientBuilder) -> ClientBuilder {
        let root = reqwest::Certificate::from_pem(self.authority.pem.as_bytes()).unwrap();
        let proxy = self.proxy.clone();
        builder
            .download_http(move |http| http.tls_certs_only([root.clone()]).proxy(reqwest::Proxy::all(&proxy).unwrap()))
    }
}

async fn serve(
    mut stream: TcpStream,
    authority: Arc<Authority>,
    host: String,
    requests: Arc<Mutex<Vec<String>>>,
    bytes: Arc<[u8]>,
) {
    let (certificate, key) = authority.sign(&host, false);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await;
    let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return };
    let head = read_head(&mut stream).await;
    requests.lock().unwrap().push(head);
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}
