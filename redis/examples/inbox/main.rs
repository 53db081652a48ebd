//! An inbox: the endpoint verifies a webhook, stores its body and responds with 200. A worker decodes it later, in one transaction with
//! its effect. So every genuine event is kept, even one that this version cannot decode, and none has its effect twice.
//!
//! ```text
//! cargo run --package cashfree-vkyc-redis --example inbox
//! ```
//!
//! ```text
//! Cashfree ─POST─▶ receive: VerifiedBody ─▶ INSERT … DO NOTHING ─▶ 200         any instance
//!                                              │ inbox
//!                  work_one: BEGIN ─▶ oldest body that is due ─▶ decode ─▶ effect ─▶ handled ─▶ COMMIT      any worker
//!                                              │                     │         └ failed: ROLLBACK, due later
//!                                              │                     └ not a Video KYC event: parked, with the reason
//!                  sweep: open and without news for a while ─▶ Client::status                         once an hour
//! ```
//!
//! It uses SQLite, which needs no service. On Postgres the tables are the same; `docs/production.md` has them.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::{Router, routing::post};
use cashfree_vkyc::sandbox::{Journey, Sandbox, WebhookFault};
use cashfree_vkyc::webhook::{Event, EventKey, VerifiedBody, Verifier};
use cashfree_vkyc::{Client, EventType, VerificationId, VideoKyc};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS inbox (
        id       INTEGER PRIMARY KEY,        -- in the order of arrival
        account  TEXT NOT NULL,              -- keys and ids are unique within an account only
        key      TEXT NOT NULL,              -- VerifiedBody::key: the same for each delivery of an event
        body     BLOB NOT NULL,              -- as it was signed; personal data
        attempts INTEGER NOT NULL DEFAULT 0,
        due      INTEGER NOT NULL,           -- seconds: not before
        handled  INTEGER,                    -- seconds: when; NULL: not yet
        parked   TEXT,                       -- why it could not be decoded; for a person, or for a newer version
        UNIQUE (account, key)
    );
    CREATE INDEX IF NOT EXISTS inbox_due ON inbox (due, id) WHERE handled IS NULL;
    CREATE TABLE IF NOT EXISTS verifications (
        account  TEXT NOT NULL,
        id       TEXT NOT NULL,
        state    BLOB NOT NULL,              -- the VideoKyc, as JSON; personal data
        open     INTEGER NOT NULL,           -- whether it is not closed yet
        doubtful INTEGER NOT NULL,           -- whether an event may be newer than the state
        heard    INTEGER NOT NULL,           -- seconds: the latest news
        PRIMARY KEY (account, id)
    );";

/// An account and its endpoint, which has the account in its path.
#[derive(Clone)]
struct Account {
    name: &'static str,
    verifier: Verifier,
    inbox: Arc<Mutex<Inbox>>,
}

impl FromRef<Account> for Verifier {
    fn from_ref(account: &Account) -> Self {
        account.verifier.clone()
    }
}

fn endpoint(account: Account) -> Router {
    Router::new().route(&format!("/webhooks/{}", account.name), post(receive)).with_state(account)
}

/// Responds with 200 only when the body is on the disk. Otherwise Cashfree sends it again.
async fn receive(State(account): State<Account>, VerifiedBody { key, bytes }: VerifiedBody) -> StatusCode {
    let stored = account.inbox.lock().map(|inbox| inbox.store(account.name, key, &bytes, now()));
    if matches!(stored, Ok(Ok(()))) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}

/// The connection of one instance to the shared database.
struct Inbox(Connection);

impl Inbox {
    fn open(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        // After the response 200, the body is on the disk.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.execute_batch(TABLES)?;
        Ok(Self(connection))
    }

    fn store(&self, account: &str, key: EventKey, body: &[u8], now: i64) -> Result {
        self.0.execute(
            "INSERT INTO inbox (account, key, body, due) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account, key) DO NOTHING",
            params![account, key.to_string(), body, now],
        )?;
        Ok(())
    }

    /// Handles the oldest body that is due. `effect` runs in the transaction. Returns `false` if no body is due.
    fn work_one(&mut self, now: i64, effect: impl FnOnce(&Transaction<'_>, &str, &Event) -> Result) -> Result<bool> {
        // No other worker takes the row meanwhile. On Postgres: SELECT … FOR UPDATE SKIP LOCKED.
        let work = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let oldest = work
            .query_row(
                "SELECT id, account, body FROM inbox WHERE handled IS NULL AND due <= ?1 ORDER BY due, id LIMIT 1",
                [now],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?)),
            )
            .optional()?;
        let Some((id, account, body)) = oldest else { return Ok(false) };
        let (done, parked) = match Event::from_slice(&body) {
            Ok(event) => (effect(&work, &account, &event), None),
            Err(error) => (Ok(()), Some(error.to_string())),
        };
        if done.is_ok() {
            work.execute("UPDATE inbox SET handled = ?2, parked = ?3 WHERE id = ?1", params![id, now, parked])?;
            work.commit()?;
        } else {
            // Its effect is undone. It is due again after 1, 2, 4, … seconds, at most an hour.
            work.rollback()?;
            self.0.execute(
                "UPDATE inbox SET attempts = attempts + 1, due = ?2 + min(3600, 1 << min(attempts, 12)) WHERE id = ?1",
                [id, now],
            )?;
        }
        Ok(true)
    }

    /// Makes the parked bodies due again, for example after an update of this library. Returns their number.
    fn retry_parked(&self, now: i64) -> Result<usize> {
        let update = "UPDATE inbox SET handled = NULL, parked = NULL, due = ?1 WHERE parked IS NOT NULL";
        Ok(self.0.execute(update, [now])?)
    }

    /// Returns the state of a verification of an account, and whether it is open.
    fn state(&self, account: &str, id: &str) -> Result<Option<(VideoKyc, bool)>> {
        let select = "SELECT state, open FROM verifications WHERE account = ?1 AND id = ?2";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?));
        let found = self.0.query_row(select, [account, id], read);
        found.optional()?.map(|(state, open)| Ok((serde_json::from_slice(&state)?, open))).transpose()
    }

    /// Deletes handled bodies that are no longer needed. Parked ones stay.
    fn forget(&self, handled_before: i64) -> Result<usize> {
        Ok(self.0.execute("DELETE FROM inbox WHERE handled < ?1 AND parked IS NULL", [handled_before])?)
    }
}

