//! Shared by several tests: first of all a server that responds with exactly the given bytes.

pub(crate) mod alone;
pub(crate) mod authority;
pub(crate) mod cargo;
pub(crate) mod example;
pub(crate) mod internet;
pub(crate) mod keep_alive;
pub(crate) mod log;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cashfree_vkyc::{Client, ClientBuilder, Credentials, Environment};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A server on loopback that hands each connection to a script, and remembers what it was asked.
pub(crate) struct Server {
    pub(crate) address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request with these bytes, then closes.
    pub(crate) async fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::scripted(move |mut stream| {
            let bytes = bytes.clone();
            async move {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    /// Answers every question with [`received`].
    pub(crate) async fn agreeable() -> Self {
        Self::scripted_by_head(|head, mut stream| async move {
            let _ = stream.write_all(&json(200, received(&head))).await;
            let _ = stream.shutdown().await;
        })
        .await
    }

    /// Runs `script` on every connection, once the request's head has been read.
    pub(crate) async fn scripted<F, Fut>(script: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self::scripted_by_head(move |_, stream| script(stream)).await
    }

    /// The same for a script that looks at the head.
    pub(crate) async fn scripted_by_head<F, Fut>(script: F) -> Self
    where
        F: Fn(String, TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = read_head(&mut stream).await;
                seen.lock().unwrap().push(head.clone());
                tokio::spawn(script(head, stream));
            }
        });
        Self { address, requests }
    }

    /// The heads of the requests so far, as text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/verification", self.address)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .environment(Environment::custom(self.url()).unwrap())
            .credentials(Credentials::new("test-client-id", "test-client-secret").unwrap())
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).await.is_ok() {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// An HTTP/1.1 answer with a length.
pub(crate) fn http(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\nx-request-id: request-7\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn json(status: u16, body: impl AsRef<str>) -> Vec<u8> {
    http(status, "application/json", body.as_ref())
}

/// The smallest response about the verification that a request's head asks for.
pub(crate) fn received(head: &str) -> String {
    let query = head.split_whitespace().nth(1).and_then(|target| target.split_once('?')).map_or("", |(_, query)| query);
    let (name, id) = query.split_once('=').unwrap_or(("verification_id", ""));
    let id = if name == "reference_id" { id.to_owned() } else { format!("\"{id}\"") };
    format!(r#"{{"{name}":{id},"status":"RECEIVED","sub_status":"LINK_GENERATED"}}"#)
}

/// The sample that Cashfree publishes, straight from the spec.
pub(crate) fn published_sample() -> serde_json::Value {
    let spec = spec();
    spec.at("/paths/~1vkyc/get/responses/200/content/application~1json/examples/published/value").unwrap().clone()
}

pub(crate) fn spec() -> cashfree_vkyc_codegen::Spec {
    cashfree_vkyc_codegen::Spec::read(&root().join("spec/vkyc.yaml")).unwrap()
}

/// The version of the API that the spec describes.
pub(crate) fn api_version() -> &'static str {
    example::SPEC.at("/info/version").unwrap().as_str().unwrap()
}

/// The root of the project. Tests run in the folder of their package.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Everything that can be printed of an error: `Display`, `Debug`, and the same of its sources.
pub(crate) fn all_texts(error: &dyn std::error::Error) -> String {
    let mut texts = format!("{error}\n{error:?}\n{error:#?}\n{error:#}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push_str(&format!("{cause}\n{cause:?}\n"));
        source = cause.source();
    }
    texts
}

/// A verification that was just requested.
pub(crate) fn vkyc(reference_id: i64) -> cashfree_vkyc::VideoKyc {
    let mut vkyc = cashfree_vkyc::VideoKyc::default();
    vkyc.reference_id = Some(reference_id);
    (vkyc.status, vkyc.sub_status) = ("RECEIVED".into(), "LINK_GENERATED".into());
    vkyc
}
