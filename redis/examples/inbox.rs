//! An inbox: webhooks are verified, written down as they came and answered with 200; what they cause is worked off from the table, in
//! one transaction with the mark that it was done. So nothing is lost and nothing happens twice, whatever instance gets what.
//!
//! ```text
//! cargo run --package cashfree-vkyc-redis --example inbox
//! ```
//!
//! ```text
//! Cashfree ─POST─▶ receive: verify ─▶ INSERT … DO NOTHING ─▶ 200          any instance
//!                                        │ inbox
//!                  work_one: BEGIN ─▶ oldest that is due ─▶ its effect ─▶ handled ─▶ COMMIT        any worker
//!                                        │ verifications        └ failed: ROLLBACK, and later again
//!                  sweep: what is open and was not heard of for a while ─▶ asked at Cashfree       once an hour
//! ```
//!
//! Here on SQLite, which needs no service. On Postgres the tables are the same; `docs/production.md` has them.

use std::path::Path;
use std::time::Duration;

use cashfree_vkyc::sandbox::{Journey, Sandbox};
use cashfree_vkyc::webhook::{Event, Verifier};
use cashfree_vkyc::{Client, EventType, Phase, VerificationId, VideoKyc};
use http::{HeaderMap, StatusCode};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS inbox (
        id       INTEGER PRIMARY KEY,        -- the order in which they came
        account  TEXT NOT NULL,              -- whose webhook it is: keys and ids are unique within an account only
        key      TEXT NOT NULL,              -- Event::key: the same for each delivery of an event
        body     BLOB NOT NULL,              -- as it was signed; personal data
        attempts INTEGER NOT NULL DEFAULT 0,
        due      INTEGER NOT NULL,           -- seconds: not before
        handled  INTEGER,                    -- when; NULL: yet to do
        UNIQUE (account, key)
    );
    CREATE INDEX IF NOT EXISTS inbox_due ON inbox (due, id) WHERE handled IS NULL;
    CREATE TABLE IF NOT EXISTS verifications (
        account  TEXT NOT NULL,
        id       TEXT NOT NULL,
        state    BLOB NOT NULL,              -- the VideoKyc, as JSON; personal data
        open     INTEGER NOT NULL,           -- whether anything can still happen
        doubtful INTEGER NOT NULL,           -- whether an event came that may be newer or older than the state
        heard    INTEGER NOT NULL,           -- seconds: when there was news last
        PRIMARY KEY (account, id)
    );";

/// An account of which webhooks come: each has an endpoint path of its own, which says whose it is.
struct Account {
    name: &'static str,
    verifier: Verifier,
}

/// One instance's connection to the database that all of them share.
struct Inbox(Connection);

impl Inbox {
    fn open(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        // What is answered with 200 is on the disk.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.execute_batch(TABLES)?;
        Ok(Self(connection))
    }

    /// What a webhook is answered with. Once it is 200, the event is here.
    fn receive(&self, account: &Account, headers: &HeaderMap, body: &[u8], now: i64) -> StatusCode {
        match account.verifier.verify(headers, body) {
            Ok(event) => match self.store(account.name, &event, body, now) {
                Ok(()) => StatusCode::OK,
                // Cashfree sends it again.
                Err(_) => StatusCode::SERVICE_UNAVAILABLE,
            },
            Err(error) => error.http_status(),
        }
    }

    fn store(&self, account: &str, event: &Event, body: &[u8], now: i64) -> Result {
        self.0.execute(
            "INSERT INTO inbox (account, key, body, due) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account, key) DO NOTHING",
            params![account, event.key().to_string(), body, now],
        )?;
        Ok(())
    }

    /// Works off the oldest event that is due. `false` when there is none. `effect` is what the event of an account causes, in the
    /// transaction.
    fn work_one(&mut self, now: i64, effect: impl FnOnce(&Transaction<'_>, &str, &Event) -> Result) -> Result<bool> {
        // Nobody else works on it meanwhile. On Postgres: SELECT … FOR UPDATE SKIP LOCKED.
        let work = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let oldest = work
            .query_row(
                "SELECT id, account, body FROM inbox WHERE handled IS NULL AND due <= ?1 ORDER BY due, id LIMIT 1",
                [now],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?)),
            )
            .optional()?;
        let Some((id, account, body)) = oldest else { return Ok(false) };
        // It was verified before it was stored.
        let event = serde_json::from_slice(&body).map_err(Into::into);
        let done = event.and_then(|event: Event| effect(&work, &account, &event));
        if done.is_ok() {
            work.execute("UPDATE inbox SET handled = ?2 WHERE id = ?1", [id, now])?;
            work.commit()?;
        } else {
            // Nothing of it has happened. Later again: after 1, 2, 4, … seconds, an hour at the most; others come first.
            work.rollback()?;
            self.0.execute(
                "UPDATE inbox SET attempts = attempts + 1, due = ?2 + min(3600, 1 << min(attempts, 12)) WHERE id = ?1",
                [id, now],
            )?;
        }
        Ok(true)
    }

    /// How a verification of an account stands, and whether anything can still happen.
    fn state(&self, account: &str, id: &str) -> Result<Option<(VideoKyc, bool)>> {
        let select = "SELECT state, open FROM verifications WHERE account = ?1 AND id = ?2";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, bool>(1)?));
        let found = self.0.query_row(select, [account, id], read);
        found.optional()?.map(|(state, open)| Ok((serde_json::from_slice(&state)?, open))).transpose()
    }

    /// Bodies are kept for as long as somebody may ask what came, and no longer.
    fn forget(&self, handled_before: i64) -> Result<usize> {
        Ok(self.0.execute("DELETE FROM inbox WHERE handled < ?1", [handled_before])?)
    }
}

