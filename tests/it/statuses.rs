//! A bulk call returns its arguments, and a 429 delays all of its calls instead of failing them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cashfree_vkyc::{ErrorKind, ReferenceId, RetryPolicy, VerificationId, VerificationRef};
use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Server, json, received};

/// A server that counts requests in windows like Cashfree, here of a second, and the counts of its responses.
#[derive(Default)]
struct Account {
    left: u32,
    refuses_until: Option<Instant>,
    granted: u32,
    refused: u32,
    windows: u32,
}

const PER_WINDOW: u32 = 40;
const WINDOW: Duration = Duration::from_secs(1);

impl Account {
    fn is_granted(&mut self) -> bool {
        if self.left == 0 && self.refuses_until.is_none_or(|until| until <= Instant::now()) {
            (self.left, self.windows) = (PER_WINDOW, self.windows + 1);
        }
        let is_granted = self.left > 0;
        if is_granted {
            self.left -= 1;
            self.granted += 1;
            if self.left == 0 {
                self.refuses_until = Some(Instant::now() + WINDOW);
            }
        } else {
            self.refused += 1;
        }
        is_granted
    }
}

async fn limited(header: &'static str) -> (Server, Arc<Mutex<Account>>) {
    let account = Arc::new(Mutex::new(Account::default()));
    let shared = account.clone();
    let server = Server::scripted_by_head(move |head, mut stream| {
        let granted = shared.lock().unwrap().is_granted();
        async move {
            let refusal =
                format!("HTTP/1.1 429 Too Many\r\n{header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let answer = if granted { json(200, received(&head)) } else { refusal.into_bytes() };
            let _ = stream.write_all(&answer).await;
        }
    })
    .await;
    (server, account)
}

#[tokio::test]
async fn an_account_at_its_limit_delays_a_bulk_call_and_fails_no_id() {
    for header in ["retry-after: 1", "x-ratelimit-reset: 1"] {
        let (server, account) = limited(header).await;
        let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
        let results: Vec<_> = client.statuses((0..100).map(ReferenceId)).collect().await;
        let failed = results.iter().filter(|(_, result)| result.is_err()).count();
        let ids: BTreeSet<_> = results.iter().map(|(id, _)| id.0).collect();
        assert_eq!((failed, results.len(), ids.len()), (0, 100, 100), "{header}");
        let attempts: u32 = results.iter().map(|(_, result)| result.as_ref().unwrap().attempts()).sum();
        let account = account.lock().unwrap();
        assert_eq!((account.granted, account.windows), (100, 3));
        assert_eq!(attempts, account.granted + account.refused, "every request is accounted for");
        // Only calls that were running at the first 429 were refused. No call began during the pause.
        assert!((1..=16).contains(&account.refused), "{} refused", account.refused);
    }
}

#[tokio::test]
async fn an_id_with_five_429_responses_is_an_error() {
    let answer = "HTTP/1.1 429 Too Many\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let server = Server::answering(answer).await;
    let results: Vec<_> = server.client().statuses((0..20).map(ReferenceId)).collect().await;
    assert_eq!(results.len(), 20);
    for (_, result) in results {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 5));
    }
    assert_eq!(server.requests().len(), 100);
}

/// A pause only delays ids that remain.
#[tokio::test]
async fn a_finished_bulk_call_does_not_wait_for_a_pause() {
    let refused = Arc::new(Mutex::new(0));
    let count = refused.clone();
    let server = Server::scripted(move |mut stream| {
        *count.lock().unwrap() += 1;
        let after = if *count.lock().unwrap() == 5 { 600 } else { 0 };
        async move {
            let head =
                format!("HTTP/1.1 429 Too Many\r\nretry-after: {after}\r\ncontent-length: 0\r\nconnection: close");
            let _ = stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await;
        }
    })
    .await;
    let all = server.client().statuses([ReferenceId(1)]).count();
    assert_eq!(tokio::time::timeout(Duration::from_secs(60), all).await, Ok(1));
}

#[tokio::test]
async fn a_bulk_call_returns_each_argument_with_its_result() {
    /// An argument with more than the id, which it borrows.
    #[derive(Clone)]
    struct Case<'a>(&'a str, &'a VerificationId);

    impl From<Case<'_>> for VerificationRef {
        fn from(case: Case<'_>) -> Self {
            case.1.into()
        }
    }

    let server = Server::agreeable().await;
    let ids: Vec<_> = ["a", "b", "c"].map(|id| VerificationId::new(id).unwrap()).into();
    let cases = ids.iter().zip(["x", "y", "z"]).map(|(id, name)| Case(name, id));
    let mut given: Vec<_> =
        server.client().statuses(cases).map(|(case, result)| (case.0, case.1.as_str(), result.is_ok())).collect().await;
    given.sort_unstable();
    assert_eq!(given, [("x", "a", true), ("y", "b", true), ("z", "c", true)]);
}
