//! A server that stores resources like Cashfree, with a configured fate for each POST.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::json as answer;

/// How the server treats one POST.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    Fine,
    /// Closes after this many bytes of the request, and does not carry it out.
    CutRequest(usize),
    /// Carries it out or not, and sends this many bytes of the response.
    CutAnswer {
        carried_out: bool,
        bytes: usize,
    },
    /// Carries it out or not, and sends no response.
    Hang {
        carried_out: bool,
    },
    /// Carries it out or not, and responds with this status.
    Refuse {
        carried_out: bool,
        status: u16,
    },
    /// Breaks the connection at once, and carries it out after this time.
    Late(Duration),
    /// Responds with 429 and does nothing.
    Throttle,
    /// Carries it out or not, and sends this response.
    Say {
        carried_out: bool,
        status: u16,
        body: &'static str,
    },
    /// Sends this response at once, and carries it out after the time.
    SayLate {
        after: Duration,
        status: u16,
        body: &'static str,
    },
    /// Carries it out and breaks the connection. Queries find the resource after this time.
    Lag(Duration),
    /// Reports an insufficient balance, as an error or as a state.
    NoBalance {
        as_state: bool,
    },
}

/// The resources that the server created, and how often, by id.
#[derive(Default)]
pub(crate) struct Made {
    counts: BTreeMap<String, (usize, Value)>,
    pub(crate) posts: usize,
    /// The time before which queries find nothing.
    hidden_until: Option<tokio::time::Instant>,
    pub(crate) gets: usize,
    /// The statuses of the first queries. 0 is the normal response.
    pub(crate) questions: Vec<u16>,
}

#[derive(Clone)]
pub(crate) struct Merchant {
    address: std::net::SocketAddr,
    pub(crate) made: Arc<Mutex<Made>>,
}