/// What an event causes here: the state that is surely newer is kept, and where that is not sure, the sweep asks.
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
        params![account, id, serde_json::to_vec(state)?, state.lifecycle().phase() != Phase::Closed, now],
    )?;
    Ok(())
}

/// Asks Cashfree, by the client of an account, for what is in doubt, and for what is open and was not heard of since `quiet_since`:
/// webhooks that never came. Gives how many were asked for. Begin a verification with [`put`], so that the sweep knows of it though
/// no webhook ever comes.
async fn sweep(inbox: &Inbox, account: &str, client: &Client, quiet_since: i64, now: i64) -> Result<usize> {
    let due = "SELECT id FROM verifications WHERE account = ?1 AND (doubtful OR (open AND heard < ?2)) ORDER BY heard LIMIT 500";
    let ids: Vec<String> = inbox
        .0
        .prepare(due)?
        .query_map(params![account, quiet_since], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &ids {
        // What cannot be asked for now is due in the next sweep.
        if let Ok(state) = client.status(VerificationId::new(id)?).await {
            put(&inbox.0, account, id, &state, now)?;
        }
    }
    Ok(ids.len())
}

/// A request as Cashfree signs it.
fn signed(verifier: &Verifier, event: &Event) -> Result<(HeaderMap, Vec<u8>)> {
    let request = verifier.sign(serde_json::to_vec(event)?);
    Ok((request.headers(), request.body().to_vec()))
}

/// A verification whose last webhooks never come: what came twice is written down once, and the sweep finds the rest.
async fn walk(file: &Path) -> Result<String> {
    let sandbox = Sandbox::start().await?;
    let (client, account) = (sandbox.client()?, Account { name: "main", verifier: sandbox.verifier()? });
    let mut inbox = Inbox::open(file)?;
    let vkyc = sandbox.begin("vkyc_42", Journey::completed())?;
    put(&inbox.0, account.name, "vkyc_42", &vkyc.state()?, 0)?;
    let end = vkyc.finish().await?;

    let event = Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), vkyc_in_queue());
    let (headers, body) = signed(&account.verifier, &event)?;
    for _ in 0..2 {
        assert_eq!(inbox.receive(&account, &headers, &body, 10), StatusCode::OK);
    }
    let mut worked = 0;
    while inbox.work_one(11, |work, account, event| keep(work, account, event, 11))? {
        worked += 1;
    }
    let asked = sweep(&inbox, account.name, &client, 3600, 3601).await?;
    let (state, is_open) = inbox.state(account.name, "vkyc_42")?.ok_or("nothing is stored")?;
    let forgotten = inbox.forget(12)?;
    assert_eq!((worked, asked, forgotten, is_open, &state.status), (1, 1, 1, false, &end.status));
    Ok(format!("2 deliveries, {worked} event handled, {asked} asked for: {} / {}", state.status, state.sub_status))
}

