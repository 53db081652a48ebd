//! The inbox over real sockets: unusual, forged, duplicated and reordered webhooks, accounts, workers, failing effects.

use cashfree_vkyc::webhook::SignedRequest;

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

    /// Returns the endpoints of accounts with these names, each with its name as the secret.
    async fn endpoints(&self, names: &[&'static str]) -> String {
        let mut router = Router::new();
        for name in names.iter().copied() {
            let inbox = Arc::new(Mutex::new(self.inbox()));
            router = router.merge(endpoint(Account { name, verifier: verifier(name), inbox }));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn verifier(secret: &str) -> Verifier {
    Verifier::new(secret).unwrap()
}

async fn send(url: &str, account: &str, request: &SignedRequest) -> u16 {
    let post = reqwest::Client::new().post(format!("{url}/{account}"));
    post.headers(request.headers()).body(request.body().to_vec()).send().await.unwrap().status().as_u16()
}

fn count(inbox: &Inbox, select: &str) -> i64 {
    inbox.0.query_row(select, [], |row| row.get(0)).unwrap()
}

fn event(number: i64) -> Event {
    let mut vkyc = VideoKyc::default();
    vkyc.verification_id = Some(format!("vkyc_{number}"));
    (vkyc.status, vkyc.sub_status) = ("PRE_VIDEO_CALL".into(), "USER_QUEUED".into());
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), vkyc)
}

fn signed(secret: &str, event: &Event) -> SignedRequest {
    verifier(secret).sign(serde_json::to_vec(event).unwrap())
}

#[tokio::test]
async fn a_duplicate_is_handled_once_and_a_lost_event_is_found_by_the_sweep() {
    let folder = Folder::new("run");
    let summary = run(&folder.0.join("inbox.db")).await.unwrap();
    assert!(summary.contains("1 asked for: COMPLETED"), "{summary}");
}

/// Genuine bodies with one oddity each, and whether they are parked.
fn odd(id: &str) -> Vec<(Vec<u8>, bool)> {
    let event = |oddity: &str| {
        let data = format!(r#"{{"verification_id":"{id}","status":"RECEIVED"{oddity}}}"#);
        format!(r#"{{"event_type":"VKYC_USER_CALL_QUEUED","event_time":"2025-05-22T03:51:14Z","data":{data}}}"#)
    };
    let with = |event_type: &str, rest: &str| {
        format!(r#"{{"event_type":"{event_type}","data":{{"verification_id":"{id}"}}{rest}}}"#)
    };
    let deep = format!(r#","x":{}{}"#, "[".repeat(200), "]".repeat(200));
    let long = format!(r#","remarks":"{}""#, "a".repeat(70 * 1024));
    let not_utf8 = [event(r#","remarks":""#).trim_end_matches('}').as_bytes(), b"\xe0\xa4\"}}"].concat();
    let read = [
        event(""),
        event(r#","remarks":"cut \ud83d""#),
        event(r#","remarks":["a","list"]"#),
        event(r#","remarks":"\u0000\u202e""#),
        event(r#","x":1e400"#),
        event(r#","reference_id":1e400"#),
        event(r#","x":1,"x":2"#),
        event(r#","reference_id":1358.0"#),
        event(r#","reference_id":1000000000000000000000000000000"#),
        event(r#","meeting_schedule":{}"#),
        event(r#","aadhaar_details":"none""#),
        event(r#","security_questions":{}"#),
        event(&long),
        event("") + " \n",
        with("VKYC_BRAND_NEW", ""),
        with("VKYC_USER_CALL_QUEUED", r#","event_time":1747885874"#),
        with("VKYC_USER_CALL_QUEUED", r#","version":7,"signature":null"#),
    ];
    let parked = [
        event(&deep),
        event(r#","status":"RECEIVED""#),
        event("") + "{}",
        with("PAYMENT_SUCCESS_WEBHOOK", ""),
        with("", ""),
        format!(r#"{{"event_type":"VKYC_USER_CALL_QUEUED","id":"{id}"}}"#),
        format!(r#"{{"event_type":"VKYC_USER_CALL_QUEUED","data":["{id}"]}}"#),
        format!("{{oops {id}"),
    ];
    let bodies = read.into_iter().map(|body| (body.into_bytes(), false));
    let bodies = bodies.chain(parked.into_iter().map(|body| (body.into_bytes(), true)));
    bodies.chain([(not_utf8, true)]).collect()
}

/// A webhook is often the only notice of a decision: each genuine body has a row, and each row an event or a reason.
#[tokio::test]
async fn every_genuine_body_is_stored_and_handled_or_parked_and_no_forged_one() {
    let folder = Folder::new("odd");
    let url = folder.endpoints(&["main"]).await;
    let mut parked = 0;
    let ids: Vec<String> = (0..2).map(|n| format!("vkyc_{n}")).collect();
    let bodies: Vec<_> = ids
        .iter()
        .enumerate()
        .flat_map(|(n, id)| {
            // The events would otherwise be equal, and so have one key.
            odd(id).into_iter().enumerate().map(move |(kind, (body, is_parked))| {
                let time = format!("T03:{kind:02}:{n:02}Z");
                let text = String::from_utf8(body.clone()).map(|text| text.replace("T03:51:14Z", &time).into_bytes());
                (text.unwrap_or(body), is_parked)
            })
        })
        .collect();
    assert!(bodies.len() >= 50, "{}", bodies.len());
    for (body, is_parked) in &bodies {
        let text = String::from_utf8_lossy(body).chars().take(200).collect::<String>();
        for _ in 0..2 {
            assert_eq!(send(&url, "main", &verifier("main").sign(body.clone())).await, 200, "{text}");
        }
        assert_eq!(send(&url, "main", &verifier("forger").sign(body.clone())).await, 401, "{text}");
        parked += i64::from(*is_parked);
    }
    let mut inbox = folder.inbox();
    let rows = i64::try_from(bodies.len()).unwrap();
    assert_eq!(count(&inbox, "SELECT count(*) FROM inbox"), rows);
    let mut events = 0;
    while inbox
        .work_one(now(), |_, _, _| {
            events += 1;
            Ok(())
        })
        .unwrap()
    {}
    assert_eq!((events, count(&inbox, "SELECT count(parked) FROM inbox")), (rows - parked, parked));
    assert_eq!(count(&inbox, "SELECT count(*) FROM inbox WHERE handled IS NULL OR parked = ''"), 0);
    // A body that cannot be decoded stays until someone decides about it, or a newer version can decode it.
    assert_eq!(i64::try_from(inbox.forget(i64::MAX).unwrap()).unwrap(), events);
    assert_eq!(i64::try_from(inbox.retry_parked(0).unwrap()).unwrap(), parked);
    assert_eq!(count(&inbox, "SELECT count(*) FROM inbox WHERE handled IS NULL"), parked);
}

/// Two accounts use the same id, and have the same event in the same second: each has its own event and state.
#[tokio::test]
async fn accounts_share_neither_events_nor_states() {
    let folder = Folder::new("accounts");
    let url = folder.endpoints(&["a", "b"]).await;
    for account in ["a", "b", "a", "b"] {
        assert_eq!(send(&url, account, &signed(account, &event(1))).await, 200);
    }
    assert_eq!(send(&url, "a", &signed("b", &event(2))).await, 401);
    let (mut inbox, mut worked) = (folder.inbox(), Vec::new());
    while inbox
        .work_one(now(), |work, account, event| {
            worked.push(account.to_owned());
            keep(work, account, event, 1)
        })
        .unwrap()
    {}
    assert_eq!(worked, ["a", "b"]);
    assert!(["a", "b"].iter().all(|account| inbox.state(account, "vkyc_1").unwrap().is_some()));
}

fn store(inbox: &Inbox, event: &Event) {
    inbox.store("main", event.key(), &serde_json::to_vec(event).unwrap(), 0).unwrap();
}

/// Four workers, each with its own connection. Half of the effects fail once, half way.
#[test]
fn each_event_has_its_effect_once_despite_four_workers_and_failures() {
    const EVENTS: i64 = 100;
    let folder = Folder::new("workers");
    let inbox = folder.inbox();
    inbox.0.execute_batch("CREATE TABLE effects (id TEXT NOT NULL)").unwrap();
    for number in (0..EVENTS).chain(0..EVENTS) {
        store(&inbox, &event(number));
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
    assert_eq!(count(&inbox, "SELECT count(*) FROM effects"), EVENTS);
    assert_eq!(count(&inbox, "SELECT count(DISTINCT id) FROM effects"), EVENTS);
    assert_eq!(count(&inbox, "SELECT count(*) FROM inbox WHERE handled IS NULL"), 0);
    assert!(count(&inbox, "SELECT sum(attempts) FROM inbox") > 0, "some failed");
    assert_eq!(inbox.forget(1).unwrap() + inbox.forget(101).unwrap(), 100);
}

#[test]
fn a_possibly_older_state_overwrites_nothing_and_is_marked_doubtful() {
    let folder = Folder::new("older");
    let mut inbox = folder.inbox();
    let mut known = event(1).data;
    known.status = "VIDEO_CALL".into();
    put(&inbox.0, "main", "vkyc_1", &known, 5).unwrap();
    store(&inbox, &event(1));
    assert!(inbox.work_one(7, |work, account, event| keep(work, account, event, 7)).unwrap());
    assert_eq!(inbox.state("main", "vkyc_1").unwrap().unwrap().0.status, known.status);
    assert_eq!(count(&inbox, "SELECT doubtful FROM verifications"), 1);
}