impl Merchant {
    /// Starts a server with the fates of the POSTs in order. All later ones are fine.
    pub(crate) async fn with(fates: &[Fate]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let merchant = Self { address: listener.local_addr().unwrap(), made: Arc::default() };
        let (served, fates) = (merchant.clone(), fates.to_vec());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (served, fates) = (served.clone(), fates.clone());
                tokio::spawn(async move { served.serve(stream, &fates).await });
            }
        });
        merchant
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> cashfree_vkyc::ClientBuilder {
        Client::builder()
            .environment(cashfree_vkyc::Environment::custom(format!("http://{}", self.address)).unwrap())
            .credentials(cashfree_vkyc::Credentials::new("test-client-id", "test-client-secret").unwrap())
    }

    async fn serve(&self, mut stream: TcpStream, fates: &[Fate]) {
        let mut bytes = Vec::new();
        let fate = loop {
            let mut byte = [0];
            if stream.read_exact(&mut byte).await.is_err() {
                return;
            }
            bytes.push(byte[0]);
            let fate = if bytes.starts_with(b"POST") { fates.get(self.made.lock().unwrap().posts) } else { None };
            if matches!(fate, Some(Fate::CutRequest(length)) if bytes.len() >= *length) || is_whole(&bytes) {
                break fate.copied().unwrap_or(Fate::Fine);
            }
        };
        let is_post = bytes.starts_with(b"POST");
        let reply = if is_post {
            self.made.lock().unwrap().posts += 1;
            if matches!(fate, Fate::CutRequest(_)) {
                return;
            }
            match self.post(&bytes, fate).await {
                Some(reply) => reply,
                None => return,
            }
        } else {
            let status = {
                let mut made = self.made.lock().unwrap();
                made.gets += 1;
                if made.questions.is_empty() { 0 } else { made.questions.remove(0) }
            };
            if status == 0 { self.get(&bytes) } else { answer(status, "<html>gateway</html>") }
        };
        let _ = stream.write_all(&reply).await;
        let _ = stream.shutdown().await;
    }

    async fn post(&self, bytes: &[u8], fate: Fate) -> Option<Vec<u8>> {
        let body: Value = serde_json::from_slice(body_of(bytes)).unwrap();
        match fate {
            Fate::Fine => Some(self.carry_out(&body)),
            Fate::CutAnswer { carried_out, bytes } => {
                let whole = if carried_out { self.carry_out(&body) } else { answer(503, "{}") };
                Some(whole[..bytes.min(whole.len() - 1)].to_vec())
            }
            Fate::Hang { carried_out } => {
                let _ = carried_out.then(|| self.carry_out(&body));
                std::future::pending().await
            }
            Fate::Refuse { carried_out, status } => {
                let _ = carried_out.then(|| self.carry_out(&body));
                Some(answer(status, "<html>gateway</html>"))
            }
            Fate::Late(delay) => {
                let (merchant, body) = (self.clone(), body.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    merchant.carry_out(&body);
                });
                None
            }
            Fate::Say { carried_out, status, body: text } => {
                let _ = carried_out.then(|| self.carry_out(&body));
                Some(answer(status, text))
            }
            Fate::SayLate { after, status, body: text } => {
                let (merchant, body) = (self.clone(), body.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    merchant.carry_out(&body);
                });
                Some(answer(status, text))
            }
            Fate::Lag(time) => {
                self.made.lock().unwrap().hidden_until = Some(tokio::time::Instant::now() + time);
                self.carry_out(&body);
                None
            }
            Fate::Throttle => Some(answer(429, r#"{"type":"rate_limit_error","code":"too_many_requests_per_ip"}"#)),
            Fate::NoBalance { as_state: false } => {
                Some(answer(422, r#"{"type":"validation_error","code":"insufficient_balance","message":"top up"}"#))
            }
            Fate::NoBalance { as_state: true } => Some(answer(
                200,
                r#"{"verification_id":"vkyc_42","status":"REJECTED","sub_status":"INSUFFICIENT_BALANCE"}"#,
            )),
            Fate::CutRequest(_) => None,
        }
    }

    /// Creates the resource, also repeatedly.
    fn carry_out(&self, body: &Value) -> Vec<u8> {
        let made = made_of(body);
        let mut state = self.made.lock().unwrap();
        let entry = state.counts.entry(key(body)).or_insert((0, made.clone()));
        entry.0 += 1;
        answer(200, made.to_string())
    }

    pub(crate) fn get(&self, bytes: &[u8]) -> Vec<u8> {
        let line = String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned();
        let query = line.split(['?', ' ']).nth(2).unwrap_or_default().to_owned();
        let (name, id) = query.split_once('=').unwrap();
        let made = self.made.lock().unwrap();
        let is_hidden = made.hidden_until.is_some_and(|until| tokio::time::Instant::now() < until);
        match made.counts.get(&format!("{name}={id}")).filter(|_| !is_hidden) {
            Some((_, value)) => answer(200, value.to_string()),
            None => answer(404, format!(r#"{{"type":"validation_error","code":"{name}_not_found"}}"#)),
        }
    }

    pub(crate) fn made(&self) -> Vec<usize> {
        self.made.lock().unwrap().counts.values().map(|(count, _)| *count).collect()
    }

    pub(crate) fn posts(&self) -> usize {
        self.made.lock().unwrap().posts
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    body.len() >= length
}

fn body_of(bytes: &[u8]) -> &[u8] {
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    &bytes[at + 4..]
}

fn key(body: &Value) -> String {
    let name = if body.get("verification_id").is_some() { "verification_id" } else { "user_id" };
    format!("{name}={}", body[name].as_str().unwrap())
}

fn made_of(body: &Value) -> Value {
    match body.get("verification_id") {
        Some(id) => {
            json!({"verification_id": id, "user_id": body["user_id"], "status": "RECEIVED", "sub_status": "LINK_GENERATED"})
        }
        None => json!({"user_id": body["user_id"], "user_reference_id": 7, "phone": body["phone"]}),
    }
}