/// What the event of the walk tells.
fn vkyc_in_queue() -> VideoKyc {
    let mut vkyc = VideoKyc::default();
    vkyc.verification_id = Some("vkyc_42".into());
    (vkyc.status, vkyc.sub_status) = ("PRE_VIDEO_CALL".into(), "USER_QUEUED".into());
    vkyc
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let folder = std::env::temp_dir().join(format!("cashfree-vkyc-inbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let told = walk(&folder.join("inbox.db")).await;
    std::fs::remove_dir_all(&folder)?;
    println!("{}", told?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("cashfree-vkyc-inbox-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn inbox(&self) -> Inbox {
            Inbox::open(&self.0.join("inbox.db")).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn account(name: &'static str, secret: &str) -> Account {
        Account { name, verifier: Verifier::new(secret).unwrap() }
    }

    fn event(number: i64) -> Event {
        let mut vkyc = vkyc_in_queue();
        vkyc.verification_id = Some(format!("vkyc_{number}"));
        Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), vkyc)
    }

    #[tokio::test]
    async fn what_came_twice_is_handled_once_and_what_never_came_is_asked_for() {
        let folder = Folder::new("walk");
        let told = walk(&folder.0.join("inbox.db")).await.unwrap();
        assert!(told.starts_with("2 deliveries, 1 event handled, 1 asked for: COMPLETED"), "{told}");
    }

    #[test]
    fn what_is_not_signed_is_not_written_down() {
        let (folder, account, another) =
            (Folder::new("forged"), account("main", "secret"), account("other", "another"));
        let inbox = folder.inbox();
        let (headers, body) = signed(&another.verifier, &event(1)).unwrap();
        assert_eq!(inbox.receive(&account, &headers, &body, 0), StatusCode::UNAUTHORIZED);
        let count: i64 = inbox.0.query_row("SELECT count(*) FROM inbox", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0);
    }

    /// Two accounts made up the same id, and the same happened in the same second: each has its own event, and its own state.
    #[test]
    fn accounts_share_neither_events_nor_states() {
        let folder = Folder::new("accounts");
        let mut inbox = folder.inbox();
        let accounts = [account("a", "secret of a"), account("b", "secret of b")];
        for account in &accounts {
            let (headers, body) = signed(&account.verifier, &event(1)).unwrap();
            for _ in 0..2 {
                assert_eq!(inbox.receive(account, &headers, &body, 0), StatusCode::OK);
            }
        }
        let mut worked = Vec::new();
        while inbox
            .work_one(1, |work, account, event| {
                worked.push(account.to_owned());
                keep(work, account, event, 1)
            })
            .unwrap()
        {}
        assert_eq!(worked, ["a", "b"]);
        assert!(accounts.iter().all(|account| inbox.state(account.name, "vkyc_1").unwrap().is_some()));
    }

    /// Four workers, each with a connection of its own; half of the effects fail once, in the middle.
    #[test]
    fn each_event_has_its_effect_once_whoever_works_and_whatever_fails() {
        const EVENTS: i64 = 100;
        let (folder, account) = (Folder::new("workers"), account("main", "secret"));
        let inbox = folder.inbox();
        inbox.0.execute_batch("CREATE TABLE effects (id TEXT NOT NULL)").unwrap();
        for number in (0..EVENTS).chain(0..EVENTS) {
            let (headers, body) = signed(&account.verifier, &event(number)).unwrap();
            assert_eq!(inbox.receive(&account, &headers, &body, 0), StatusCode::OK);
        }
        let work = |now: i64| {
            let mut inbox = folder.inbox();
            let mut turn = 0;
            let effect = |work: &Transaction<'_>, account: &str, event: &Event, fails: bool| {
                let id = event.data.verification_id.as_deref().unwrap();
                work.execute("INSERT INTO effects (id) VALUES (?1)", [id])?;
                if fails { Err("it broke half way".into()) } else { keep(work, account, event, now) }
            };
            while inbox
                .work_one(now, |work, account, event| {
                    turn += 1;
                    effect(work, account, event, now < 100 && turn % 2 == 0)
                })
                .unwrap()
            {}
        };
        for now in [0, 100] {
            std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(|| work(now)))));
        }
        let count = |what: &str| -> i64 { inbox.0.query_row(what, [], |row| row.get(0)).unwrap() };
        assert_eq!(count("SELECT count(*) FROM effects"), EVENTS);
        assert_eq!(count("SELECT count(DISTINCT id) FROM effects"), EVENTS);
        assert_eq!(count("SELECT count(*) FROM inbox WHERE handled IS NULL"), 0);
        assert!(count("SELECT sum(attempts) FROM inbox") > 0, "some failed");
        assert_eq!(inbox.forget(1).unwrap() + inbox.forget(101).unwrap(), 100);
    }

    #[test]
    fn what_may_be_older_overwrites_nothing_and_is_put_in_doubt() {
        let (folder, account) = (Folder::new("older"), account("main", "secret"));
        let mut inbox = folder.inbox();
        let mut known = event(1).data;
        known.status = "VIDEO_CALL".into();
        put(&inbox.0, account.name, "vkyc_1", &known, 5).unwrap();
        let (headers, body) = signed(&account.verifier, &event(1)).unwrap();
        inbox.receive(&account, &headers, &body, 6);
        assert!(inbox.work_one(7, |work, account, event| keep(work, account, event, 7)).unwrap());
        assert_eq!(inbox.state(account.name, "vkyc_1").unwrap().unwrap().0.status, known.status);
        let doubtful: bool = inbox.0.query_row("SELECT doubtful FROM verifications", [], |row| row.get(0)).unwrap();
        assert!(doubtful);
    }
}
