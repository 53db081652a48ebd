//! A server that keeps its connections open, as a real one does, and counts them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::{Client, ClientBuilder, Credentials, Environment};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The response to one request.
pub(crate) struct Answer {
    pub(crate) body: String,
    /// How long to think first.
    pub(crate) after: Duration,
    /// Sent this long after the response, though nobody asked.
    pub(crate) surplus: Option<(Duration, String)>,
}

impl Answer {
    pub(crate) fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), after: Duration::ZERO, surplus: None }
    }
}

/// A running server.
pub(crate) struct KeepAlive {
    url: String,
    requests: Arc<Mutex<Vec<usize>>>,
    open: Arc<AtomicUsize>,
    most_open: Arc<AtomicUsize>,
    under_way: Arc<(AtomicUsize, AtomicUsize)>,
}

impl KeepAlive {
    /// Answers each request, given its head, with status 200.
    pub(crate) async fn answering(answer: impl Fn(&str) -> Answer + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let under_way = Arc::default();
        let server = Self { url, requests: Arc::default(), open: Arc::default(), most_open: Arc::default(), under_way };
        let (requests, open, most) = (server.requests.clone(), server.open.clone(), server.most_open.clone());
        let under_way = server.under_way.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (requests, open, answer) = (requests.clone(), open.clone(), answer.clone());
                let under_way = under_way.clone();
                most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let connection = {
                        let mut requests = requests.lock().unwrap();
                        requests.push(0);
                        requests.len() - 1
                    };
                    serve(stream, answer, &under_way, || requests.lock().unwrap()[connection] += 1).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// How many requests each connection carried, in the order in which they were made.
    pub(crate) fn requests_by_connection(&self) -> Vec<usize> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests_by_connection().iter().sum()
    }

    /// The most connections that were open at a time.
    pub(crate) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    /// The most requests that were under way at a time.
    pub(crate) fn most_under_way(&self) -> usize {
        self.under_way.1.load(Ordering::SeqCst)
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .environment(Environment::custom(&self.url).unwrap())
            .credentials(Credentials::new("test-client-id", "test-client-secret").unwrap())
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: impl Fn(&str) -> Answer,
    (under_way, most): &(AtomicUsize, AtomicUsize),
    asked: impl Fn(),
) {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read);
    let mut head = String::new();
    while read.read_line(&mut head).await.is_ok_and(|length| length > 0) {
        if !head.ends_with("\r\n\r\n") {
            continue;
        }
        asked();
        most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let Answer { body, after, surplus } = answer(&head);
        head.clear();
        tokio::time::sleep(after).await;
        under_way.fetch_sub(1, Ordering::SeqCst);
        if write.write_all(&http(&body)).await.is_err() {
            return;
        }
        if let Some((after, body)) = surplus {
            tokio::time::sleep(after).await;
            let _ = write.write_all(&http(&body)).await;
        }
    }
}

fn http(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}