/// The effect of an event: stores a newer state. If the order is uncertain, marks the verification for the sweep.
fn keep(work: &Transaction<'_>, account: &str, event: &Event, now: i64) -> Result {
    let id = event.data.verification_id.as_deref().ok_or("an event without a verification id")?;
    let select = "SELECT state FROM verifications WHERE account = ?1 AND id = ?2";
    let stored = work.query_row(select, [account, id], |row| row.get::<_, Vec<u8>>(0));
    let stored: Option<VideoKyc> = stored.optional()?.map(|state| serde_json::from_slice(&state)).transpose()?;
    if stored.is_none_or(|stored| event.supersedes(&stored)) {
        return put(work, account, id, &event.data, now);
    }
    let doubt = "UPDATE verifications SET doubtful = 1, heard = ?3 WHERE account = ?1 AND id = ?2";
    work.execute(doubt, params![account, id, now])?;
    Ok(())
}

fn put(database: &Connection, account: &str, id: &str, state: &VideoKyc, now: i64) -> Result {
    database.execute(
        "INSERT INTO verifications (account, id, state, open, doubtful, heard) VALUES (?1, ?2, ?3, ?4, 0, ?5)
         ON CONFLICT (account, id) DO UPDATE SET state = ?3, open = ?4, doubtful = 0, heard = ?5",
        params![account, id, serde_json::to_vec(state)?, !state.lifecycle().is_closed(), now],
    )?;
    Ok(())
}

/// Asks Cashfree for every doubtful verification, and for every open one without news since `quiet_since`, whose webhooks may be
/// lost. Returns their number. Begin a verification with [`put`], so that the sweep knows it before its first webhook.
async fn sweep(inbox: &Inbox, account: &str, client: &Client, quiet_since: i64, now: i64) -> Result<usize> {
    let due = "SELECT id FROM verifications WHERE account = ?1 AND (doubtful OR (open AND heard < ?2)) ORDER BY heard LIMIT 500";
    let ids: Vec<String> = inbox
        .0
        .prepare(due)?
        .query_map(params![account, quiet_since], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &ids {
        // If the call fails, the verification is due in the next sweep.
        if let Ok(state) = client.status(VerificationId::new(id)?).await {
            put(&inbox.0, account, id, &state, now)?;
        }
    }
    Ok(ids.len())
}

/// Every event is delivered twice, except the last one, which never arrives. The inbox handles each once, and the sweep finds the
/// end.
async fn run(file: &Path) -> Result<String> {
    let sandbox = Sandbox::start().await?;
    let (client, inbox) = (sandbox.client()?, Arc::new(Mutex::new(Inbox::open(file)?)));
    let account = Account { name: "main", verifier: sandbox.verifier()?, inbox };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    sandbox.webhooks_to(format!("http://{}/webhooks/main", listener.local_addr()?));
    sandbox.inject_webhook_fault(WebhookFault::doubled());
    sandbox.inject_webhook_fault(WebhookFault::dropped().only(EventType::VkycAuditorReviewCompleted));
    let server = tokio::spawn(async move { axum::serve(listener, endpoint(account)).await });

    let end = sandbox.begin("vkyc_42", Journey::completed())?.finish().await?;
    server.abort();
    let delivered = sandbox.webhooks().iter().filter(|webhook| webhook.is_accepted()).count();

    // The worker, with its own connection.
    let mut inbox = Inbox::open(file)?;
    let (mut handled, now) = (0, now());
    while inbox.work_one(now, |work, account, event| keep(work, account, event, now))? {
        handled += 1;
    }
    let (_, was_open) = inbox.state("main", "vkyc_42")?.ok_or("nothing is stored")?;
    let asked = sweep(&inbox, "main", &client, now + 3600, now + 3601).await?;
    let (state, is_open) = inbox.state("main", "vkyc_42")?.ok_or("nothing is stored")?;
    assert_eq!((was_open, asked, is_open, &state.status), (true, 1, false, &end.status));
    assert_eq!(inbox.retry_parked(now)?, 0);
    assert_eq!((delivered, inbox.forget(now + 1)?), (2 * handled, handled));
    Ok(format!("{delivered} deliveries, {handled} events handled, {asked} asked for: {}", state.status))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let folder = std::env::temp_dir().join(format!("cashfree-vkyc-inbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let summary = run(&folder.join("inbox.db")).await;
    std::fs::remove_dir_all(&folder)?;
    println!("{}", summary?);
    Ok(())
}

#[cfg(test)]
mod tests;
